//! GitHub Apps: whoever signs with the key of App 4711 gets tokens for where it is installed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{SecondsFormat, TimeDelta, Utc};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::state::{State, User};
use super::{Answered, Asked};
use crate::openapi::Found;

/// The number of the only App.
pub(crate) const APP: &str = "4711";

const INSTALLATION: u64 = 42;

/// What is known of the App.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) is_installed: bool,
    /// What its owner gave it, and its tokens never exceed.
    pub(crate) granted: Value,
    /// How long its tokens live.
    pub(crate) life: TimeDelta,
    /// What was asked for: repositories and permissions.
    pub(crate) wanted: Vec<Value>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            is_installed: true,
            granted: json!({ "metadata": "read", "contents": "write", "issues": "write", "pull_requests": "write", "statuses": "read" }),
            life: TimeDelta::hours(1),
            wanted: Vec::new(),
        }
    }
}

/// The tokens that the App was given, in this order, again and again.
const TOKENS: [&str; 2] = ["ghs_of_the_app_1", "ghs_of_the_app_2"];

/// None for what is not asked by an App.
pub(super) fn answer(state: &mut State, found: &Found, asked: &Asked) -> Option<Answered> {
    let is_token = match found.name.as_str() {
        "GET /repos/{owner}/{repo}/installation" | "GET /app/installations/{installation_id}" => false,
        "POST /app/installations/{installation_id}/access_tokens" => true,
        _ => return None,
    };
    let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if let Err(message) = verify(token.unwrap_or_default(), state.now().timestamp()) {
        return Some(Answered::refusal(401, message));
    }
    let value =
        |name: &str| found.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let is_there = match value("installation_id") {
        Some(id) => id == "42",
        None => state.app.is_installed && value("repo") == Some("parcels"),
    };
    Some(match (is_there, is_token) {
        (false, _) => Answered::refusal(404, "Not Found"),
        (true, true) => token_for(state, found, &asked.json()),
        (true, false) => {
            let mut installation = found.example(200);
            installation["id"] = json!(INSTALLATION);
            installation["app_slug"] = json!("parcels");
            installation["permissions"] = state.app.granted.clone();
            Answered::json(200, &installation)
        }
    })
}

fn token_for(state: &mut State, found: &Found, wanted: &Value) -> Answered {
    let empty = serde_json::Map::new();
    for (name, level) in wanted["permissions"].as_object().unwrap_or(&empty) {
        let granted = state.app.granted.get(name);
        if granted.is_none() || (level == "write" && granted != Some(&json!("write"))) {
            let message = "The permissions requested are not granted to this installation.";
            return Answered::refusal(422, message);
        }
    }
    let token = TOKENS[state.app.wanted.len() % TOKENS.len()];
    state.app.wanted.push(wanted.clone());
    // Several live beside each other. The last one of those that end soon is gone with a new one: whoever keeps it is found out.
    if state.app.life < TimeDelta::minutes(10) {
        state.users.retain(|token, _| !TOKENS.contains(token));
    }
    let may_write = wanted["permissions"]["pull_requests"] == "write";
    state.users.insert(token, User { login: "parcels[bot]", is_app: true, may_write });
    let mut made = found.example(201);
    made["token"] = json!(token);
    made["expires_at"] = json!((state.now() + state.app.life).to_rfc3339_opts(SecondsFormat::Secs, true));
    made["permissions"] = wanted["permissions"].clone();
    made.as_object_mut().unwrap().remove("repositories");
    Answered::json(201, &made).with("date", state.now().to_rfc2822())
}

/// Whether a token is one of the App now, in GitHub's words.
fn verify(token: &str, now: i64) -> Result<(), &'static str> {
    const UNREADABLE: &str = "A JSON web token could not be decoded";
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| UNREADABLE);
    let (text, signature) = token.rsplit_once('.').ok_or(UNREADABLE)?;
    let (head, claims) = text.split_once('.').ok_or(UNREADABLE)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, include_bytes!("../app/public.der"));
    key.verify(text.as_bytes(), &decoded(signature)?).map_err(|_| UNREADABLE)?;
    let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).map_err(|_| UNREADABLE);
    let (head, claims) = (json(head)?, json(claims)?);
    if head != json!({ "alg": "RS256", "typ": "JWT" }) || claims["iss"] != APP {
        return Err(UNREADABLE);
    }
    let (from, until) =
        (claims["iat"].as_i64().ok_or(UNREADABLE)?, claims["exp"].as_i64().ok_or(UNREADABLE)?);
    if from > now {
        return Err(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        );
    }
    if until > now + 600 {
        return Err("'Expiration time' claim ('exp') is too far in the future");
    }
    if until <= now {
        Err(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        )
    } else {
        Ok(())
    }
}

#[test]
fn what_is_not_signed_by_the_app_is_refused() {
    let now = Utc::now().timestamp();
    for wrong in ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJpc3MiOiI0NzExIn0."] {
        assert!(verify(wrong, now).is_err(), "{wrong}");
    }
}
