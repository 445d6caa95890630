//! What is built, and what is told where it cannot be.

use super::fixture::{APP, image, set, shop, step, without_engine};
use crate::support::{Workspace, manifest};

/// The step that builds, in whole sentences: how it ended, why, and what explains it.
fn build(settings: &str) -> (String, String, String) {
    let workspace = shop(settings);
    workspace.run(&["image", "build"]);
    let excerpt = excerpt(&workspace);
    let (status, reason) = step(&workspace, "image.build");
    (status, reason, excerpt)
}

fn excerpt(workspace: &Workspace) -> String {
    workspace.record()["steps"][0]["excerpt"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_program_becomes_an_image_without_an_engine() {
    let workspace = shop(
        "[[images]]\nname = 'app'\nargs = ['serve', '80']\nports = ['80']\n\
         labels = {'org.opencontainers.image.vendor' = 'Ada'}\n",
    );
    let run = workspace.run(&["image", "build"]).exits(0);
    assert!(!run.stderr.contains("old base images"), "no base was ever fetched: {}", run.stderr);
    let image = image(&workspace);
    assert_eq!(image["builder"]["name"], "embedded");
    let contents = &image["contents"];
    assert_eq!(contents["user"], "1000:1000");
    assert_eq!(contents["entrypoint"], serde_json::json!(["/app/app"]));
    assert_eq!(contents["ports"], serde_json::json!(["80/tcp"]));
    assert_eq!(image["labels"]["org.opencontainers.image.vendor"], "Ada");
    let commit = workspace.record()["context"]["head_sha"].clone();
    assert_eq!(image["labels"]["org.opencontainers.image.revision"], commit);
    let index: serde_json::Value = serde_json::from_str(&workspace.report("image/index.json")).unwrap();
    assert_eq!(index["manifests"][0]["digest"], image["digest"], "the layout has what the record tells");
    assert!(workspace.path().join("reports/image/app.tar").is_file());
}

#[test]
fn two_checkouts_of_one_commit_give_one_digest() {
    let first = shop(APP);
    let other = Workspace::empty();
    other.git(&["clone", "--quiet", first.path().to_str().unwrap(), "."]);
    let other = without_engine(other);
    let digest = |workspace: &Workspace| {
        workspace.run(&["image", "build"]).exits(0);
        image(workspace)["digest"].as_str().unwrap().to_owned()
    };
    let before = digest(&first);
    assert_eq!(digest(&other), before);
    std::fs::remove_dir_all(first.path().join("target")).unwrap();
    std::fs::remove_dir_all(first.path().join("reports")).unwrap();
    assert_eq!(digest(&first), before, "nothing was kept that decides");
}

#[test]
fn a_program_that_does_not_compile_is_told_by_the_compiler() {
    let workspace = shop(APP).file("src/main.rs", "fn main() { nowhere() }\n");
    workspace.run(&["image", "build"]).exits(1).says("the program does not build");
    assert_eq!(step(&workspace, "image.build").0, "failed");
    assert!(excerpt(&workspace).contains("cannot find function `nowhere`"), "{}", excerpt(&workspace));
    assert_eq!(step(&workspace, "image.check").1, "needs image.build, which did not pass");
    workspace.run(&["image", "inspect"]).exits(2).says("no image was built here");
}

#[test]
fn a_library_that_the_image_lacks_is_told_before_anybody_runs_it() {
    let build = r#"fn main() {
        let out = std::env::var("OUT_DIR").unwrap();
        std::fs::write(format!("{out}/gone.c"), "int gone(void) { return 7; }").unwrap();
        let made = std::process::Command::new("cc")
            .args(["-shared", "-fPIC", "-Wl,-soname,libgone.so.1", "-o"])
            .args([format!("{out}/libgone.so"), format!("{out}/gone.c")])
            .status();
        assert!(made.unwrap().success());
        println!("cargo::rustc-link-search={out}");
        println!("cargo::rustc-link-lib=dylib=gone");
    }"#;
    let main = "unsafe extern \"C\" {\n    fn gone() -> i32;\n}\nfn main() {\n    std::process::exit(unsafe { gone() })\n}\n";
    let workspace = shop(APP).file("build.rs", build).file("src/main.rs", main);
    workspace.run(&["image", "build"]).exits(1).says("libgone.so.1");
    let (status, reason) = step(&workspace, "image.build");
    assert_eq!(status, "failed");
    assert!(reason.contains("/app/app") && reason.contains("libgone.so.1"), "{reason}");
}

#[test]
fn what_the_settings_ask_for_and_nobody_can_make_is_told() {
    let with = |line: &str| build(&format!("{APP}{line}\n"));
    let (status, reason, _) = with("user = 'app'");
    assert_eq!(status, "failed");
    assert_eq!(reason, "`user` is two numbers, such as `1000:1000`, not `app`");
    let (status, reason, _) = with("base = 'Debian:13'");
    assert!(status == "failed" && reason.starts_with("`base`: "), "{reason}");
    let (status, reason, _) = with("files = ['no/such/file:/x']");
    assert!(status == "failed" && reason.contains("no/such/file"), "{reason}");
}

#[test]
fn without_an_engine_a_dockerfile_is_not_needed_unless_the_settings_say_so() {
    let image_of = "[[images]]\nname = 'app'\ndockerfile = 'Dockerfile'\n";
    let workspace = shop(image_of).file("Dockerfile", "FROM scratch\n").env("SLIPWAY_IMAGE_BUILDER", "auto");
    workspace.run(&["image", "build"]).exits(0);
    assert_eq!(image(&workspace)["builder"]["reason"], "no engine answers");

    let workspace = workspace.env("SLIPWAY_IMAGE_BUILDER", "engine");
    workspace.run(&["image", "build"]).exits(3).says("no container engine answers");
    assert_eq!(step(&workspace, "image.build").0, "inconclusive");
    assert!(excerpt(&workspace).contains("hint: start Docker or Podman"), "{}", excerpt(&workspace));

    set(&workspace, APP);
    workspace.run(&["image", "build"]).exits(1).says("an engine builds from a Dockerfile");
    assert!(excerpt(&workspace).contains("hint: name one with `dockerfile`"), "{}", excerpt(&workspace));
}

#[test]
fn flags_of_the_compiler_stay_what_they_are() {
    let main = "fn main() {\n    println!(\"{}\", cfg!(asked));\n}\n";
    let workspace = shop(APP).file("src/main.rs", main);
    for (name, value) in
        [("RUSTFLAGS", "--cfg asked -Adead_code"), ("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}asked")]
    {
        let run = workspace.command(&["image", "build"]).env(name, value).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let program = workspace.path().join("target/slipway/image/target/release/app");
        let printed = std::process::Command::new(&program).output().unwrap().stdout;
        assert_eq!(String::from_utf8(printed).unwrap(), "true\n", "{name}");
        let bytes = std::fs::read(&program).unwrap();
        let root = workspace.path().to_str().unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has(root), "{name}: the folder of this machine is in the program");
        std::fs::remove_file(program).unwrap();
    }
}

#[test]
fn a_program_that_lists_its_own_crates_is_built_where_that_is_possible() {
    let workspace = shop(APP);
    // What `cargo auditable` does to the command line: its own word comes first.
    super::fixture::stand_in(
        &workspace,
        "cargo-auditable",
        "shift; echo \"$@\" > auditable; exec cargo \"$@\"",
    );
    workspace.run(&["image", "build"]).exits(0);
    let asked = std::fs::read_to_string(workspace.path().join("auditable")).unwrap();
    assert!(asked.starts_with("build --profile release --package app --bin app "), "{asked}");
}

#[test]
fn several_images_are_built_and_one_that_cannot_be_keeps_no_other_back() {
    let worker = manifest("worker");
    let settings = "[[images]]\nname = 'app'\npackage = 'app'\nuser = 'nobody'\n\
                    [[images]]\nname = 'worker'\npackage = 'worker'\nentrypoint = ['/app/worker', 'go']\n";
    let workspace =
        shop(settings).file("worker/Cargo.toml", &worker).file("worker/src/main.rs", "fn main() {}");
    let root = format!("{}[workspace]\nmembers = ['worker']\n", manifest("app"));
    let workspace = workspace.file("Cargo.toml", &root);
    workspace.run(&["image", "build"]).exits(1).says("app: `user` is two numbers");
    let record = workspace.record();
    assert_eq!(record["images"][0]["digest"], serde_json::Value::Null);
    assert!(record["images"][1]["digest"].as_str().unwrap().starts_with("sha256:"));
    let told = workspace.run(&["image", "inspect"]).exits(0).stdout;
    assert!(told.starts_with("worker\n") && told.contains("entrypoint  /app/worker go"), "{told}");
}
