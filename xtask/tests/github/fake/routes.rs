//! From a request to an answer: GitHub's own examples, with what the state says put into them.

use serde_json::{Value, json};

use super::state::{Comment, Pull, State, Status, User};
use super::{Answered, Asked, REPOSITORY};
use crate::openapi::Found;

/// Where things are.
pub(crate) struct Place<'a> {
    pub(crate) api: String,
    pub(crate) blobs: &'a str,
}

/// Longer comments are refused.
const LONGEST: usize = 65_536;

/// `is_half`: of the request's body only a part has come.
pub(crate) fn answer(
    state: &mut State,
    place: &Place<'_>,
    found: &Found,
    asked: &Asked,
    is_half: bool,
) -> Answered {
    if let Some(answered) = super::apps::answer(state, found, asked) {
        return answered;
    }
    let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let user = token.map(|token| state.users.get(token).cloned());
    let Some(user) = user.unwrap_or(Some(User { login: "", is_app: false, may_write: false })) else {
        return Answered::refusal(401, "Bad credentials");
    };
    if asked.method != "GET" && !user.may_write {
        let rights = "issues=write; pull_requests=write";
        return Answered::refusal(403, "Resource not accessible by integration")
            .with("x-accepted-github-permissions", rights);
    }
    let is_ours = found.values.iter().all(|(name, value)| match name.as_str() {
        "owner" => value == "ada",
        "repo" => value == "parcels",
        _ => true,
    });
    if !is_ours {
        return Answered::refusal(404, "Not Found");
    }
    let mut request = Request { state, place, found, asked, user };
    if is_half {
        super::releases::half(&mut request);
        return Answered::default();
    }
    let answered = request.answer().unwrap_or_else(|| Answered::refusal(404, "Not Found"));
    answered.with("x-ratelimit-remaining", "4999")
}

pub(super) struct Request<'a> {
    pub(super) state: &'a mut State,
    pub(super) place: &'a Place<'a>,
    pub(super) found: &'a Found,
    pub(super) asked: &'a Asked,
    user: User,
}

impl Request<'_> {
    pub(super) fn text(&self, name: &str) -> &str {
        self.found.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        self.text(name).parse().unwrap()
    }

    /// None is a 404.
    fn answer(&mut self) -> Option<Answered> {
        let (verb, path) = self.found.name.split_once(' ').unwrap();
        let rest = path.strip_prefix("/repos/{owner}/{repo}").unwrap_or(path);
        let area =
            if rest.ends_with("/pulls") { "pulls" } else { rest.split('/').nth(1).unwrap_or_default() };
        match area {
            "issues" => self.comments(verb, rest),
            "pulls" => self.pulls(verb, rest),
            _ if rest.ends_with("/check-runs") => self.checks(verb, rest),
            "commits" | "statuses" => self.statuses(verb, rest),
            "git" | "releases" => super::releases::answer(self, verb, rest),
            "actions" | "attestations" => self.runs(verb, rest),
            "check-runs" => self.checks(verb, rest),
            "code-scanning" => self.scanning(verb, rest),
            _ => self.about(verb, rest),
        }
    }

    /// Users and repositories.
    fn about(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("GET", "/user") if self.user.is_app => {
                Answered::refusal(403, "Resource not accessible by integration")
            }
            ("GET", "/user") if self.user.login.is_empty() => {
                Answered::refusal(401, "Requires authentication")
            }
            ("GET", "/user") => {
                let mut user = self.found.example(200);
                user["login"] = json!(self.user.login);
                Answered::json(200, &user)
            }
            ("GET", "") => {
                let mut repository = self.found.example(200);
                repository["full_name"] = json!(REPOSITORY);
                repository["language"] = Value::Null;
                // The example leaves out of it what the schema asks for.
                for inner in ["source", "parent", "template_repository"] {
                    repository.as_object_mut().unwrap().remove(inner);
                }
                Answered::json(200, &repository)
            }
            _ => return None,
        })
    }

    /// Comments and reactions.
    fn comments(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("GET", "/issues/{issue_number}/comments") => {
                let issue = self.number("issue_number");
                self.state.pulls.get(&issue)?;
                let example = self.found.example(200)[0].clone();
                let of = self.state.comments.iter().filter(|(_, comment)| comment.issue == issue);
                let all = of.map(|(id, one)| comment(&example, *id, one)).collect();
                self.paged(all)
            }
            ("POST", "/issues/{issue_number}/comments") => {
                let issue = self.number("issue_number");
                self.state.pulls.get(&issue)?;
                let body = self.asked.json()["body"].as_str().unwrap_or_default().to_owned();
                if body.is_empty() || body.chars().count() > LONGEST {
                    return Some(Answered::refusal(422, "Body is too long (maximum is 65536 characters)"));
                }
                let id = self.state.comment(issue, self.user.login, &body);
                Answered::json(201, &comment(&self.found.example(201), id, &self.state.comments[&id]))
            }
            ("GET", "/issues/comments/{comment_id}") => {
                let id = self.number("comment_id");
                Answered::json(200, &comment(&self.found.example(200), id, self.state.comments.get(&id)?))
            }
            ("PATCH", "/issues/comments/{comment_id}") => {
                let id = self.number("comment_id");
                let body = self.asked.json()["body"].as_str().unwrap_or_default().to_owned();
                self.state.comments.get_mut(&id)?.body = body;
                Answered::json(200, &comment(&self.found.example(200), id, &self.state.comments[&id]))
            }
            ("DELETE", "/issues/comments/{comment_id}") => {
                self.state.comments.remove(&self.number("comment_id"))?;
                Answered::empty(204)
            }
            ("POST", "/issues/comments/{comment_id}/reactions") => {
                if self.state.hurry {
                    self.state.clock += chrono::TimeDelta::seconds(60);
                }
                let now = self.state.now();
                let (id, at, is_new) = self.state.react(self.number("comment_id"), self.user.login, now)?;
                let status = if is_new { 201 } else { 200 };
                let mut reaction = self.found.example(status);
                reaction["id"] = json!(id);
                reaction["content"] = self.asked.json()["content"].clone();
                reaction["created_at"] = json!(at.to_rfc3339());
                Answered::json(status, &reaction).with("date", self.state.now().to_rfc2822())
            }
            ("DELETE", "/issues/comments/{comment_id}/reactions/{reaction_id}") => {
                let (comment, reaction) = (self.number("comment_id"), self.number("reaction_id"));
                self.state.take_back(comment, reaction).then(|| Answered::empty(204))?
            }
            _ => return None,
        })
    }

    /// Pull requests.
    fn pulls(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("GET", "/pulls") => {
                let example = self.found.example(200)[0].clone();
                let is_wanted = |pull: &&Pull| {
                    let owner = pull.head_repository.as_deref().and_then(|name| name.split('/').next());
                    let head = format!("{}:{}", owner.unwrap_or_default(), pull.head_branch);
                    self.asked.query("head").is_none_or(|wanted| wanted == head)
                        && self.asked.query("state").is_none_or(|state| state == pull.state)
                };
                let wanted = self.state.pulls.iter().filter(|(_, pull)| is_wanted(pull));
                self.paged(wanted.map(|(number, pull)| pulled(&example, *number, pull)).collect())
            }
            ("GET", "/pulls/{pull_number}") => {
                let number = self.number("pull_number");
                Answered::json(200, &pulled(&self.found.example(200), number, self.state.pulls.get(&number)?))
            }
            ("GET", "/commits/{commit_sha}/pulls") => {
                let (example, sha) = (self.found.example(200)[0].clone(), self.text("commit_sha"));
                let of = self.state.pulls.iter().filter(|(_, pull)| pull.head_sha == sha);
                // GitHub does not know those of forks.
                let known = of.filter(|(_, pull)| pull.head_repository.as_deref() == Some(REPOSITORY));
                self.paged(known.map(|(number, pull)| pulled(&example, *number, pull)).collect())
            }
            _ => return None,
        })
    }

    /// Statuses of commits.
    fn statuses(&mut self, verb: &str, rest: &str) -> Option<Answered> {
        Some(match (verb, rest) {
            ("GET", "/commits/{ref}/statuses") => {
                let (example, sha) = (self.found.example(200)[0].clone(), self.text("ref"));
                let of = self.state.statuses.iter().rev().filter(|status| status.sha == sha);
                self.paged(of.map(|status| told(&example, status)).collect())
            }
            ("POST", "/statuses/{sha}") => {
                let body = self.asked.json();
                let text = |name: &str| body[name].as_str().map(str::to_owned);
                let status = Status {
                    sha: self.text("sha").to_owned(),
                    context: text("context").unwrap_or_else(|| "default".to_owned()),
                    state: text("state").unwrap_or_default(),
                    description: text("description").unwrap_or_default(),
                    target_url: text("target_url"),
                };
                let answered = Answered::json(201, &told(&self.found.example(201), &status));
                self.state.statuses.push(status);
                answered
            }
            _ => return None,
        })
    }

    /// One page, with links to the next and the last.
    pub(super) fn paged(&self, all: Vec<Value>) -> Answered {
        let number = |name: &str| self.asked.query(name).and_then(|value| value.parse::<usize>().ok());
        let (page, size) =
            (number("page").unwrap_or(1), number("per_page").unwrap_or(30).min(self.state.page));
        let pages = all.len().div_ceil(size).max(1);
        let shown: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
        let answered = Answered::json(200, &json!(shown));
        if page >= pages {
            return answered;
        }
        let others = self.asked.query.iter().filter(|(name, _)| name != "page");
        let others: Vec<String> = others.map(|(name, value)| format!("{name}={value}&")).collect();
        let others = others.concat();
        let path = self.asked.path.trim_start_matches("/api/v3");
        let link =
            |page: usize, rel: &str| format!("<{}{path}?{others}page={page}>; rel=\"{rel}\"", self.place.api);
        answered.with("link", format!("{}, {}", link(page + 1, "next"), link(pages, "last")))
    }
}

fn comment(example: &Value, id: u64, comment: &Comment) -> Value {
    let mut told = example.clone();
    (told["id"], told["body"]) = (json!(id), json!(comment.body));
    told["user"]["login"] = json!(comment.author);
    told
}

fn pulled(example: &Value, number: u64, pull: &Pull) -> Value {
    let mut told = example.clone();
    (told["number"], told["state"]) = (json!(number), json!(pull.state));
    // The example breaks the schema there.
    told["requested_teams"] = json!([]);
    (told["head"]["sha"], told["head"]["ref"]) = (json!(pull.head_sha), json!(pull.head_branch));
    match &pull.head_repository {
        Some(name) => told["head"]["repo"]["full_name"] = json!(name),
        None => told["head"]["repo"] = Value::Null,
    }
    told["base"]["ref"] = json!("main");
    told["base"]["repo"]["full_name"] = json!(pull.base_repository);
    told
}

fn told(example: &Value, status: &Status) -> Value {
    let mut told = example.clone();
    (told["context"], told["state"]) = (json!(status.context), json!(status.state));
    (told["description"], told["target_url"]) = (json!(status.description), json!(status.target_url));
    told
}
