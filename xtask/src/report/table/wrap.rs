//! Lines no wider than the terminal: prose is wrapped between words, commands where a shell lets them go on.

use console::measure_text_width;

/// Wraps between words; the lines after the first are indented. A word that is wider than a line is cut into
/// pieces. Ends with a line feed.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let (mut wrapped, mut line) = (String::new(), String::new());
    for (place, word) in text.split(' ').enumerate() {
        let room = width.saturating_sub(measure_text_width(&line));
        if place > 0 && measure_text_width(word) + 1 > room && line != indent {
            turn(&mut wrapped, &mut line, indent);
        } else if place > 0 && room > 0 {
            line.push(' ');
        }
        for c in word.chars() {
            line.push(c);
            // Measured whole: characters that join are narrower, or wider, than each by itself.
            if measure_text_width(&line) > width {
                line.pop();
                turn(&mut wrapped, &mut line, indent);
                line.push(c);
            }
        }
    }
    turn(&mut wrapped, &mut line, "");
    wrapped
}

/// Ends a line and begins the next.
fn turn(wrapped: &mut String, line: &mut String, indent: &str) {
    wrapped.push_str(line.trim_end_matches(' '));
    wrapped.push('\n');
    line.clear();
    line.push_str(indent);
}

/// Wraps a command behind `\` between words of the shell, so that it can be copied as it stands. A word that is
/// wider than the line stays whole.
pub(super) fn wrap_command(head: &str, command: &str, width: usize) -> String {
    let indent = " ".repeat(measure_text_width(head) + 2);
    let mut wrapped = head.to_owned();
    let mut used = measure_text_width(head);
    for (place, word) in shell_words(command).into_iter().enumerate() {
        let length = measure_text_width(word);
        // Two columns are kept for the ` \` of the line's end.
        if place > 0 && used + 1 + length + 2 > width {
            wrapped.push_str(" \\\n");
            wrapped.push_str(&indent);
            used = indent.len();
        } else if place > 0 {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += length;
    }
    wrapped + "\n"
}

/// Splits at the spaces that separate words, not at those inside quotes.
fn shell_words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (place, c) in command.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if !quoted => escaped = true,
            '\'' => quoted = !quoted,
            ' ' if !quoted => {
                words.push(&command[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_wraps_between_words_and_a_long_word_is_cut() {
        assert_eq!(wrap("one two three", 8, "  "), "one two\n  three\n");
        assert_eq!(wrap("abcdefghij", 4, " "), "abcd\n efg\n hij\n");
    }

    #[test]
    fn wide_characters_count_as_two() {
        assert_eq!(wrap("漢字 漢字", 6, ""), "漢字\n漢字\n");
    }

    #[test]
    fn a_wrapped_command_is_still_the_same_command() {
        let wrapped = wrap_command("$ ", r"printf %s. one 'two  words' 'it'\''s' four", 20);
        assert!(wrapped.lines().count() > 2);
        let output = std::process::Command::new("sh").args(["-c", &wrapped[2..]]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "one.two  words.it's.four.");
    }
}
