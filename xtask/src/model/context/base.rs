//! What a change is compared with, by what happened.

use super::{Context, Event};

/// Something that a change can be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// How git finds it: a commit, a branch, a branch of the remote.
    pub revision: String,
    /// How people call it.
    pub name: String,
    /// The branch of the remote that it is on, when that is known.
    pub branch: Option<String>,
}

impl Base {
    /// A revision by its own name.
    fn named(revision: &str) -> Self {
        let branch = revision.strip_prefix("origin/").filter(|branch| *branch != "HEAD");
        Self {
            revision: revision.to_owned(),
            name: revision.to_owned(),
            branch: branch.map(ToOwned::to_owned),
        }
    }

    /// A commit of a branch of the remote.
    fn commit_of(branch: &str, sha: &str) -> Self {
        let short: String = sha.chars().take(10).collect();
        Self {
            revision: sha.to_owned(),
            name: format!("{branch} at {short}"),
            branch: Some(branch.to_owned()),
        }
    }
}

/// Usual names of the default branch, where nothing says which it is.
const USUAL: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

impl Context {
    /// What the change can be compared with, the best first. `wanted` is what the settings name; empty when they name
    /// nothing.
    ///
    /// A pull request and a merge queue are compared with the commit that they are for, or else with its branch; what
    /// was pushed to the default branch with the commit before it; everything else with the default branch.
    #[must_use]
    pub fn bases(&self, wanted: &str) -> Vec<Base> {
        if !wanted.is_empty() {
            // In a CI checkout a branch is there only as the remote's.
            return vec![Base::named(wanted), Base::named(&format!("origin/{wanted}"))];
        }
        let of_branch = |branch: &str, sha: &str| {
            vec![Base::commit_of(branch, sha), Base::named(&format!("origin/{branch}"))]
        };
        match &self.event {
            Event::PullRequest(request) => {
                let mut bases = of_branch(&request.base_branch, &request.base_sha);
                if request.merge_sha.is_some() && request.merge_sha == self.checkout.commit {
                    // What is checked out is the merge with the newest base, whose other changes are not this one's.
                    let branch = request.base_branch.clone();
                    let base =
                        Base { revision: "HEAD^1".to_owned(), name: branch.clone(), branch: Some(branch) };
                    bases.insert(0, base);
                }
                bases
            }
            Event::MergeGroup { base_branch, base_sha, .. } => of_branch(base_branch, base_sha),
            Event::PushBranch { branch, default_branch: Some(true) } => {
                let name = "the commit before".to_owned();
                vec![Base { revision: "HEAD^".to_owned(), name, branch: Some(branch.clone()) }]
            }
            Event::Local => {
                // Where no branch is called as usual, what is not committed is the change.
                let last =
                    Base { revision: "HEAD".to_owned(), name: "the last commit".to_owned(), branch: None };
                USUAL.map(Base::named).into_iter().chain([last]).collect()
            }
            _ => USUAL.map(Base::named).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::PullRequest;
    use crate::model::context::tests::local;

    fn revisions(event: Event, wanted: &str) -> Vec<String> {
        let context = Context { event, ..local() };
        context.bases(wanted).into_iter().map(|base| base.revision).collect()
    }

    #[test]
    fn a_change_is_compared_with_what_it_is_for() {
        let queue = Event::MergeGroup {
            base_branch: "main".to_owned(),
            base_sha: "c0ffee".to_owned(),
            head_sha: "f00".to_owned(),
            pull_request: None,
        };
        assert_eq!(revisions(queue.clone(), ""), ["c0ffee", "origin/main"]);
        assert_eq!(revisions(queue, "release"), ["release", "origin/release"]);
        let push = |default_branch| Event::PushBranch { branch: "main".to_owned(), default_branch };
        assert_eq!(revisions(push(Some(true)), ""), ["HEAD^"]);
        assert_eq!(revisions(push(Some(false)), "")[0], "origin/HEAD");
        let schedule = Event::Schedule { cron: None, branch: "main".to_owned() };
        assert_eq!(revisions(schedule, ""), USUAL);
        assert_eq!(revisions(Event::Local, ""), [&USUAL[..], &["HEAD"]].concat());
    }

    #[test]
    fn a_merge_that_is_checked_out_is_compared_with_the_base_that_it_is_of() {
        let request = PullRequest {
            number: 7,
            action: "opened".to_owned(),
            head_sha: "f00".to_owned(),
            head_branch: "topic".to_owned(),
            head_repository: None,
            merge_sha: Some("abc".to_owned()),
            base_branch: "main".to_owned(),
            base_sha: "c0ffee".to_owned(),
            fork: false,
        };
        let mut context = Context { event: Event::PullRequest(request), ..local() };
        assert_eq!(context.bases("")[0].revision, "c0ffee");
        context.checkout.commit = Some("abc".to_owned());
        assert_eq!(context.bases("")[0].revision, "HEAD^1");
    }

    #[test]
    fn the_branch_of_the_remote_is_known_by_name() {
        assert_eq!(Base::named("origin/main").branch.as_deref(), Some("main"));
        assert_eq!((Base::named("origin/HEAD").branch, Base::named("v1").branch), (None, None));
        assert_eq!(Base::commit_of("main", "c0ffeec0ffee").name, "main at c0ffeec0ff");
    }
}
