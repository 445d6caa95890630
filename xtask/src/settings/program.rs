//! What a step runs.

use serde::{Deserialize, Serialize};

/// What a step runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Written", into = "Written")]
pub enum Program {
    /// A script for `sh -euc`.
    Shell(String),
    /// A program with its arguments; never empty.
    Arguments {
        /// The program.
        program: String,
        /// Its arguments.
        args: Vec<String>,
    },
}

/// The same, as it is written.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Written {
    Shell(String),
    Arguments(Vec<String>),
}

impl TryFrom<Written> for Program {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        // No system can pass it on: arguments end at the first one.
        let nul = "a command cannot hold the character U+0000";
        match written {
            Written::Shell(script) if script.trim().is_empty() => Err("there is nothing to run"),
            Written::Shell(script) if script.contains('\0') => Err(nul),
            Written::Shell(script) => Ok(Self::Shell(script)),
            Written::Arguments(words) if words.iter().any(|word| word.contains('\0')) => Err(nul),
            Written::Arguments(words) => {
                let mut words = words.into_iter();
                match words.next() {
                    Some(program) if !program.trim().is_empty() => {
                        Ok(Self::Arguments { program, args: words.collect() })
                    }
                    _ => Err("there is no program to run"),
                }
            }
        }
    }
}

impl From<Program> for Written {
    fn from(program: Program) -> Self {
        match program {
            Program::Shell(script) => Self::Shell(script),
            Program::Arguments { program, args } => {
                Self::Arguments(std::iter::once(program).chain(args).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_command_is_refused() {
        let words = |words: &[&str]| {
            Program::try_from(Written::Arguments(words.iter().map(ToString::to_string).collect()))
        };
        assert_eq!(Program::try_from(Written::Shell(" \n".to_owned())), Err("there is nothing to run"));
        assert_eq!(words(&[]), Err("there is no program to run"));
        assert_eq!(words(&["", "x"]), Err("there is no program to run"));
        assert!(words(&["a\0"]).is_err());
        let echo = Program::Arguments { program: "echo".to_owned(), args: vec![String::new()] };
        assert_eq!(words(&["echo", ""]), Ok(echo));
    }
}
