//! The expressions of GitHub's workflows, as far as the action has them: comparisons, `&&`, `||`, values of contexts, status functions.

use std::collections::BTreeMap;

/// Values by path, such as `steps.run.outputs.verdict`; what is not known is empty, as GitHub has it.
pub(crate) type Contexts = BTreeMap<String, String>;

/// A text in which each `${{ … }}` is its value.
pub(crate) fn filled(text: &str, contexts: &Contexts) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").unwrap_or_else(|| panic!("{text} has no end"));
        filled += &value(expression.trim(), contexts);
        filled += rest;
    }
    filled
}

/// Whether a step runs; `failed` is whether an earlier one failed.
pub(crate) fn holds(condition: Option<&str>, contexts: &Contexts, failed: bool) -> bool {
    let Some(condition) = condition else { return !failed };
    let has_status =
        ["always()", "failure()", "cancelled()", "success()"].iter().any(|name| condition.contains(name));
    (has_status || !failed) && either(condition, contexts, failed)
}

fn either(text: &str, contexts: &Contexts, failed: bool) -> bool {
    split(text, "||")
        .iter()
        .any(|part| split(part, "&&").iter().all(|part| one(part.trim(), contexts, failed)))
}

fn one(text: &str, contexts: &Contexts, failed: bool) -> bool {
    if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        return either(inner, contexts, failed);
    }
    if let Some((left, right)) = text.split_once("==") {
        return is_same(&value(left.trim(), contexts), &value(right.trim(), contexts));
    }
    if let Some((left, right)) = text.split_once("!=") {
        return !is_same(&value(left.trim(), contexts), &value(right.trim(), contexts));
    }
    match text {
        "always()" => true,
        "failure()" => failed,
        "success()" => !failed,
        "cancelled()" => false,
        _ => !value(text, contexts).is_empty(),
    }
}

/// Source: GitHub's documentation, "Evaluate expressions", operators: the case of strings is ignored.
fn is_same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// At a sign that stands in no parenthesis.
fn split<'a>(text: &'a str, sign: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && at >= start && text[at..].starts_with(sign) {
            parts.push(&text[start..at]);
            start = at + sign.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

fn value(text: &str, contexts: &Contexts) -> String {
    if let Some(text) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return text.replace("''", "'");
    }
    let is_path = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    let known = ["github.", "inputs.", "steps.", "runner."].iter().any(|context| text.starts_with(context));
    assert!(is_path && known, "`{text}` is an expression that is not understood here");
    contexts.get(text).cloned().unwrap_or_default()
}

#[test]
fn values_are_filled_in() {
    let contexts = Contexts::from([("inputs.a".to_owned(), "x $(y)".to_owned())]);
    assert_eq!(filled("<${{ inputs.a }}/${{ inputs.b }}>", &contexts), "<x $(y)/>");
}

#[test]
fn conditions_hold_as_on_github() {
    let contexts = Contexts::from([("inputs.a".to_owned(), "1".to_owned())]);
    let holds = |condition, failed| holds(condition, &contexts, failed);
    assert!(holds(None, false) && !holds(None, true));
    assert!(holds(Some("inputs.a == '1'"), false) && !holds(Some("inputs.a == '1'"), true));
    assert!(holds(Some("always() && inputs.a != ''"), true));
    assert!(holds(Some("'Ada/Parcels' == 'ada/parcels'"), false) && !holds(Some("'A' != 'a'"), false));
    assert!(!holds(Some("always() && inputs.b != '' && (inputs.a != '' || inputs.a == '')"), true));
    assert!(holds(Some("always() && (inputs.b != '' || inputs.a == '1')"), false));
}
