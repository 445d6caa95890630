//! One line of a tracefile: what the crate `lcov` reads, what is mended for it, and what is left out.

use lcov::Record;
use lcov::record::ParseRecordError;

use super::{Loss, Losses};
use crate::model::Branch;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A section begins.
    Source(String),
    /// A function is declared.
    Function { line: u32, name: String },
    /// A function ran so often.
    Calls { name: String, count: u64 },
    /// A function is declared by number, as lcov 2.2 does.
    Leader { index: u32, line: u32 },
    /// A function of that number ran so often under this name.
    Alias { index: u32, count: u64, name: String },
    /// A branch.
    Branch(Branch),
    /// A line ran so often.
    Count { line: u32, count: u64 },
    /// There are so many functions.
    FunctionsFound(u32),
    /// A section ends.
    End,
    /// Nothing that counts: a comment, the name of a test, a total that follows from the rest.
    Nothing,
}

/// Reads a line. The error says what is wrong with it.
pub(super) fn parse(text: &str, losses: &mut Losses) -> Result<Line, String> {
    if let Some(count) = plain_count(text) {
        return Ok(count);
    }
    match text.parse::<Record>() {
        Ok(record) => line(record),
        Err(ParseRecordError::UnknownRecord) => foreign(text, losses),
        Err(error) => match mended(text, losses) {
            Some(Mended::Record(text)) => {
                text.parse::<Record>().map_err(|error| error.to_string()).and_then(line)
            }
            Some(Mended::LeftOut) => Ok(Line::Nothing),
            None => Err(error.to_string()),
        },
    }
}

/// `DA:line,count`. Nine of ten lines are this, and the crate takes twice as long for it.
fn plain_count(text: &str) -> Option<Line> {
    let (line, count) = text.strip_prefix("DA:")?.split_once(',')?;
    Some(Line::Count { line: line.parse().ok()?, count: count.parse().ok()? })
}

fn line(record: Record) -> Result<Line, String> {
    Ok(match record {
        Record::LineData { line, count, .. } => Line::Count { line, count },
        Record::BranchData { line, block, branch, taken } => {
            Line::Branch(Branch { line, block, branch, taken })
        }
        Record::FunctionName { name, start_line } => {
            let name = match without_end_line(&name) {
                rest if rest.len() < name.len() => rest.to_owned(),
                _ => name,
            };
            Line::Function { line: start_line, name }
        }
        Record::FunctionData { name, count } => Line::Calls { name, count },
        Record::SourceFile { path } => match path.into_os_string().into_string() {
            Ok(path) if !path.is_empty() => Line::Source(path),
            _ => return Err("a source file without a path".to_owned()),
        },
        Record::EndOfRecord => Line::End,
        Record::FunctionsFound { found } => Line::FunctionsFound(found),
        Record::TestName { .. }
        | Record::FunctionsHit { .. }
        | Record::BranchesFound { .. }
        | Record::BranchesHit { .. }
        | Record::LinesFound { .. }
        | Record::LinesHit { .. } => Line::Nothing,
    })
}

/// lcov 2 writes `FN:start,end,name`; no name that a compiler makes begins with a number and a comma.
pub(super) fn without_end_line(name: &str) -> &str {
    match name.split_once(',') {
        Some((end, rest)) if is_number(end) && !rest.is_empty() => rest,
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A record that the crate does not know.
fn foreign(text: &str, losses: &mut Losses) -> Result<Line, String> {
    if text.is_empty() || text.starts_with('#') {
        return Ok(Line::Nothing);
    }
    let kind_and_body = text.split_once(':').filter(|(kind, _)| is_kind(kind));
    let Some((kind, body)) = kind_and_body else {
        return Err("this is no record of a tracefile".to_owned());
    };
    match kind {
        "FNL" => leader(body).ok_or_else(|| "FNL wants an index and a line".to_owned()),
        "FNA" => alias(body, losses).ok_or_else(|| "FNA wants an index, a count and a name".to_owned()),
        _ => {
            losses.left_out(kind);
            Ok(Line::Nothing)
        }
    }
}

/// Whether it looks like the kind of a record; anything else in front of a colon is another kind of file.
fn is_kind(text: &str) -> bool {
    let wanted = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=16).contains(&text.len()) && text.bytes().all(wanted)
}

/// `index,start[,end]`
fn leader(body: &str) -> Option<Line> {
    let (index, lines) = body.split_once(',')?;
    let start = lines.split_once(',').map_or(lines, |(start, _)| start);
    Some(Line::Leader { index: index.parse().ok()?, line: start.parse().ok()? })
}

/// `index,count,name`
fn alias(body: &str, losses: &mut Losses) -> Option<Line> {
    let (index, rest) = body.split_once(',')?;
    let (count, name) = rest.split_once(',')?;
    let count = count.parse().ok().or_else(|| mended_count(count, losses)?.parse().ok())?;
    Some(Line::Alias { index: index.parse().ok()?, count, name: name.to_owned() })
}

enum Mended {
    Record(String),
    LeftOut,
}

/// A record that the crate refuses, in words that it takes; none when nothing can be done for it.
fn mended(text: &str, losses: &mut Losses) -> Option<Mended> {
    let (kind, body) = text.split_once(':')?;
    match kind {
        "DA" => {
            let (line, rest) = body.split_once(',')?;
            let count = rest.split_once(',').map_or(rest, |(count, _checksum)| count);
            Some(Mended::Record(format!("DA:{line},{}", mended_count(count, losses)?)))
        }
        "FNDA" => {
            let (count, name) = body.split_once(',')?;
            Some(Mended::Record(format!("FNDA:{},{name}", mended_count(count, losses)?)))
        }
        "BRDA" => mended_branch(body, losses),
        _ => None,
    }
}

/// `line,[e|f][U]block,branch,taken`, where the branch may be any text, with commas in it.
fn mended_branch(body: &str, losses: &mut Losses) -> Option<Mended> {
    let (line, rest) = body.split_once(',')?;
    let (mut block, rest) = rest.split_once(',')?;
    let (branch, taken) = rest.rsplit_once(',')?;
    if let Some(rest) = block.strip_prefix(['e', 'f']) {
        block = rest;
        losses.add(Loss::ExceptionBranch);
    }
    if block.strip_prefix('U').is_some_and(is_number) {
        losses.add(Loss::ExcludedBranch);
        return Some(Mended::LeftOut);
    }
    let taken = match taken {
        "-" => taken,
        taken if taken.parse::<u64>().is_ok() => taken,
        taken => mended_count(taken, losses)?,
    };
    let (block, branch) = (number(block, losses), number(branch, losses));
    Some(Mended::Record(format!("BRDA:{line},{block},{branch},{taken}")))
}

/// A whole number that the crate refuses: below zero, or too great.
fn mended_count(count: &str, losses: &mut Losses) -> Option<&'static str> {
    if count.strip_prefix('-').is_some_and(is_number) {
        losses.add(Loss::NegativeCount);
        return Some("0");
    }
    is_number(count).then(|| {
        losses.add(Loss::HugeCount);
        "18446744073709551615"
    })
}

/// The number of a block or branch. One that is named by a text gets a number that is made of the text alone, so that
/// shards agree on it.
fn number(name: &str, losses: &mut Losses) -> u32 {
    name.parse().unwrap_or_else(|_| {
        losses.add(Loss::NamedBranch);
        // FNV-1a, 32 bits.
        name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    })
}
