//! From an untrusted run to a trusted one: the record of a run out of the artifact that it left. What comes was made by whoever
//! proposed the change, so all that is taken of it is one file of one name, of a size that is known before, in the shape
//! that this version writes.

use sha2::{Digest as _, Sha256};

use super::forge::failed;
use crate::kit::failure::Failure;
use crate::kit::text::{bytes, hex};
use crate::model::forge::Artifact;
use crate::model::record::RunRecord;
use crate::report::json;
use crate::tools::archive;
use crate::tools::github::GitHub;

/// The most bytes of a record: ten thousand tests with their output.
pub const LARGEST: u64 = 32 << 20;

/// The most bytes of its archive: text packs to a fifth at least.
const LARGEST_ARCHIVE: usize = 8 << 20;

/// The only file in it.
const FILE: &str = "run.json";

/// The record that a run left under this name. `began` is when its last attempt began, in seconds since 1970: an artifact from
/// before is of a job that was not run again.
///
/// # Errors
/// When there is none or more than one, or it is not what belongs there.
pub fn record(github: &GitHub, run: u64, began: i64, name: &str) -> Result<RunRecord, Failure> {
    find(github, run, began, name)?.ok_or_else(|| missing(run, name))
}

/// The failure that there is none.
#[must_use]
pub fn missing(run: u64, name: &str) -> Failure {
    Refusal::Missing.failure(run, name)
}

/// The same; none when the run left nothing under this name.
///
/// # Errors
/// When there is more than one, or it is not what belongs there.
pub fn find(github: &GitHub, run: u64, began: i64, name: &str) -> Result<Option<RunRecord>, Failure> {
    let all = github.artifacts(run).map_err(|error| failed(&error))?;
    let artifact = match pick(&all, name, began) {
        Ok(artifact) => artifact,
        Err(Refusal::Missing) => return Ok(None),
        Err(refusal) => return Err(refusal.failure(run, name)),
    };
    let refused = |why: String| {
        Failure::usage(format!("the artifact `{name}` of run {run} is refused: {why}"))
            .hint(format!("it has to hold {FILE} and nothing else, as this version of the toolkit writes it"))
    };
    if artifact.size > LARGEST_ARCHIVE as u64 {
        return Err(refused(format!(
            "it has {}, and at most {} are taken",
            bytes(artifact.size),
            bytes(LARGEST_ARCHIVE as u64)
        )));
    }
    let packed = github.download(artifact, LARGEST_ARCHIVE).map_err(|error| failed(&error))?;
    if let Some(digest) = &artifact.digest
        && *digest != format!("sha256:{}", hex(&Sha256::digest(&packed)))
    {
        return Err(Failure::environment(format!(
            "the artifact `{name}` of run {run} did not come as it was stored: its digest is not {digest}"
        ))
        .hint("run it again"));
    }
    let file = archive::only_file(&packed, FILE, LARGEST).map_err(|error| refused(error.to_string()))?;
    let text = String::from_utf8(file).map_err(|_| refused(format!("{FILE} is no text in UTF-8")))?;
    json::read_strictly(&text).map(Some).map_err(|error| refused(format!("{FILE}: {error}")))
}

/// Why none of the artifacts is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Missing,
    Expired,
    Several,
}

impl Refusal {
    fn failure(self, run: u64, name: &str) -> Failure {
        let (why, hint) = self.told();
        Failure::usage(format!("the artifact `{name}` of run {run} {why}")).hint(hint)
    }

    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => (
                "is not there",
                "the run uploads it as its last step, also when it fails; `github.artifact` names it",
            ),
            Self::Expired => ("has expired", "run the workflow again"),
            Self::Several => (
                "is there more than once, and nobody knows which one counts",
                "give the artifacts of each job a name of its own",
            ),
        }
    }
}

/// The artifact of exactly this name: that of the last attempt, else the newest of earlier ones.
fn pick<'a>(all: &'a [Artifact], name: &str, began: i64) -> Result<&'a Artifact, Refusal> {
    let named: Vec<&Artifact> = all.iter().filter(|artifact| artifact.name == name).collect();
    let there: Vec<&Artifact> = named.iter().copied().filter(|artifact| !artifact.is_expired).collect();
    let of_last: Vec<&Artifact> = there.iter().copied().filter(|one| one.created >= began).collect();
    match (of_last.as_slice(), there.iter().max_by_key(|one| (one.created, one.id))) {
        ([one], _) => Ok(one),
        ([_, _, ..], _) => Err(Refusal::Several),
        ([], Some(newest)) => Ok(newest),
        ([], None) if named.is_empty() => Err(Refusal::Missing),
        ([], None) => Err(Refusal::Expired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(id: u64, name: &str, created: i64, is_expired: bool) -> Artifact {
        Artifact { id, name: name.to_owned(), size: 1, digest: None, created, is_expired }
    }

    #[test]
    fn the_artifact_of_the_last_attempt_is_taken() {
        let all = [
            artifact(1, "run-stable", 50, false),
            artifact(2, "run-beta", 120, false),
            artifact(3, "run-stable", 120, false),
            artifact(4, "run-stable2", 130, false),
            artifact(5, "RUN-STABLE", 130, false),
        ];
        assert_eq!(pick(&all, "run-stable", 100).unwrap().id, 3);
        assert_eq!(pick(&all, "run-stable", 200).unwrap().id, 3, "a job that was not run again");
        assert_eq!(pick(&all, "run-stable", 10), Err(Refusal::Several));
        assert_eq!(pick(&all, "run", 100), Err(Refusal::Missing));
    }

    #[test]
    fn what_has_expired_is_not_there_any_more() {
        let all = [artifact(1, "a", 120, true), artifact(2, "b", 120, true), artifact(3, "b", 120, false)];
        assert_eq!(pick(&all, "a", 100), Err(Refusal::Expired));
        assert_eq!(pick(&all, "b", 100).unwrap().id, 3);
    }
}
