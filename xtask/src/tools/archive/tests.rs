use proptest::prelude::*;

use self::archive::zip;
use super::*;

/// The archives that the GitHub of `tests/github` gives away, too.
#[path = "../../../tests/github/fake/archive.rs"]
mod archive;

const NAME: &str = "run.json";
const LARGEST: u64 = 1000;

fn one(name: &str, mode: u32, bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    only_file(&zip(&[(name, mode, bytes)]), NAME, LARGEST)
}

#[test]
fn the_one_file_is_given() {
    assert_eq!(one(NAME, 0o100_644, b"{}"), Ok(b"{}".to_vec()));
    assert_eq!(one(NAME, 0o100_644, &[7; 1000]), Ok(vec![7; 1000]));
}

#[test]
fn what_python_packs_is_read_stored_and_deflated() {
    // `zipfile.ZipFile("x", "w", method).writestr("run.json", "{}")`, without a time.
    let stored = "504b03041400000000000000210043bfa6a302000000020000000800000072756e2e6a736f6e7b7d\
                  504b010214031400000000000000210043bfa6a302000000020000000800000000000000000000008001\
                  0000000072756e2e6a736f6e504b0506000000000100010036000000280000000000";
    let bytes = |hex: &str| -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2);
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    };
    assert_eq!(only_file(&bytes(stored), NAME, LARGEST), Ok(b"{}".to_vec()));
}

#[test]
fn other_names_are_refused_wherever_they_lead() {
    for name in
        ["../run.json", "/run.json", "reports/run.json", "run.json/", "RUN.JSON", "run.json ", "..\\run.jso"]
    {
        let error = one(name, 0o100_644, b"{}").unwrap_err();
        assert!(matches!(error, ArchiveError::OtherName(_) | ArchiveError::NotPlain), "{name}: {error}");
    }
    let long = "a\u{1b}[2J\n".repeat(1000);
    let told = one(&long, 0o100_644, b"{}").unwrap_err().to_string();
    assert!(told.len() < 400 && !told.contains(['\n', '\u{1b}']), "{told}");
}

#[test]
fn a_second_file_is_refused_also_under_the_same_name() {
    for second in [NAME, "other.json"] {
        let archive = zip(&[(NAME, 0o100_644, b"{}"), (second, 0o100_644, b"[]")]);
        assert_eq!(only_file(&archive, NAME, LARGEST), Err(ArchiveError::Count(2)), "{second}");
    }
    assert_eq!(only_file(&zip(&[]), NAME, LARGEST), Err(ArchiveError::Count(0)));
}

#[test]
fn links_and_devices_are_refused() {
    for mode in [0o120_777, 0o040_755, 0o060_644, 0o010_644, 0o140_644] {
        assert_eq!(one(NAME, mode, b"/etc/passwd"), Err(ArchiveError::NotPlain), "{mode:o}");
    }
}

#[test]
fn a_bomb_is_refused_by_what_it_says_and_by_what_it_is() {
    let bomb = zip(&[(NAME, 0o100_644, &vec![0; 50_000_000])]);
    assert!(bomb.len() < 60_000, "{}", bomb.len());
    assert_eq!(only_file(&bomb, NAME, LARGEST), Err(ArchiveError::TooLarge(LARGEST)));
    // The size in the directory, 24 bytes after its signature, is a lie.
    let mut liar = bomb.clone();
    let directory = bomb.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    liar[directory + 24..directory + 28].copy_from_slice(&2_u32.to_le_bytes());
    let error = only_file(&liar, NAME, LARGEST).unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge(_) | ArchiveError::Broken(_)), "{error}");
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let archive = zip(&[(NAME, 0o100_644, b"a record of a run, a record of a run")]);
    let data = 30 + NAME.len() + 4;
    let mut changed = archive.clone();
    changed[data] ^= 1;
    assert!(only_file(&changed, NAME, LARGEST).is_err());
    assert!(only_file(&archive[..archive.len() - 30], NAME, LARGEST).is_err());
    assert!(only_file(b"<html>", NAME, LARGEST).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = only_file(&bytes, NAME, LARGEST);
    }

    #[test]
    fn a_few_wrong_bytes_are_refused_or_change_nothing(places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut archive = zip(&[(NAME, 0o100_644, b"a record of a run, a record of a run")]);
        for (place, byte) in places {
            let place = place.index(archive.len());
            archive[place] = byte;
        }
        if let Ok(read) = only_file(&archive, NAME, LARGEST) {
            prop_assert_eq!(read, b"a record of a run, a record of a run".to_vec());
        }
    }
}
