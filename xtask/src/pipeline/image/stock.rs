//! What the steps hand to each other: the images of the settings, what was made of each, and the engine, if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use slipway_image::layout::Image;
use slipway_image::{Digest, Reference, Repository, Tag};

use super::named::Named;
use super::target::of_reference;
use super::trouble::{Done, Trouble, conclude};
use super::{Naming, Target, targets};
use crate::kit::failure::Failure;
use crate::model::image::ImageRecord;
use crate::model::step::Outcome;
use crate::pipeline::Session;
use crate::tools::docker::{Engine, NoEngine, Owner};

/// All that steps know of the images of a run.
pub struct Stock<'a> {
    /// The session.
    pub session: &'a Session,
    /// The images.
    pub targets: Vec<Target<'a>>,
    /// The images that are looked at in place of those of the settings; none of them when those are meant.
    pub named: Named,
    engine: OnceLock<Result<Engine, NoEngine>>,
    built: Mutex<BTreeMap<String, Built>>,
    /// Images that the engine got for this run only.
    borrowed: Mutex<BTreeSet<String>>,
}

/// An image that was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its names; none of an image that somebody else built.
    pub naming: Option<Naming>,
    /// The folder of the layout that it lies in.
    pub layout: PathBuf,
    /// The image, as it lies there.
    pub image: Image,
    /// Where it was pushed to: the repository and the digest.
    pub pushed: Option<(Repository, Digest)>,
    /// What came back from there.
    pub pulled: Option<Pulled>,
}

/// An image that came back from a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// The engine has it, under this name.
    Engine(String),
    /// It lies in the layout of this folder, under its digest.
    Layout(PathBuf),
}

impl<'a> Stock<'a> {
    /// The images of a session.
    ///
    /// # Errors
    /// When the settings name an image that cannot be.
    pub fn new(session: &'a Session, named: Option<Named>) -> Result<Self, Failure> {
        let settings = session.settings();
        let of_reference = |reference| of_reference(settings, &session.context, reference);
        let targets = match &named {
            Some(named) => named.references.iter().map(of_reference).collect::<Result<_, _>>()?,
            None => targets(settings, &session.workspace, &session.context)?,
        };
        Ok(Self {
            session,
            targets,
            named: named.unwrap_or_default(),
            engine: OnceLock::new(),
            built: Mutex::default(),
            borrowed: Mutex::default(),
        })
    }

    /// The reference of an image that somebody named.
    #[must_use]
    pub fn reference(&self, target: &Target<'_>) -> Option<&Reference> {
        let is_of = |reference: &&Reference| target.repository.as_ref() == Some(&reference.repository);
        self.named.references.iter().find(is_of)
    }

    /// The engine; looked for when it is first asked for, and rid of what killed runs left there.
    ///
    /// # Errors
    /// When none answers.
    pub fn engine(&self) -> Result<&Engine, &NoEngine> {
        let find = || {
            let engine = Engine::find(&self.session.supervisor.env)?;
            // What cannot be removed now is told by the run that needs the place.
            let _ = engine.reap();
            Ok(engine)
        };
        self.engine.get_or_init(find).as_ref()
    }

    /// Who containers of this run belong to.
    #[must_use]
    pub fn owner(&self) -> Owner {
        Owner::new(std::process::id().to_string())
    }

    /// Sees to it that the engine forgets an image, and what it was under this name, when the run is over.
    pub fn borrow_image(&self, name: &str) {
        self.borrowed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// A folder of ours below the target directory.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        self.session.workspace.target_directory.join("slipway").join("image").join(name)
    }

    /// The layout of the built images.
    #[must_use]
    pub fn layout(&self) -> PathBuf {
        self.session.reports.join("image")
    }

    /// Keeps what was built.
    pub fn keep(&self, name: &str, built: Built) {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), built);
    }

    /// What was built, as far as it has come.
    #[must_use]
    pub fn built(&self, name: &str) -> Option<Built> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Changes what is known of an image.
    pub fn update(&self, name: &str, change: impl FnOnce(&mut Built)) {
        if let Some(built) = self.built.lock().unwrap_or_else(PoisonError::into_inner).get_mut(name) {
            change(built);
        }
    }

    /// Does something for each image.
    pub fn each(&self, mut work: impl FnMut(&Target<'a>) -> Done) -> Outcome {
        let mut all = Vec::new();
        for target in &self.targets {
            if self.session.supervisor.interrupt.is_raised() {
                all.push(Done::badly(ImageRecord::named(target.name()), Trouble::cancelled()));
                break;
            }
            all.push(work(target));
        }
        conclude(all)
    }

    /// Does something for each image that was built.
    pub fn each_built(&self, mut work: impl FnMut(&Target<'a>, &Built) -> Done) -> Outcome {
        self.each(|target| {
            if let Some(built) = self.built(target.name()) {
                return work(target, &built);
            }
            let record = ImageRecord::named(target.name());
            Done::badly(record, Trouble::inconclusive("the image was not built"))
        })
    }
}

impl Drop for Stock<'_> {
    fn drop(&mut self) {
        let borrowed = std::mem::take(&mut *self.borrowed.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(Ok(engine)) = self.engine.get() {
            for name in borrowed {
                // It may be gone, or somebody else's container may hold it.
                let _ = engine.remove_image(&name);
            }
        }
    }
}

impl Built {
    /// Its tags that name one commit for good, and those that move.
    #[must_use]
    pub fn tags(&self) -> (Vec<Tag>, Vec<Tag>) {
        use slipway_image::tags::Follows;
        let (fixed, moving): (Vec<_>, Vec<_>) = self
            .naming
            .iter()
            .flat_map(|naming| &naming.tags.tags)
            .partition(|named| named.follows == Follows::Commit);
        let tags =
            |named: Vec<&slipway_image::tags::Named>| named.iter().map(|named| named.tag.clone()).collect();
        (tags(fixed), tags(moving))
    }
}
