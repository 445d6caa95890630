//! Holds `docs/tags.md` to the code: what is generated in it is what the code does. `BLESS=1` rewrites it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::path::Path;

use chrono::DateTime;
use serde::Deserialize;
use slipway_image::tags::{
    DEFAULT_RULES, Flavor, Inputs, Provenance, Rule, Source, Tags, defaults, evaluate, may_move,
};

const COMMIT: &str = "860c1904a1ce19322e91ac35af1ab07466440c37";

#[derive(Deserialize)]
struct Difference {
    name: String,
    why: String,
}

fn inputs(reference: &str) -> Inputs {
    let mut inputs = Inputs::new(reference.parse().unwrap(), COMMIT, DateTime::UNIX_EPOCH);
    inputs.default_branch = Some("main".to_owned());
    inputs
}

fn names(tags: &Tags) -> String {
    tags.tags.iter().map(|named| format!("`{}`", named.tag)).collect::<Vec<_>>().join(", ")
}

fn fenced(text: &str) -> String {
    format!("```text\n{}\n```\n", text.trim_end())
}

fn examples() -> String {
    let (rules, flavor) = defaults().unwrap();
    let references = [
        "refs/heads/main",
        "refs/heads/feature/x",
        "refs/pull/7/merge",
        "refs/tags/v1.2.3",
        "refs/tags/v1.3.0-rc.1",
        "refs/heads/gh-readonly-queue/main/pr-7-860c190",
    ];
    let row = |reference: &str| {
        let inputs = inputs(reference);
        let what = match &inputs.source {
            Source::MergeQueue(base) => format!("a merge queue for `{base}`"),
            source => source.to_string(),
        };
        let tags = names(&evaluate(&rules, &flavor, &inputs).unwrap()).replace(COMMIT, "860c1904…");
        format!("| {what} | {tags} |\n")
    };
    format!("| image of | tags |\n|---|---|\n{}", references.map(row).concat())
}

fn safe_names() -> String {
    let rules = Rule::all("type=ref,event=branch").unwrap();
    let long = "team/project/".repeat(10) + "end";
    let row = |branch: &str| {
        let tags = evaluate(&rules, &Flavor::default(), &inputs(&format!("refs/heads/{branch}"))).unwrap();
        format!("| `{branch}` | {} |\n", names(&tags))
    };
    let rows =
        ["feature/x", "dependabot/cargo/serde-1.0.229", "a#b", "a&b", "größe", "#12-fix", &long].map(row);
    format!("| branch | tag |\n|---|---|\n{}", rows.concat())
}

fn errors() -> String {
    let wrong = ["type=semvr,pattern={{version}}", "type=ref,evnt=branch", "type=raw,value={{brnch}}-x"];
    fenced(&wrong.map(|rule| rule.parse::<Rule>().unwrap_err().to_string()).join("\n"))
}

fn refusals() -> String {
    let told = |rule: &str, theirs: &str, ours: &str| {
        let of = |reference: &str| {
            let mut inputs = inputs(reference);
            inputs.commit = format!("commit of {reference}");
            let tags = evaluate(&Rule::all(rule).unwrap(), &Flavor::default(), &inputs).unwrap();
            (Provenance::of_run(&tags, &inputs), tags)
        };
        let ((theirs, _), (ours, tags)) = (of(theirs), of(ours));
        let refusals = tags.tags.iter().filter_map(|named| may_move(named, Some(&theirs), &ours).err());
        let shown: Vec<String> =
            refusals.map(|refusal| format!("{refusal}\n  hint: {}\n", refusal.hint())).collect();
        shown.concat()
    };
    fenced(
        &(told("type=ref,event=branch", "refs/heads/feature/x", "refs/heads/feature-x")
            + &told("type=semver,pattern={{major}}", "refs/tags/v1.10.0", "refs/tags/v1.9.4")),
    )
}

fn differences() -> String {
    let all: Vec<Difference> = serde_json::from_str(include_str!("fixtures/peer-differences.json")).unwrap();
    let rows = all.iter().map(|one| format!("| {} | {} |\n", one.name, one.why.replace('|', "\\|")));
    format!("| here | there |\n|---|---|\n{}", rows.collect::<Vec<_>>().concat())
}

/// Puts text between the two marks of a name.
fn replaced(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->\n"));
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{text}{end}{after}")
}

#[test]
fn what_is_generated_in_the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/tags.md");
    let committed = std::fs::read_to_string(&path).unwrap();
    let parts = BTreeMap::from([
        ("defaults", fenced(DEFAULT_RULES)),
        ("examples", examples()),
        ("errors", errors()),
        ("names", safe_names()),
        ("refusals", refusals()),
        ("differences", differences()),
    ]);
    let page = parts.iter().fold(committed.clone(), |page, (name, text)| replaced(&page, name, text));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
        return;
    }
    assert!(committed == page, "docs/tags.md is not current: run the tests with BLESS=1");
}

#[test]
fn a_page_that_is_not_current_is_found() {
    let page = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n";
    assert_eq!(replaced(page, "x", "new\n"), "a\n<!-- begin x -->\nnew\n<!-- end x -->\nb\n");
}
