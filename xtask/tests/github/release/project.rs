//! A project that is ready to be released: its commit has passed, and its image lies in the registry.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use slipway_image::Digest;
use slipway_image::oci::media;
use tempfile::TempDir;

use super::registry::fake as registry;
use crate::environment::kept;
use crate::fake::releases::Release;
use crate::fake::{Fake, REPOSITORY, Status};

/// What comes with the release beside what is made of the image.
pub(crate) const ASSET: &str = "the program";

pub(crate) struct Project {
    pub(crate) github: Fake,
    pub(crate) registry: registry::Fake,
    pub(crate) digest: String,
    pub(crate) commit: String,
    folder: TempDir,
    env: BTreeMap<String, String>,
}

/// What everybody sees of a release.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) tags: BTreeMap<String, String>,
    manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    pub(crate) git: BTreeMap<String, String>,
    pub(crate) releases: Vec<SeenRelease>,
}

/// A release without what differs from try to try: ids, and the bytes of reports.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeenRelease {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) body: String,
    pub(crate) is_draft: bool,
    /// Their names, and whether they are whole.
    pub(crate) assets: Vec<(String, bool)>,
}

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.said.contains(text), "not said: {text}\n{}", self.said);
        self
    }
}

/// The settings, with these lines for releases.
pub(crate) fn settings(host: &str, release: &str) -> String {
    // The image has no layers, so nobody can say what files it has.
    format!(
        "[scan]\nscanner = 'none'\n[image.structure]\nmode = 'report-only'\n[release]\nversion-args = []\nassets = ['dist/app']\n{release}\n\
         [[images]]\nname = 'app'\nrepository = '{host}/team/app'\n"
    )
}

impl Project {
    /// 1.2.3 after 1.2.2, with an image.
    pub(crate) fn new() -> Self {
        let project = Self::of("1.2.3", |host| settings(host, ""));
        project.pass();
        project
    }

    /// This version after 1.2.2, with an image in the registry and these settings; nobody says that it has passed.
    pub(crate) fn of(version: &str, settings: impl Fn(&str) -> String) -> Self {
        let (github, registry) = (Fake::start(), registry::Fake::start());
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let ours = [
            ("GITHUB_API_URL", github.address()),
            ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
            ("GITHUB_TOKEN", "ghs_bot".to_owned()),
            ("DOCKER_CONFIG", path("none")),
            ("DOCKER_HOST", "unix:///no/engine".to_owned()),
            ("CARGO_NET_OFFLINE", "true".to_owned()),
        ];
        let ours = ours.into_iter().map(|(name, value)| (name.to_owned(), value));
        let settings = settings(registry.host());
        let mut project = Self {
            github,
            registry,
            digest: String::new(),
            commit: String::new(),
            env: kept(&[]).chain(ours).collect(),
            folder,
        };
        project.write("src/main.rs", "fn main() {}\n");
        project.write(".gitignore", "/target\n/reports\n/dist\n");
        project.write("slipway.toml", &settings);
        project.write("Cargo.lock", "");
        project.write("dist/app", ASSET);
        project.version("1.2.2");
        project.git(&["init", "--quiet"]);
        project.commit("feat: a first state");
        project.git(&["tag", "v1.2.2"]);
        project.version(version);
        project.commit("fix: a hole (#12)\n\nof @ada");
        project.digest = project.push(&json!({}));
        project
    }

    /// Puts an image with these labels into the registry, as CI does: under the tag of the commit.
    pub(crate) fn push(&self, labels: &serde_json::Value) -> String {
        let mut labels = labels.clone();
        labels["org.opencontainers.image.revision"] = json!(self.commit);
        labels["slipway.ref"] = json!("refs/heads/main");
        self.put(&labels, &format!("sha-{}", self.commit))
    }

    /// Puts an image with these labels into the registry under a tag.
    pub(crate) fn put(&self, labels: &serde_json::Value, tag: &str) -> String {
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "config": { "User": "1000:1000", "Entrypoint": ["/app"], "Labels": labels },
            "rootfs": { "type": "layers", "diff_ids": [] },
        })
        .to_string();
        let digest = Digest::of(config.as_bytes()).to_string();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": media::MANIFEST, "layers": [],
            "config": { "mediaType": media::CONFIG, "digest": digest, "size": config.len() },
        })
        .to_string();
        let digest = Digest::of(manifest.as_bytes()).to_string();
        self.registry.store(|store| {
            store.put("team/app", config.as_bytes());
            let key = |name: &str| ("team/app".to_owned(), name.to_owned());
            store.manifests.insert(key(&digest), (media::MANIFEST.to_owned(), manifest.into_bytes()));
            store.tags.insert(key(tag), digest.clone());
        });
        digest
    }

    /// CI says that the commit has passed.
    pub(crate) fn pass(&self) {
        self.status("success");
    }

    pub(crate) fn status(&self, state: &str) {
        let status = Status {
            sha: self.commit.clone(),
            context: "slipway/ci".to_owned(),
            state: state.to_owned(),
            description: String::new(),
            target_url: None,
        };
        self.github.state(|github| github.statuses.push(status));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn version(&self, version: &str) {
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"{version}\"\nedition = \"2024\"\npublish = false\n"
        );
        self.write("Cargo.toml", &manifest);
        self.write(
            "Cargo.lock",
            &format!("version = 4\n\n[[package]]\nname = \"app\"\nversion = \"{version}\"\n"),
        );
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
        let output =
            Command::new("git").args(identity).args(args).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn commit(&mut self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.commit = self.git(&["rev-parse", "HEAD"]);
    }

    /// Commits a file; the image and the status of the commit before are those of the new one.
    pub(crate) fn change(&mut self, name: &str, text: &str) {
        let key = |commit: &str| ("team/app".to_owned(), format!("sha-{commit}"));
        let before = key(&self.commit);
        self.write(name, text);
        self.commit("ci: another deployment");
        let now = key(&self.commit);
        self.registry.store(|store| {
            let digest = store.tags.remove(&before).unwrap();
            store.tags.insert(now, digest)
        });
        self.pass();
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts `cargo xtask ARGS`, with these variables beside the usual ones.
    fn start(&self, args: &[&str], env: &[(&str, &str)]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).current_dir(self.folder.path()).env_clear().envs(&self.env);
        command.envs(env.iter().copied());
        let said = || fs::File::create(self.path("target/said")).unwrap();
        fs::create_dir_all(self.path("target")).unwrap();
        let said = said();
        command.stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said);
        command.spawn().unwrap()
    }

    pub(crate) fn end(&self, mut child: Child) -> Ran {
        let code = child.wait().unwrap().code();
        Ran { code, said: fs::read_to_string(self.path("target/said")).unwrap() }
    }

    /// Runs `cargo xtask release ARGS` to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.xtask(&[&["release"], args].concat())
    }

    /// Runs `cargo xtask ARGS` to its end.
    pub(crate) fn xtask(&self, args: &[&str]) -> Ran {
        self.end(self.start(args, &[]))
    }

    /// Runs `cargo xtask release ARGS` to its end, with these variables beside the usual ones.
    pub(crate) fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        self.end(self.start(&[&["release"], args].concat(), env))
    }

    /// Runs it until something is so, and kills it then, as nobody can help.
    #[track_caller]
    pub(crate) fn killed(&self, args: &[&str], is_so: impl Fn(&Self) -> bool) {
        let mut child = self.until(args, is_so);
        child.kill().unwrap();
        assert_eq!(self.end(child).code, None);
    }

    /// Runs it until something is so.
    #[track_caller]
    pub(crate) fn until(&self, args: &[&str], is_so: impl Fn(&Self) -> bool) -> Child {
        let mut child = self.start(&[&["release"], args].concat(), &[]);
        let deadline = Instant::now() + Duration::from_mins(1);
        while !is_so(self) {
            let ended = child.try_wait().unwrap();
            let said = || fs::read_to_string(self.path("target/said")).unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{ended:?}\n{}", said());
            std::thread::sleep(Duration::from_millis(2));
        }
        child
    }

    /// The digest that a tag of the registry names.
    pub(crate) fn tagged(&self, tag: &str) -> Option<String> {
        self.registry.store(|store| store.tags.get(&("team/app".to_owned(), tag.to_owned())).cloned())
    }

    pub(crate) fn seen(&self) -> Seen {
        let (tags, manifests) = self.registry.store(|store| (store.tags.clone(), store.manifests.clone()));
        let assets = |release: &Release| {
            let mut all: Vec<(String, bool)> =
                release.assets.values().map(|asset| (asset.name.clone(), asset.is_whole)).collect();
            all.sort();
            all
        };
        let told = |release: &Release| {
            let Release { tag, name, body, is_draft, .. } = release.clone();
            SeenRelease { tag, name, body, is_draft, assets: assets(release) }
        };
        let (git, releases) = self.github.state(|github| {
            let commit = |tag: &String| (tag.clone(), github.releases.commit(tag).unwrap().to_owned());
            let git = github.releases.tags.keys().map(commit).collect();
            (git, github.releases.all.values().map(told).collect())
        });
        let tags = tags.into_iter().map(|((_, tag), digest)| (tag, digest)).collect();
        Seen { tags, manifests, git, releases }
    }

    /// All is as it should be after the release of 1.2.3.
    #[track_caller]
    pub(crate) fn is_released(&self) {
        let seen = self.seen();
        for tag in ["1.2.3", "1.2", "1", "latest", "prod"] {
            assert_eq!(seen.tags.get(tag), Some(&self.digest), "{tag}");
        }
        assert_eq!(seen.git, BTreeMap::from([("v1.2.3".to_owned(), self.commit.clone())]));
        assert_eq!(seen.manifests.len(), 1, "the very same bytes");
        let [release] = seen.releases.as_slice() else { panic!("{seen:?}") };
        assert_eq!(
            (release.tag.as_str(), release.name.as_str(), release.is_draft),
            ("v1.2.3", "1.2.3", false)
        );
        let body = &release.body;
        assert!(body.contains("## Fixes\n\n- a hole (") && body.contains(&self.digest), "{body}");
        let names = ["SHA256SUMS", "app", "app.cdx.json", "app.spdx.json", "run-records.tar"];
        let names = names.map(|name| (name.to_owned(), true));
        assert_eq!(release.assets, names);
        self.sums_hold();
    }

    /// The digests that come with the release are those of its files.
    #[track_caller]
    pub(crate) fn sums_hold(&self) {
        let files: BTreeMap<String, Vec<u8>> = self.github.state(|github| {
            let release = github.releases.all.values().next().unwrap();
            release.assets.values().map(|asset| (asset.name.clone(), asset.bytes.clone())).collect()
        });
        let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
        assert_eq!(sums.lines().count(), files.len() - 1);
        for line in sums.lines() {
            let (digest, name) = line.split_once("  ").unwrap();
            assert_eq!(Digest::of(&files[name]).to_string(), format!("sha256:{digest}"), "{name}");
        }
    }
}
