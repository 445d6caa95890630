//! How a container is.

use std::collections::BTreeMap;

use bollard::models::{ContainerInspectResponse, ContainerStateStatusEnum, HealthStatusEnum};

/// How a container is at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Where it is in its life.
    pub phase: Phase,
    /// The exit code, once it has ended.
    pub exit_code: Option<i64>,
    /// The kernel ended it because it wanted more memory than it may have.
    pub out_of_memory: bool,
    /// What its health check says; none when it has no health check.
    pub health: Option<Health>,
    /// Why it did not start, in the engine's words.
    pub error: Option<String>,
    /// When it was started, in RFC 3339; none before.
    pub started: Option<String>,
    /// When it ended, in RFC 3339; none before.
    pub finished: Option<String>,
    /// The user that it was made with: the image's or the one that was asked for; empty for root.
    pub user: String,
    /// Its published TCP ports, and where each can be reached.
    pub ports: BTreeMap<u16, Published>,
}

/// Where a container is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It was made and has not run.
    #[default]
    Created,
    /// It runs.
    Running,
    /// It has ended.
    Ended,
}

/// What the health check of an image says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The verdict.
    pub status: HealthStatus,
    /// What the last probe printed, trimmed; empty when none has run.
    pub last: String,
}

/// The verdict of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthStatus {
    /// Nothing is known yet.
    Starting,
    /// The last probe went well.
    Healthy,
    /// So many probes in a row went wrong that it counts as ill.
    Unhealthy,
}

/// Where a port of a container can be reached from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The host: `127.0.0.1`, or the engine's where that is another machine.
    pub host: String,
    /// The port on it.
    pub port: u16,
}

impl State {
    /// It runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Its health check says that it is well.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.health.as_ref().is_some_and(|health| health.status == HealthStatus::Healthy)
    }

    pub(super) fn of(told: ContainerInspectResponse, host: &str) -> Self {
        let state = told.state.unwrap_or_default();
        let phase = match state.status {
            Some(ContainerStateStatusEnum::CREATED | ContainerStateStatusEnum::EMPTY) | None => {
                Phase::Created
            }
            Some(ContainerStateStatusEnum::EXITED | ContainerStateStatusEnum::DEAD) => Phase::Ended,
            Some(_) => Phase::Running,
        };
        let ports = told.network_settings.and_then(|network| network.ports).unwrap_or_default();
        let ports = ports.into_iter().filter_map(|(port, bindings)| {
            let inside = port.strip_suffix("/tcp")?.parse().ok()?;
            // An engine with IPv6 lists a port twice; ours was asked for on one address.
            let outside = bindings?.into_iter().find_map(|binding| binding.host_port?.parse().ok())?;
            Some((inside, Published { host: host.to_owned(), port: outside }))
        });
        let time = |time: Option<String>| time.filter(|time| !time.is_empty() && !time.starts_with("0001-"));
        Self {
            phase,
            exit_code: state.exit_code.filter(|_| phase == Phase::Ended),
            out_of_memory: state.oom_killed.unwrap_or_default(),
            health: state.health.and_then(health),
            error: state.error.filter(|error| !error.is_empty()),
            started: time(state.started_at),
            finished: time(state.finished_at),
            user: told.config.and_then(|config| config.user).unwrap_or_default(),
            ports: ports.collect(),
        }
    }
}

fn health(told: bollard::models::Health) -> Option<Health> {
    let status = match told.status? {
        HealthStatusEnum::STARTING => HealthStatus::Starting,
        HealthStatusEnum::HEALTHY => HealthStatus::Healthy,
        HealthStatusEnum::UNHEALTHY => HealthStatus::Unhealthy,
        HealthStatusEnum::NONE | HealthStatusEnum::EMPTY => return None,
    };
    let last = told.log.unwrap_or_default().pop().and_then(|probe| probe.output).unwrap_or_default();
    Some(Health { status, last: last.trim().to_owned() })
}
