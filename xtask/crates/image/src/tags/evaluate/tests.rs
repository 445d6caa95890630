use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::tags::{DEFAULT_RULES, Provenance, defaults, may_move};

const COMMIT: &str = "860c1904a1ce19322e91ac35af1ab07466440c37";

fn inputs(reference: &str) -> Inputs {
    let mut inputs = Inputs::new(reference.parse().unwrap(), COMMIT, DateTime::UNIX_EPOCH);
    inputs.default_branch = Some("main".to_owned());
    inputs
}

fn of(rules: &str, flavor: &str, inputs: &Inputs) -> Tags {
    evaluate(&Rule::all(rules).unwrap(), &flavor.parse().unwrap(), inputs).unwrap()
}

fn names(tags: &Tags) -> Vec<&str> {
    tags.tags.iter().map(|named| named.tag.as_str()).collect()
}

fn by_default(reference: &str) -> Tags {
    let (rules, flavor) = defaults().unwrap();
    evaluate(&rules, &flavor, &inputs(reference)).unwrap()
}

#[test]
fn the_defaults_are_those_of_the_page() {
    let sha = format!("sha-{COMMIT}");
    let sha = sha.as_str();
    for (reference, expected) in [
        ("refs/heads/main", vec!["branch-main", "latest", sha]),
        ("refs/heads/feature/x", vec!["branch-feature-x", sha]),
        ("refs/pull/7/merge", vec!["pr-7", sha]),
        ("refs/tags/v1.2.3", vec!["1.2.3", "1.2", "1", sha]),
        ("refs/tags/v1.2.3-rc.1", vec!["1.2.3-rc.1", sha]),
        ("refs/tags/nightly", vec![sha]),
        ("refs/heads/gh-readonly-queue/main/pr-7-0", vec![sha]),
    ] {
        assert_eq!(names(&by_default(reference)), expected, "{reference}");
    }
}

#[test]
fn every_rule_says_why_it_made_a_tag_or_none() {
    let tags = by_default("refs/heads/main");
    let told: Vec<&str> = tags.tags.iter().map(|named| named.reason.as_str()).collect();
    assert_eq!(
        told,
        [
            "from `type=ref,event=branch,prefix=branch-`: the branch is `main`",
            "from `type=raw,value=latest,enable={{is_default_branch}}`: the text is as it is",
            "from `type=sha,format=long`: the commit is `860c1904a1ce19322e91ac35af1ab07466440c37`",
        ]
    );
    assert_eq!(tags.skipped.len() + tags.tags.len(), DEFAULT_RULES.lines().count());
    assert_eq!(tags.skipped[0].reason, "it is the branch `main`, and no tag");
}

#[test]
fn what_was_done_to_a_name_is_said() {
    let reason = |reference: &str| of("type=ref,event=branch", "", &inputs(reference)).tags[0].reason.clone();
    let long = format!("refs/heads/{}", "x".repeat(200));
    assert!(reason("refs/heads/a/b").ends_with("; letters that no tag has are `-`"));
    assert!(reason("refs/heads/a#b").ends_with("; a hash of the name stands for letters that no tag has"));
    assert!(reason(&long).ends_with("; a hash of the name stands for what is too long"));
}

#[test]
fn what_a_tag_follows_is_known() {
    let rules = "type=ref,event=tag\ntype=semver,pattern={{major}}\ntype=sha\ntype=raw,value=stable\n\
                 type=raw,value=x-{{sha}}\ntype=raw,value=y-{{tag}}\ntype=match,pattern=v(.*),group=1";
    let tags = of(rules, "", &inputs("refs/tags/v1.2.3"));
    let follows: Vec<(&str, Follows)> =
        tags.tags.iter().map(|named| (named.tag.as_str(), named.follows)).collect();
    assert_eq!(
        follows,
        [
            ("1", Follows::Version),
            ("1.2.3", Follows::Version),
            ("v1.2.3", Follows::Reference),
            ("stable", Follows::Settings),
            ("x-860c190", Follows::Commit),
            ("y-v1.2.3", Follows::Reference),
            ("sha-860c190", Follows::Commit),
            ("latest", Follows::Latest),
        ]
    );
    assert_eq!(tags.release.unwrap().to_string(), "1.2.3");
}

#[test]
fn no_tag_is_there_twice() {
    let tags = of("type=raw,latest\ntype=raw,a\ntype=raw,a", "latest=true", &inputs("refs/heads/main"));
    assert_eq!(names(&tags), ["a", "latest"]);
}

#[test]
fn enable_is_true_or_false() {
    let rules = Rule::all("type=raw,a,enable={{branch}}").unwrap();
    let error = evaluate(&rules, &Flavor::default(), &inputs("refs/heads/main")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`type=raw,a,enable={{branch}}`: `enable` is `main`, and takes `true` or `false`"
    );
}

#[test]
fn a_rule_without_a_text_says_so() {
    let skipped = |rule: &str, reference: &str| of(rule, "", &inputs(reference)).skipped[0].reason.clone();
    assert_eq!(
        skipped("type=raw,{{tag}}", "refs/heads/x"),
        "the text is as it is, which is an empty text here"
    );
    assert_eq!(
        skipped("type=raw,#", "refs/heads/x"),
        "the text is as it is, and nothing of that can be in a tag"
    );
    assert_eq!(skipped("type=semver,pattern=x", "refs/tags/y"), "`y` is no Semantic Version, as `1.2.3` is");
    assert_eq!(
        skipped("type=pep440,pattern=x", "refs/tags/y"),
        "`y` is no version of PEP 440, as `1.2.3` is"
    );
    assert_eq!(skipped("type=match,pattern=\\d", "refs/tags/y"), "`\\d` does not match `y`");
    assert_eq!(skipped("type=edge", "refs/heads/x"), "it is the branch `x`, and not the branch `main`");
    assert_eq!(skipped("type=schedule", "refs/heads/x"), "no clock started the run");
}

/// Names as people give them, and names that nobody should.
fn reference() -> impl Strategy<Value = String> {
    "refs/(heads|tags)/(v?[0-9]\\.[0-9]{1,2}\\.[0-9]|[a-c]{1,2}[-/+#.@ ]{1,2}[a-c]{0,2}|\\PC{1,12}|[a/#é]{120,160})"
}

proptest! {
    #[test]
    fn two_references_never_share_a_tag_silently(one in reference(), other in reference()) {
        prop_assume!(one != other);
        let rules = "type=ref,event=branch\ntype=ref,event=tag\ntype=raw,value={{branch}}{{tag}}-x";
        let (one, other) = (inputs(&one), inputs(&other));
        let (first, second) = (of(rules, "latest=false", &one), of(rules, "latest=false", &other));
        let holder = Provenance::of_run(&first, &one);
        for named in &second.tags {
            if first.tags.iter().any(|held| held.tag == named.tag) {
                let ours = Provenance::of_run(&second, &other);
                prop_assert!(may_move(named, Some(&holder), &ours).is_err(), "{}", named.tag);
            }
        }
    }
}
