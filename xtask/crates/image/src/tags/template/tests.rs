use chrono::DateTime;
use proptest::prelude::*;

use super::*;

fn of(reference: &str) -> Inputs {
    let mut inputs = Inputs::new(reference.parse().unwrap(), "0123456789abcdef", DateTime::UNIX_EPOCH);
    inputs.default_branch = Some("main".to_owned());
    inputs
}

fn shown(text: &str, reference: &str) -> String {
    Template::parse(text, Scope::Everywhere).unwrap().render(&of(reference), &NoParts).text
}

fn wrong(text: &str) -> String {
    Template::parse(text, Scope::Everywhere).unwrap_err().to_string()
}

#[test]
fn names_stand_for_what_is_known() {
    assert_eq!(shown("a-{{branch}}-{{ sha }}", "refs/heads/main"), "a-main-0123456");
    assert_eq!(shown("{{{tag}}}|{{&branch}}", "refs/tags/v1"), "v1|");
    assert_eq!(shown("{{is_default_branch}} {{is_not_default_branch}}", "refs/heads/x"), "false true");
    assert_eq!(shown("{{base_ref}}", "refs/heads/gh-readonly-queue/main/pr-1-0"), "main");
}

#[test]
fn nothing_is_escaped_for_html() {
    assert_eq!(shown("{{branch}}", "refs/heads/a&b='c'"), "a&b='c'");
}

#[test]
fn conditions_choose() {
    let text = "{{#if tag}}a{{else if branch}}b{{else}}c{{/if}}";
    assert_eq!(shown(text, "refs/tags/v1"), "a");
    assert_eq!(shown(text, "refs/heads/x"), "b");
    assert_eq!(shown(text, "refs/pull/1/merge"), "c");
    assert_eq!(shown("x{{#unless tag}}-y{{/unless}}", "refs/tags/v1"), "x");
    assert_eq!(shown("x{{#unless tag}}-y{{else}}-n{{/unless}}", "refs/tags/v1"), "x-n");
}

#[test]
fn false_is_false() {
    let text = "x{{#if is_default_branch}}-default{{/if}}";
    assert_eq!(shown(text, "refs/heads/main"), "x-default");
    assert_eq!(shown(text, "refs/heads/dev"), "x");
}

#[test]
fn comments_escapes_and_trimming() {
    assert_eq!(shown("a{{! b }}c{{!-- }} --}}d", "refs/heads/x"), "acd");
    assert_eq!(shown("a {{~branch~}} b", "refs/heads/x"), "axb");
    assert_eq!(shown("\\{{branch}}", "refs/heads/x"), "{{branch}}");
}

#[test]
fn dates_have_formats_and_zones() {
    assert_eq!(shown("{{date 'YYYY-MM-DD HH'}}", "refs/heads/x"), "1970-01-01 00");
    assert_eq!(shown("{{commit_date \"HH\" tz = 'Asia/Tokyo' }}", "refs/heads/x"), "09");
}

#[test]
fn what_a_text_was_made_of_is_known() {
    let made = |text: &str, reference: &str| {
        Template::parse(text, Scope::Everywhere).unwrap().render(&of(reference), &NoParts).origin
    };
    assert_eq!(made("a{{date 'X'}}", "refs/heads/x"), Origin::Settings);
    assert_eq!(made("{{branch}}{{sha}}", "refs/heads/x"), Origin::Reference);
    assert_eq!(made("{{branch}}{{sha}}", "refs/tags/x"), Origin::Commit);
    assert_eq!(made("{{#if branch}}a{{/if}}", "refs/heads/x"), Origin::Settings);
}

#[test]
fn what_is_not_understood_is_told_with_what_would_be() {
    for (text, part) in [
        ("{{brnch}}", "did you mean `{{branch}}`?"),
        ("{{nope}}", "there are `branch`, `tag`"),
        ("{{}}", "`{{}}` is not known"),
        ("{{sha", "not closed by `}}`"),
        ("{{{sha}}", "not closed by `}}}`"),
        ("{{version}}", "not known here"),
        ("{{date}}", "no format in quotes; write `{{date 'YYYYMMDD'}}`"),
        ("{{date YYYY}}", "no format in quotes"),
        ("{{date ''}}", "empty format"),
        ("{{date 'Y' zone='UTC'}}", "`zone='UTC'` is not known behind a format"),
        ("{{date 'Y' tz='Nope'}}", "`Nope` is no time zone"),
        ("{{branch 'x'}}", "takes nothing behind its name"),
        ("{{#if branch}}", "not closed by `{{/if}}`"),
        ("{{#if branch}}{{/unless}}", "not closed by `{{/if}}`"),
        ("{{#if}}{{/if}}", "`{{}}` is not known"),
        ("{{#with branch}}{{/with}}", "there are `#if` and `#unless`"),
        ("{{/if}}", "closes nothing"),
        ("{{else}}", "outside of a condition"),
    ] {
        let told = wrong(text);
        assert!(told.contains(part), "{text}: {told}");
    }
    assert!(wrong(&"{{#if sha}}".repeat(1000)).contains("too deep"));
}

proptest! {
    #[test]
    fn a_text_without_braces_is_itself(text in "[^{}\\\\]{0,30}") {
        prop_assert_eq!(shown(&text, "refs/heads/x"), text);
    }

    #[test]
    fn no_text_is_too_much(text in "(\\{\\{|\\}\\}|#if |sha|else|/if|'|~|!|\\\\|\\PC){0,20}") {
        if let Ok(template) = Template::parse(&text, Scope::Semver) {
            template.render(&of("refs/heads/x"), &NoParts);
        }
    }
}
