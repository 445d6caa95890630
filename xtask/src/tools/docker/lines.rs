//! Answers that come line by line, each of them JSON.

use bollard::errors::Error;
use futures_util::{Stream, StreamExt as _};

use super::error::Cause;

/// The next line; none at the end.
///
/// The library takes a line as soon as its JSON is whole. When the line break behind the last one comes in a piece of its own,
/// which is where networks may cut, it is left over, and told as an error although nothing is missing. Whoever was cut off in
/// the midst of a line hears of that from the layer below.
pub(super) async fn next<T>(
    stream: &mut (impl Stream<Item = Result<T, Error>> + Unpin),
) -> Result<Option<T>, Cause> {
    match stream.next().await.transpose() {
        Err(Error::IOError { err }) if err.to_string() == "bytes remaining on stream" => Ok(None),
        line => Ok(line?),
    }
}
