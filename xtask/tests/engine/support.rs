//! What all tests share.

use std::time::Duration;

use serde_json::json;
use xtask::tools::docker::{ContainerSpec, Engine, Limits, Owner};
use xtask::tools::interrupt::Interrupt;

use crate::fake::Fake;
use crate::fake::state::Image;

/// The image that tests run.
pub(crate) const IMAGE: &str = "app:1";

/// Long enough for everything here on a loaded machine.
pub(crate) fn limits() -> Limits {
    Limits::within(Duration::from_mins(1))
}

/// Somebody has asked to stop already.
pub(crate) fn interrupted() -> Limits {
    let interrupt = Interrupt::default();
    interrupt.raise();
    Limits { interrupt, ..limits() }
}

pub(crate) fn owner() -> Owner {
    Owner::new("engine-test")
}

/// The toolkit's side of an engine.
pub(crate) fn engine(fake: &Fake) -> Engine {
    Engine::find(&[("DOCKER_HOST".to_owned(), fake.host())].into()).unwrap()
}

/// An engine that has [`IMAGE`], which listens on a port and has a health check.
pub(crate) fn with_image() -> (Fake, Engine) {
    let fake = Fake::start();
    let config = json!({
        "User": "1000",
        "Entrypoint": ["/app/server"],
        "Cmd": ["serve", "8080"],
        "Env": ["LANG=C"],
        "ExposedPorts": { "8080/tcp": {} },
        "Labels": { "a": "b" },
        "Healthcheck": { "Test": ["CMD", "/app/server", "healthcheck"] },
    });
    fake.state(|state| state.keep(Image::named(IMAGE, &config)));
    let engine = engine(&fake);
    (fake, engine)
}

/// A container that does this.
pub(crate) fn doing(words: &[&str]) -> ContainerSpec {
    let args = words.iter().map(|&word| word.to_owned()).collect();
    ContainerSpec { args: Some(args), ..ContainerSpec::new(IMAGE) }
}
