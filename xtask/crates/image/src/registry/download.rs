//! Blobs from a registry. A connection that breaks is made anew, and goes on where it broke.

use std::io::{self, Read, Write as _};

use ureq::BodyReader;

use super::auth::Scope;
use super::call::Call;
use super::error::{Cause, Failed, RegistryError, Request};
use super::local::Sink;
use super::options::Event;
use super::wire::{Answer, Ask, broken};
use crate::digest::{Digest, Hashing};
use crate::oci::Descriptor;
use crate::reference::Repository;

const BUFFER: usize = 128 << 10;

/// All bytes of a small blob, checked.
pub(super) fn bytes(
    call: &Call<'_>,
    repository: &Repository,
    blob: &Descriptor,
) -> Result<Vec<u8>, RegistryError> {
    let most = call.registry.options.largest_manifest;
    if blob.size > most {
        let reason = format!("{} has {} bytes; {most} are allowed", blob.digest, blob.size);
        return Err(RegistryError::Invalid(reason));
    }
    let mut download = Download::new(call, repository, blob, 0);
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; BUFFER]);
    loop {
        match download.next(&mut buffer)? {
            0 => break,
            read => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
        }
    }
    let found = Digest::of(&bytes);
    if found == blob.digest {
        return Ok(bytes);
    }
    let (origin, promised) = (repository.to_string(), blob.digest.clone());
    Err(RegistryError::Mismatch { origin, promised, found: found.to_string() })
}

/// A blob as it arrives: as many bytes as its descriptor says, or an error. Whoever reads it checks the digest.
pub(super) struct Download<'a> {
    call: &'a Call<'a>,
    repository: Repository,
    blob: Descriptor,
    offset: u64,
    tried: u32,
    body: Option<(Request, BodyReader<'static>)>,
}

impl<'a> Download<'a> {
    pub(super) fn new(call: &'a Call<'a>, repository: &Repository, blob: &Descriptor, offset: u64) -> Self {
        Self { call, repository: repository.clone(), blob: blob.clone(), offset, tried: 0, body: None }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, RegistryError> {
        let size = self.blob.size;
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            self.call.check()?;
            if self.body.is_none() && self.offset == size {
                return Ok(0);
            }
            let (request, body) = match &mut self.body {
                Some(open) => open,
                closed => closed.insert(connect(self.call, &self.repository, &self.blob, self.offset)?),
            };
            let error = match body.read(buffer) {
                Ok(0) if self.offset == size => return Ok(0),
                Ok(0) => cut(request, self.offset, size),
                Ok(read) if read as u64 > size - self.offset => {
                    let reason = format!("the blob has more bytes than the {size} that the manifest says");
                    return Err(RegistryError::Unexpected { request: request.clone(), reason });
                }
                Ok(read) => {
                    self.offset += read as u64;
                    self.tried = 0;
                    let digest = &self.blob.digest;
                    self.call.event(&Event::Received { digest, bytes: self.offset, of: size });
                    return Ok(read);
                }
                Err(error) => broken(request, &error),
            };
            self.body = None;
            self.tried += 1;
            self.call.wait_after(error, self.tried)?;
        }
    }
}

impl Read for Download<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.next(buffer).map_err(RegistryError::into_io)
    }
}

fn cut(request: &Request, offset: u64, size: u64) -> RegistryError {
    RegistryError::Failed(Box::new(Failed {
        request: request.clone(),
        cause: Cause::Connection,
        reason: format!("the blob ended after {offset} of {size} bytes"),
        attempts: 1,
    }))
}

/// Asks for the blob from an offset on.
fn connect(
    call: &Call<'_>,
    repository: &Repository,
    blob: &Descriptor,
    offset: u64,
) -> Result<(Request, BodyReader<'static>), RegistryError> {
    let scope = Scope::pull(repository);
    let mut ask = Ask::get(call.url(repository, &format!("blobs/{}", blob.digest))?);
    if offset > 0 {
        ask = ask.header("range", format!("bytes={offset}-"));
    }
    let mut answer = call.accept(call.send(&ask, scope)?, scope, &[200, 206])?;
    if answer.status == 206 {
        continues(&answer, offset, blob.size)?;
        return Ok((answer.request, answer.body));
    }
    if let Some(length) = answer.number("content-length").filter(|length| *length != blob.size) {
        let size = blob.size;
        return Err(
            answer.unexpected(format!("the registry has {length} bytes where the manifest says {size}"))
        );
    }
    // Not all registries know ranges: what is here already is read once more, and left.
    match call.skip(&mut answer, offset)? {
        skipped if skipped == offset => Ok((answer.request, answer.body)),
        skipped => Err(cut(&answer.request, skipped, blob.size)),
    }
}

/// Whether a part begins where it should. `Content-Range: bytes 5-9/10`.
fn continues(answer: &Answer, offset: u64, size: u64) -> Result<(), RegistryError> {
    let told = answer.header("content-range").unwrap_or_default();
    let range = told.strip_prefix("bytes ").and_then(|rest| rest.split_once('/'));
    let starts = range.and_then(|(range, _)| range.split_once('-')?.0.parse::<u64>().ok());
    let whole = range.and_then(|(_, whole)| whole.parse::<u64>().ok());
    if starts == Some(offset) && whole.is_none_or(|whole| whole == size) {
        return Ok(());
    }
    let told = told.escape_debug();
    Err(answer
        .unexpected(format!("asked for byte {offset} to the end of {size}, the registry sends `{told}`")))
}

/// Brings a blob into a sink. Nothing stays of one whose digest is wrong.
pub(super) fn fetch(
    call: &Call<'_>,
    repository: &Repository,
    blob: &Descriptor,
    sink: &dyn Sink,
) -> Result<(), RegistryError> {
    let written = |error: io::Error| RegistryError::from_io(error, blob, "written");
    let mut download = Download::new(call, repository, blob, 0);
    let mut writer = Hashing::new(sink.create(blob).map_err(written)?);
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = download.next(&mut buffer)?;
        if read == 0 {
            break;
        }
        writer.write_all(buffer.get(..read).unwrap_or_default()).map_err(written)?;
    }
    writer.flush().map_err(written)?;
    let (found, _, arrived) = writer.finish();
    if found != blob.digest {
        let origin = format!("GET {}", call.url(repository, &format!("blobs/{}", blob.digest))?);
        return Err(RegistryError::Mismatch {
            origin,
            promised: blob.digest.clone(),
            found: found.to_string(),
        });
    }
    arrived.commit().map_err(written)
}
