//! What an image is called and what it says of itself: the settings' rules over what happened.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use slipway_image::tags::{self, About, Flavor, Inputs, Rule, Source, TagError, Tags};

use super::Target;
use crate::kit::failure::Failure;
use crate::model::context::{Context, Event};
use crate::pipeline::Session;
use crate::tools::git;

/// Branches that are the default one where nobody says which is.
const USUAL: [&str; 2] = ["main", "master"];

/// The names of an image.
#[derive(Clone, Debug)]
pub struct Naming {
    /// Its tags.
    pub tags: Tags,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What both were made from.
    pub inputs: Inputs,
}

/// Rules in place of those of the settings.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Rules for tags, one a text.
    pub tags: Vec<String>,
    /// Rules for all tags.
    pub flavor: Vec<String>,
}

/// The names of an image of the settings, or of any image of the workspace.
///
/// # Errors
/// When a rule of the settings cannot be read, or the commit is not known.
pub fn naming(session: &Session, target: Option<&Target<'_>>, wanted: &Wanted) -> Result<Naming, Failure> {
    let inputs = inputs(session)?;
    let (rules, flavor) = rules(session, target, wanted).map_err(|error| bad(&error))?;
    let tags = tags::evaluate(&rules, &flavor, &inputs).map_err(|error| bad(&error))?;
    let mut labels = tags::labels(&about(session, target), &tags, &inputs);
    let own: Vec<String> = target
        .iter()
        .flat_map(|target| &target.settings.labels)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    labels.extend(tags::written(&own.join("\n"), &inputs).map_err(|error| bad(&error))?);
    Ok(Naming { tags, labels, inputs })
}

fn bad(error: &TagError) -> Failure {
    Failure::usage(error.to_string()).hint("docs/tags.md has the language of rules")
}

fn rules(
    session: &Session,
    target: Option<&Target<'_>>,
    wanted: &Wanted,
) -> Result<(Vec<Rule>, Flavor), TagError> {
    let settings = &session.settings().image;
    let own = target.map(|target| &target.settings.tags);
    let mut all = [Some(&wanted.tags), own, Some(&settings.tags)].into_iter().flatten();
    let first = all.find(|rules| !rules.is_empty());
    let flavor = [&wanted.flavor, &settings.flavor].into_iter().find(|flavor| !flavor.is_empty());
    let (usual, usual_flavor) = tags::defaults()?;
    let rules = match first {
        Some(rules) => Rule::all(&rules.join("\n"))?,
        None => usual,
    };
    let flavor = match (flavor, first) {
        (Some(flavor), _) => flavor.join("\n").parse()?,
        // Somebody's own rules mean what they mean with the peer.
        (None, Some(_)) => Flavor::default(),
        (None, None) => usual_flavor,
    };
    Ok((rules, flavor))
}

/// What rules may look at.
///
/// # Errors
/// When no commit is known, which names every image.
pub fn inputs(session: &Session) -> Result<Inputs, Failure> {
    let context = &session.context;
    let commit = context.head_sha.as_ref().or(context.checkout.commit.as_ref()).ok_or_else(|| {
        Failure::usage("an image is named after its commit, and no commit is known here")
            .hint("run it in a git repository with a commit")
    })?;
    let checkout = context.checkout.commit.as_ref();
    if matches!(context.event, Event::WorkflowRun { .. }) && checkout.is_some_and(|ours| ours != commit) {
        return Err(Failure::usage("what is checked out is not the commit that the other workflow ran on")
            .hint(format!(
                "check out {commit}, or use `cargo xtask cd --sha {commit}`, which builds nothing"
            )));
    }
    let committed =
        git::committed(&session.supervisor, commit).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let epoch = session.request.env.get("SOURCE_DATE_EPOCH").and_then(|text| text.trim().parse().ok());
    let now = epoch.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_else(Utc::now);
    Ok(Inputs {
        scheduled: matches!(context.event, Event::Schedule { .. }),
        base: base(&context.event),
        default_branch: default_branch(session),
        now,
        ..Inputs::new(source(context), commit, committed.unwrap_or(now))
    })
}

/// What an image of this event is of.
fn source(context: &Context) -> Source {
    let branch = |branch: &Option<String>| branch.clone().map_or(Source::Commit, Source::Branch);
    match &context.event {
        Event::Local => branch(&context.checkout.branch),
        Event::PushBranch { branch, .. } | Event::Schedule { branch, .. } => Source::Branch(branch.clone()),
        Event::PushTag { tag } | Event::Release { tag, .. } => Source::Tag(tag.clone()),
        Event::PullRequest(pull_request) => Source::PullRequest(pull_request.number),
        Event::MergeGroup { base_branch, .. } => Source::MergeQueue(base_branch.clone()),
        Event::WorkflowRun { fork: false, triggered_by, head_branch, .. } if triggered_by == "push" => {
            branch(head_branch)
        }
        // The branch of somebody else's repository, or of a pull request, names nothing of ours.
        Event::WorkflowRun { .. } => Source::Commit,
        Event::WorkflowDispatch { git_ref } => git_ref.parse().unwrap_or(Source::Commit),
    }
}

fn base(event: &Event) -> Option<String> {
    match event {
        Event::PullRequest(pull_request) => Some(pull_request.base_branch.clone()),
        Event::MergeGroup { base_branch, .. } => Some(base_branch.clone()),
        _ => None,
    }
}

fn default_branch(session: &Session) -> Option<String> {
    match &session.context.event {
        Event::PushBranch { branch, default_branch: Some(true) } | Event::Schedule { branch, .. } => {
            Some(branch.clone())
        }
        Event::PushBranch { default_branch: Some(false), .. } => None,
        _ => git::default_branch(&session.supervisor).or_else(|| {
            let here = session.context.checkout.branch.as_ref();
            here.filter(|branch| USUAL.contains(&branch.as_str())).cloned()
        }),
    }
}

fn about(session: &Session, target: Option<&Target<'_>>) -> About {
    let known = |text: &String| (!text.is_empty()).then(|| text.clone());
    let package = target.and_then(|target| Some(&target.program?.0.about));
    let server = session.request.env.get("GITHUB_SERVER_URL").map_or("https://github.com", String::as_str);
    let forge = session.context.repository.as_ref().map(|ours| format!("{server}/{ours}"));
    let source = forge.or_else(|| known(&package?.repository));
    let repository = || session.context.repository.as_ref()?.rsplit('/').next().map(ToOwned::to_owned);
    About {
        title: target.map(|target| target.name().to_owned()).or_else(repository),
        description: package.and_then(|package| known(&package.description)),
        url: package.and_then(|package| known(&package.homepage)).or_else(|| source.clone()),
        source,
        licenses: package.and_then(|package| known(&package.license)).map(|license| spdx(&license)),
    }
}

/// Cargo still takes `MIT/Apache-2.0`, which SPDX does not.
fn spdx(license: &str) -> String {
    let parts: Vec<&str> = license.split('/').map(str::trim).collect();
    parts.join(" OR ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::tests::local;

    #[test]
    fn licences_of_the_old_form_become_spdx() {
        assert_eq!(spdx("MIT/Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(spdx("MIT OR Apache-2.0"), "MIT OR Apache-2.0");
    }

    #[test]
    fn the_branch_of_a_fork_names_nothing_of_ours() {
        let run = |fork| Event::WorkflowRun {
            run_id: 1,
            run_attempt: 1,
            conclusion: None,
            triggered_by: "push".to_owned(),
            head_branch: Some("main".to_owned()),
            head_sha: "c0ffee".to_owned(),
            head_repository: None,
            fork,
        };
        let of = |event| source(&Context { event, ..local() });
        assert_eq!(of(run(true)), Source::Commit);
        assert_eq!(of(run(false)), Source::Branch("main".to_owned()));
        assert_eq!(
            of(Event::WorkflowDispatch { git_ref: "refs/tags/v1".to_owned() }),
            Source::Tag("v1".to_owned())
        );
        assert_eq!(of(Event::Local), Source::Commit);
    }
}
