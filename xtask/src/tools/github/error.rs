//! Why GitHub did not do what it was asked: which route, what it answered, which right is missing, and what to do.

use std::fmt;
use std::time::Duration;

use super::why_not::WhyNot;
use crate::kit::text::{bytes, duration, plural};

/// A rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The hour's requests are used up.
    Primary,
    /// Too much at once, whatever is left of the hour.
    Secondary,
}

/// A request, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, ….
    pub verb: String,
    /// Below the API's address.
    pub path: String,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.path)
    }
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was asked.
    pub route: Route,
    /// The status.
    pub status: u16,
    /// What GitHub says, in one short line.
    pub message: String,
    /// The rights that would do, as GitHub names them: `issues=write; pull_requests=write`.
    pub needed: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// Somebody's token went along.
    pub with_token: bool,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitHubError {
    /// The client could not be made.
    Unusable(String),
    /// The answer says no.
    Refused(Box<Refused>),
    /// There was no whole answer; whether the request was carried out is not known.
    Broken {
        /// What was asked.
        route: Route,
        /// What happened.
        reason: String,
    },
    /// A rate limit that takes longer than we have.
    Limited {
        /// What was asked.
        route: Route,
        /// Which limit.
        kind: Kind,
        /// How long GitHub wants us to wait.
        wait: Duration,
    },
    /// A rate limit that is over by now. The request was not carried out.
    Again(Route),
    /// The time is up.
    Deadline {
        /// All of it.
        total: Duration,
        /// What was waited for.
        last: Option<String>,
    },
    /// So many requests were made, and no more are allowed.
    Budget(u32),
    /// The answer is longer than anything that belongs there.
    TooLarge {
        /// What was asked.
        route: Route,
        /// In bytes.
        limit: usize,
    },
    /// The answer is not what GitHub documents.
    Unexpected {
        /// What was asked.
        route: Route,
        /// What is wrong with it.
        reason: String,
    },
    /// GitHub gives an App no token.
    App {
        /// Its number or client id.
        app: String,
        /// Why.
        why: WhyNot,
        /// The refusal itself.
        said: String,
    },
    /// Somebody wants an end.
    Interrupted,
}

impl fmt::Display for GitHubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(reason) => write!(f, "GitHub cannot be asked: {reason}"),
            Self::Refused(refused) => {
                let Refused { route, status, message, attempts, .. } = refused.as_ref();
                write!(f, "{route} was answered {status}")?;
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
                if *attempts > 1 { write!(f, " ({attempts} attempts)") } else { Ok(()) }
            }
            Self::Broken { route, reason } => write!(f, "{route} got no answer: {reason}"),
            Self::Limited { route, kind: Kind::Primary, wait } => {
                let wait = duration(*wait);
                write!(
                    f,
                    "{route} was refused: all requests of this hour are used up; there are new ones in {wait}"
                )
            }
            Self::Limited { route, kind: Kind::Secondary, wait } => {
                write!(
                    f,
                    "{route} was refused: GitHub wants fewer requests at once, and a pause of {}",
                    duration(*wait)
                )
            }
            Self::Again(route) => write!(f, "{route} was refused for a rate limit, which is over by now"),
            Self::Deadline { total, last } => {
                write!(f, "GitHub had {} for everything, and they are over", duration(*total))?;
                last.as_ref().map_or(Ok(()), |last| write!(f, "; the last was: {last}"))
            }
            Self::Budget(most) => {
                write!(f, "{} were not enough, and no more are made", plural(*most as usize, "request"))
            }
            Self::TooLarge { route, limit } => {
                write!(f, "{route} was answered with more than {}", bytes(*limit as u64))
            }
            Self::Unexpected { route, reason } => write!(f, "{route} was answered oddly: {reason}"),
            Self::App { app, why, said } => write!(f, "GitHub App {app} cannot log in: {why} ({said})"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for GitHubError {}

impl GitHubError {
    /// The status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        if let Self::Refused(refused) = self { Some(refused.status) } else { None }
    }

    /// What was asked about is not there, or was removed, or must not be seen.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.status(), Some(404 | 410))
    }

    /// The token may read, and may not write: as in runs for forks and for Dependabot. A conversation that is locked, or a repository
    /// that is archived, is refused in other words.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        let Self::Refused(refused) = self else { return false };
        refused.status == 403
            && refused.route.verb != "GET"
            && refused.message.contains("Resource not accessible")
    }

    /// Whether it is not known if the request was carried out, or it was not and may be made again.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Again(_))
            || self.status().is_some_and(|status| status >= 500)
    }

    /// What to do next, when that can be said.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refused) => refused.hint(),
            Self::Broken { .. } | Self::Unusable(_) => {
                Some("look at the network, the proxy and GITHUB_API_URL; https://www.githubstatus.com tells GitHub's own troubles".to_owned())
            }
            Self::Limited { kind: Kind::Primary, .. } => {
                Some("run it again later, or with a token of its own, whose requests are counted apart".to_owned())
            }
            Self::App { why, .. } => Some(why.hint().to_owned()),
            Self::Limited { .. } | Self::Deadline { .. } => Some("run it again later".to_owned()),
            _ => None,
        }
    }
}

impl Refused {
    fn hint(&self) -> Option<String> {
        match self.status {
            401 => Some("the token is wrong or has expired: make a new one".to_owned()),
            403 => Some(match &self.needed {
                Some(needed) => format!(
                    "the token lacks a right. In GitHub Actions, give the job `permissions:` with {}; \
                     for forks and Dependabot GitHub gives none",
                    permissions(needed)
                ),
                None => "the token lacks a right; for forks and Dependabot GitHub gives none to write".to_owned(),
            }),
            404 if self.with_token => {
                Some("it does not exist, or the token must not see it: look at the repository's name and the token's rights".to_owned())
            }
            404 => Some("it does not exist, or needs a token".to_owned()),
            _ => None,
        }
    }
}

/// GitHub's `issues=write; pull_requests=write` as a workflow has it: `issues: write` or `pull-requests: write`.
fn permissions(needed: &str) -> String {
    let one = |right: &str| {
        let all: Vec<String> =
            right.split(',').map(|right| right.trim().replace('_', "-").replacen('=', ": ", 1)).collect();
        format!("`{}`", all.join("` and `"))
    };
    needed.split(';').map(one).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, verb: &str, needed: Option<&str>) -> GitHubError {
        GitHubError::Refused(Box::new(Refused {
            route: Route { verb: verb.to_owned(), path: "/repos/ada/parcels/issues/1/comments".to_owned() },
            status,
            message: "Resource not accessible by integration".to_owned(),
            needed: needed.map(ToOwned::to_owned),
            attempts: 1,
            with_token: true,
        }))
    }

    #[test]
    fn a_missing_right_is_told_as_a_workflow_has_it() {
        let error = refused(403, "POST", Some("issues=write; pull_requests=write,metadata=read"));
        assert_eq!(
            error.to_string(),
            "POST /repos/ada/parcels/issues/1/comments was answered 403: Resource not accessible by integration"
        );
        let hint = error.hint().unwrap();
        assert!(hint.contains("`issues: write` or `pull-requests: write` and `metadata: read`"), "{hint}");
        assert!(error.is_read_only() && !error.is_unsure());
    }

    #[test]
    fn what_is_known_of_a_request_decides() {
        assert!(!refused(403, "GET", None).is_read_only());
        assert!(refused(502, "POST", None).is_unsure() && refused(410, "GET", None).is_gone());
        let route = Route { verb: "GET".to_owned(), path: "/user".to_owned() };
        assert!(GitHubError::Broken { route, reason: String::new() }.is_unsure());
    }
}
