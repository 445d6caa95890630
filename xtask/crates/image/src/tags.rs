//! Which tags and labels an image gets: the language of docker/metadata-action's inputs `tags`, `flavor`, `images` and
//! `labels`, evaluated over plain values. `docs/tags.md` says where this differs from that action, and why.
//!
//! ```
//! use slipway_image::tags::{Flavor, Inputs, Rule, evaluate};
//!
//! let rules = Rule::all("type=semver,pattern={{major}}.{{minor}}\ntype=ref,event=branch")?;
//! let inputs = Inputs::new("refs/tags/v1.2.3".parse()?, "860c1904", chrono::DateTime::UNIX_EPOCH);
//! let tags = evaluate(&rules, &Flavor::default(), &inputs)?;
//! assert_eq!(tags.tags[0].tag.as_str(), "1.2");
//! assert_eq!(tags.tags[0].reason, "from `type=semver,pattern={{major}}.{{minor}}`: the version is `1.2.3`");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod csv;
mod date;
mod document;
mod error;
mod evaluate;
mod flavor;
mod inputs;
mod labels;
mod made;
mod moves;
mod pattern;
mod pep440;
mod release;
mod rule;
mod safe;
mod suggest;
mod template;

pub use document::{Document, Level, LevelError, images};
pub use error::{Problem, TagError};
pub use evaluate::{Follows, Named, Skipped, Tags, evaluate};
pub use flavor::Flavor;
pub use inputs::{Inputs, SHORT, Source, SourceError};
pub use labels::{About, REF, RELEASE, REVISION, VERSION, labels, stamped, written};
pub use moves::{Move, Provenance, Reason, Refusal, may_move};
pub use release::{Release, ReleaseError};
pub use rule::Rule;

/// The rules of a project that has none of its own.
pub const DEFAULT_RULES: &str = "\
type=semver,pattern={{version}}
type=semver,pattern={{major}}.{{minor}}
type=semver,pattern={{major}}
type=ref,event=branch,prefix=branch-
type=ref,event=pr
type=raw,value=latest,enable={{is_default_branch}}
type=sha,format=long
";

/// The flavor of a project that has none of its own: `latest` is what the rules say.
pub const DEFAULT_FLAVOR: &str = "latest=false";

/// The rules and the flavor of a project that has none of its own: `1.2.3`, `1.2` and `1` for version tags,
/// `branch-NAME`, `pr-NUMBER`, `latest` on the default branch, and `sha-COMMIT` always.
///
/// # Errors
/// Never: a test reads them.
pub fn defaults() -> Result<(Vec<Rule>, Flavor), TagError> {
    Ok((Rule::all(DEFAULT_RULES)?, DEFAULT_FLAVOR.parse()?))
}
