//! Images as the record of a run keeps them: what was built, under which names it went where, and what came back.
//! Sizes are bytes; what a step has not found out is none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An image of a run. Each step adds what it knows: see [`ImageRecord::absorb`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ImageRecord {
    /// Its name in the settings.
    pub name: String,
    /// Where it is kept, without a tag: `ghcr.io/owner/name`; none when it has no home.
    pub repository: Option<String>,
    /// What built it, and why that.
    pub builder: Option<BuilderRecord>,
    /// What it runs on: `linux/amd64`.
    pub platform: Option<String>,
    /// The digest of its manifest: one from push to release; none before it is known.
    pub digest: Option<String>,
    /// The digest of its configuration, which engines call its id.
    pub id: Option<String>,
    /// Its tags, the most telling first.
    pub tags: Vec<TagRecord>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What is in it.
    pub contents: Option<Contents>,
    /// Where it was pushed to.
    pub pushed: Option<Pushed>,
    /// How it came back.
    pub pulled: Option<Pulled>,
    /// Its runs.
    pub smoke: Vec<SmokeRecord>,
    /// What is known of what is in it.
    pub scan: Option<ScanRecord>,
    /// Files about it, relative to the workspace root: layout, archive, SBOMs.
    pub files: Vec<String>,
}

/// What built an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BuilderRecord {
    /// `engine (BuildKit)`, `engine (classic)` or `embedded`.
    pub name: String,
    /// Why this one.
    pub reason: String,
    /// How long the image took, without compiling, in milliseconds; none when the engine compiles inside.
    pub duration_ms: Option<u64>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TagRecord {
    /// The tag, without the repository.
    pub tag: String,
    /// Why it is one.
    pub reason: String,
}

/// What is in an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Contents {
    /// As it is pulled.
    pub size: u64,
    /// As it lies on a disk.
    pub unpacked: u64,
    /// Its layers, the lowest first.
    pub layers: Vec<LayerRecord>,
    /// Of files that a later layer replaces or removes.
    pub wasted: u64,
    /// Who it runs as; empty for root.
    pub user: String,
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// Arguments that may be replaced.
    pub args: Vec<String>,
    /// Ports: `8080/tcp`.
    pub ports: Vec<String>,
    /// How many files there are.
    pub files: u64,
    /// The size of the image that the default branch pushed last; none when there is none or nobody asked.
    pub before: Option<u64>,
}

/// A layer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LayerRecord {
    /// Its digest.
    pub digest: String,
    /// As it is pulled.
    pub size: u64,
    /// Unpacked; none when nobody unpacked it.
    pub unpacked: Option<u64>,
    /// What made it.
    pub made_by: String,
}

/// Where an image was pushed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pushed {
    /// Full references, with tags.
    pub references: Vec<String>,
    /// The digest that the registry says it has.
    pub digest: String,
    /// Blobs that went over the wire.
    pub uploaded: u64,
    /// Blobs that were there already.
    pub skipped: u64,
    /// Bytes that went over the wire; none when the engine pushed.
    pub bytes: Option<u64>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// How an image came back from where it was pushed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pulled {
    /// The reference, with the digest.
    pub reference: String,
    /// The digest of what came.
    pub digest: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// A run of an image. Its assertions are among the tests of the record, as checks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SmokeRecord {
    /// Its name in the settings.
    pub name: String,
    /// What was run.
    pub reference: String,
    /// `engine`, or `process sandbox, no engine`.
    pub runtime: String,
    /// Assertions that held, and all of them.
    pub passed: u64,
    /// All assertions.
    pub total: u64,
    /// Until a service was ready, in milliseconds from its start; none of commands.
    pub ready_ms: Option<u64>,
    /// How it ended: `exit code 0`, `signal 9`, `out of memory`.
    pub end: Option<String>,
    /// The last of what it printed, when something failed.
    pub output: Option<String>,
    /// The last of what it printed, when all held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed: Option<String>,
}

/// What a scanner saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ScanRecord {
    /// `trivy 0.76.0`.
    pub scanner: String,
    /// What it looked at, such as `image`, `Cargo.lock`, `sbom`.
    pub targets: Vec<String>,
    /// Packages that it saw; nothing seen tells nothing.
    pub packages: u64,
    /// When its database was made, RFC 3339; none when it does not tell.
    pub database: Option<String>,
    /// Findings that were waived, with the reason and the end.
    pub waived: Vec<String>,
}

impl ImageRecord {
    /// A record of a name, for a step to fill in.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Takes over what another step has found out about the same image; what is known already stays.
    pub fn absorb(&mut self, other: Self) {
        self.repository = self.repository.take().or(other.repository);
        self.builder = self.builder.take().or(other.builder);
        self.platform = self.platform.take().or(other.platform);
        self.digest = self.digest.take().or(other.digest);
        self.id = self.id.take().or(other.id);
        if self.tags.is_empty() {
            self.tags = other.tags;
        }
        self.labels.extend(other.labels);
        // Whoever looks later knows more.
        self.contents = other.contents.or(self.contents.take());
        match (&mut self.pushed, other.pushed) {
            (Some(pushed), Some(tagged)) => pushed.references.extend(tagged.references),
            (pushed, other) => *pushed = pushed.take().or(other),
        }
        self.pulled = self.pulled.take().or(other.pulled);
        self.smoke.extend(other.smoke);
        self.scan = self.scan.take().or(other.scan);
        self.files.extend(other.files);
    }

    /// Puts images into a list, one record an image.
    pub fn merge(images: &mut Vec<Self>, more: Vec<Self>) {
        for image in more {
            match images.iter_mut().find(|known| known.name == image.name) {
                Some(known) => known.absorb(image),
                None => images.push(image),
            }
        }
    }

    /// What is said of its digest, in the order of the steps: when it was built, pushed, pulled and run.
    pub fn claims(&self) -> impl Iterator<Item = Claim<'_>> {
        let built = self.digest.as_deref().map(|digest| Claim { when: "built", digest });
        let pushed = self.pushed.as_ref().map(|pushed| Claim { when: "pushed", digest: &pushed.digest });
        let pulled = self.pulled.as_ref().map(|pulled| Claim { when: "pulled", digest: &pulled.digest });
        // An image that was never pushed is run by its name or its id, and has no digest to tell.
        let run = self.smoke.iter().filter_map(|run| run.reference.split_once('@'));
        let run = run.map(|(_, digest)| Claim { when: "run", digest });
        [built, pushed, pulled].into_iter().flatten().chain(run).filter(|claim| !claim.digest.is_empty())
    }

    /// The reference by digest: what to pull; none while there is no home or digest.
    #[must_use]
    pub fn pinned(&self) -> Option<String> {
        Some(format!("{}@{}", self.repository.as_ref()?, self.digest.as_ref()?))
    }
}

/// What a step says of the digest of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// `built`, `pushed`, `pulled` or `run`.
    pub when: &'static str,
    /// The digest.
    pub digest: &'a str,
}

/// A digest as people compare it: `sha256:` and the first twelve digits.
#[must_use]
pub fn short_digest(digest: &str) -> String {
    let hex = digest.find(':').map_or(0, |colon| colon + 1);
    digest.char_indices().take_while(|(place, _)| *place < hex + 12).map(|(_, c)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steps_find_out_about_one_image_is_one_record() {
        let built = ImageRecord { digest: Some("sha256:1".into()), ..ImageRecord::named("app") };
        let pushed = ImageRecord { repository: Some("ghcr.io/o/app".into()), ..ImageRecord::named("app") };
        let mut images = vec![built];
        ImageRecord::merge(&mut images, vec![pushed, ImageRecord::named("other")]);
        assert_eq!(images.len(), 2);
        assert_eq!(images[0].pinned().as_deref(), Some("ghcr.io/o/app@sha256:1"));
        assert_eq!(images[1].pinned(), None);
    }

    #[test]
    fn every_step_says_which_digest_it_had() {
        let run = |reference: &str| SmokeRecord { reference: reference.into(), ..SmokeRecord::default() };
        let image = ImageRecord {
            digest: Some("sha256:1".into()),
            pushed: Some(Pushed::default()),
            pulled: Some(Pulled { digest: "sha256:2".into(), ..Pulled::default() }),
            smoke: vec![run("ghcr.io/o/app@sha256:3"), run("app:dev")],
            ..ImageRecord::named("app")
        };
        let claims: Vec<_> = image.claims().map(|claim| (claim.when, claim.digest)).collect();
        assert_eq!(claims, [("built", "sha256:1"), ("pulled", "sha256:2"), ("run", "sha256:3")]);
    }

    #[test]
    fn a_digest_is_shortened_to_twelve_digits() {
        assert_eq!(short_digest(&format!("sha256:{}", "0123456789abcdef".repeat(4))), "sha256:0123456789ab");
        assert_eq!((short_digest("sha256:1").as_str(), short_digest("").as_str()), ("sha256:1", ""));
    }
}
