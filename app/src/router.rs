//! Which path is answered by what, within which limits. It opens no socket, so that every answer can be tested
//! with a plain function call.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::routing::get;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::health::{Health, Report};
use crate::problem;

/// The largest request body in bytes; a larger one is answered with 413. No route reads a body yet.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The longest time between the head of a request and its answer; after that it is answered with 503.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The whole HTTP interface. Every answer is JSON, errors too.
///
/// `/health` answers as `/health/ready` does: it is the address for those who look at only one.
///
/// ```
/// use std::sync::Arc;
/// use app::{health::Health, router::router};
/// use axum::{body::Body, http::Request};
/// use tower::ServiceExt as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let health = Arc::new(Health::start());
/// let probe = || Request::get("/health/ready").body(Body::empty());
///
/// assert_eq!(router(health.clone()).oneshot(probe()?).await?.status(), 200);
/// health.begin_stop();
/// assert_eq!(router(health).oneshot(probe()?).await?.status(), 503);
/// # Ok(())
/// # }
/// ```
pub fn router(health: Arc<Health>) -> Router {
    let routes = Router::new()
        .route("/health", get(ready))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(health);
    within_limits(routes)
}

fn within_limits(routes: Router) -> Router {
    routes
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        // Outermost, so that it sees what the limits answer.
        .layer(map_response(problem::as_json))
}

async fn ready(State(health): State<Arc<Health>>) -> Report {
    health.readiness()
}

async fn live(State(health): State<Arc<Health>>) -> Report {
    health.liveness()
}

#[cfg(test)]
mod tests;
