//! What all steps of a release know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use semver::Version;
use slipway_image::{Digest, Repository};

use super::plan::{self, Planned};
use crate::console::Look;
use crate::kit::failure::Failure;
use crate::model::context::Event;
use crate::model::forge::ForgeRelease;
use crate::model::release::{Journal, Last, Released, is_wanted, version_of};
use crate::pipeline::image::{self, Release, targets};
use crate::pipeline::{Session, forge};
use crate::tools::files;
use crate::tools::github::{GitHub, Patience};

/// Which release.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its version; none for that of the tag that was pushed, else for that of the manifests.
    pub version: Option<Version>,
    /// Whether the commit must have passed.
    pub status: Status,
    /// It was begun before.
    pub is_resumed: bool,
}

/// Whether the commit must have passed, as its status tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It must.
    Needed,
    /// Somebody said that it need not.
    Waived,
}

/// An image that is released.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Its name in the settings.
    pub(super) name: String,
    /// Where it is kept.
    pub(super) home: Repository,
}

/// What all steps of a release know.
pub struct World<'a> {
    pub(super) session: &'a Session,
    pub(super) look: Look,
    pub(super) github: GitHub,
    pub(super) version: Version,
    pub(super) tag: String,
    pub(super) planned: Planned,
    pub(super) images: Vec<Kept>,
    pub(super) status: Status,
    /// The highest stable version that GitHub shows everybody, as it said last; whether or not this one follows it.
    pub(super) highest: Option<Version>,
    /// The digests of the images, once they are known.
    pub(super) digests: BTreeMap<String, Digest>,
    pub(super) journal: Journal,
    /// Where the journal is kept.
    pub(super) path: PathBuf,
    /// The release, as GitHub said last.
    pub(super) release: Option<ForgeRelease>,
}

/// Below the target directory: journals, and what was proven.
fn folder(session: &Session) -> PathBuf {
    session.workspace.target_directory.join("slipway").join("release")
}

impl<'a> World<'a> {
    /// All that is known before the first step. GitHub and registries are not asked yet.
    ///
    /// # Errors
    /// When the version, the commit, the images or the repository are not known, or this must not be released.
    pub fn open(session: &'a Session, asked: &Asked, look: Look) -> Result<Self, Failure> {
        is_checked_out(session)?;
        let mut planned = plan::plan(session, None)?;
        let version = version(session, asked, &planned)?;
        if !version.build.is_empty() {
            return Err(Failure::usage(format!(
                "{version} has build metadata, which tells no two releases apart"
            ))
            .hint("leave out what stands behind `+`"));
        }
        let tag = format!("{}{version}", session.settings().release.tag_prefix);
        // Its own tag may be there already, and is no release before it.
        planned.released.retain(|one| one.version < version);
        planned.last = Last::of(&planned.released);
        planned.changes = plan::since(session, planned.last.stable.as_ref(), &planned.commit)?;
        let repository = forge::repository(session)?;
        let images = images(session)?;
        let path = folder(session).join(format!("{version}.json"));
        let fresh =
            Journal::new(version.clone(), tag.clone(), planned.commit.clone(), repository.to_string());
        let mut journal = journal(&path, fresh, asked)?;
        // Who resumes a release asks for what was asked for when it was begun.
        let is_waived = asked.is_resumed && journal.is_status_waived;
        let status = if is_waived { Status::Waived } else { asked.status };
        journal.is_status_waived |= status == Status::Waived;
        let github = forge::open_for(session, repository, Patience::long(), &[("contents", true)])?;
        Ok(Self {
            session,
            look,
            github,
            version,
            tag,
            planned,
            images,
            status,
            highest: None,
            digests: BTreeMap::new(),
            journal,
            path,
            release: None,
        })
    }

    /// What tags of images go by.
    pub(super) fn named(&self) -> Release<'_> {
        Release {
            version: &self.version,
            tag: &self.tag,
            commit: &self.planned.commit,
            rules: &self.session.settings().release.tags,
        }
    }

    /// The images with their digests.
    ///
    /// # Errors
    /// When one is not known yet.
    pub(super) fn found(&self) -> Result<Vec<(&Kept, &Digest)>, Failure> {
        let mut found = Vec::new();
        for kept in &self.images {
            let unknown = || Failure::usage(format!("the digest of `{}` is not known yet", kept.name));
            found.push((kept, self.digests.get(&kept.name).ok_or_else(unknown)?));
        }
        Ok(found)
    }

    /// Where what was proven of an image is kept.
    pub(super) fn proof(&self, image: &str) -> PathBuf {
        folder(self.session).join(self.version.to_string()).join(image)
    }

    /// Writes the journal, whole or not at all.
    pub(super) fn write(&self) -> Result<(), Failure> {
        files::write(&self.path, &self.journal.text()).map_err(|error| {
            Failure::environment("the journal of the release cannot be written").because(error)
        })
    }

    /// The release on GitHub, asked anew.
    pub(super) fn ask_release(&mut self) -> Result<Option<&ForgeRelease>, Failure> {
        let all = self.github.releases().map_err(|error| forge::failed(&error))?;
        let prefix = &self.session.settings().release.tag_prefix;
        let shown = all.iter().filter(|release| !release.is_draft && !release.is_prerelease);
        let versions = shown.filter_map(|release| version_of(&release.tag, prefix));
        self.highest = versions.filter(|version| version.pre.is_empty()).max();
        self.release = ForgeRelease::of(&self.tag, all);
        Ok(self.release.as_ref())
    }
}

/// Manifests and files are read where they lie, so what lies there has to be what is released.
fn is_checked_out(session: &Session) -> Result<(), Failure> {
    let context = &session.context;
    match (&context.head_sha, &context.checkout.commit) {
        (Some(head), Some(there)) if head != there => {
            let told = format!("the event is about the commit {head}, and {there} is checked out");
            Err(Failure::usage(told)
                .hint("check out the commit that is released, as actions/checkout does without `ref`"))
        }
        _ => Ok(()),
    }
}

/// The version that was asked for, or that of the tag that was pushed, or that of the manifests, when the changes ask for no more.
fn version(session: &Session, asked: &Asked, planned: &Planned) -> Result<Version, Failure> {
    let prefix = &session.settings().release.tag_prefix;
    let of_event = match &session.context.event {
        Event::PushTag { tag } | Event::Release { tag, .. } if asked.version.is_none() => {
            Some(of_tag(tag, prefix)?)
        }
        _ => None,
    };
    // The release that is made may have its tag already.
    let others = |version: &Version| -> Vec<Released> {
        planned.released.iter().filter(|one| one.version != *version).cloned().collect()
    };
    if let Some(version) = asked.version.clone().or(of_event) {
        return match is_wanted(&version, &others(&version)) {
            Ok(()) => Ok(version),
            Err(told) => Err(Failure::usage(told).hint("release a higher version")),
        };
    }
    let manifest = &planned.manifest;
    let Some(next) = &planned.next else {
        let since = planned.last.stable.as_ref().map_or("the beginning", |last| last.tag.as_str());
        return Err(Failure::usage(format!("nothing to release: no change since {since} asks for it")).hint(
            format!("name the version to release it all the same: `cargo xtask release run {manifest}`"),
        ));
    };
    if next != manifest {
        return Err(Failure::usage(format!("the changes ask for {next}, and Cargo.toml says {manifest}"))
            .hint(format!("set the version to {next}, let CI pass, and run it again"))
            .hint("or name the version that you want: `cargo xtask release run VERSION`"));
    }
    is_wanted(next, &planned.released).map_err(Failure::usage)?;
    Ok(next.clone())
}

/// A tag that names no version, such as one that moves from release to release, asks for no release.
fn of_tag(tag: &str, prefix: &str) -> Result<Version, Failure> {
    version_of(tag, prefix).ok_or_else(|| {
        Failure::usage(format!("the tag `{tag}` names no version, so nobody knows which release is meant"))
            .hint(format!(
                "the tag of a release is `{prefix}1.2.3`: release.tag-prefix, and the whole version"
            ))
            .hint("or name the version: `cargo xtask release run VERSION`")
    })
}

fn images(session: &Session) -> Result<Vec<Kept>, Failure> {
    let targets = targets(session.settings(), &session.workspace, &session.context)?;
    let own = || forge::repository(session).map(|it| it.to_string().to_ascii_lowercase());
    let several = targets.len() > 1;
    let kept = |target: image::Target<'_>| {
        let name = target.name().to_owned();
        if let Some(home) = target.repository {
            return Ok(Kept { name, home });
        }
        // On a machine of one's own the event does not tell the repository, and git does.
        let registry = &session.settings().image.registry;
        let behind = if several { format!("/{}", name.to_ascii_lowercase()) } else { String::new() };
        let home = format!("{registry}/{}{behind}", own()?).parse();
        let home = home.map_err(|error: slipway_image::ReferenceError| {
            Failure::usage(format!("image `{name}`: {error}")).hint("name its `repository` in [[images]]")
        })?;
        Ok(Kept { name, home })
    };
    targets.into_iter().map(kept).collect()
}

/// The journal of this release, or a new one.
fn journal(path: &Path, fresh: Journal, asked: &Asked) -> Result<Journal, Failure> {
    let text = files::read_if_there(path).map_err(|error| Failure::environment(error.to_string()))?;
    let Some(text) = text else {
        if asked.is_resumed {
            return Err(Failure::usage(format!(
                "no release of {} was begun here: there is no {}",
                fresh.version,
                path.display()
            ))
            .hint(format!(
                "`cargo xtask release run {}` does what is missing, wherever it was begun",
                fresh.version
            )));
        }
        return Ok(fresh);
    };
    let usable = Journal::read(&text).and_then(|kept| match kept.is_of(&fresh) {
        Ok(()) => Ok(kept),
        // Nobody has seen anything of that.
        Err(_) if !kept.is_public() => Ok(fresh.clone()),
        Err(error) => Err(error),
    });
    usable.map_err(|error| {
        Failure::usage(format!("{} is of no use here: {error}", path.display()))
            .hint(format!("check out the commit that it was begun for; or remove the file to begin anew: what is done already is found ({})", fresh.commit))
    })
}

/// The versions of the releases that were begun here and are not finished.
///
/// # Errors
/// When a journal cannot be read.
pub fn unfinished(session: &Session) -> Result<Vec<Version>, Failure> {
    let folder = folder(session);
    let mut open = Vec::new();
    let is_journal =
        |name: &String| !name.contains('/') && Path::new(name).extension().is_some_and(|end| end == "json");
    for name in files::walk(&folder, &[]).into_iter().filter(is_journal) {
        let path = folder.join(&name);
        let text = files::read(&path).map_err(|error| Failure::environment(error.to_string()))?;
        let journal = Journal::read(&text).map_err(|error| {
            Failure::usage(format!("{}: {error}", path.display())).hint("remove the file")
        })?;
        if journal.open().is_some() {
            open.push(journal.version);
        }
    }
    open.sort();
    Ok(open)
}
