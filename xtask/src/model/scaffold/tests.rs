use super::addition::Addition;
use super::address::Source;
use super::*;

fn project() -> Project {
    Project {
        branch: "main".parse().unwrap(),
        rust_version: Some("1.94".parse().unwrap()),
        toolkit_version: "1.94".parse().unwrap(),
        image: None,
        has_images: false,
        has_tools: false,
        toolkit: Toolkit::New("xtask", Source::Git("https://h/s#v1".parse().unwrap())),
    }
}

fn text(project: &Project, path: &str) -> String {
    let draft = drafts(project).into_iter().find(|draft| draft.path == path);
    match draft.map(|draft| draft.body) {
        Some(Body::Whole(text) | Body::Start(text)) => text,
        other => panic!("{path}: {other:?}"),
    }
}

/// Every combination of what may be known.
fn projects() -> Vec<Project> {
    let old = |text: &str| Some(text.parse().unwrap());
    let program =
        |bin: Option<&str>| Program { package: "server".to_owned(), bin: bin.map(ToOwned::to_owned) };
    let mut all = Vec::new();
    for rust_version in [None, old("1.70"), old("1.95.1")] {
        for image in [None, Some(program(None)), Some(program(Some("web")))] {
            for has_tools in [false, true] {
                for toolkit in [
                    project().toolkit,
                    Toolkit::Itself,
                    Toolkit::Present("slipway"),
                    Toolkit::Present("xtask"),
                ] {
                    let has_images = image.is_some();
                    let image = image.clone();
                    all.push(Project { rust_version, image, has_images, has_tools, toolkit, ..project() });
                }
            }
        }
    }
    all
}

#[test]
fn no_place_of_a_template_is_left() {
    for project in projects() {
        for draft in drafts(&project) {
            let (Body::Whole(text) | Body::Start(text)) = &draft.body else { continue };
            // An action has its version behind the other sign.
            let places = text.split_whitespace().filter(|word| word.matches('@').count() > 1);
            assert_eq!(places.collect::<Vec<_>>(), Vec::<&str>::new(), "{}: {project:?}", draft.path);
            assert!(!text.contains("#?"), "{}: {project:?}", draft.path);
            assert!(!text.contains("\n\n\n") && text.ends_with('\n'), "{}: {text}", draft.path);
        }
    }
}

#[test]
fn the_oldest_compiler_has_a_job_where_the_toolkit_can_be_built_by_it() {
    let project = project();
    assert!(text(&project, ".github/workflows/ci.yml").contains("{ leg: msrv, toolchain: \"1.94\" }"));
    assert!(!text(&project, "slipway.toml").contains("oldest-rust"));
    let old = Project { rust_version: Some("1.70".parse().unwrap()), ..project };
    assert!(!text(&old, ".github/workflows/ci.yml").contains("msrv"));
    assert!(text(&old, "slipway.toml").contains("[\"rustup\", \"run\", \"--install\", \"1.70\", \"cargo\""));
}

#[test]
fn only_images_are_delivered_and_proven() {
    let without = workflows(&project()).map(|(_, text)| text).concat();
    let with = workflows(&Project { has_images: true, ..project() }).map(|(_, text)| text).concat();
    for part in ["  attest:\n", "  deliver:\n", "packages: write", "outputs:"] {
        assert_eq!((without.contains(part), with.contains(part)), (false, true), "{part}");
    }
}

#[test]
fn a_name_that_is_taken_is_left_to_its_owner() {
    let project = Project { toolkit: Toolkit::New("slipway", Source::Folder("/s".into())), ..project() };
    let all = drafts(&project);
    assert!(all.iter().any(|draft| draft.body == Body::Addition(Addition::Alias("slipway"))));
    assert!(text(&project, "slipway/Cargo.toml").contains("path = \"/s\""));
    for (name, workflow) in workflows(&project) {
        assert!(!workflow.contains("cargo xtask"), "{name}");
        assert!(workflow.contains("run: cargo slipway "), "{name}");
    }
}

#[test]
fn the_toolkit_needs_no_package_for_itself() {
    let paths = |toolkit| -> Vec<String> {
        drafts(&Project { toolkit, ..project() }).into_iter().map(|draft| draft.path).collect()
    };
    let workflows = ["ci", "cd", "release"].map(|name| format!(".github/workflows/{name}.yml"));
    assert!(!paths(Toolkit::Itself).contains(&".cargo/config.toml".to_owned()));
    assert!(!paths(Toolkit::Present("xtask")).contains(&"xtask/Cargo.toml".to_owned()));
    assert!(paths(project().toolkit).contains(&"xtask/src/main.rs".to_owned()));
    assert!(workflows.iter().all(|path| paths(Toolkit::Itself).contains(path)));
}
