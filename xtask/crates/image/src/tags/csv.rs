//! One line of comma-separated attributes, with quotes as RFC 4180 has them. A quote may open a field and nothing else.

use super::error::Problem;

/// The fields of a line.
///
/// # Errors
/// Quotes inside a bare field, text behind a closing quote, and a quote that never closes.
pub(super) fn fields(line: &str) -> Result<Vec<String>, Problem> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let (field, behind) = rest.split_at(end);
            if field.contains('"') {
                return Err(Problem::Quotes("a quote stands inside a value"));
            }
            (field.to_owned(), behind)
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(fields),
            None => return Err(Problem::Quotes("text stands behind a closing quote")),
        }
    }
}

/// The field up to its closing quote, and what stands behind that. Two quotes are one of the text.
fn unquote(text: &str) -> Result<(String, &str), Problem> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let Some((before, behind)) = rest.split_once('"') else {
            return Err(Problem::Quotes("a quote is not closed"));
        };
        field.push_str(before);
        match behind.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Ok((field, behind)),
        }
    }
}

/// The name, in lower case, and value of an attribute; a bare text is a value without a name.
pub(super) fn attribute(field: &str) -> (Option<String>, &str) {
    match field.split_once('=') {
        Some((name, value)) if !name.is_empty() => (Some(name.trim().to_lowercase()), value.trim()),
        _ => (None, field.trim()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_keep_commas() {
        assert_eq!(fields("a=1,b").unwrap(), ["a=1", "b"]);
        assert_eq!(fields("\"a=1,2\",\"b\"\"c\"").unwrap(), ["a=1,2", "b\"c"]);
        assert_eq!(fields(",").unwrap(), ["", ""]);
        assert_eq!(fields("").unwrap(), [""]);
    }

    #[test]
    fn quotes_that_do_not_fit_are_told() {
        for line in ["a=\"b\"", "\"a", "\"a\"b", "a\"", " \"a\""] {
            assert!(fields(line).is_err(), "{line}");
        }
    }

    #[test]
    fn an_attribute_splits_at_its_first_equals_sign() {
        assert_eq!(attribute(" Value = a=b "), (Some("value".to_owned()), "a=b"));
        assert_eq!(attribute("=x"), (None, "=x"));
        assert_eq!(attribute(" x "), (None, "x"));
    }

    proptest! {
        #[test]
        fn what_was_quoted_reads_back(texts in proptest::collection::vec("\\PC{0,12}", 1..5)) {
            let quoted: Vec<String> = texts.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
            prop_assert_eq!(fields(&quoted.join(",")).unwrap(), texts);
        }
    }
}
