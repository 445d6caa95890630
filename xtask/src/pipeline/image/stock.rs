//! What the steps hand to each other: the images of the settings, what was made of each, and the engine, if there is one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use slipway_image::layout::Image;
use slipway_image::{Digest, Repository, Tag};

use super::trouble::{Done, Trouble, conclude};
use super::{Naming, Target, Wanted};
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
    /// The rules for tags that somebody asked for.
    pub wanted: Wanted,
    engine: OnceLock<Result<Engine, NoEngine>>,
    built: Mutex<BTreeMap<String, Built>>,
}

/// An image that was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its names.
    pub naming: Naming,
    /// The image, as it lies in the layout.
    pub image: Image,
    /// The name under which an engine has it, when one has.
    pub loaded: Option<String>,
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
    pub fn new(session: &'a Session, wanted: Wanted) -> Result<Self, Failure> {
        let targets = super::targets(session.settings(), &session.workspace, &session.context)?;
        Ok(Self { session, targets, wanted, engine: OnceLock::new(), built: Mutex::default() })
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
        self.each(|target| match self.built(target.name()) {
            Some(built) => work(target, &built),
            None => {
                let record = ImageRecord::named(target.name());
                Done::badly(record, Trouble::inconclusive("the image was not built"))
            }
        })
    }
}

impl Built {
    /// Its tags that name one commit for good, and those that move.
    #[must_use]
    pub fn tags(&self) -> (Vec<Tag>, Vec<Tag>) {
        use slipway_image::tags::Follows;
        let (fixed, moving): (Vec<_>, Vec<_>) =
            self.naming.tags.tags.iter().partition(|named| named.follows == Follows::Commit);
        let tags =
            |named: Vec<&slipway_image::tags::Named>| named.iter().map(|named| named.tag.clone()).collect();
        (tags(fixed), tags(moving))
    }
}
