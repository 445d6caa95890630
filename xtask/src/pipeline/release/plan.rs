//! Which version comes next, and what has changed since the last one.

use semver::Version;

use crate::kit::failure::Failure;
use crate::kit::text::bytes;
use crate::model::release::{Bump, Change, Last, Released, bump, changes, next};
use crate::model::workspace::Package;
use crate::pipeline::{Session, forge, image};
use crate::report::notes::{MOST_BYTES, Notes, notes};
use crate::tools::{git, git_cliff};

/// The next release.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The commit.
    pub commit: String,
    /// The releases that it follows.
    pub released: Vec<Released>,
    /// The last of them.
    pub last: Last,
    /// What has changed since the last stable one.
    pub changes: Vec<Change>,
    /// What that asks for.
    pub bump: Bump,
    /// The next version; none when nothing asks for one.
    pub next: Option<Version>,
    /// What the manifests say.
    pub manifest: Version,
}

/// What comes next; `pre` is the word of a pre-release, such as `rc`.
///
/// # Errors
/// When the commit, its history or the versions of the packages are not known.
pub fn plan(session: &Session, pre: Option<&str>) -> Result<Planned, Failure> {
    let commit = commit(session)?;
    let released = released(session, &commit)?;
    let last = Last::of(&released);
    let changes = since(session, last.stable.as_ref(), &commit)?;
    let manifest = manifest(session)?;
    if pre.is_some_and(|pre| semver::Prerelease::new(&format!("{pre}.1")).is_err()) {
        let told = format!("`{}` is no word of a pre-release", pre.unwrap_or_default());
        return Err(Failure::usage(told).hint("it has letters, digits and `-`, such as `rc` or `beta`"));
    }
    let next = next(&released, &changes, &manifest, pre);
    Ok(Planned { bump: bump(&changes), commit, released, last, changes, next, manifest })
}

/// The commit that is released: that of the event, else the one that is checked out.
pub(super) fn commit(session: &Session) -> Result<String, Failure> {
    let context = &session.context;
    let commit = context.head_sha.as_ref().or(context.checkout.commit.as_ref());
    let is_commit = |sha: &&String| sha.len() >= 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    commit.filter(is_commit).cloned().ok_or_else(|| {
        Failure::usage("a release is of a commit, and no commit is known here")
            .hint("run it in a git repository with a commit")
    })
}

/// The releases whose commits this one follows.
pub(super) fn released(session: &Session, commit: &str) -> Result<Vec<Released>, Failure> {
    if session.context.checkout.shallow {
        return Err(Failure::usage("the history is cut off, so nobody can say what has changed")
            .hint("give actions/checkout `fetch-depth: 0`, or run `git fetch --unshallow --tags`"));
    }
    let tags = git::tags(&session.supervisor, commit).map_err(unknown)?;
    Ok(Released::all(&tags, &session.settings().release.tag_prefix))
}

/// What has changed since a release.
pub(super) fn since(
    session: &Session,
    last: Option<&Released>,
    commit: &str,
) -> Result<Vec<Change>, Failure> {
    let tag = last.map(|last| last.tag.as_str());
    Ok(changes(&git::commits(&session.supervisor, tag, commit).map_err(unknown)?))
}

pub(super) fn unknown(error: git::HistoryError) -> Failure {
    Failure::environment("the history is not known")
        .because(error)
        .hint("fetch it: `git fetch --tags`; in GitHub Actions give actions/checkout `fetch-depth: 0`")
}

/// The packages that are released.
pub(super) fn packages(session: &Session) -> Result<Vec<&Package>, Failure> {
    let all = &session.workspace.packages;
    let settings = session.settings();
    let named = &settings.release.packages;
    if let Some(stranger) = named.iter().find(|name| all.iter().all(|package| package.name != **name)) {
        return Err(Failure::usage(format!("release.packages: there is no package `{stranger}`")).hint(
            format!(
                "the packages are {}",
                all.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    let targets = image::targets(settings, &session.workspace, &session.context)?;
    let in_images = |package: &&Package| {
        targets.iter().filter_map(|target| target.program).any(|(held, _)| held.name == package.name)
    };
    let is_named = |package: &&Package| named.contains(&package.name);
    let has_program = |package: &&Package| !package.programs.is_empty();
    let ways: [&dyn Fn(&&Package) -> bool; 4] = [&is_named, &in_images, &has_program, &|_| true];
    for is_released in ways {
        let found: Vec<&Package> = all.iter().filter(is_released).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Err(Failure::usage("there is no package to release")
        .hint("name some with release.packages in slipway.toml"))
}

/// The version that their manifests agree on.
pub(super) fn manifest(session: &Session) -> Result<Version, Failure> {
    let packages = packages(session)?;
    let mut versions: Vec<(&str, &str)> =
        packages.iter().map(|package| (package.about.version.as_str(), package.name.as_str())).collect();
    versions.sort_unstable();
    versions.dedup_by_key(|(version, _)| *version);
    match versions.as_slice() {
        [(version, name)] => version.parse().map_err(|error: semver::Error| {
            Failure::usage(format!("the version of {name} cannot be read: {version}")).because(error)
        }),
        several => {
            let told: Vec<String> =
                several.iter().map(|(version, name)| format!("{name} {version}")).collect();
            Err(Failure::usage(format!("packages that are released have different versions: {}", told.join(", ")))
                .hint("give them one version, or name those that are released with release.packages in slipway.toml"))
        }
    }
}

impl Planned {
    /// Its notes, by git-cliff when that is there with a configuration, else our own; and who wrote them.
    ///
    /// # Errors
    /// When git-cliff fails, or writes more than fits into a release.
    pub fn notes(
        &self,
        session: &Session,
        version: &Version,
        images: &[String],
    ) -> Result<(String, &'static str), Failure> {
        let tag = format!("{}{version}", session.settings().release.tag_prefix);
        let before = if version.pre.is_empty() { &self.last.stable } else { &self.last.any };
        let range = before
            .as_ref()
            .map_or_else(|| self.commit.clone(), |last| format!("{}..{}", last.tag, self.commit));
        if let Some(line) = git_cliff::command(&session.supervisor, &range, &tag) {
            let written = git_cliff::notes(&session.supervisor, &line).map_err(|told| {
                Failure::environment(told)
                    .hint("mend its configuration, or take it away: then the notes are our own")
            })?;
            if written.len() > MOST_BYTES {
                let told = format!(
                    "`{line}` writes {}, and notes have at most {}",
                    bytes(written.len() as u64),
                    bytes(MOST_BYTES as u64)
                );
                return Err(
                    Failure::usage(told).hint("let its template leave out what users would not notice")
                );
            }
            return Ok((written, "git-cliff"));
        }
        let home = forge::repository(session).ok().map(|repository| forge::home(session, &repository));
        let changes = since(session, before.as_ref(), &self.commit)?;
        let previous = before.as_ref().map(|last| last.tag.as_str());
        Ok((
            notes(&Notes { home: home.as_deref(), tag: &tag, previous, changes: &changes, images }),
            "slipway",
        ))
    }
}
