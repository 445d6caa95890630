//! The pure part of smoke runs: how a run ended, what an answer has to be, and the words of each assertion.

mod answer;
mod checks;
mod end;

pub use answer::Answer;
pub use checks::Checks;
pub use end::End;

/// The first line that tells of a panic, as Rust's standard library words it.
#[must_use]
pub fn panics(text: &str) -> Option<&str> {
    // Since Rust 1.73 the message stands on the next line; before, and in other languages' copies, behind it.
    text.lines().find(|line| line.contains("panicked at "))
}

/// Whether this user of an image is root: none, `root`, or the number 0, whatever the group.
#[must_use]
pub fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name.is_empty() || name == "root" || name.parse() == Ok(0_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_found_in_any_thread() {
        let log = "up\n\nthread 'tokio-runtime-worker' (12) panicked at src/main.rs:1:2:\nno\n";
        assert_eq!(panics(log), Some("thread 'tokio-runtime-worker' (12) panicked at src/main.rs:1:2:"));
        assert_eq!(panics("nobody panicked\n"), None);
    }

    #[test]
    fn root_has_many_names() {
        for root in ["", "0", "root", "0:1000", "root:root", "00", ":5"] {
            assert!(is_root(root), "{root}");
        }
        for other in ["1000", "app", "1000:0", "rooter"] {
            assert!(!is_root(other), "{other}");
        }
    }
}
