//! What the service knows about itself, and how it says so. Routes and sockets are elsewhere: this file must
//! stay usable without either.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The version of the service, as `--version` and every report give it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The state behind the health reports: when the service started and whether it is stopping.
///
/// ```
/// use app::health::{Health, Status};
///
/// let health = Health::start();
/// assert_eq!(health.readiness().status, Status::Ok);
///
/// health.begin_stop();
/// assert_eq!(health.readiness().status, Status::Stopping, "no new work, please");
/// assert_eq!(health.liveness().status, Status::Ok, "stopping is no reason to be killed");
/// ```
#[derive(Debug)]
pub struct Health {
    started: Instant,
    stopping: AtomicBool,
}

impl Health {
    /// A healthy service that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now(), stopping: AtomicBool::new(false) }
    }

    /// From now on the service is not ready. There is no way back.
    pub fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the service should be sent new requests.
    #[must_use]
    pub fn readiness(&self) -> Report {
        self.report(if self.stopping.load(Ordering::Relaxed) { Status::Stopping } else { Status::Ok })
    }

    /// Whether the process works at all; stays [`Status::Ok`] during a graceful stop.
    #[must_use]
    pub fn liveness(&self) -> Report {
        self.report(Status::Ok)
    }

    fn report(&self, status: Status) -> Report {
        Report { status, version: VERSION, uptime_seconds: self.started.elapsed().as_secs() }
    }
}

/// The one word of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything works; HTTP 200.
    Ok,
    /// A graceful stop has begun; HTTP 503.
    Stopping,
}

/// The body of every health answer: `{"status":"ok","version":"0.1.0","uptime_seconds":7}`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The verdict; it decides the HTTP status too.
    pub status: Status,
    /// The version of the service.
    pub version: &'static str,
    /// Whole seconds since the start.
    pub uptime_seconds: u64,
}

impl IntoResponse for Report {
    fn into_response(self) -> Response {
        let code = match self.status {
            Status::Ok => StatusCode::OK,
            Status::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        // A cached verdict is a wrong verdict.
        (code, [(header::CACHE_CONTROL, "no-store")], Json(self)).into_response()
    }
}
