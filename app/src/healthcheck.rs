//! `app healthcheck`: one GET, one verdict. It follows no redirect and asks no proxy; a service that is well
//! answers 200 by itself.

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::failure::{Exit, Failure};
use crate::probe_url::ProbeUrl;

/// Asks `url` once and is content with the status 200 only.
///
/// # Errors
///
/// [`Exit::Failed`] when the answer is another one, does not come within `limit`, or cannot be asked for.
pub async fn check(url: ProbeUrl, limit: Duration) -> Result<(), Failure> {
    let shown = url.to_string();
    match timeout(limit, status_of(url.into_uri())).await {
        Ok(Ok(StatusCode::OK)) => Ok(()),
        Ok(Ok(status)) => Err(unhealthy(
            format!("{shown} answered {status} instead of 200 OK"),
            "the service runs but is not ready, or the path is not its health path",
        )),
        Ok(Err(error)) => Err(unhealthy(
            format!("cannot ask {shown}: {}", root_cause(&error)),
            "check that the service runs, and name its address with --url or APP_HEALTHCHECK_URL",
        )),
        Err(_elapsed) => Err(unhealthy(
            format!("{shown} did not answer within {} s", limit.as_secs()),
            "the service may be overloaded or stuck; allow more time with --timeout",
        )),
    }
}

async fn status_of(uri: Uri) -> Result<StatusCode, hyper_util::client::legacy::Error> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    Ok(client.get(uri).await?.status())
}

/// The innermost error says "connection refused"; the outer ones only "client error".
fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().map_or(error, root_cause)
}

fn unhealthy(message: String, hint: &str) -> Failure {
    Failure::new(Exit::Failed, message, hint)
}
