//! Why a registry said "denied": who asked, what right is missing, and what to do. Registries say hardly ever more than the
//! word; GitHub's least of all, and its rights have four places that can lack one.

use std::fmt;

use super::url::encode;
use crate::reference::Repository;

/// What one may do to a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Read it.
    Pull,
    /// Read and write it.
    Push,
}

/// A right that somebody does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Who asked, in words: a quoted user name, or `a client without credentials`.
    pub who: String,
    /// Whether that is nobody.
    pub is_anonymous: bool,
    /// Whether the registry does not even believe who it is: a wrong or ended password.
    pub is_unknown: bool,
    /// What right.
    pub right: Right,
    /// To which repository.
    pub repository: Repository,
}

const GITHUB: &str = "ghcr.io";

impl Denied {
    /// Where the rights of this repository are set, where that is known.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        let path = self.repository.path();
        match self.repository.registry() {
            GITHUB => {
                let (owner, package) = path.split_once('/')?;
                Some(format!(
                    "https://github.com/users/{owner}/packages/container/{}/settings",
                    encode(package)
                ))
            }
            "docker.io" => Some(format!("https://hub.docker.com/repository/docker/{path}/permissions")),
            _ => None,
        }
    }

    /// What to do, the likeliest first.
    #[must_use]
    pub fn fixes(&self) -> Vec<String> {
        let registry = self.repository.registry();
        let mut fixes = Vec::new();
        if self.is_anonymous {
            fixes.push(format!(
                "give credentials: `docker login {registry}`, or a user name and a password or token"
            ));
        } else if self.is_unknown {
            fixes.push(format!("the password or token may be wrong or expired: log in to {registry} again"));
        }
        match registry {
            GITHUB => self.fixes_on_github(&mut fixes),
            _ => fixes.extend(self.link().map(|link| format!("look at the rights: {link}"))),
        }
        if fixes.is_empty() {
            fixes.push(format!(
                "ask whoever runs {registry} for the right to {} {}",
                self.right,
                self.repository.path()
            ));
        }
        fixes
    }

    /// Sources: <https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry>,
    /// <https://docs.github.com/en/packages/learn-github-packages/configuring-a-packages-access-control-and-visibility>.
    fn fixes_on_github(&self, fixes: &mut Vec<String>) {
        let (word, role) = if self.right == Right::Push { ("write", "Write") } else { ("read", "Read") };
        fixes.push(format!(
            "in GitHub Actions, the job needs `permissions: packages: {word}`; pull requests from forks never get to write"
        ));
        if let Some(link) = self.link() {
            let organisation = link.replacen("/users/", "/orgs/", 1);
            fixes.push(format!(
                "a package that was first pushed by hand is not linked to the repository: on its page, under \"Manage Actions \
                 access\", add the repository with the role {role}: {link} (of an organisation: {organisation})"
            ));
        }
        fixes.push(format!(
            "elsewhere, use a classic personal access token with `{word}:packages`, which fine-grained tokens do not have: \
             https://github.com/settings/tokens/new?scopes={word}:packages"
        ));
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pull => "pull",
            Self::Push => "push",
        })
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.right == Right::Push { "to" } else { "from" };
        write!(f, "{} may not {} {way} {}", self.who, self.right, self.repository)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(repository: &str, right: Right) -> Denied {
        Denied {
            who: "`alice`".to_owned(),
            is_anonymous: false,
            is_unknown: false,
            right,
            repository: repository.parse().unwrap(),
        }
    }

    #[test]
    fn github_is_told_with_its_links() {
        let denied = denied("ghcr.io/owner/team/app", Right::Push);
        assert_eq!(denied.to_string(), "`alice` may not push to ghcr.io/owner/team/app");
        let link = "https://github.com/users/owner/packages/container/team%2Fapp/settings";
        assert_eq!(denied.link().as_deref(), Some(link));
        let fixes = denied.fixes().join("\n");
        for part in
            ["packages: write", link, "/orgs/owner/packages/", "write:packages", "role Write", "forks"]
        {
            assert!(fixes.contains(part), "{part}: {fixes}");
        }
    }

    #[test]
    fn reading_needs_less_than_writing() {
        let fixes = denied("ghcr.io/owner/app", Right::Pull).fixes().join("\n");
        assert!(fixes.contains("packages: read") && !fixes.contains("packages: write"), "{fixes}");
    }

    #[test]
    fn nobody_is_told_to_log_in_first() {
        let nobody = Denied { is_anonymous: true, ..denied("registry.example/a", Right::Pull) };
        assert!(nobody.fixes()[0].contains("docker login registry.example"));
        let wrong = Denied { is_unknown: true, ..denied("registry.example/a", Right::Pull) };
        assert!(wrong.fixes()[0].contains("wrong or expired"));
        assert!(denied("registry.example/a", Right::Push).fixes()[0].contains("ask whoever runs"));
        assert!(denied("owner/a", Right::Push).fixes()[0].contains("hub.docker.com"));
    }
}
