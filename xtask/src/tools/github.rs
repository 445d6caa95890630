//! GitHub's API: the only place that names octocrab, of which it takes the connection, the token's safe way and nothing else.
//!
//! octocrab repeats writes, waits for rate limits without an end, drops the headers of refusals and asks models of
//! GitHub's for more fields than an Enterprise server sends. So each request goes out once, through the raw verbs of
//! octocrab, and what to do with its answer is decided here: reads are repeated with pauses, a write is looked up
//! before it is repeated, and all of it stays within a budget of requests and one deadline.

mod address;
mod answers;
mod app;
mod artifacts;
mod attestations;
mod call;
mod checks;
mod client;
mod comments;
mod error;
mod limits;
mod login;
mod pulls;
mod refs;
mod releases;
mod scanning;
mod statuses;
mod tokens;
mod why_not;
mod wire;

pub use address::{Address, BadAddress};
pub use app::{App, BadApp, BadKey, Right};
pub use client::{GitHub, Patience};
pub use comments::Reaction;
pub use error::{GitHubError, Kind, Refused, Route};
pub use login::{Identity, Login, LoginError, find};
pub use releases::{Latest, NewAsset, NewRelease};
pub use why_not::WhyNot;
