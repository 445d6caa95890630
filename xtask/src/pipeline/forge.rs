//! GitHub, as the verbs meet it: which repository we are in, who we are there, and how what it refuses is told.

use super::Session;
use crate::kit::failure::Failure;
use crate::model::context::Event;
use crate::model::forge::{PullRequest, Repository};
use crate::tools::git;
use crate::tools::github::{self, Address, GitHub, GitHubError, Patience, Right};
use crate::tools::interrupt::Interrupt;

/// The repository that we run in, else that of git's remote: never what a record says.
///
/// # Errors
/// When nobody says which one it is.
pub fn repository(session: &Session) -> Result<Repository, Failure> {
    let named = session.context.repository.as_ref();
    if let Some(name) = named.or_else(|| session.request.env.get("GITHUB_REPOSITORY")) {
        return name.parse().map_err(|error| Failure::usage("the repository is not known").because(error));
    }
    git::origin(&session.supervisor).as_deref().and_then(Repository::of_remote).ok_or_else(|| {
        Failure::usage("nobody says which repository on GitHub this is")
            .hint("export GITHUB_REPOSITORY=OWNER/NAME, or give git a remote `origin`")
    })
}

/// The page of a repository, such as `https://github.com/ada/parcels`.
#[must_use]
pub fn home(session: &Session, repository: &Repository) -> String {
    let server = session.request.env.get("GITHUB_SERVER_URL").filter(|server| !server.is_empty());
    let server = server.map_or("https://github.com", |server| server.trim_end_matches('/'));
    format!("{server}/{repository}")
}

/// A client with the token that is found. Its time begins now.
///
/// # Errors
/// When there is no token, or no address that one could be sent to.
pub fn open(session: &Session, repository: Repository) -> Result<GitHub, Failure> {
    open_for(session, repository, Patience::default(), &[])
}

/// The same with other patience; an App asks for these rights too.
///
/// # Errors
/// When there is no token, or no address that one could be sent to.
pub fn open_for(
    session: &Session,
    repository: Repository,
    patience: Patience,
    rights: &[Right],
) -> Result<GitHub, Failure> {
    open_until(session, repository, (patience, session.request.interrupt.clone()), rights)
}

fn open_until(
    session: &Session,
    repository: Repository,
    (patience, interrupt): (Patience, Interrupt),
    rights: &[Right],
) -> Result<GitHub, Failure> {
    let env = &session.request.env;
    let address = Address::of(env).map_err(|error| {
        Failure::usage(error.to_string()).hint("such as https://api.github.com, or https://HOST/api/v3")
    })?;
    let login = github::find(env, &address, &session.supervisor)
        .map_err(|error| Failure::environment(error.to_string()).hint(error.hint()))?;
    let login = rights.iter().fold(login, |login, right| login.with(*right));
    GitHub::open(&address, Some(&login), repository, patience, interrupt).map_err(|error| failed(&error))
}

/// The same to say how something ended: that is said also after somebody asked for an end, who waits no longer than a moment.
///
/// # Errors
/// When there is no token, or no address that one could be sent to.
pub fn open_last(session: &Session, repository: Repository, rights: &[Right]) -> Result<GitHub, Failure> {
    if session.request.interrupt.is_raised() {
        open_until(session, repository, (Patience::short(), Interrupt::default()), rights)
    } else {
        open_for(session, repository, Patience::default(), rights)
    }
}

/// The failure that ends a verb.
#[must_use]
pub fn failed(error: &GitHubError) -> Failure {
    if *error == GitHubError::Interrupted {
        return Failure::interrupted();
    }
    let failure = Failure::environment(error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The pull request of the event; else those that propose the commit now. `from` is where the commit comes from, as
/// repository and branch, when that is known.
///
/// # Errors
/// See [`GitHubError`].
pub fn proposals(
    session: &Session,
    github: &GitHub,
    sha: &str,
    from: Option<(&str, &str)>,
) -> Result<Vec<PullRequest>, GitHubError> {
    match &session.context.event {
        Event::PullRequest(pull_request) => Ok(vec![github.pull_request(pull_request.number)?]),
        _ => github.proposals(sha, from),
    }
}

/// After another workflow, in one of its own: such a workflow has the rights that somebody gave it.
#[must_use]
pub fn is_after_another(session: &Session) -> bool {
    matches!(session.context.event, Event::WorkflowRun { .. })
}
