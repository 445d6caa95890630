//! What cargo says with `--message-format=json`: the messages of the compiler, clippy and rustdoc.
//! Source: <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>.
//!
//! Warnings count for packages of the workspace only; an error counts wherever it is, as nothing was looked at
//! behind it.

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{BuildFinished, CompilerMessage};
use serde::Deserialize;

use crate::kit::text::terminal;
use crate::model::finding::{Finding, Level, Location};
use crate::tools::reading::{ReadError, Reading};

/// How cargo begins the line on which it says that the code of a build script failed, not its compilation.
const BUILD_SCRIPT: &str = "error: failed to run custom build command for ";

/// The part of each line that says what the rest is; newer cargos may say more than we know.
#[derive(Deserialize)]
struct Reason {
    reason: String,
}

/// Reads cargo's messages. A build that failed without a word from the compiler is told from standard error.
pub(super) fn read(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    let mut findings = Vec::new();
    let mut finished = false;
    for line in reading.output.stdout.lines() {
        // Compiler plugins may print among the messages.
        if !line.starts_with(r#"{"reason":"#) {
            continue;
        }
        match message(reading, line) {
            Ok(Message::Finding(finding)) => findings.push(*finding),
            Ok(Message::Finished) => finished = true,
            Ok(Message::Other) => {}
            Err(error) => {
                let reason = format!("cargo printed a message that cannot be read: {error}");
                return Err(reading.error(reason).with_findings(findings));
            }
        }
    }
    findings.extend(build_script(reading));
    if reading.output.success() && !finished {
        return Err(reading.error("cargo did not say that the build has finished").with_findings(findings));
    }
    Ok(findings)
}

enum Message {
    Finding(Box<Finding>),
    Finished,
    Other,
}

fn message(reading: &Reading<'_>, line: &str) -> Result<Message, serde_json::Error> {
    let Reason { reason } = serde_json::from_str(line)?;
    match reason.as_str() {
        "compiler-message" => {
            let message: CompilerMessage = serde_json::from_str(line)?;
            let finding = finding(reading, &message);
            Ok(finding.map_or(Message::Other, |finding| Message::Finding(Box::new(finding))))
        }
        "build-finished" => {
            let _: BuildFinished = serde_json::from_str(line)?;
            Ok(Message::Finished)
        }
        _ => Ok(Message::Other),
    }
}

fn finding(reading: &Reading<'_>, message: &CompilerMessage) -> Option<Finding> {
    let diagnostic = &message.message;
    let level = match diagnostic.level {
        DiagnosticLevel::Ice | DiagnosticLevel::Error => Level::Error,
        DiagnosticLevel::Warning => Level::Warning,
        DiagnosticLevel::Note | DiagnosticLevel::Help => Level::Note,
        // "For more information about this error, try …", and kinds that are not there yet.
        _ => return None,
    };
    let ours = reading.workspace.packages.iter().any(|package| package.id == message.package_id.repr);
    if is_summary(diagnostic) || !(ours || level == Level::Error) {
        return None;
    }
    let rule = diagnostic.code.as_ref().map_or("rustc", |code| code.code.as_str());
    let span = diagnostic.spans.iter().find(|span| span.is_primary).or_else(|| diagnostic.spans.first());
    Some(Finding {
        location: span.map(|span| location(reading, span)),
        rendered: diagnostic.rendered.clone(),
        url: url(rule),
        ..reading.finding(rule, level, diagnostic.message.as_str())
    })
}

/// Whether this only counts other messages: `2 warnings emitted`, `aborting due to 1 previous error`.
fn is_summary(diagnostic: &Diagnostic) -> bool {
    let text = diagnostic.message.as_str();
    let counts = text.ends_with(" warning emitted") || text.ends_with(" warnings emitted");
    diagnostic.code.is_none()
        && diagnostic.spans.is_empty()
        && (counts || text.starts_with("aborting due to"))
}

/// Where a person has to look: when the span is in a macro of another crate, where that is used in this workspace.
fn location(reading: &Reading<'_>, span: &DiagnosticSpan) -> Location {
    let ours = |span: &&DiagnosticSpan| {
        !span.file_name.starts_with('<')
            && reading.workspace.root.join(&span.file_name).starts_with(&reading.workspace.root)
    };
    let outwards = std::iter::successors(Some(span), |span| Some(&span.expansion.as_ref()?.span));
    let span = outwards.into_iter().find(ours).unwrap_or(span);
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Location::at(reading.place(&span.file_name), number(span.line_start), number(span.column_start))
        .until(number(span.line_end), number(span.column_end))
}

/// The page about a rule. The compiler's own lints have none that their name alone leads to.
fn url(rule: &str) -> Option<String> {
    if let Some(lint) = rule.strip_prefix("clippy::") {
        return Some(format!("https://rust-lang.github.io/rust-clippy/stable/index.html#{lint}"));
    }
    if let Some(lint) = rule.strip_prefix("rustdoc::") {
        return Some(format!("https://doc.rust-lang.org/rustdoc/lints.html#{lint}"));
    }
    let digits = rule.strip_prefix('E')?;
    let is_code = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_code.then(|| format!("https://doc.rust-lang.org/error_codes/{rule}.html"))
}

/// The build script that failed: the compiler has nothing to say about it, cargo tells it on standard error.
fn build_script(reading: &Reading<'_>) -> Option<Finding> {
    let text = terminal(&reading.output.stderr);
    let start = text.find(BUILD_SCRIPT)?;
    let block = text.get(start..)?;
    let message = block.lines().next()?.trim_start_matches("error: ");
    let finding = reading.finding("build-script", Level::Error, message);
    Some(Finding { rendered: Some(block.trim_end().to_owned()), ..finding })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::tools::reading::tests::{output, workspace};

    fn span(file: &str, line: u32, expansion: &Value) -> Value {
        serde_json::json!({
            "file_name": file, "byte_start": 0, "byte_end": 1, "line_start": line, "line_end": line,
            "column_start": 2, "column_end": 3, "is_primary": true, "text": [], "label": null,
            "suggested_replacement": null, "suggestion_applicability": null,
            "expansion": expansion,
        })
    }

    fn message(text: &str, level: &str, spans: &[Value]) -> String {
        let message = serde_json::json!({
            "reason": "compiler-message", "package_id": "path+file:///repo/crates/one#0.1.0",
            "target": {"name": "one", "src_path": "/repo/crates/one/src/lib.rs", "kind": ["lib"]},
            "message": {"message": text, "level": level, "code": null, "spans": spans, "children": [],
                "rendered": null, "new": {"field": 1}},
        });
        // cargo writes the reason first.
        format!("{{\"reason\":\"compiler-message\",{}", message.to_string().trim_start_matches('{')).replacen(
            ",\"reason\":\"compiler-message\"",
            "",
            1,
        )
    }

    fn read_text(code: i32, stdout: &str) -> Result<Vec<Finding>, ReadError> {
        let workspace = workspace();
        let output = output(code, stdout, "");
        read(&Reading { step: "lint.clippy", workspace: &workspace, output: &output })
    }

    #[test]
    fn a_foreign_macro_is_told_where_it_is_used() {
        let used = span("crates/one/src/lib.rs", 9, &Value::Null);
        let expansion =
            |span: &Value| serde_json::json!({"span": span, "macro_decl_name": "m!", "def_site_span": null});
        let between = span("<std macros>", 2, &expansion(&used));
        let inside = span("/rustc/library/core/src/macros.rs", 1, &expansion(&between));
        let findings = read_text(101, &message("bad", "error", &[inside])).unwrap();
        assert_eq!(findings[0].place(), "crates/one/src/lib.rs:9:2");
    }

    #[test]
    fn counts_of_other_messages_are_dropped() {
        let lines = [
            message("2 warnings emitted", "warning", &[]),
            message("aborting due to 1 previous error; 2 warnings emitted", "error", &[]),
            message("no main function", "error", &[]),
        ];
        let findings = read_text(101, &lines.join("\n")).unwrap();
        assert_eq!(
            findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(),
            ["no main function"]
        );
    }

    #[test]
    fn a_crash_of_the_compiler_is_an_error() {
        let line = message("it panicked", "error: internal compiler error", &[]);
        assert_eq!(read_text(101, &line).unwrap()[0].level, Level::Error);
    }

    #[test]
    fn noise_and_unknown_reasons_are_skipped() {
        let text = "hello {\n{}\n{\"reason\":\"timing-info\",\"x\":1}\n{\"reason\":\"build-finished\",\"success\":true}";
        assert_eq!(read_text(0, text), Ok(Vec::new()));
    }

    #[test]
    fn silence_is_not_success() {
        assert!(read_text(0, "").unwrap_err().reason.contains("has finished"));
    }

    #[test]
    fn half_a_message_is_an_error_and_the_rest_is_kept() {
        let whole = message("bad", "error", &[]);
        let error = read_text(101, &format!("{whole}\n{}", &whole[..whole.len() / 2])).unwrap_err();
        assert!(error.reason.contains("cannot be read"), "{error}");
        assert_eq!(error.findings.len(), 1);
    }
}
