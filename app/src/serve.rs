//! The life of the service: listen, answer, stop gracefully. What is answered is the router's business.
//!
//! A stop has two phases. While it *drains*, the listener stays open and readiness says 503, so that load
//! balancers look away before connections are refused. Then the listener closes, and requests in flight have
//! the *grace* to finish. A second signal ends either phase at once.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tracing::{debug, info};

use crate::failure::{Exit, Failure};
use crate::health::{Health, VERSION};
use crate::router::router;
use crate::stop::StopSignals;

/// The longest time the head of a request may take. The clock runs while a kept connection is idle too, so a
/// shorter time would close connections that a load balancer is about to use.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The least time for the end of connections. Also one without a request ends only once its task has run, which on a
/// busy machine is later than a grace of 0.
const CLOSING: Duration = Duration::from_secs(1);

/// Where to listen and how to stop.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The address to bind; port 0 takes any free port, which the log line `listening` then names.
    pub listen: SocketAddr,
    /// How long to go on accepting after a stop signal.
    pub drain: Duration,
    /// How long requests in flight may take once the listener is closed; less than a second counts as one.
    pub grace: Duration,
}

/// Serves until SIGTERM or SIGINT, then stops gracefully.
///
/// # Errors
///
/// [`Exit::AddressInUse`] or [`Exit::Failed`] when the address cannot be bound, [`Exit::Unfinished`] when a
/// second signal or the end of the grace time cut requests off.
pub async fn serve(settings: Settings) -> Result<(), Failure> {
    let mut signals = StopSignals::install().map_err(|error| {
        let hint = "check the limits on open files";
        Failure::new(Exit::Failed, format!("cannot listen for signals: {error}"), hint)
    })?;
    let listener = bind(settings.listen).await?;
    let health = Arc::new(Health::start());
    let connections = GracefulShutdown::new();

    // Whichever way this ends, it drops the listener.
    tokio::select! {
        drained = drain_on_signal(&mut signals, &health, settings.drain) => drained?,
        never = accept(listener, router(health.clone()), &connections) => match never {},
    }
    finish(&mut signals, connections, settings.grace).await?;
    info!("stopped");
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        info!(%address, version = VERSION, "listening");
        Ok(listener)
    };
    bound.await.map_err(|error: std::io::Error| match error.kind() {
        ErrorKind::AddrInUse => Failure::new(
            Exit::AddressInUse,
            format!("cannot listen on {address}: another process already does"),
            "stop that process, or choose another address with --listen or APP_LISTEN; port 0 takes a free one",
        ),
        ErrorKind::PermissionDenied => Failure::new(
            Exit::Failed,
            format!("cannot listen on {address}: {error}"),
            "ports below 1024 need a privilege; choose a higher one with --listen or APP_LISTEN",
        ),
        _ => Failure::new(
            Exit::Failed,
            format!("cannot listen on {address}: {error}"),
            "choose an address of this machine with --listen or APP_LISTEN",
        ),
    })
}

async fn accept(mut listener: TcpListener, router: Router, connections: &GracefulShutdown) -> Infallible {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let service = TowerToHyperService::new(router);
    loop {
        let (stream, peer) = Listener::accept(&mut listener).await;
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%peer, %error, "connection failed");
            }
        });
    }
}

async fn drain_on_signal(signals: &mut StopSignals, health: &Health, drain: Duration) -> Result<(), Failure> {
    let signal = signals.next().await;
    health.begin_stop();
    info!(signal, "stopping");
    tokio::select! {
        () = sleep(drain) => Ok(()),
        signal = signals.next() => Err(cut_short(signal)),
    }
}

async fn finish(
    signals: &mut StopSignals,
    connections: GracefulShutdown,
    grace: Duration,
) -> Result<(), Failure> {
    let grace = grace.max(CLOSING);
    tokio::select! {
        () = connections.shutdown() => Ok(()),
        signal = signals.next() => Err(cut_short(signal)),
        () = sleep(grace) => Err(Failure::new(
            Exit::Unfinished,
            format!("stopped with requests unfinished after a grace time of {} s", grace.as_secs()),
            "allow more time with --grace or APP_GRACE_SECONDS",
        )),
    }
}

fn cut_short(signal: &str) -> Failure {
    Failure::new(
        Exit::Unfinished,
        format!("stopped at once by a second signal ({signal}), perhaps with requests unfinished"),
        "send one signal and wait; --grace and --drain limit how long that takes",
    )
}
