//! Git hooks: which there are, what is written into them, and whose a hook is that was found.
//!
//! A hook of ours says so in its second line, together with a digest of all that follows: a hook that somebody changed is
//! no longer ours to replace or to take away.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::kit::text::{hex, shell_word};

/// What is added to the name of a hook that was there before ours, which calls it first.
pub const KEPT: &str = ".before-slipway";

/// The variable by which somebody goes by all hooks; it is no setting.
pub const SKIP: &str = "SLIPWAY_SKIP_HOOKS";

const MARK: &str = "# slipway hook, version 1, sha256 of what follows: ";

/// A moment at which git calls us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Before a commit: the quick linters, on what is staged.
    PreCommit,
    /// Before a push: the tests of the packages that it may break.
    PrePush,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::PreCommit, Self::PrePush];

    /// As git calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a hook starts the toolkit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The workspace's folder below the top of the repository, with `/`; empty for the top itself.
    pub folder: String,
    /// What it starts there.
    pub toolkit: Toolkit,
}

/// The toolkit, as a hook starts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolkit {
    /// `cargo NAME`, where the workspace has that, so that the hook is as new as the source.
    Alias(&'static str),
    /// The executable, absolute.
    Program(String),
}

impl Toolkit {
    /// The words of a shell that start it.
    fn words(&self) -> String {
        match self {
            Self::Alias(name) => format!("cargo {name}"),
            Self::Program(path) => shell_word(path),
        }
    }
}

/// Whose a hook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Written by us, of whatever version, and not changed since.
    Ours,
    /// Written by us, and changed by somebody.
    Changed,
    /// Somebody else's.
    Theirs,
}

/// Whose the hook with this text is.
#[must_use]
pub fn whose(text: &str) -> Whose {
    let Some((mark, rest)) = text.strip_prefix("#!/bin/sh\n").and_then(|text| text.split_once('\n')) else {
        return Whose::Theirs;
    };
    match mark.strip_prefix(MARK) {
        Some(digest) if digest == sum(rest) => Whose::Ours,
        Some(_) => Whose::Changed,
        None => Whose::Theirs,
    }
}

/// The program that wrote a hook and will write it again, by the words that its hooks hold.
#[must_use]
pub fn manager(text: &str) -> Option<&'static str> {
    let known = [
        ("pre-commit.com", "pre-commit"),
        ("lefthook", "lefthook"),
        ("cargo-husky", "cargo-husky"),
        ("husky", "husky"),
        ("overcommit", "overcommit"),
        ("simple-git-hooks", "simple-git-hooks"),
    ];
    known.into_iter().find(|(words, _)| text.contains(words)).map(|(_, name)| name)
}

/// The hook: a script for a POSIX shell, which git brings along where the system has none.
#[must_use]
pub fn script(hook: Hook, call: &Call) -> String {
    let rest = [&about(call), kept(hook), SKIPPED, &entered(call), &started(hook, call)].concat();
    format!("#!/bin/sh\n{MARK}{}\n{rest}", sum(&rest))
}

fn about(call: &Call) -> String {
    // A path may hold a line feed.
    let command = match call.toolkit {
        Toolkit::Alias(name) => format!("`cargo {name} hooks remove`"),
        Toolkit::Program(_) => "`hooks remove`".to_owned(),
    };
    format!(
        "# {command} takes it away. SLIPWAY_SKIP_HOOKS=1 goes by it once, and so does git's own --no-verify.\n"
    )
}

/// What was there before goes first, with the same arguments and the same input; when it refuses, so do we.
fn kept(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => {
            r#"before=$0.before-slipway
if [ -x "$before" ]; then
  "$before" "$@" || exit
fi
"#
        }
        Hook::PrePush => {
            r#"before=$0.before-slipway
pushed=$(cat)
tell() { [ -z "$pushed" ] || printf '%s\n' "$pushed"; }
if [ -x "$before" ]; then
  tell | "$before" "$@" || exit
fi
"#
        }
    }
}

const SKIPPED: &str = "\
case ${SLIPWAY_SKIP_HOOKS:-0} in 0) ;; *) exit 0 ;; esac
";

/// Git starts hooks at the top, and names its own files relative to that.
fn entered(call: &Call) -> String {
    if call.folder.is_empty() {
        return String::new();
    }
    let there = shell_word(&format!("./{}", call.folder));
    format!(
        r#"for name in GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE; do
  eval "value=\${{$name-}}"
  case $value in '' | /* | ?:*) ;; *) eval "$name=\$PWD/\$value; export $name" ;; esac
done
cd {there} 2>/dev/null || exit 0
"#
    )
}

/// Where the toolkit is gone, or was never there on this branch, nobody is kept from working.
fn started(hook: Hook, call: &Call) -> String {
    let program = call.toolkit.words();
    let is_there = match &call.toolkit {
        Toolkit::Program(_) => format!("[ -x {program} ]"),
        Toolkit::Alias(name) => {
            format!("command -v cargo >/dev/null 2>&1 && grep -qs {name} .cargo/config.toml")
        }
    };
    let tell = if hook == Hook::PrePush { "tell | " } else { "" };
    format!(
        r#"if {is_there}; then
  {tell}{program} hooks run {hook} "$@"
else
  echo 'slipway: the toolkit is not here: {hook} checked nothing' >&2
fi
"#
    )
}

fn sum(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(folder: &str, program: &str) -> Call {
        Call { folder: folder.to_owned(), toolkit: Toolkit::Program(program.to_owned()) }
    }

    #[test]
    fn a_hook_of_ours_is_known_until_somebody_changes_it() {
        for hook in Hook::ALL {
            let text = script(hook, &call("a b", "/opt/it's here/xtask"));
            assert_eq!(whose(&text), Whose::Ours);
            assert_eq!(whose(&format!("{text}echo more\n")), Whose::Changed);
            assert_eq!(manager(&text), None);
        }
        let text = script(Hook::PrePush, &Call { folder: String::new(), toolkit: Toolkit::Alias("slipway") });
        assert!(
            text.contains("\n  tell | cargo slipway hooks run pre-push") && !text.contains("cargo xtask")
        );
        assert_eq!(whose("#!/bin/sh\ncargo xtask lint\n"), Whose::Theirs);
        assert_eq!(whose(""), Whose::Theirs);
    }

    #[test]
    fn managers_are_known_by_their_hooks() {
        let pre_commit = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n";
        assert_eq!(manager(pre_commit), Some("pre-commit"));
        assert_eq!(manager("#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n"), Some("lefthook"));
        assert_eq!(manager("#\n# This hook was set by cargo-husky v1.5.0\n"), Some("cargo-husky"));
        assert_eq!(manager("#!/bin/sh\nmake check\n"), None);
    }

    proptest! {
        #[test]
        fn any_text_has_an_owner(text in any::<String>(), more in "\\PC{1,9}") {
            prop_assert_eq!(whose(&text), Whose::Theirs);
            let ours = script(Hook::PrePush, &call(&text, &more));
            prop_assert_eq!(whose(&ours), Whose::Ours);
            prop_assert_eq!(whose(&(ours + &more)), Whose::Changed);
        }
    }
}
