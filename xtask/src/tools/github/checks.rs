//! Check runs: a page of a commit with remarks beside the code. GitHub takes fifty remarks at once and adds those of later
//! requests; so how many are there already is asked for, and a page that was cut off is carried on with.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::{self, encode};
use super::client::GitHub;
use super::error::GitHubError;
use super::wire::{Ask, Verb};
use crate::kit::text::shorten;
use crate::model::annotation::Annotation;
use crate::model::forge::CheckRun;
use crate::model::level::Level;

/// The most remarks of one request. Source: GitHub docs, "REST API endpoints for check runs".
const AT_ONCE: usize = 50;

/// More are of no use to anybody, and each fifty are a request.
const MOST: usize = 1_000;

/// The most bytes of a remark, and the most characters of its title. Source: the same.
const MESSAGE: usize = 64 << 10;
const TITLE: usize = 255;

/// The most characters of a page; bytes are never fewer.
const SUMMARY: usize = 65_535;

#[derive(Deserialize)]
struct WiredPage {
    check_runs: Vec<Wired>,
}

#[derive(Clone, Deserialize)]
struct Wired {
    id: u64,
    status: String,
    external_id: Option<String>,
    output: WiredOutput,
}

#[derive(Clone, Deserialize)]
struct WiredOutput {
    annotations_count: usize,
}

impl Wired {
    fn is_done(&self, wanted: usize) -> bool {
        self.status == "completed" && self.output.annotations_count >= wanted
    }
}

impl GitHub {
    /// Makes a check run with all its remarks that have a place, or carries on with one that was begun. Gives how many there
    /// are then; of very many the first thousand.
    ///
    /// # Errors
    /// See [`GitHubError`]; with [`GitHubError::is_read_only`] the token may not.
    pub fn put_check(&self, check: &CheckRun) -> Result<usize, GitHubError> {
        let remarks: Vec<Value> = check.annotations.iter().filter_map(remark).take(MOST).collect();
        let mut run = match self.find_check(check)? {
            Some(run) => run,
            None => self.begin_check(check, &remarks)?,
        };
        while !run.is_done(remarks.len()) {
            run = self.go_on_with_check(check, &remarks, &run)?;
        }
        Ok(remarks.len())
    }

    fn begin_check(&self, check: &CheckRun, remarks: &[Value]) -> Result<Wired, GitHubError> {
        let mut body = part(check, remarks, 0);
        body["name"] = json!(check.name);
        body["head_sha"] = json!(check.head_sha);
        body["external_id"] = json!(check.external_id);
        if let Some(url) = &check.details_url {
            body["details_url"] = json!(url);
        }
        let ask = Ask::new(Verb::Post, self.at("check-runs"), Some(body));
        self.write(&ask, |answer| answers::json(&ask, answer), || self.find_check(check))
    }

    fn go_on_with_check(
        &self,
        check: &CheckRun,
        remarks: &[Value],
        run: &Wired,
    ) -> Result<Wired, GitHubError> {
        let route = self.at(&format!("check-runs/{}", run.id));
        let there = run.output.annotations_count;
        let wanted = (there + AT_ONCE).min(remarks.len());
        let ask = Ask::new(Verb::Patch, route.clone(), Some(part(check, remarks, there)));
        let is_done = |run: &Wired| {
            run.output.annotations_count >= wanted && (wanted < remarks.len() || run.status == "completed")
        };
        let look_up = || Ok(Some(self.one::<Wired>(route.clone())?).filter(is_done));
        let done: Wired = self.write(&ask, |answer| answers::json(&ask, answer), look_up)?;
        // What does not count what it was given would be asked for ever.
        if !is_done(&done) {
            return Err(answers::unexpected(&ask, "it does not keep what it is given".to_owned()));
        }
        Ok(done)
    }

    fn find_check(&self, check: &CheckRun) -> Result<Option<Wired>, GitHubError> {
        let (commit, name) = (encode(&check.head_sha), encode(&check.name));
        let route = format!("commits/{commit}/check-runs?check_name={name}&filter=all&per_page=100");
        let all = self.pages::<WiredPage>(self.at(&route))?.into_iter().flat_map(|page| page.check_runs);
        let is_ours = |run: &Wired| run.external_id.as_ref() == Some(&check.external_id);
        Ok(all.filter(is_ours).max_by_key(|run| run.id))
    }
}

/// The page with the next remarks, and its end when these are the last.
fn part(check: &CheckRun, remarks: &[Value], there: usize) -> Value {
    let next: Vec<&Value> = remarks.iter().skip(there).take(AT_ONCE).collect();
    let mut body = json!({
        "output": {
            "title": shorten(&check.title, TITLE),
            "summary": cut(&check.summary, SUMMARY),
            "annotations": next,
        },
    });
    if there + next.len() >= remarks.len() {
        body["status"] = json!("completed");
        body["conclusion"] = json!(check.conclusion.word());
    } else {
        body["status"] = json!("in_progress");
    }
    body
}

/// None of what has no place: GitHub wants one.
fn remark(annotation: &Annotation) -> Option<Value> {
    let place = annotation.place.as_ref()?;
    let line = place.line.max(1);
    let end = place.end_line.unwrap_or(line).max(line);
    let level = match annotation.level {
        Level::Error => "failure",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let message = cut(&annotation.message, MESSAGE);
    let mut remark = json!({
        "path": place.path, "start_line": line, "end_line": end, "annotation_level": level,
        // An empty one is refused.
        "message": if message.trim().is_empty() { "no message" } else { message },
    });
    if !annotation.title.is_empty() {
        remark["title"] = json!(shorten(&annotation.title, TITLE));
    }
    if let Some((first, behind)) = place.columns.filter(|_| end == line) {
        let first = first.max(1);
        remark["start_column"] = json!(first);
        // GitHub's last column is the one that is still meant.
        remark["end_column"] = json!(behind.map_or(first, |column| column.saturating_sub(1)).max(first));
    }
    Some(remark)
}

/// The beginning of at most so many bytes, between two characters.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::annotation::Place;
    use crate::model::forge::Conclusion;

    fn annotation(line: u32, end_line: Option<u32>, columns: Option<(u32, Option<u32>)>) -> Annotation {
        let place = Some(Place { path: "src/a b.rs".to_owned(), line, end_line, columns });
        Annotation { level: Level::Error, place, title: "t".to_owned(), message: "m".to_owned() }
    }

    #[test]
    fn only_lines_and_columns_that_github_takes_are_sent() {
        let remark = |line, end, columns| remark(&annotation(line, end, columns)).unwrap();
        let one = remark(3, Some(3), Some((5, Some(9))));
        assert_eq!((&one["start_column"], &one["end_column"]), (&json!(5), &json!(8)));
        let odd = remark(0, Some(0), Some((0, Some(0))));
        assert_eq!((&odd["start_line"], &odd["end_line"]), (&json!(1), &json!(1)));
        assert_eq!((&odd["start_column"], &odd["end_column"]), (&json!(1), &json!(1)));
        let several = remark(3, Some(4), Some((5, Some(9))));
        assert!(several.get("start_column").is_none() && several["end_line"] == json!(4));
        assert_eq!(remark(9, Some(2), None)["end_line"], json!(9));
        assert_eq!(super::remark(&Annotation { place: None, ..annotation(1, None, None) }), None);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut long = annotation(1, None, None);
        (long.message, long.title) = ("ä".repeat(MESSAGE), "ö".repeat(999));
        let remark = remark(&long).unwrap();
        assert_eq!(remark["message"].as_str().unwrap().len(), MESSAGE);
        assert_eq!(remark["title"].as_str().unwrap().chars().count(), TITLE);
        assert_eq!((cut("aä", 2), cut("", 2), cut("abc", 3)), ("a", "", "abc"));
        long.message = " \n".to_owned();
        assert_eq!(super::remark(&long).unwrap()["message"], json!("no message"));
    }

    #[test]
    fn the_last_part_ends_the_check() {
        let check = CheckRun {
            name: "slipway".to_owned(),
            head_sha: String::new(),
            external_id: String::new(),
            details_url: None,
            conclusion: Conclusion::Neutral,
            title: String::new(),
            summary: "s".repeat(99_999),
            annotations: Vec::new(),
        };
        let remarks = vec![json!({}); 120];
        let (first, last) = (part(&check, &remarks, 50), part(&check, &remarks, 100));
        assert_eq!((&first["status"], first.get("conclusion")), (&json!("in_progress"), None));
        assert_eq!(first["output"]["annotations"].as_array().unwrap().len(), 50);
        assert_eq!((&last["status"], &last["conclusion"]), (&json!("completed"), &json!("neutral")));
        assert!(last["output"]["summary"].as_str().unwrap().chars().count() <= SUMMARY);
    }
}
