//! What a run that was killed leaves behind is removed by the next one, and nothing else is.

use serde_json::json;
use xtask::tools::docker::{ContainerSpec, Owner};

use crate::fake::Fault;
use crate::fake::state::Image;
use crate::support::{doing, owner, with_image};

/// The owner of a run whose process has ended.
fn killed() -> Owner {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let owner = Owner::new("killed").as_process(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    owner
}

#[test]
fn what_a_killed_run_left_is_removed_and_nothing_else() {
    let (fake, engine) = with_image();
    let dead = killed();
    std::mem::forget(engine.create_network("left", &dead).unwrap());
    let in_it = ContainerSpec { network: Some("left".to_owned()), ..doing(&["sleep"]) };
    let left = engine.create(&in_it, &dead).unwrap();
    left.start().unwrap();
    let living = engine.create(&doing(&["sleep"]), &owner()).unwrap();
    fake.state(|state| {
        state.volumes.insert("data".to_owned(), json!(dead.labels()));
        state.volumes.insert("somebody's".to_owned(), json!({ "slipway.run": "1" }));
        let name = dead.image("App", "0123456789ab");
        state.keep(Image::named(&name, &json!({ "User": "1" })));
        state.keep(Image::named(&owner().image("App", "0123456789ab"), &json!({ "User": "2" })));
    });
    let reaped = engine.reap().unwrap();
    assert_eq!(reaped.containers, [left.id()]);
    assert_eq!((reaped.networks, reaped.volumes), (vec!["left".to_owned()], vec!["data".to_owned()]));
    assert_eq!(reaped.images, [dead.image("App", "0123456789ab")]);
    assert!(living.state().is_ok() && left.state().unwrap_err().is_not_found());
    drop((left, living));
    assert!(engine.reap().unwrap().is_empty());
    assert_eq!(engine.remove_run(&owner()).unwrap().images.len(), 1);
    assert_eq!(fake.things(), ["image app:1", "volume somebody's"]);
}

#[test]
fn each_list_and_each_removal_can_fail() {
    let (fake, engine) = with_image();
    let dead = killed();
    let leave = || {
        std::mem::forget(engine.create(&doing(&["sleep"]), &dead).unwrap());
        // One that is there from the round before does as well.
        std::mem::forget(engine.create_network("left", &dead));
        fake.state(|state| {
            state.volumes.insert("data".to_owned(), json!(dead.labels()));
            state.keep(Image::named(&dead.image("app", "1"), &json!({ "User": "1" })));
        });
    };
    for (route, told) in [
        ("GET /containers/json", "cannot list containers: "),
        ("GET /networks", "cannot list networks: "),
        ("GET /volumes", "cannot list volumes: "),
        ("GET /images/json", "cannot list images: "),
        ("DELETE /images/*", "cannot remove image localhost/slipway/app:1."),
        ("DELETE /containers/*", "cannot remove container "),
        ("DELETE /networks/*", "cannot remove network left: "),
        ("DELETE /volumes/*", "cannot remove volume data: "),
    ] {
        leave();
        fake.fault(route, 1, Fault::Refused(500, "database is locked"));
        let error = engine.reap().unwrap_err().to_string();
        assert!(error.starts_with(told) && error.ends_with(": database is locked"), "{error}");
    }
    // What is gone already is no failure.
    leave();
    for route in ["DELETE /containers/*", "DELETE /networks/*", "DELETE /volumes/*"] {
        fake.fault(route, 1, Fault::Refused(404, "no such thing"));
    }
    engine.reap().unwrap();
    engine.reap().unwrap();
    assert_eq!((fake.things(), fake.faults_left()), (vec!["image app:1".to_owned()], vec![]));
}
