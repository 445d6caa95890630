//! Errors of the HTTP interface as JSON. Router and middleware answer some errors by themselves, with an empty
//! body or plain text; this file gives all of them one shape, so that a client needs one reader.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The body of an error: `{"error":"Not Found"}`, in the words of RFC 9110 for the status.
#[derive(Debug, Serialize)]
struct Problem {
    error: &'static str,
}

/// Gives an error a JSON body unless it has one; status and other headers (such as `Allow`) stay.
pub(crate) async fn as_json(response: Response) -> Response {
    if !is_error(response.status()) || is_json(&response) {
        return response;
    }
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_TYPE);
    head.headers.remove(header::CONTENT_LENGTH);
    let problem = Problem { error: head.status.canonical_reason().unwrap_or("Unknown Error") };
    (head.status, head.headers, Json(problem)).into_response()
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn is_json(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"application/json")
}
