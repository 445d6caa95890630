//! What goes to the registry, what stays there, and who may not put anything there.

use serde_json::Value;
use xtask::tools::docker::Engine;

use super::project::{BRIEF, NOWHERE, Project, USER, digest_by_skopeo};
use crate::peer::Registry;

/// Without an engine it takes less time, and what is sent is the same.
fn project(registry: &Registry) -> Project {
    Project::new(Some(registry), BRIEF).env(NOWHERE)
}

fn digest(project: &Project) -> String {
    project.image()["digest"].as_str().unwrap().to_owned()
}

pub(crate) fn what_is_there_is_not_sent_again(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let project = project(&registry);
    project.run(&["image", "push"]).exits(0);
    let first = project.image();
    assert!(first["pushed"]["uploaded"].as_u64() > Some(1) && first["pushed"]["bytes"].as_u64() > Some(1000));
    let uploads = |asked: &[String]| asked.iter().filter(|line| line.contains("/blobs/uploads/")).count();
    let before = registry.asked();
    assert!(uploads(&before) > 0, "{before:?}");

    project.run(&["image", "push"]).exits(0);
    let second = project.image();
    assert_eq!(second["digest"], first["digest"]);
    assert_eq!(
        (&second["pushed"]["uploaded"], &second["pushed"]["bytes"]),
        (&Value::from(0), &Value::from(0))
    );
    assert!(second["pushed"]["skipped"].as_u64() > Some(1), "{second:#}");
    let asked = &registry.asked()[before.len()..];
    assert!(asked.iter().any(|line| line.starts_with("HEAD ")), "{asked:?}");
    assert_eq!(uploads(asked), 0, "{asked:?}");
}

pub(crate) fn a_tag_of_another_branch_stays(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let project = project(&registry);
    let tag = registry.repository("team/app").to_string() + ":branch-feature-x";
    project.git(&["checkout", "--quiet", "-b", "feature-x"]);
    project.run(&["image", "push"]).exits(0);
    let first = digest(&project);
    assert_eq!(digest_by_skopeo(&tag), Ok(first.clone()));

    project.git(&["branch", "--quiet", "-m", "feature/x"]).commit();
    let refused = "the tag `branch-feature-x` names an image of `refs/heads/feature-x`, and this one is of `refs/heads/feature/x`";
    project.run(&["image", "push"]).exits(1).says(refused).says("rename one of both");
    let step = project.step("image.tag");
    assert_eq!((step["status"].as_str(), step["reason"].as_str()), (Some("failed"), Some(refused)));
    assert_eq!(digest_by_skopeo(&tag), Ok(first.clone()));
    // What names its commit is there all the same.
    assert_ne!(digest(&project), first);
    let fixed = project.image()["pushed"]["references"][0].as_str().unwrap().to_owned();
    assert_eq!(digest_by_skopeo(&fixed), Ok(digest(&project)));
}

pub(crate) fn latest_stays_with_the_release(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let rules = "tags = ['type=semver,pattern={{version}}', 'type=ref,event=branch', \
                 'type=raw,value=latest,enable={{is_default_branch}}', 'type=sha,format=long']\nflavor = ['latest=auto']";
    let home = registry.repository("team/app");
    let latest = || digest_by_skopeo(&format!("{home}:latest"));

    let project = project(&registry).set("[image]", rules);
    project.commit();
    let project = project.on("push", "refs/heads/master", "push_branch");
    project.run(&["image", "push"]).exits(0);
    assert_eq!(latest(), Ok(digest(&project)));

    project.git(&["tag", "v1.0.0"]).commit();
    let project = project.on("push", "refs/tags/v1.0.0", "push_tag");
    project.run(&["image", "push"]).exits(0);
    let release = digest(&project);
    assert_eq!(
        (latest(), digest_by_skopeo(&format!("{home}:1.0.0"))),
        (Ok(release.clone()), Ok(release.clone()))
    );

    project.commit();
    let project = project.on("push", "refs/heads/master", "push_branch");
    project.run(&["image", "push"]).exits(0);
    assert_ne!(digest(&project), release);
    assert_eq!(digest_by_skopeo(&format!("{home}:master")), Ok(digest(&project)));
    assert_eq!(latest(), Ok(release));
}

pub(crate) fn a_wrong_password_is_explained(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let wrong = "wr~?>ong-password";
    let project = project(&registry).env(("SLIPWAY_REGISTRY_PASSWORD", wrong));
    let who = format!("`alice` may not push to {}", registry.repository("team/app"));
    project.run(&["image", "push"]).exits(3).says(&who).says("401").never_says(wrong);
    let step = project.step("image.push");
    assert_eq!(step["status"], "inconclusive");
    assert!(step["reason"].as_str().unwrap().starts_with(&who), "{step:#}");
    for id in ["image.pull", "image.tag"] {
        assert_eq!(project.step(id)["status"], "cancelled", "{id}");
    }
    // It was run as it was built.
    assert_eq!(project.step("image.smoke")["status"], "passed");
    assert!(!project.record().to_string().contains(wrong));
    assert!(registry.is_empty());
}

pub(crate) fn a_fork_never_pushes(_: &Engine) {
    let registry = Registry::start(&[USER]);
    for (verb, env) in [(["image", "push"], NOWHERE), (["image", "push"], ("SLIPWAY_IMAGE_PUSH", "always"))] {
        let project = Project::new(Some(&registry), BRIEF).env(env);
        let project = project.on("pull_request", "refs/pull/2/merge", "pull_request_fork");
        project.run(&verb).exits(0);
        let image = project.image();
        assert!(image["pushed"].is_null() && image["pulled"].is_null(), "{image:#}");
        for id in ["image.push", "image.pull", "image.tag"] {
            let step = project.step(id);
            assert_eq!(step["status"], "skipped", "{step:#}");
            assert_eq!(step["reason"], "a pull request from a fork never pushes", "{step:#}");
        }
        assert_eq!(project.step("image.build")["status"], "passed");
        assert_eq!(project.step("image.smoke")["status"], "passed");
        assert_eq!(image["smoke"].as_array().unwrap().len(), 1);
    }
    assert!(registry.is_empty() && registry.asked().is_empty(), "{:?}", registry.asked());
}
