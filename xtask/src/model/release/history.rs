//! Which of many commits count: what was taken back again before anybody got it is no change.

use std::collections::BTreeSet;

use super::change::Change;
use super::commit::Commit;

/// The changes of these commits, the newest first as git tells them. Merges bring nothing of their own. A commit and the one that
/// takes it back are both left out when both are there; so are a revert and what takes that back. What a merge brought is not known
/// here, so one that takes a merge back is told beside it.
#[must_use]
pub fn changes(commits: &[Commit]) -> Vec<Change> {
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    for (place, commit) in commits.iter().enumerate() {
        let reverted = commit.reverts();
        if gone.contains(commit.sha.as_str()) || reverted.is_empty() {
            continue;
        }
        let older = commits.get(place + 1..).unwrap_or_default();
        let here: Vec<Option<&Commit>> = reverted
            .iter()
            .map(|sha| older.iter().find(|other| other.sha.starts_with(sha.as_str())))
            .collect();
        let is_whole = here.iter().all(|commit| commit.is_some_and(|commit| !commit.is_merge));
        gone.extend(here.into_iter().flatten().map(|commit| commit.sha.as_str()));
        if is_whole {
            gone.insert(&commit.sha);
        }
    }
    let counts = |commit: &&Commit| !commit.is_merge && !gone.contains(commit.sha.as_str());
    commits.iter().filter(counts).map(Commit::change).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Commits by their numbers, the newest first.
    fn commits(messages: &[&str]) -> Vec<Commit> {
        let commit = |(number, message): (usize, &&str)| Commit {
            sha: sha(number),
            message: (*message).to_owned(),
            is_merge: message.starts_with("Merge "),
        };
        messages.iter().enumerate().map(commit).collect()
    }

    fn sha(number: usize) -> String {
        format!("{number:040x}")
    }

    fn texts(messages: &[&str]) -> Vec<String> {
        changes(&commits(messages)).into_iter().map(|change| change.text).collect()
    }

    fn revert(number: usize) -> String {
        format!("Revert \"x\"\n\nThis reverts commit {}.", sha(number))
    }

    #[test]
    fn a_change_and_its_revert_cancel_each_other() {
        assert_eq!(texts(&["fix: b", &revert(2), "feat: a"]), ["b"]);
        // The revert of the revert brings it back.
        assert_eq!(texts(&[&revert(1), &revert(2), "feat: a"]), ["a"]);
    }

    #[test]
    fn what_was_released_before_is_taken_back_aloud() {
        assert_eq!(texts(&[&revert(77), "feat: a"]), ["x", "a"]);
        let partly = format!("revert: some\n\nRefs: {}, {}", sha(1), sha(77));
        assert_eq!(texts(&[&partly, "feat: a"]), ["some"]);
    }

    #[test]
    fn merges_bring_nothing_of_their_own() {
        assert_eq!(texts(&["Merge pull request #1 from ada/x\n\nfeat: a", "feat: a"]), ["a"]);
    }

    #[test]
    fn what_takes_a_merge_back_is_told_and_so_is_what_the_merge_brought() {
        let back = format!(
            "Revert \"Merge pull request #1\"\n\nThis reverts commit {}, reversing\nchanges made to {}.",
            sha(1),
            sha(3)
        );
        let merge = "Merge pull request #1 from ada/x";
        assert_eq!(texts(&[&back, merge, "feat: a", "fix: b"]), ["Merge pull request #1", "a", "b"]);
        // Once more, and all is as if nobody had.
        assert_eq!(texts(&[&revert(1), &back.replace(&sha(1), &sha(2)), merge, "feat: a"]), ["a"]);
    }

    proptest! {
        #[test]
        fn reverts_never_make_more_of_it(targets in proptest::collection::vec(proptest::option::of(0_usize..12), 0..12)) {
            let messages: Vec<String> =
                targets.iter().map(|target| target.map_or_else(|| "fix: a".to_owned(), revert)).collect();
            let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
            prop_assert!(texts(&messages).len() <= messages.len());
        }
    }
}
