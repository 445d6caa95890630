//! What a run that was killed leaves behind is removed by the next one.

use xtask::tools::docker::{ContainerSpec, Engine, Owner};

use super::support::{Test, busybox_image, owner};

pub(crate) const TESTS: &[(&str, Test)] =
    &[("reaping::what_a_killed_run_left_is_removed", what_a_killed_run_left_is_removed)];

/// The owner of a run whose process has ended.
fn killed() -> Owner {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let owner = Owner::new("live-killed").as_process(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    owner
}

fn what_a_killed_run_left_is_removed(engine: &Engine) {
    let spec = ContainerSpec {
        args: Some(vec!["sleep".to_owned(), "60".to_owned()]),
        ..ContainerSpec::new(busybox_image(engine))
    };
    let dead = killed();
    let network = engine.create_network("live-killed", &dead).unwrap();
    let in_it = ContainerSpec { network: Some("live-killed".to_owned()), ..spec.clone() };
    let left = engine.create(&in_it, &dead).unwrap();
    left.start().unwrap();
    let living = engine.create(&spec, &owner("reap")).unwrap();
    living.start().unwrap();

    let reaped = engine.reap().unwrap();
    assert!(reaped.containers.contains(&left.id().to_owned()));
    assert!(!reaped.containers.contains(&living.id().to_owned()));
    assert!(reaped.networks.contains(&network.name().to_owned()));
    assert!(left.state().unwrap_err().is_not_found());
    assert!(living.state().unwrap().is_running());
}
