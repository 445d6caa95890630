//! Running an image by the container engine.

use std::time::{Duration, Instant};

use super::{Fault, Health, Output, RunSpec, Running, Runtime, RuntimeError};
use crate::model::smoke::End;
use crate::tools::docker::{
    Cause, Container, ContainerSpec, Engine, EngineError, HealthStatus, Limits, Owner, Phase, State,
};
use crate::tools::interrupt::Interrupt;

/// Images ask every half minute or so; whoever waits for one to be well asks sooner.
const HEALTH_INTERVAL: Duration = Duration::from_millis(500);

/// Between two looks at a container.
const LOOK: Duration = Duration::from_millis(20);

/// An image that the engine has, ready to be run.
#[derive(Debug)]
pub struct InEngine<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The run that its containers belong to.
    pub owner: &'a Owner,
    /// The image: a reference with a digest, or an id.
    pub image: String,
    /// Somebody may ask to stop.
    pub interrupt: Interrupt,
}

impl Runtime for InEngine<'_> {
    fn name(&self) -> &'static str {
        "engine"
    }

    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn start(&self, spec: &RunSpec) -> Result<Box<dyn Running + '_>, RuntimeError> {
        let wanted = ContainerSpec {
            entrypoint: spec.entrypoint.clone(),
            args: spec.args.clone(),
            env: spec.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            memory: spec.memory,
            pids: Some(spec.pids.into()),
            tmpfs: spec.writable.iter().map(Into::into).collect(),
            ports: spec.port.into_iter().collect(),
            health_interval: Some(HEALTH_INTERVAL),
            ..ContainerSpec::new(self.image.clone())
        };
        let container = self.engine.create(&wanted, self.owner).map_err(|error| by_machine(&error))?;
        if let Err(error) = container.start() {
            // The engine says nothing more of what the image lacks; it does so with this status alone.
            let is_image = matches!(&error.cause, Cause::Refused { status: 400 | 500, words }
                if words.contains("exec") || words.contains("user"));
            let told = by_machine(&error);
            return Err(if is_image { RuntimeError { fault: Fault::Image, ..told } } else { told });
        }
        Ok(Box::new(InContainer { container, port: spec.port, interrupt: self.interrupt.clone() }))
    }
}

fn by_machine(error: &EngineError) -> RuntimeError {
    if error.is_interrupt() {
        return RuntimeError::interrupted();
    }
    let hint = error.hint().map(ToOwned::to_owned);
    RuntimeError { hint, ..RuntimeError::of_machine(error.to_string()) }
}

struct InContainer<'a> {
    container: Container<'a>,
    port: Option<u16>,
    interrupt: Interrupt,
}

impl InContainer<'_> {
    fn state(&self) -> Result<State, RuntimeError> {
        self.container.state().map_err(|error| by_machine(&error))
    }
}

fn end_of(state: &State) -> Option<End> {
    if state.phase != Phase::Ended {
        return None;
    }
    Some(if state.out_of_memory { End::OutOfMemory } else { End::Exited(state.exit_code.unwrap_or(-1)) })
}

impl Running for InContainer<'_> {
    fn address(&self) -> Result<(String, u16), RuntimeError> {
        let port = self.port.ok_or_else(|| RuntimeError::of_machine("no port was asked for"))?;
        let state = self.state()?;
        let published = state.ports.get(&port);
        let published = published.ok_or_else(|| {
            RuntimeError::of_machine(format!("the engine does not say where port {port} can be reached"))
        })?;
        Ok((published.host.clone(), published.port))
    }

    fn user(&self) -> Result<String, RuntimeError> {
        Ok(self.state()?.user)
    }

    fn end(&self) -> Result<Option<End>, RuntimeError> {
        Ok(end_of(&self.state()?))
    }

    fn health(&self) -> Result<Health, RuntimeError> {
        Ok(match self.state()?.health {
            None => Health::None,
            Some(health) if health.status == HealthStatus::Healthy => Health::Healthy,
            Some(health) => Health::NotYet(health.last),
        })
    }

    fn output(&self) -> Result<Output, RuntimeError> {
        let logs = self.container.logs().map_err(|error| by_machine(&error))?;
        Ok(Output { stdout: logs.stdout, stderr: logs.stderr })
    }

    fn ask_to_stop(&self) -> Result<(), RuntimeError> {
        match self.container.signal("SIGTERM") {
            Err(_) if self.end()?.is_some() => Ok(()),
            done => done.map_err(|error| by_machine(&error)),
        }
    }

    fn wait(&self, limit: Duration) -> Result<Option<End>, RuntimeError> {
        let begun = Instant::now();
        let limits = Limits { timeout: limit, interrupt: self.interrupt.clone() };
        self.container.wait(&limits).map_err(|error| by_machine(&error))?;
        // The engine tells of the end a moment before it has written it down.
        loop {
            let end = self.end()?;
            if end.is_some() || begun.elapsed() >= limit {
                return Ok(end);
            }
            std::thread::sleep(LOOK);
        }
    }

    fn remove(self: Box<Self>) -> Result<(), RuntimeError> {
        self.container.remove().map_err(|error| by_machine(&error))
    }
}
