//! Reads SARIF 2.1.0 of any tool as findings. Pure: it looks at no file and trusts no path.
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>; sections are named where a rule
//! comes from.
//!
//! Columns are taken as they are, although a tool may count UTF-16 units.

mod log;
mod uri;

use std::collections::BTreeMap;

use crate::kit::text::shorten;
use crate::model::finding::{Finding, Level, Location, tidy};
use crate::model::workspace::Workspace;
use crate::tools::reading::{ReadError, Reading, ordinal, place};
use log::{Artifact, Kind, Log, Message, PhysicalLocation, Rule, Run, RunResult, SarifLevel, Status};

/// The findings of a SARIF log, sorted, each once: what is suppressed, absent or passed is none.
///
/// # Errors
/// When it is not SARIF 2, or when a run has no results or did not end well by its own account: then nothing is known,
/// which is not the same as nothing found.
pub fn read(text: &str, step: &str, workspace: &Workspace) -> Result<Vec<Finding>, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    let log: Log =
        serde_json::from_str(text).map_err(|error| ReadError::new(format!("this is not SARIF: {error}")))?;
    if !log.version.starts_with("2.") {
        return Err(ReadError::new(format!("this is SARIF `{}`, not 2.1.0", shorten(&log.version, 20))));
    }
    let runs = log.runs.unwrap_or_default();
    if runs.is_empty() {
        return Err(ReadError::new("the SARIF log has no run"));
    }
    let mut findings = Vec::new();
    let mut failure = None;
    for run in &runs {
        let name = shorten(&run.tool.driver.name, 60);
        if run.invocations.iter().flatten().any(|invocation| invocation.execution_successful == Some(false)) {
            failure.get_or_insert(format!("{name} says in its SARIF that it did not run well"));
        }
        match &run.results {
            Some(results) => {
                findings.extend(results.iter().filter_map(|result| finding(run, result, step, workspace)));
            }
            None => {
                failure.get_or_insert(format!("the run of {name} has no results in its SARIF"));
            }
        }
    }
    let findings = tidy(findings);
    match failure {
        Some(reason) => Err(ReadError::new(reason).with_findings(findings)),
        None => Ok(findings),
    }
}

/// The findings of a tool that prints SARIF. One that failed without printing any has none; how it ended tells more.
///
/// # Errors
/// As [`read`].
pub fn read_output(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    if reading.output.stdout.trim().is_empty() && !reading.output.success() {
        return Ok(Vec::new());
    }
    read(&reading.output.stdout, reading.step, reading.workspace)
        .map_err(|error| error.with_excerpt_of(reading.output))
}

fn finding(run: &Run, result: &RunResult, step: &str, workspace: &Workspace) -> Option<Finding> {
    // A result that only the baseline had is not there any more (3.27.24).
    if is_suppressed(result) || result.baseline_state.as_deref() == Some("absent") {
        return None;
    }
    let rule = rule(run, result);
    let level = level(result, rule)?;
    let id = result.rule_id.as_deref().or_else(|| result.rule.as_ref()?.id.as_deref());
    let id = id.or_else(|| Some(rule?.id.as_str())).unwrap_or(run.tool.driver.name.as_str());
    let message = message(&result.message, rule)
        .or_else(|| rule?.short_description.as_ref()?.text.clone())
        .unwrap_or_else(|| id.to_owned());
    let mut physical = result.locations.iter().flatten().filter_map(|place| place.physical_location.as_ref());
    Some(Finding {
        location: physical.find_map(|place| location(run, place, workspace)),
        url: rule.and_then(|rule| rule.help_uri.clone()),
        ..Finding::new(step, id, level, message)
    })
}

/// Suppressed are results with suppressions that are all accepted, which is also what no status means (3.27.23).
fn is_suppressed(result: &RunResult) -> bool {
    let suppressions = result.suppressions.as_deref().unwrap_or_default();
    !suppressions.is_empty()
        && suppressions.iter().all(|suppression| matches!(suppression.status, None | Some(Status::Accepted)))
}

/// The rule, by index or by id, where `CA1000/1` belongs to `CA1000` (3.27.5 to 3.27.7, 3.52.4).
fn rule<'a>(run: &'a Run, result: &RunResult) -> Option<&'a Rule> {
    let reference = result.rule.as_ref();
    let extension = reference.and_then(|reference| reference.tool_component.as_ref()?.index);
    let component = match extension.and_then(|index| usize::try_from(index).ok()) {
        Some(index) => run.tool.extensions.as_ref()?.get(index)?,
        None => &run.tool.driver,
    };
    let rules = component.rules.as_deref().unwrap_or_default();
    let index = reference.and_then(|reference| reference.index).or(result.rule_index);
    let by_index = index.and_then(|index| rules.get(usize::try_from(index).ok()?));
    by_index.or_else(|| {
        let id = result.rule_id.as_deref().or_else(|| reference?.id.as_deref())?;
        let named = |id: &str| rules.iter().find(|rule| rule.id == id);
        named(id).or_else(|| named(id.rsplit_once('/')?.0))
    })
}

/// How bad it is, or none when the result says that nothing is wrong (3.27.9, 3.27.10).
fn level(result: &RunResult, rule: Option<&Rule>) -> Option<Level> {
    match result.kind.unwrap_or(Kind::Fail) {
        Kind::Pass | Kind::NotApplicable => return None,
        Kind::Open | Kind::Review | Kind::Informational => return Some(Level::Note),
        Kind::Fail => {}
    }
    let configured = rule.and_then(|rule| rule.default_configuration.as_ref()?.level);
    Some(match result.level.or(configured).unwrap_or(SarifLevel::Warning) {
        SarifLevel::None | SarifLevel::Note => Level::Note,
        SarifLevel::Warning => Level::Warning,
        SarifLevel::Error => Level::Error,
    })
}

/// The text, plain where there is plain text; a message may also stand with its rule, with gaps for arguments (3.11).
fn message(message: &Message, rule: Option<&Rule>) -> Option<String> {
    let own = message.text.as_ref().or(message.markdown.as_ref());
    let shared = || {
        let texts: &BTreeMap<String, Message> = rule?.message_strings.as_ref()?;
        let shared = texts.get(message.id.as_deref()?)?;
        shared.text.as_ref().or(shared.markdown.as_ref())
    };
    let text = own.or_else(shared)?;
    let arguments = message.arguments.as_deref().unwrap_or_default();
    Some(if arguments.is_empty() { text.clone() } else { fill(text, arguments) })
}

/// Puts arguments for `{0}`, `{1}`; `{{` and `}}` stand for braces (3.11.5). One pass, so that an argument with braces
/// stays as it is.
fn fill(text: &str, arguments: &[String]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let (before, behind) = rest.split_at(start);
        filled.push_str(before);
        let argument = || {
            let (number, rest) = behind.strip_prefix('{')?.split_once('}')?;
            Some((arguments.get(number.parse::<usize>().ok()?)?, rest))
        };
        if let Some((argument, behind)) = argument() {
            filled.push_str(argument);
            rest = behind;
        } else {
            let doubled = behind.starts_with("{{") || behind.starts_with("}}");
            filled.push_str(&behind[..1]);
            rest = &behind[if doubled { 2 } else { 1 }..];
        }
    }
    filled.push_str(rest);
    filled
}

fn location(run: &Run, physical: &PhysicalLocation, workspace: &Workspace) -> Option<Location> {
    let path = path(run, physical.artifact_location.as_ref()?, workspace)?;
    let Some(region) = &physical.region else { return Some(Location::at(path, 1, 1)) };
    let start = Location::at(path, ordinal(region.start_line), ordinal(region.start_column));
    // Without a last line it is the first; without a last column it is the end of the line, which is not known here.
    let end_line = region.end_line.map_or(start.line, |line| ordinal(Some(line)));
    let end_column = region.end_column.map_or(start.column, |column| ordinal(Some(column)));
    Some(start.until(end_line, end_column))
}

/// The path of an artifact: its own URI, or that of the run's list, below its base (3.4).
fn path(run: &Run, artifact: &Artifact, workspace: &Workspace) -> Option<String> {
    let listed = || {
        let index = usize::try_from(artifact.index?).ok()?;
        run.artifacts.as_ref()?.get(index)?.location.as_ref()
    };
    let artifact = if artifact.uri.is_some() { artifact } else { listed()? };
    let path = uri::path(artifact.uri.as_deref()?)?;
    let base = artifact.uri_base_id.as_deref().and_then(|id| {
        // What the names mean is up to the tool, but for most this one is where it was started: the root.
        let base = run.original_uri_base_ids.as_ref()?.get(id)?;
        uri::path(base.uri.as_deref()?)
    });
    Some(place(workspace, &base.map_or_else(|| path.clone(), |base| uri::join(&base, &path))))
}

#[cfg(test)]
mod tests;
