//! As much of a Dockerfile as is needed to say on which line a step stands.
//! Source: <https://docs.docker.com/reference/dockerfile/#format>.

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its first line, from 1.
    pub(super) line: usize,
    /// The stage that it is in: how many `FROM` came before it or are it, less one; 0 before the first.
    pub(super) stage: usize,
    /// Its lines joined, with one blank between words.
    pub(super) text: String,
}

/// The instructions of a Dockerfile, in their order.
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let escape = escape(text);
    let mut found: Vec<Instruction> = Vec::new();
    let mut froms: usize = 0;
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut joined = line.to_owned();
        while joined.ends_with(escape) {
            joined.truncate(joined.len() - escape.len_utf8());
            // Comments and empty lines may stand between the lines of an instruction.
            let is_more = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
            let Some((_, more)) = lines.find(|(_, line)| is_more(line)) else { break };
            joined.push_str(more.trim_end());
        }
        for end in here_documents(&joined) {
            for (_, line) in lines.by_ref() {
                if line.trim_start_matches('\t') == end {
                    break;
                }
            }
        }
        let text = joined.split_whitespace().collect::<Vec<_>>().join(" ");
        froms += usize::from(text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("FROM ")));
        found.push(Instruction { line: index + 1, stage: froms.saturating_sub(1), text });
    }
    found
}

/// The character that joins lines: `\`, unless a directive at the top says otherwise.
fn escape(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#')?.split_once('='));
    let named = directives.filter(|(name, _)| name.trim().eq_ignore_ascii_case("escape")).last();
    named.and_then(|(_, value)| value.trim().chars().next()).unwrap_or('\\')
}

/// The words that end the here-documents of an instruction.
fn here_documents(instruction: &str) -> Vec<String> {
    let keyword = instruction.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if !["RUN", "COPY", "ADD"].contains(&keyword.as_str()) {
        return Vec::new();
    }
    let words = instruction.split_whitespace().filter_map(|word| word.strip_prefix("<<"));
    let names = words.map(|word| word.trim_start_matches('-').trim_matches(['"', '\'']));
    let is_name =
        |name: &&str| !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    names.filter(is_name).map(ToOwned::to_owned).collect()
}

/// The instruction of a step as BuildKit names it: `[2/3] RUN make`, `[builder 2/3] COPY a b`. Variables are replaced in
/// those names.
pub(super) fn of_step<'all>(all: &'all [Instruction], step: &str) -> Option<&'all Instruction> {
    let (place, text) = step.strip_prefix('[')?.split_once("] ")?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = |instruction: &&Instruction| is_same(&instruction.text, &text);
    let stage = place.rsplit_once(' ').and_then(|(name, _)| stage(all, name));
    let in_stage = all.iter().filter(|it| stage.is_none_or(|stage| stage == it.stage)).find(fits);
    in_stage.or_else(|| all.iter().find(fits))
}

/// The number of the stage of this name; BuildKit calls those without a name `stage-N`.
fn stage(all: &[Instruction], name: &str) -> Option<usize> {
    let named = all.iter().find(|it| {
        let words: Vec<&str> = it.text.split(' ').collect();
        let is_from = words.first().is_some_and(|word| word.eq_ignore_ascii_case("FROM"));
        let has_name = words.len() > 2 && words[words.len() - 2].eq_ignore_ascii_case("AS");
        is_from && has_name && words.last().is_some_and(|last| last.eq_ignore_ascii_case(name))
    });
    named.map(|it| it.stage).or_else(|| name.strip_prefix("stage-")?.parse().ok())
}

/// Whether an instruction may have become this text: its plain parts are there in their order, the first and the last at
/// their ends.
fn is_same(instruction: &str, text: &str) -> bool {
    // The name of a stage is no part of its step's.
    let is_from = instruction.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("FROM "));
    let unnamed = instruction.rsplitn(3, ' ').collect::<Vec<_>>();
    let parts = match unnamed.as_slice() {
        [_, as_, image] if is_from && as_.eq_ignore_ascii_case("AS") => plain_parts(image),
        _ => plain_parts(instruction),
    };
    let Some((first, others)) = parts.split_first() else { return false };
    let is_start = |start: &str| text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    if !is_start(first) {
        return false;
    }
    let mut rest = &text[first.len()..];
    let Some((last, middle)) = others.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

/// What stands between the variables of an instruction.
fn plain_parts(instruction: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = instruction.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '$' {
            if let Some(part) = parts.last_mut() {
                part.push(character);
            }
            continue;
        }
        if characters.next_if_eq(&'{').is_some() {
            characters.by_ref().find(|it| *it == '}');
        } else {
            while characters.next_if(|it| it.is_ascii_alphanumeric() || *it == '_').is_some() {}
        }
        parts.push(String::new());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# syntax=x\nARG BASE=scratch\nFROM ${BASE} AS build\n\nRUN a && \\\n    # why\n    b   --x=$MODE \\\n  -c\n\
                        COPY <<EOF /x\nRUN not this\nEOF\nFROM scratch\nRUN a\nRUN false\n";

    #[test]
    fn instructions_are_found_with_their_lines() {
        let found = instructions(FILE);
        let told: Vec<(usize, usize, &str)> =
            found.iter().map(|it| (it.line, it.stage, it.text.as_str())).collect();
        let expected = [
            (2, 0, "ARG BASE=scratch"),
            (3, 0, "FROM ${BASE} AS build"),
            (5, 0, "RUN a && b --x=$MODE -c"),
            (9, 0, "COPY <<EOF /x"),
            (12, 1, "FROM scratch"),
            (13, 1, "RUN a"),
            (14, 1, "RUN false"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_step_is_found_by_its_name() {
        let all = instructions(FILE);
        for (step, line) in [
            ("[build 2/3] RUN a &&     b   --x=fast   -c", Some(5)),
            ("[stage-1 2/3] RUN a", Some(13)),
            ("[stage-1 3/3] RUN false", Some(14)),
            ("[3/3] RUN false", Some(14)),
            ("[build 1/3] FROM scratch", Some(3)),
            ("[2/2] RUN other", None),
            ("[internal] load build context", None),
            ("exporting to image", None),
        ] {
            assert_eq!(of_step(&all, step).map(|it| it.line), line, "{step}");
        }
    }

    #[test]
    fn the_escape_character_can_be_changed() {
        let found = instructions("# escape=`\nRUN a `\n  b\nRUN c\\\nRUN d\n");
        assert_eq!(found.iter().map(|it| it.line).collect::<Vec<_>>(), [2, 4, 5]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_instructions_on_its_lines(text in "([A-Z<$ #\\\\=`]|FROM |EOF|\n){0,60}", step in "\\[[a-z 0-9/-]{0,8}\\] [A-Z $☺]{0,9}") {
            let found = instructions(&text);
            let count = text.lines().count();
            for pair in found.windows(2) {
                proptest::prop_assert!(pair[0].line < pair[1].line);
            }
            proptest::prop_assert!(found.iter().all(|it| it.line >= 1 && it.line <= count));
            let _ = of_step(&found, &step);
        }
    }
}
