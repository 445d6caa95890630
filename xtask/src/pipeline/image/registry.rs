//! Registries: who we are there, what goes wrong there, and what comes from there.

use std::sync::{Arc, Mutex, PoisonError};

use slipway_image::layout::{Image, Layout};
use slipway_image::oci::Platform;
use slipway_image::registry::{Event, Options, Pull, Registry, RegistryError, Watch};
use slipway_image::{Digest, Reference};

use super::stock::Stock;
use super::trouble::Trouble;
use crate::engine::Bench;
use crate::kit::failure::Failure;
use crate::kit::text::duration;
use crate::pipeline::Session;
use crate::tools::interrupt::Interrupt;
use crate::tools::registry::{self, LoginError, Whose};

/// Ends what is on its way when somebody wants an end, and keeps what a person should know.
#[derive(Debug)]
struct Watching {
    interrupt: Interrupt,
    told: Arc<Mutex<Vec<String>>>,
}

impl Watch for Watching {
    fn is_cancelled(&self) -> bool {
        self.interrupt.is_raised()
    }

    fn event(&self, event: &Event<'_>) {
        if let Event::Waiting { reason, delay, attempt } = event {
            let line = format!("attempt {attempt}: {reason}; the next one in {}", duration(*delay));
            self.told.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}

/// A registry that is asked in a step.
pub(super) struct Open {
    /// The client.
    pub registry: Registry,
    told: Arc<Mutex<Vec<String>>>,
}

impl Open {
    /// Tells what had to be tried again.
    pub(super) fn tell(&self, bench: &Bench<'_>) {
        let lines = std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner));
        for line in &lines {
            bench.say(line);
        }
    }
}

/// The registry of this name, for the rest of the step's time.
pub(super) fn open(stock: &Stock<'_>, host: &str, whose: Whose, bench: &Bench<'_>) -> Result<Open, Trouble> {
    let login = registry::find(&stock.session.request.env, host, whose).map_err(|error| of_login(&error))?;
    let credentials = login.for_client().map_err(|error| of_login(&error))?;
    let told = Arc::default();
    let watch = Watching { interrupt: stock.session.supervisor.interrupt.clone(), told: Arc::clone(&told) };
    let options = Options { total: bench.left(), watch: Arc::new(watch), ..Options::default() };
    let registry = Registry::new(host, credentials, options).map_err(|error| of(&error))?;
    bench.write(&format!("{host}: {}", login.origin));
    if let Some(error) = &login.passed_over {
        bench.say(&format!("{host}: {} instead of Docker's configuration: {error}", login.origin));
    }
    Ok(Open { registry, told })
}

/// Whether the images of the settings are kept in this registry: what is meant for it is not shown to any other that somebody
/// names.
pub(super) fn whose(session: &Session, host: &str) -> Whose {
    let kept = super::target::repositories(session).unwrap_or_default();
    if kept.iter().any(|repository| repository.registry() == host) { Whose::Ours } else { Whose::Others }
}

fn of_login(error: &LoginError) -> Trouble {
    Trouble::environment(error.to_string())
}

/// How what a registry refuses, or cannot do, is told.
pub(super) fn of(error: &RegistryError) -> Trouble {
    match error {
        RegistryError::Cancelled => Trouble::cancelled(),
        RegistryError::Mismatch { .. } => Trouble::failed(error.to_string()).hint(error.hints()),
        _ => Trouble::environment(error.to_string()).hint(error.hints()),
    }
}

/// Fetches an image into a layout, under the reference as its name; of an index, the image for this machine. Gives the image,
/// and the digest of what the reference named.
pub(super) fn pull(
    stock: &Stock<'_>,
    reference: &Reference,
    layout: &Layout,
    whose: Whose,
    bench: &Bench<'_>,
) -> Result<(Image, Digest), Trouble> {
    let open = open(stock, reference.repository.registry(), whose, bench)?;
    let pull = Pull { reference, platform: &Platform::native(), sink: layout.blobs() };
    let pulled = open.registry.pull(&pull);
    open.tell(bench);
    let pulled = pulled.map_err(|error| of(&error))?;
    let broken = |error: slipway_image::layout::LayoutError| Trouble::failed(error.to_string());
    layout.name(&reference.to_string(), pulled.image.descriptor.clone()).map_err(broken)?;
    let image = layout.image_of(pulled.image.descriptor).map_err(broken)?;
    Ok((image, pulled.root.descriptor.digest))
}

/// Fetches an image outside of any step.
pub(super) fn fetch(session: &Session, reference: &Reference, layout: &Layout) -> Result<Image, Failure> {
    let registry = outside(session, reference.repository.registry())?;
    let pull = Pull { reference, platform: &Platform::native(), sink: layout.blobs() };
    let pulled = registry.pull(&pull).map_err(|error| failed(&error))?;
    layout.image_of(pulled.image.descriptor).map_err(|error| Failure::environment(error.to_string()))
}

/// What a registry refuses, or cannot do, outside of any step.
pub(super) fn failed(error: &RegistryError) -> Failure {
    if matches!(error, RegistryError::Cancelled) {
        return Failure::interrupted();
    }
    let failure = Failure::environment(error.to_string());
    error.hints().into_iter().fold(failure, Failure::hint)
}

/// The registry of this name, outside of any step.
pub(super) fn outside(session: &Session, host: &str) -> Result<Registry, Failure> {
    let login = registry::find(&session.request.env, host, whose(session, host));
    let login = login.and_then(|login| login.for_client());
    let login = login.map_err(|error| Failure::environment(error.to_string()))?;
    let watch = Watching { interrupt: session.supervisor.interrupt.clone(), told: Arc::default() };
    let options = Options { watch: Arc::new(watch), ..Options::default() };
    Registry::new(host, login, options).map_err(|error| failed(&error))
}
