//! The names of the pages: readable, stable, and safe on every file system and in every address.
//!
//! `src/model/lines.rs` is `src--model--lines.rs.html`. A path for which that would not be reversible (capitals,
//! which some file systems fold; a doubled dash; anything beyond letters, digits, dot, dash and underscore) gets what
//! is left of it and a hash behind a tilde, which no reversible name holds.

use std::collections::HashSet;

/// File names have up to 255 bytes on common file systems; a tilde, a hash and `.html` come behind this.
const LONGEST: usize = 160;

/// Gives out names; none twice.
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Names beside files that are there already.
    pub(super) fn beside(taken: &[&str]) -> Self {
        Self { taken: taken.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// The name of the page of a path, without `.html`.
    pub(super) fn give(&mut self, path: &str) -> String {
        let plain = is_reversible(path).then(|| path.replace('/', "--"));
        let hashed = (0_u64..).map(|round| format!("{}~{:016x}", readable(path), hash(path, round)));
        let mut candidates = plain.into_iter().chain(hashed);
        // There are more candidates than pages could be.
        let free = candidates.find(|name| !self.taken.contains(&format!("{name}.html"))).unwrap_or_default();
        self.taken.insert(format!("{free}.html"));
        free
    }
}

fn is_reversible(path: &str) -> bool {
    let fits = |part: &str| {
        let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        part.bytes().all(known)
            && !part.contains("--")
            && !part.is_empty()
            && !part.starts_with(['-', '.'])
            && !part.ends_with('-')
    };
    path.len() <= LONGEST / 2 && path.split('/').all(fits)
}

/// What of a path fits into a name; of a long one the end, which tells most.
fn readable(path: &str) -> String {
    let fold = |char: char| match char.to_ascii_lowercase() {
        char @ ('a'..='z' | '0'..='9' | '.' | '_') => char,
        _ => '-',
    };
    let folded: String = path.chars().map(fold).collect();
    folded[folded.len().saturating_sub(LONGEST)..].trim_start_matches(['-', '.']).to_owned()
}

/// FNV-1a over 64 bits: small, and the same everywhere and always.
fn hash(path: &str, round: u64) -> u64 {
    let bytes = path.bytes().chain(round.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(path: &str) -> String {
        Names::beside(&["index.html"]).give(path)
    }

    #[test]
    fn a_usual_path_is_readable() {
        assert_eq!(name("xtask/crates/slip-way/src/model.rs"), "xtask--crates--slip-way--src--model.rs");
    }

    #[test]
    fn an_odd_path_keeps_what_it_can() {
        assert!(name("src/Main.rs").starts_with("src-main.rs~"));
        assert!(name("../../etc/passwd").starts_with("etc-passwd~"));
        assert!(name(r"C:\a\<b>.rs").starts_with("c--a--b-.rs~"));
    }

    #[test]
    fn names_that_a_file_system_folds_differ() {
        let mut names = Names::beside(&[]);
        let given: HashSet<String> =
            ["a/b.rs", "A/b.rs", "a--b.rs", "a/B.rs", "a-/b.rs"].map(|path| names.give(path)).into();
        assert_eq!(given.len(), 5);
    }

    #[test]
    fn the_index_stays_the_index() {
        assert_ne!(name("index"), "index");
    }

    proptest! {
        #[test]
        fn a_name_is_safe_and_the_same_again(path in any::<String>()) {
            let name = name(&path);
            prop_assert!(name.len() <= LONGEST + 17);
            prop_assert!(!name.starts_with(['.', '-']));
            prop_assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~')));
            prop_assert_eq!(name, super::tests::name(&path));
        }

        #[test]
        fn no_two_paths_share_a_name(paths in proptest::collection::btree_set("[aA/.-]{1,6}", 0..40)) {
            let mut names = Names::beside(&["index.html"]);
            let given: HashSet<String> = paths.iter().map(|path| names.give(path)).collect();
            prop_assert_eq!(given.len(), paths.len());
        }

        /// Names do not depend on their neighbours: hashes tell odd paths apart by themselves.
        #[test]
        fn a_name_is_stable(path in "[a-zA-Z/._-]{1,20}", other in "[a-zA-Z/._-]{1,20}") {
            prop_assume!(path != other);
            let mut names = Names::beside(&["index.html"]);
            names.give(&other);
            prop_assert_eq!(names.give(&path), name(&path));
        }
    }
}
