//! Rate limits, as GitHub tells them: by headers, or by the text of the answer alone.
//! Source: "Rate limits for the REST API", section "Exceeding the rate limit", of GitHub's documentation.

use std::time::Duration;

use chrono::DateTime;

use super::error::Kind;
use super::wire::Answer;

/// A refusal that says to come back later. The request was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limited {
    pub(super) kind: Kind,
    /// When GitHub says how long.
    pub(super) wait: Option<Duration>,
}

/// Whether an answer is a rate limit.
pub(super) fn limited(answer: &Answer) -> Option<Limited> {
    if !matches!(answer.status, 403 | 429) {
        return None;
    }
    let asked = retry_after(answer);
    if answer.number("x-ratelimit-remaining") == Some(0) {
        return Some(Limited { kind: Kind::Primary, wait: asked.or_else(|| until_reset(answer)) });
    }
    let text = String::from_utf8_lossy(&answer.body).to_lowercase();
    let told = ["secondary rate limit", "abuse detection", "rate limit exceeded"];
    let is_told = told.iter().any(|told| text.contains(told));
    let is_limit = answer.status == 429 || asked.is_some() || is_told;
    is_limit.then_some(Limited { kind: Kind::Secondary, wait: asked })
}

/// `Retry-After`, in seconds or as a date beside the server's own.
pub(super) fn retry_after(answer: &Answer) -> Option<Duration> {
    if let Some(seconds) = answer.number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    let later = DateTime::parse_from_rfc2822(answer.header("retry-after")?).ok()?;
    (later - now(answer)?).to_std().ok()
}

/// A second more than until `x-ratelimit-reset`, by the server's clock: ours does not matter.
fn until_reset(answer: &Answer) -> Option<Duration> {
    let reset = i64::try_from(answer.number("x-ratelimit-reset")?).ok()?;
    let left = reset.saturating_sub(now(answer)?.timestamp()).saturating_add(1);
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// The time of the answer.
pub(super) fn now(answer: &Answer) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc2822(answer.header("date")?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    fn seconds(limited: Option<Limited>) -> Option<(Kind, Option<u64>)> {
        limited.map(|limited| (limited.kind, limited.wait.map(|wait| wait.as_secs())))
    }

    #[test]
    fn each_way_of_saying_it_is_understood() {
        let date = ("date", "Thu, 01 Jan 1970 00:01:00 GMT");
        for (status, headers, body, expected) in [
            (
                403,
                vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "90"), date],
                "",
                (Kind::Primary, Some(31)),
            ),
            (
                429,
                vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5"), date],
                "",
                (Kind::Primary, Some(0)),
            ),
            (
                403,
                vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "soon")],
                "",
                (Kind::Primary, None),
            ),
            (
                403,
                vec![("retry-after", "7"), ("x-ratelimit-remaining", "11")],
                "",
                (Kind::Secondary, Some(7)),
            ),
            (
                429,
                vec![("retry-after", "Thu, 01 Jan 1970 00:01:09 GMT"), date],
                "",
                (Kind::Secondary, Some(9)),
            ),
            (403, vec![], "You have exceeded a Secondary rate limit.", (Kind::Secondary, None)),
            (403, vec![], "You have triggered an abuse detection mechanism.", (Kind::Secondary, None)),
            (429, vec![], "", (Kind::Secondary, None)),
        ] {
            assert_eq!(
                seconds(limited(&answer(status, &headers, body))),
                Some(expected),
                "{headers:?} {body}"
            );
        }
    }

    #[test]
    fn other_refusals_are_none() {
        assert_eq!(limited(&answer(403, &[], "Resource not accessible by integration")), None);
        assert_eq!(limited(&answer(403, &[("x-ratelimit-remaining", "4999")], "")), None);
        assert_eq!(limited(&answer(404, &[("x-ratelimit-remaining", "0")], "")), None);
    }

    proptest! {
        #[test]
        fn any_headers_are_read_without_a_panic(values in proptest::collection::vec("\\PC{0,30}|[0-9]{1,25}", 4), body in any::<Vec<u8>>()) {
            let names = ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"];
            let headers = names.into_iter().map(ToOwned::to_owned).zip(values).collect();
            let _ = limited(&Answer { status: 403, headers, body });
        }
    }
}
