//! What a run that was killed leaves behind is removed by the next one.

use std::process::Command;
use std::time::{Duration, Instant};

use xtask::tools::docker::{ContainerSpec, Engine, Owner};

use super::support::{Test, busybox_image, owner};

pub(crate) const TESTS: &[(&str, Test)] =
    &[("reaping::what_a_killed_run_left_is_removed", what_a_killed_run_left_is_removed)];

fn what_a_killed_run_left_is_removed(engine: &Engine) {
    let spec = ContainerSpec {
        args: Some(vec!["sleep".to_owned(), "60".to_owned()]),
        ..ContainerSpec::new(busybox_image(engine))
    };
    let mut run = Command::new("sleep").arg("60").spawn().unwrap();
    let its = Owner::new("live-killed").as_process(run.id());
    let network = engine.create_network("live-killed", &its).unwrap();
    let in_it = ContainerSpec { network: Some(network.name().to_owned()), ..spec.clone() };
    let left = engine.create(&in_it, &its).unwrap();
    left.start().unwrap();
    let living = engine.create(&spec, &owner("reap")).unwrap();
    living.start().unwrap();
    engine.reap().unwrap();
    assert!(left.state().unwrap().is_running(), "its run still lives");

    run.kill().unwrap();
    run.wait().unwrap();
    // The runs of other tests look for it as well, and may be in the middle of it.
    let deadline = Instant::now() + Duration::from_secs(10);
    while (engine.reap().is_err() || left.state().is_ok()) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(left.state().unwrap_err().is_not_found());
    assert!(engine.remove_run(&its).unwrap().is_empty(), "the network is gone too");
    assert!(living.state().unwrap().is_running());
}
