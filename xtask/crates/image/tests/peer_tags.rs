//! Our tags against docker/metadata-action's: what its built program put out for the inputs of
//! `fixtures/peer-tags.json`, run with a fixed clock and a repository that a local server told it of. Where ours differ
//! on purpose, `fixtures/peer-differences.json` says from what, to what and why; any other difference fails.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read fails its test")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use slipway_image::Reference;
use slipway_image::tags::{
    About, Document, Flavor, Inputs, Level, REF, RELEASE, Rule, Source, evaluate, images, labels, written,
};

#[derive(Deserialize)]
struct Fixture {
    now: String,
    committed: String,
    default_branch: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    event: String,
    #[serde(rename = "ref")]
    reference: String,
    commit: String,
    /// The head of a pull request.
    head: Option<String>,
    /// What a run follows that another run started.
    follows: Option<Followed>,
    base: Option<String>,
    #[serde(default)]
    images: String,
    tags: String,
    #[serde(default)]
    flavor: String,
    #[serde(default)]
    labels: String,
    #[serde(default)]
    annotations: String,
    levels: Option<String>,
    short: Option<usize>,
    peer: Peer,
}

#[derive(Deserialize)]
struct Followed {
    #[serde(rename = "ref")]
    reference: String,
    commit: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Peer {
    Error {
        error: String,
    },
    Output {
        version: String,
        tags: Vec<String>,
        labels: Option<BTreeMap<String, String>>,
        annotations: Option<Vec<String>>,
    },
}

/// Something that is other than the peer's on purpose.
#[derive(Deserialize)]
struct Difference {
    /// A few words, which the page has too.
    name: String,
    /// Why ours is right.
    why: String,
    /// What ours are, by the name of the case: tags, or the message behind `error: `.
    cases: BTreeMap<String, String>,
}

/// The rules that the peer has when there are none.
const NO_RULES: &str = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr";

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("fixtures/peer-tags.json")).unwrap()
}

fn differences() -> Vec<Difference> {
    serde_json::from_str(include_str!("fixtures/peer-differences.json")).unwrap()
}

impl Case {
    fn inputs(&self, fixture: &Fixture) -> Inputs {
        let (reference, commit) = match &self.follows {
            Some(followed) => (&followed.reference, &followed.commit),
            None => (&self.reference, self.head.as_ref().unwrap_or(&self.commit)),
        };
        let source: Source = reference.parse().unwrap();
        let mut inputs = Inputs::new(source, commit, fixture.committed.parse().unwrap());
        inputs.scheduled = self.event == "schedule";
        inputs.base.clone_from(&self.base);
        inputs.default_branch = Some(fixture.default_branch.clone());
        inputs.now = fixture.now.parse().unwrap();
        inputs.short = self.short.unwrap_or(inputs.short);
        inputs
    }

    fn document(&self, fixture: &Fixture) -> Result<Document, String> {
        let told = |error: slipway_image::tags::TagError| error.to_string();
        let inputs = self.inputs(fixture);
        let rules = if self.tags.is_empty() { NO_RULES } else { &self.tags };
        let rules = Rule::all(rules).map_err(told)?;
        let flavor: Flavor = self.flavor.parse().map_err(told)?;
        let tags = evaluate(&rules, &flavor, &inputs).map_err(told)?;
        let own = labels(&about(), &tags, &inputs);
        let with = |text: &str| -> Result<BTreeMap<String, String>, String> {
            let mut all = own.clone();
            all.extend(written(text, &inputs).map_err(told)?);
            Ok(all)
        };
        let levels = Level::all(self.levels.as_deref().unwrap_or("manifest")).unwrap();
        let annotations = with(&self.annotations)?;
        let repositories = images(&self.images).map_err(told)?;
        Ok(Document::new(&tags, &repositories, with(&self.labels)?, (&levels, &annotations)))
    }
}

fn about() -> About {
    let url = Some("https://github.com/acme/app".to_owned());
    About {
        title: Some("app".to_owned()),
        description: Some("An app of \"tests\" = many".to_owned()),
        url: url.clone(),
        source: url,
        licenses: Some("MIT".to_owned()),
    }
}

/// Names as they are in full: the peer leaves `docker.io` and `library` away. Some of its tags are none.
fn full(name: &str) -> String {
    let reference = name.parse::<Reference>().ok().filter(|_| name.contains('/'));
    reference.map_or_else(|| name.to_owned(), |reference| reference.to_string())
}

/// In one line, to compare and to read.
fn ours(document: &Result<Document, String>) -> String {
    match document {
        Ok(document) => document.tags.join(" "),
        Err(error) => format!("error: {error}"),
    }
}

impl Peer {
    fn line(&self) -> String {
        match self {
            Self::Error { error } => format!("error: {error}"),
            Self::Output { tags, .. } => tags.iter().map(|tag| full(tag)).collect::<Vec<_>>().join(" "),
        }
    }

    fn agrees(&self, document: &Result<Document, String>) -> bool {
        match (self, document) {
            // The words are ours.
            (Self::Error { .. }, Err(_)) => true,
            (Self::Output { version, tags, .. }, Ok(document)) => {
                let first = document.version.as_ref().map(ToString::to_string).unwrap_or_default();
                let full: Vec<String> = tags.iter().map(|tag| full(tag)).collect();
                first == *version && document.tags == full
            }
            _ => false,
        }
    }
}

#[test]
fn tags_are_the_peers_but_for_what_is_said() {
    let (fixture, differences) = (fixture(), differences());
    let mut intended: BTreeMap<&str, &str> = BTreeMap::new();
    for difference in &differences {
        assert!(!difference.why.is_empty() && !difference.cases.is_empty(), "{}", difference.name);
        for (case, ours) in &difference.cases {
            assert_eq!(intended.insert(case, ours), None, "{case} is there twice");
        }
    }
    let mut wrong = Vec::new();
    for case in &fixture.cases {
        let document = case.document(&fixture);
        let ours = ours(&document);
        match intended.remove(case.name.as_str()) {
            Some(_) if case.peer.agrees(&document) => wrong.push(format!("{}: no difference", case.name)),
            Some(said) if said == ours => {}
            None if case.peer.agrees(&document) => {}
            _ => wrong.push(format!("{}\n  peer {}\n  ours {ours}", case.name, case.peer.line())),
        }
    }
    wrong.extend(intended.keys().map(|name| format!("{name}: there is no such case")));
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), fixture.cases.len(), wrong.join("\n"));
}

#[test]
fn the_fixture_is_large_and_its_cases_have_names() {
    let fixture = fixture();
    let names: BTreeSet<&str> = fixture.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), fixture.cases.len());
    assert!(names.len() >= 450, "{}", names.len());
}

#[test]
fn labels_and_annotations_are_the_peers_and_ours() {
    let fixture = fixture();
    let mut seen = 0;
    for case in &fixture.cases {
        let Peer::Output { labels: Some(labels), annotations: Some(annotations), .. } = &case.peer else {
            continue;
        };
        // A label without a value is left out there, and an error here.
        let Ok(document) = case.document(&fixture) else { continue };
        let created = |name: &str| name.ends_with("org.opencontainers.image.created");
        let own = |name: &str| [REF, RELEASE].iter().any(|own| name.ends_with(own));
        let pairs = |pairs: &BTreeMap<String, String>| -> Vec<String> {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        let kept = |list: Vec<String>| -> BTreeSet<String> {
            let name = |line: &str| line.split_once('=').unwrap().0.to_owned();
            list.into_iter().filter(|line| !created(&name(line)) && !own(&name(line))).collect()
        };
        assert_eq!(kept(pairs(&document.labels)), kept(pairs(labels)), "{}", case.name);
        assert_eq!(kept(document.annotations.clone()), kept(annotations.clone()), "{}", case.name);
        assert_eq!(document.labels["org.opencontainers.image.created"], fixture.committed);
        seen += 1;
    }
    assert_eq!(seen, 3);
}
