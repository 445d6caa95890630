//! Everything that is known before the first step: workspace, settings, context, and the tools to work with.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::failure::Failure;
use crate::kit::secret::{Redactor, Secret, is_secret_name};
use crate::model::context::{Context, ContextError, Surroundings, decode};
use crate::model::plan::Selection;
use crate::model::workspace::Workspace;
use crate::settings::{self, File, Flag, Loaded, Settings, Sources};
use crate::tools::environment::for_children;
use crate::tools::git::GitState;
use crate::tools::interrupt::Interrupt;
use crate::tools::process::Supervisor;
use crate::tools::variables::Variables;
use crate::tools::{cargo, files, git};

/// The name of the settings file, in the root of the workspace.
pub const SETTINGS_FILE: &str = "slipway.toml";

/// What the command line asks for, whatever the verb.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder to work in.
    pub folder: PathBuf,
    /// The settings file, when it is not the usual one.
    pub config: Option<PathBuf>,
    /// Settings given as flags.
    pub flags: Vec<Flag>,
    /// The steps that are asked for.
    pub selection: Selection,
    /// Show the plan and run nothing.
    pub dry_run: bool,
    /// The process environment.
    pub env: Variables,
    /// Raised when somebody wants an end.
    pub interrupt: Interrupt,
    /// When the process started.
    pub started: Instant,
}

/// What a run is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The workspace.
    #[default]
    Whole,
    /// A copy of what is staged, which goes away after the run; what is found elsewhere than in these files was there
    /// before.
    Staged(BTreeSet<String>),
    /// What is pushed.
    Pushed,
}

/// A prepared run.
pub struct Session {
    /// What was asked for.
    pub request: Request,
    /// The workspace.
    pub workspace: Workspace,
    /// What git says.
    pub git: GitState,
    /// What happened that we run.
    pub context: Context,
    /// The settings and their origins.
    pub loaded: Loaded,
    /// Starts processes.
    pub supervisor: Supervisor,
    /// Where reports go, absolute.
    pub reports: PathBuf,
    /// What it is about.
    pub scope: Scope,
    /// The tracefiles that the repository's own steps have written by now, absolute.
    pub tracefiles: Mutex<Vec<PathBuf>>,
}

impl Session {
    /// Prepares a run.
    ///
    /// # Errors
    /// When the folder, workspace, settings or event cannot be used; nothing has been run then.
    pub fn open(request: Request) -> Result<Self, Failure> {
        if !request.folder.is_dir() {
            return Err(Failure::usage(format!("there is no folder {}", request.folder.display()))
                .hint("name an existing folder with -C DIR"));
        }
        let supervisor = first_supervisor(&request);
        let (workspace, git) = std::thread::scope(|scope| {
            // Mostly the run starts in the root, and then git has answered by the time that cargo has.
            let git = scope.spawn(|| git::look(&supervisor));
            (cargo::workspace(&supervisor), git.join().unwrap_or_default())
        });
        let workspace = workspace?;
        let loaded = load(&request, Some(&workspace.root))?;
        let supervisor = Supervisor {
            root: workspace.root.clone(),
            redactor: redactor(&request.env, &loaded.settings, &workspace.root),
            grace: loaded.settings.run.grace.get(),
            ..supervisor
        };
        let git = if is_same(&request.folder, &workspace.root) { git } else { git::look(&supervisor) };
        if supervisor.interrupt.is_raised() {
            // What was asked for last may have been cut off, and would be told as if it were so.
            return Err(Failure::interrupted());
        }
        let context = context(&request.env, &git)?;
        let reports = workspace.root.join(loaded.settings.reports.folder.as_str());
        let workspace = cargo::with_files(workspace, &git);
        Ok(Self {
            request,
            workspace,
            git,
            context,
            loaded,
            supervisor,
            reports,
            scope: Scope::default(),
            tracefiles: Mutex::default(),
        })
    }

    /// The effective settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.loaded.settings
    }
}

/// The settings for a request, without needing a workspace when `root` is none.
///
/// # Errors
/// When they cannot be read or are wrong.
pub fn load(request: &Request, root: Option<&Path>) -> Result<Loaded, Failure> {
    let usual = root.unwrap_or(&request.folder).join(SETTINGS_FILE);
    let path = request.config.as_deref().unwrap_or(&usual);
    let text = files::read_if_there(path).map_err(|error| {
        Failure::usage(error.to_string()).hint("make it readable, or name another file with --config FILE")
    })?;
    if text.is_none() && request.config.is_some() {
        return Err(Failure::usage(format!("there is no settings file {}", path.display()))
            .hint("name an existing file with --config FILE, or leave the flag out"));
    }
    let shown = path.strip_prefix(root.unwrap_or(&request.folder)).unwrap_or(path).display().to_string();
    let file = text.as_deref().map(|text| File { path: &shown, text });
    settings::load(&Sources { file, env: &request.env, flags: &request.flags })
}

/// The root of the workspace that a folder belongs to.
///
/// # Errors
/// When there is none.
pub fn root_of(request: &Request) -> Result<PathBuf, Failure> {
    cargo::workspace(&first_supervisor(request)).map(|workspace| workspace.root)
}

/// Good enough to ask cargo where we are; the settings are not known yet.
#[must_use]
pub fn first_supervisor(request: &Request) -> Supervisor {
    Supervisor {
        root: request.folder.clone(),
        env: for_children(&request.env, std::env::current_exe().ok().as_deref()),
        redactor: Redactor::default(),
        interrupt: request.interrupt.clone(),
        grace: Duration::from_secs(1),
        running: Arc::default(),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn redactor(env: &Variables, settings: &Settings, root: &Path) -> Redactor {
    let is_named = |name: &str| settings.run.secrets.iter().any(|secret| secret.as_str() == name);
    let steps = settings.steps.iter().map(|step| &step.env);
    let images = settings.images.iter().map(|image| &image.env);
    let runs = settings.smoke.iter().map(|run| &run.env);
    let own = steps.chain(images).chain(runs).flatten().map(|(name, value)| (name.as_str(), value));
    let all = env.iter().map(|(name, value)| (name.as_str(), value)).chain(own);
    let secrets = all.filter(|(name, _)| is_secret_name(name) || is_named(name));
    let of_builds = settings.images.iter().flat_map(|image| image.secrets.values());
    let of_builds = of_builds.filter_map(|from| match from.strip_prefix("env:") {
        Some(name) => env.get(name).cloned(),
        None => files::read(&root.join(from)).ok(),
    });
    Redactor::new(secrets.map(|(_, value)| value.clone()).chain(of_builds).map(Secret::new))
}

fn context(env: &Variables, git: &GitState) -> Result<Context, Failure> {
    let payload = env.get("GITHUB_EVENT_PATH").and_then(|path| files::read(Path::new(path)).ok());
    decode(Surroundings { env, payload: payload.as_deref(), checkout: &git.checkout }).map_err(|error| {
        let hint = match &error {
            ContextError::UnknownEvent(_) => {
                "known are push, pull_request, merge_group, workflow_run, schedule, workflow_dispatch and release"
            }
            ContextError::Refused { .. } => "use another event in the workflow's `on:`; see docs/context.md",
            ContextError::MissingVariable(_)
            | ContextError::MissingPayload(_)
            | ContextError::BadPayload { .. } => {
                "outside GitHub Actions unset GITHUB_ACTIONS; inside, set no GITHUB_ variable by hand"
            }
        };
        Failure::usage(error.to_string()).hint(hint)
    })
}

/// The flags by which every cargo command of a run selects features and packages.
#[must_use]
pub fn cargo_flags(cargo: &crate::settings::Cargo) -> Vec<String> {
    let mut flags = Vec::new();
    if !cargo.features.is_empty() {
        flags.push(format!("--features={}", cargo.features.join(",")));
    }
    let switches = [
        (cargo.all_features, "--all-features"),
        (cargo.no_default_features, "--no-default-features"),
        (cargo.locked, "--locked"),
    ];
    flags.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag.to_owned()));
    flags.extend(cargo.exclude.iter().map(|package| format!("--exclude={package}")));
    flags
}
