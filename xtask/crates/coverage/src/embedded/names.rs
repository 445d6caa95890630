//! Names of functions, which profiles and maps know by their hash only.

use std::collections::HashMap;

use md5::{Digest, Md5};

use super::{bytes::Bytes, counts::NameHasher, fault::Fault, packed};

/// What LLVM calls the hash of a name or of a table: the first eight bytes of its MD5, the lowest first.
pub(super) fn hash(text: &[u8]) -> u64 {
    let digest: [u8; 16] = Md5::digest(text).into();
    u64::from_le_bytes(digest.first_chunk().copied().unwrap_or_default())
}

/// Names by their hash; none for one that was not found yet.
pub(super) type Names = HashMap<u64, Option<String>, NameHasher>;

/// Looks for names in a section of names, which holds a block for each unit of code, each perhaps packed.
///
/// Most units are of dependencies. Linkers put all sections in the order of the units, so the blocks of `likely`
/// units are searched first, and the others only when a name is still missing.
pub(super) fn find(section: &[u8], likely: &[bool], missing: &mut Names) -> Result<(), Fault> {
    let mut left = missing.values().filter(|name| name.is_none()).count();
    for pass in [true, false] {
        let mut bytes = Bytes::new(section);
        bytes.skip_zeros();
        for unit in 0.. {
            if left == 0 || bytes.is_empty() {
                break;
            }
            if likely.get(unit).copied().unwrap_or(true) == pass {
                let block = packed::read(&mut bytes)?;
                for name in block.split(|byte| *byte == 1) {
                    if let Some(slot @ None) = missing.get_mut(&hash(name)) {
                        *slot = Some(String::from_utf8_lossy(name).into_owned());
                        left -= 1;
                    }
                }
            } else {
                packed::skip(&mut bytes)?;
            }
            bytes.skip_zeros();
        }
    }
    Ok(())
}

/// The name of a function as people read it, from that of its first instantiation and, where there are more, of
/// another. Generic arguments are left out where the two differ.
pub(super) fn readable(first: &str, other: Option<&str>) -> String {
    let first = plain(first);
    match other.map(plain) {
        Some(other) if other != first => without_arguments(&first),
        _ => first,
    }
}

/// The name of an instantiation as people read it.
pub(crate) fn plain(name: &str) -> String {
    // Functions of C that only one file sees carry its name in front.
    let name = name.rsplit_once(';').map_or(name, |(_, name)| name);
    format!("{:#}", rustc_demangle::demangle(name))
}

/// A path without its generic arguments. The outermost `<T as Trait>` is no argument but where the path begins.
pub(crate) fn without_arguments(path: &str) -> String {
    let mut kept = String::with_capacity(path.len());
    // For each open bracket whether it and what is in it stay.
    let mut open: Vec<bool> = Vec::new();
    let mut before = ' ';
    for c in path.chars() {
        let hidden = open.contains(&false);
        match c {
            '<' if !hidden => {
                let begins = kept.is_empty() || matches!(before, '<' | '&' | ' ' | '(' | ',' | '*' | '[');
                if !begins && kept.ends_with("::") {
                    kept.truncate(kept.len() - 2);
                }
                if begins {
                    kept.push(c);
                }
                open.push(begins);
            }
            '<' => open.push(false),
            // Not the arrow of a function type.
            '>' if before != '-' => {
                let shown = open.pop() == Some(true) && !hidden;
                kept.extend(shown.then_some(c));
            }
            c if !hidden => kept.push(c),
            _ => {}
        }
        before = c;
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arguments_are_left_out() {
        assert_eq!(without_arguments("app::twice::<u32>"), "app::twice");
        assert_eq!(
            without_arguments("<app::Set<u8> as core::fmt::Debug>::fmt"),
            "<app::Set as core::fmt::Debug>::fmt"
        );
        assert_eq!(
            without_arguments("<app::Set<(u8, Vec<fn() -> u8>)>>::get::<u8>::{closure#0}"),
            "<app::Set>::get::{closure#0}"
        );
        assert_eq!(without_arguments("<&<T as A<u8>>::B as C>::d"), "<&<T as A>::B as C>::d");
    }

    #[test]
    fn a_name_keeps_its_arguments_when_there_is_one() {
        let (number, text) = ("_RINvCs6xxl1lAjzDf_1a3genmEB2_", "_RINvCs6xxl1lAjzDf_1a3genReEB2_");
        assert_eq!(readable(number, None), "a::gen::<u32>");
        assert_eq!(readable(number, Some(number)), "a::gen::<u32>");
        assert_eq!(readable(number, Some(text)), "a::gen");
        assert_eq!(readable("main.c;helper", None), "helper");
    }

    #[test]
    fn names_are_found_by_their_hash() {
        let section = [b"\0\0\x07\0one\x01two\0\0".as_slice(), b"\x05\0three"].concat();
        let mut missing = Names::default();
        missing.extend([(hash(b"two"), None), (hash(b"three"), None), (hash(b"four"), None)]);
        find(&section, &[false, true], &mut missing).unwrap();
        assert_eq!(missing[&hash(b"two")].as_deref(), Some("two"));
        assert_eq!(missing[&hash(b"three")].as_deref(), Some("three"));
        assert_eq!(missing[&hash(b"four")], None);
        assert!(find(b"\x09\0one", &[], &mut missing).is_err());
        assert!(find(b"\x09\x02\x78\x9c", &[], &mut missing).is_err());
    }

    proptest! {
        #[test]
        fn no_name_breaks_the_shortening(name in "[<>a&:(), -]{0,40}") {
            prop_assert!(without_arguments(&name).len() <= name.len());
        }
    }
}
