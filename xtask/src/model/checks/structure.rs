//! What has to be true of what is in an image: who it runs as, what it starts, what it has and what it must not have.

use std::collections::BTreeMap;

use super::{Found, Suite, few};
use crate::kit::text::plural;
use crate::model::image::Contents;
use crate::model::test::TestCase;

/// The kind of these checks, and the last word of their suite.
pub const KIND: &str = "structure";

/// What was found in an image, beside its [`Contents`]. What nobody looked for is none, or no key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number of the user, looked up in the image's `/etc/passwd` where the configuration has a name.
    pub uid: Option<u32>,
    /// Files with the setuid or setgid bit, with absolute paths.
    pub setuid: Option<Vec<String>>,
    /// Programs that are shells, with absolute paths.
    pub shells: Option<Vec<String>>,
    /// Variables of its configuration.
    pub env: BTreeMap<String, String>,
    /// The folder that it starts in.
    pub workdir: String,
    /// Absolute paths that were asked for, and whether they are there.
    pub paths: BTreeMap<String, bool>,
}

/// What is required. What is left out is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// It does not run as root.
    pub non_root: bool,
    /// It runs as exactly this user: `1000:1000`.
    pub user: Option<String>,
    /// No file has the setuid or setgid bit.
    pub no_setuid: bool,
    /// There is no shell.
    pub no_shell: bool,
    /// The program and its first arguments; empty for any.
    pub entrypoint: Vec<String>,
    /// Arguments that may be replaced; empty for any.
    pub args: Vec<String>,
    /// Variables that it has, with these values.
    pub env: BTreeMap<String, String>,
    /// Ports that it declares: `8080`, which is `8080/tcp`, or `53/udp`.
    pub ports: Vec<String>,
    /// The folder that it starts in.
    pub workdir: Option<String>,
    /// Paths that it has.
    pub must_have: Vec<String>,
    /// Paths that it has not.
    pub must_not_have: Vec<String>,
}

/// A check for each thing that is required of the image of this name.
#[must_use]
pub fn check(image: &str, contents: &Contents, seen: &Seen, expected: &Expected) -> Vec<TestCase> {
    let mut cases = Cases { suite: Suite::new(image, KIND), cases: Vec::new() };
    cases.extend(user(contents, seen, expected));
    if expected.no_setuid {
        cases.add("no file is setuid or setgid", none_of(contents, seen.setuid.as_deref(), &SETUID));
    }
    if expected.no_shell {
        cases.add("has no shell", none_of(contents, seen.shells.as_deref(), &SHELLS));
    }
    cases.extend(words("entrypoint", &contents.entrypoint, &expected.entrypoint));
    cases.extend(words("args", &contents.args, &expected.args));
    for (name, value) in &expected.env {
        cases.add(format!("has the variable {name}={value}"), variable(seen, name, value));
    }
    for port in &expected.ports {
        let port = with_protocol(port);
        let found = Found::holds_when(contents.ports.iter().any(|has| with_protocol(has) == port), || {
            let has = if contents.ports.is_empty() { "no port".to_owned() } else { few(&contents.ports) };
            format!("it declares {has}; declare it by `ports` in slipway.toml or `EXPOSE {port}`")
        });
        cases.add(format!("declares port {port}"), found);
    }
    if let Some(workdir) = &expected.workdir {
        let found = Found::holds_when(seen.workdir == *workdir, || {
            format!(
                "it starts in {}; set `workdir` in slipway.toml or `WORKDIR {workdir}`",
                or_none(&seen.workdir)
            )
        });
        cases.add(format!("starts in {workdir}"), found);
    }
    for path in &expected.must_have {
        cases.add(format!("{path} exists"), path_is(seen, path, true));
    }
    for path in &expected.must_not_have {
        cases.add(format!("{path} does not exist"), path_is(seen, path, false));
    }
    cases.cases
}

struct Cases {
    suite: Suite,
    cases: Vec<TestCase>,
}

impl Cases {
    fn add(&mut self, name: impl Into<String>, found: Found) {
        self.cases.push(self.suite.check(name, found));
    }

    fn extend(&mut self, case: Option<(String, Found)>) {
        if let Some((name, found)) = case {
            self.add(name, found);
        }
    }
}

const ROOT_REMEDY: &str =
    "set `user` in slipway.toml, or `USER 1000:1000` in the last stage of the Dockerfile";

fn user(contents: &Contents, seen: &Seen, expected: &Expected) -> Option<(String, Found)> {
    let name = match (&expected.user, expected.non_root) {
        (Some(user), true) => format!("runs as {user}, not root"),
        (Some(user), false) => format!("runs as {user}"),
        (None, true) => "does not run as root".to_owned(),
        (None, false) => return None,
    };
    let user = contents.user.trim();
    let uid = user.split(':').next().unwrap_or_default();
    let number = match uid {
        "" | "root" => Some(0),
        uid => uid.parse().ok().or(seen.uid),
    };
    let found = match (&expected.user, number) {
        (Some(wanted), _) if wanted != user => {
            Found::broken(format!("it runs as {}, and not as {wanted}; {ROOT_REMEDY}", or_root(user)))
        }
        (_, Some(0)) if expected.non_root => {
            Found::broken(format!("it runs as {}; {ROOT_REMEDY}", or_root(user)))
        }
        // An engine cannot tell either, which is why Kubernetes refuses names under `runAsNonRoot`.
        (_, None) if expected.non_root => Found::NotLookedAt(format!(
            "whether the user `{uid}` is root is not known; name it by number, as in `USER 1000:1000`"
        )),
        _ => Found::Holds,
    };
    Some((name, found))
}

fn or_root(user: &str) -> String {
    if user.is_empty() { "root, as no user is set".to_owned() } else { user.to_owned() }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "no folder that is set" } else { text }
}

/// What must not be in an image, and how to be rid of it.
struct Unwanted {
    noun: &'static str,
    remedy: &'static str,
}

const SETUID: Unwanted = Unwanted {
    noun: "setuid or setgid file",
    remedy: "take the bits away with `chmod a-s`, or set `image.structure.no-setuid = false`",
};

const SHELLS: Unwanted = Unwanted {
    noun: "shell",
    remedy: "take a base without one, such as `scratch`, or set `image.structure.no-shell = false`",
};

fn none_of(contents: &Contents, places: Option<&[String]>, unwanted: &Unwanted) -> Found {
    match places {
        None => Found::NotLookedAt("nobody looked into its layers".to_owned()),
        // Of nothing, everything is true.
        Some([]) if contents.files == 0 => Found::NotLookedAt("no file of it was seen".to_owned()),
        Some([]) => Found::Holds,
        Some(places) => Found::Broken {
            message: format!("{}: {}; {}", plural(places.len(), unwanted.noun), few(places), unwanted.remedy),
            places: places.to_vec(),
        },
    }
}

fn words(what: &str, has: &[String], expected: &[String]) -> Option<(String, Found)> {
    if expected.is_empty() {
        return None;
    }
    let json = |words: &[String]| serde_json::to_string(words).unwrap_or_default();
    let found = Found::holds_when(has == expected, || {
        let has = if has.is_empty() { "it has none".to_owned() } else { format!("it is {}", json(has)) };
        format!("{has}; set `{what}` in slipway.toml, or the instruction of the Dockerfile")
    });
    let verb = if what == "args" { "are" } else { "is" };
    Some((format!("{what} {verb} {}", json(expected)), found))
}

fn variable(seen: &Seen, name: &str, value: &str) -> Found {
    let remedy = "set it by `env` in slipway.toml, or by ENV in the Dockerfile";
    match seen.env.get(name) {
        None => Found::broken(format!("it has no variable {name}; {remedy}")),
        Some(has) => Found::holds_when(has == value, || format!("{name} is {has:?}; {remedy}")),
    }
}

fn with_protocol(port: &str) -> String {
    if port.contains('/') { port.to_ascii_lowercase() } else { format!("{port}/tcp") }
}

fn path_is(seen: &Seen, path: &str, wanted: bool) -> Found {
    match seen.paths.get(path) {
        None => Found::NotLookedAt("nobody looked for it".to_owned()),
        Some(there) => Found::holds_when(*there == wanted, || {
            let told = if wanted {
                "it is not in the image; copy it there, or take it out of `must-have`"
            } else {
                "it is in the image; leave it out, or take it out of `must-not-have`"
            };
            told.to_owned()
        }),
    }
}

#[cfg(test)]
mod tests;
