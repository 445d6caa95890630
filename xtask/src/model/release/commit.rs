//! What one commit says of itself, read as Conventional Commits 1.0.0 (<https://www.conventionalcommits.org/en/v1.0.0/>).

use super::change::{Change, Kind};

/// The footers that tell of a breaking change; the specification wants them in capitals.
const BREAKING: [&str; 2] = ["BREAKING CHANGE", "BREAKING-CHANGE"];

/// A commit, as git has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// All of its digits.
    pub sha: String,
    /// Its message, whole.
    pub message: String,
    /// It joins two histories; what it brings stands in its parents.
    pub is_merge: bool,
}

/// The first line: `type(scope)!: description`.
struct Header<'a> {
    kind: &'a str,
    scope: Option<&'a str>,
    is_breaking: bool,
    description: &'a str,
}

impl Commit {
    /// What it changed. One that does not follow the convention is told by its first line.
    #[must_use]
    pub fn change(&self) -> Change {
        let first = self.message.lines().next().unwrap_or_default().trim();
        let (first, pull_request) = without_number(first);
        let footer = self.breaking().map(|why| if why.is_empty() { title(first).to_owned() } else { why });
        let Some(header) = header(first) else {
            let kind = if self.quoted().is_some() { Kind::Revert } else { Kind::Other };
            let text = self.quoted().unwrap_or(first).to_owned();
            return Change { sha: self.sha.clone(), kind, scope: None, text, breaking: footer, pull_request };
        };
        let kind = Kind::of(header.kind);
        // A word that is no type is a topic, as in `net: close a hole`.
        let scope = match (kind, header.scope) {
            (Kind::Other, Some(scope)) => Some(format!("{}/{scope}", header.kind)),
            (Kind::Other, None) => Some(header.kind.to_owned()),
            (_, scope) => scope.map(ToOwned::to_owned),
        };
        let marked = header.is_breaking.then(|| header.description.to_owned());
        Change {
            sha: self.sha.clone(),
            kind,
            scope,
            text: header.description.to_owned(),
            breaking: footer.or(marked),
            pull_request,
        }
    }

    /// The commits that it takes back, by as many of their digits as it tells; none of one that takes nothing back.
    ///
    /// Git writes `This reverts commit SHA.`; the specification recommends the type `revert` with a footer `Refs: SHA, SHA`.
    #[must_use]
    pub fn reverts(&self) -> Vec<String> {
        let first = self.message.lines().next().unwrap_or_default();
        let is_typed = header(first.trim()).is_some_and(|header| Kind::of(header.kind) == Kind::Revert);
        if !is_typed && self.quoted().is_none() {
            return Vec::new();
        }
        let told = |line: &str| {
            let by_git = line.trim().strip_prefix("This reverts commit ");
            let by_footer = line.strip_prefix("Refs: ").or_else(|| line.strip_prefix("Refs #"));
            by_git.or(by_footer).map(|rest| rest.trim_end_matches('.').to_owned())
        };
        let words: Vec<String> = self.message.lines().skip(1).filter_map(told).collect();
        let words = words.iter().flat_map(|line| line.split([',', ' ']));
        words.filter(|word| is_sha(word)).map(str::to_ascii_lowercase).collect()
    }

    /// The title that git quotes in the first line of a revert.
    fn quoted(&self) -> Option<&str> {
        let (first, _) = without_number(self.message.lines().next().unwrap_or_default().trim());
        first.strip_prefix("Revert \"")?.strip_suffix('"')
    }

    /// What a footer tells of a breaking change. It may stand before the last paragraph, too: forges join the messages of many
    /// commits into one.
    fn breaking(&self) -> Option<String> {
        let mut lines = self.message.lines().skip(1);
        let value = |line: &str| {
            let rest = BREAKING.iter().find_map(|token| line.strip_prefix(token))?;
            // The text may begin on the next line.
            let after_colon = || Some(rest.strip_prefix(':')?.trim()).filter(|text| text.is_empty());
            rest.strip_prefix(": ")
                .or_else(|| rest.strip_prefix(" #"))
                .or_else(after_colon)
                .map(ToOwned::to_owned)
        };
        let first = lines.by_ref().find_map(value)?;
        let more = lines.take_while(|line| !line.trim().is_empty() && !is_footer(line));
        let all = std::iter::once(first.as_str()).chain(more.map(str::trim));
        Some(all.collect::<Vec<_>>().join(" ").trim().to_owned())
    }
}

/// What a first line says, without type and scope.
fn title(first: &str) -> &str {
    header(first).map_or(first, |header| header.description)
}

fn header(line: &str) -> Option<Header<'_>> {
    let (head, description) = line.split_once(": ")?;
    let (head, is_breaking) = head.strip_suffix('!').map_or((head, false), |head| (head, true));
    let (kind, scope) = match head.strip_suffix(')') {
        Some(head) => head.split_once('(').map(|(kind, scope)| (kind, Some(scope)))?,
        None => (head, None),
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_noun = kind.starts_with(|c: char| c.is_ascii_alphabetic()) && kind.chars().all(is_word);
    let is_scope = scope.is_none_or(|scope| !scope.trim().is_empty() && !scope.contains(['(', ')']));
    let description = description.trim();
    (is_noun && is_scope && !description.is_empty()).then_some(Header {
        kind,
        scope: scope.map(str::trim),
        is_breaking,
        description,
    })
}

/// `TOKEN: value` or `TOKEN #value`, the token with `-` for blanks.
fn is_footer(line: &str) -> bool {
    let end = line.find(": ").into_iter().chain(line.find(" #")).min();
    end.and_then(|end| line.get(..end)).is_some_and(|token| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !token.is_empty() && (token.chars().all(is_word) || BREAKING.contains(&token))
    })
}

/// Forges put the number of the pull request behind the title: `fix: a hole (#12)`.
fn without_number(title: &str) -> (&str, Option<u64>) {
    let split = || {
        let (text, number) = title.strip_suffix(')')?.rsplit_once("(#")?;
        Some((text.trim_end(), number.parse().ok()?))
    };
    split().map_or((title, None), |(text, number)| (text, Some(number)))
}

fn is_sha(word: &str) -> bool {
    (7..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(message: &str) -> Change {
        Commit { message: message.to_owned(), ..Commit::default() }.change()
    }

    #[test]
    fn the_examples_of_the_specification_are_understood() {
        let both = change(
            "feat: allow provided config object to extend other configs\n\nBREAKING CHANGE: `extends` key in config file is now used for extending other config files",
        );
        assert_eq!(both.kind, Kind::Feature);
        assert!(both.breaking.unwrap().starts_with("`extends` key"));
        let marked = change("feat(api)!: send an email to the customer when a product is shipped");
        assert_eq!((marked.kind, marked.scope.as_deref()), (Kind::Feature, Some("api")));
        assert_eq!(marked.breaking.as_deref(), Some(marked.text.as_str()));
        let marked = change(
            "chore!: drop support for Node 6\n\nBREAKING CHANGE: use JavaScript features not available in Node 6.",
        );
        assert_eq!(marked.breaking.as_deref(), Some("use JavaScript features not available in Node 6."));
        assert_eq!(change("docs: correct spelling of CHANGELOG").kind, Kind::Documentation);
        let long = "fix: prevent racing of requests\n\nIntroduce a request id and a reference to latest request. Dismiss\n\
                    incoming responses other than from latest request.\n\nReviewed-by: Z\nRefs: #123";
        assert_eq!((change(long).kind, change(long).breaking), (Kind::Fix, None));
    }

    #[test]
    fn a_breaking_change_may_have_several_lines_and_ends_at_the_next_footer() {
        for footer in ["BREAKING CHANGE: one\n  two\nReviewed-by: Z", "BREAKING-CHANGE #one\ntwo\n\nmore"] {
            assert_eq!(change(&format!("fix: a\n\n{footer}")).breaking.as_deref(), Some("one two"));
        }
        for footer in ["BREAKING CHANGE:\none\ntwo", "BREAKING CHANGE: \n  one two\nRefs: #1"] {
            assert_eq!(change(&format!("fix: a\n\n{footer}")).breaking.as_deref(), Some("one two"));
        }
        assert_eq!(
            change("fix: a\n\nBREAKING CHANGE:\n\nmore").breaking.as_deref(),
            Some("a"),
            "it is one all the same"
        );
        assert_eq!(change("fix: a\n\nBREAKING CHANGE:none").breaking, None);
        assert_eq!(change("fix: a\n\nbreaking change: small letters are prose").breaking, None);
        assert_eq!(change("fix: a\n\nno BREAKING CHANGE: inside a line").breaking, None);
    }

    #[test]
    fn titles_of_squashed_pull_requests_have_their_number() {
        let squashed = change("fix(net): a hole (#12)");
        assert_eq!((squashed.text.as_str(), squashed.pull_request), ("a hole", Some(12)));
        assert_eq!(change("fix: see (#x)").pull_request, None);
        assert_eq!(change("a plain title (#7)").text, "a plain title");
    }

    #[test]
    fn what_does_not_follow_the_convention_is_told_as_it_is() {
        for other in [
            "no type",
            "feat:no blank",
            "feat(): empty",
            "feat (a): blank",
            ": x",
            "fix: ",
            "1a: b",
            "a(b: c",
        ] {
            let change = change(other);
            assert_eq!((change.kind, change.text.as_str()), (Kind::Other, other.trim()));
        }
        // A type that nobody knows says no more.
        let topic = change("net(tls): a hole");
        assert_eq!((topic.kind, topic.scope.as_deref()), (Kind::Other, Some("net/tls")));
        assert_eq!(change("net!: a hole").breaking.as_deref(), Some("a hole"));
    }

    #[test]
    fn reverts_name_what_they_take_back() {
        let of = |message: &str| Commit { message: message.to_owned(), ..Commit::default() }.reverts();
        let sha = "676104e0a2158686";
        let by_git = format!("Revert \"feat: a\" (#9)\n\nThis reverts commit {sha}.");
        assert_eq!(of(&by_git), [sha]);
        assert_eq!((change(&by_git).kind, change(&by_git).text), (Kind::Revert, "feat: a".to_owned()));
        assert_eq!(
            of("revert: let us never again speak of the noodle incident\n\nRefs: 676104e, a215868"),
            ["676104e", "a215868"]
        );
        assert_eq!(of(&format!("feat: again\n\nThis reverts commit {sha}.")), [""; 0]);
        assert_eq!(of("revert: a\n\nRefs: #123"), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_message_is_read_and_its_text_is_one_line(message in "\\PC{0,40}(\n{0,2}(BREAKING CHANGE|Refs|revert|feat)?(: | #)?\\PC{0,20}){0,4}") {
            let commit = Commit { message, ..Commit::default() };
            let change = commit.change();
            prop_assert!(!change.text.contains('\n') && !change.breaking.unwrap_or_default().contains('\n'));
            prop_assert!(commit.reverts().iter().all(|sha| is_sha(sha)));
        }

        #[test]
        fn what_was_put_together_is_taken_apart(kind in "feat|fix|docs|ci", scope in "[a-z/ ]{0,5}[a-z]", breaking: bool, text in "[a-z][a-z :!]{0,20}[a-z]") {
            let mark = if breaking { "!" } else { "" };
            let change = change(&format!("{kind}({scope}){mark}: {text}"));
            prop_assert_eq!(change.scope.as_deref(), Some(scope.trim()));
            prop_assert_eq!(&change.text, &text);
            prop_assert_eq!(change.breaking.is_some(), breaking);
        }
    }
}
