use std::io::Cursor;

use proptest::prelude::*;

use super::*;

/// What a profile is written with.
#[derive(Clone, Copy, Debug)]
struct Writer {
    big: bool,
    wide: bool,
    version: u64,
}

const USUAL: Writer = Writer { big: false, wide: true, version: 10 };

impl Writer {
    fn u64(self, number: u64) -> [u8; 8] {
        if self.big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        if self.big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn pointer(self, number: i64) -> Vec<u8> {
        if self.wide {
            self.u64(number.cast_unsigned()).to_vec()
        } else {
            self.u32(i32::try_from(number).unwrap().cast_unsigned()).to_vec()
        }
    }

    /// A profile of functions, each with a name, a hash and counters.
    fn profile(self, ids: &[u8], functions: &[(u64, u64, &[u64])]) -> Vec<u8> {
        let size = if self.wide { 64 } else { 48 };
        let (mut data, mut counters) = (Vec::new(), Vec::new());
        // As in memory: the counters before the records.
        let delta = -4096_i64;
        for (index, (name, hash, counts)) in functions.iter().enumerate() {
            data.extend([self.u64(*name), self.u64(*hash)].concat());
            let first = i64::try_from(counters.len()).unwrap() - i64::try_from(index * size).unwrap();
            data.extend(self.pointer(delta + first));
            (0..3).for_each(|_| data.extend(self.pointer(0)));
            data.extend(self.u32(u32::try_from(counts.len()).unwrap()));
            data.extend([0; 8]);
            data.extend(self.u32(0));
            counters.extend(counts.iter().flat_map(|count| self.u64(*count)));
        }
        let delta = if self.wide { delta.cast_unsigned() } else { u64::from(u32::MAX - 4095) };
        let magic = if self.wide { 0xff6c_7072_6f66_7281 } else { 0xff6c_7072_6f66_5281 };
        let (records, counts) = (functions.len() as u64, counters.len() as u64 / 8);
        let names = b"names".as_slice();
        let fields =
            [magic, self.version, ids.len() as u64, records, 0, counts, 0, 0, 0, 5, delta, 0, 0, 0, 0, 2];
        let header: Vec<u8> = fields.iter().flat_map(|field| self.u64(*field)).collect();
        [&header, ids, &data, &counters, names, &[0; 3]].concat()
    }
}

fn added(files: &[Vec<u8>]) -> Result<Programs, Fault> {
    let mut programs = Programs::default();
    files.iter().try_for_each(|file| programs.add_file(Cursor::new(file)))?;
    Ok(programs)
}

/// Name, hash and counters of all functions.
fn functions(programs: &Programs) -> Vec<(u64, u64, Vec<u64>)> {
    let of = |program: &Program| -> Vec<_> {
        program.records.iter().map(|r| (r.name, r.hash, program.counters(r).to_vec())).collect()
    };
    programs.list.iter().flat_map(of).collect()
}

#[test]
fn every_machine_is_understood() {
    let written: [(u64, u64, &[u64]); 2] = [(7, 8, &[1, 2]), (9, 10, &[3])];
    for (big, wide) in [(false, true), (true, true), (false, false), (true, false)] {
        let programs = added(&[Writer { big, wide, version: 10 }.profile(&[], &written)]).unwrap();
        assert_eq!(functions(&programs), [(7, 8, vec![1, 2]), (9, 10, vec![3])], "big {big}, wide {wide}");
    }
}

#[test]
fn profiles_of_one_program_are_added_up() {
    let id = [1_u8; 8];
    let runs = [5, 6].map(|count| USUAL.profile(&id, &[(7, 8, &[count, u64::MAX])]));
    let programs = added(&runs).unwrap();
    assert_eq!((programs.list.len(), programs.profiles), (1, 2));
    assert_eq!(functions(&programs), [(7, 8, vec![11, u64::MAX])]);
}

#[test]
fn programs_without_ids_are_told_apart_by_their_records() {
    let of = |hash| USUAL.profile(&[], &[(7, hash, &[1])]);
    let programs = added(&[of(8), of(9), of(8)]).unwrap();
    assert_eq!(functions(&programs), [(7, 8, vec![2]), (7, 9, vec![1])]);
}

#[test]
fn a_file_may_hold_several_profiles() {
    let profile = USUAL.profile(&[], &[(7, 8, &[1])]);
    let file = [profile.as_slice(), &[0; 16], &profile, &[0; 8]].concat();
    let programs = added(&[file]).unwrap();
    assert_eq!((functions(&programs), programs.profiles), (vec![(7, 8, vec![2])], 2));
}

#[test]
fn other_formats_are_named() {
    let unknown = |file: Vec<u8>| match added(&[file]) {
        Err(Fault::Unknown { what, version }) => (what, version),
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown(Writer { version: 11, ..USUAL }.profile(&[], &[])), ("raw profile", 11));
    let byte_counters = 0x1000_0000_0000_000a;
    let other = Writer { version: byte_counters, ..USUAL }.profile(&[], &[]);
    assert_eq!(unknown(other), ("raw profile of another instrumentation", 10));
    let indexed = [0xff6c_7072_6f66_6981_u64, 13].map(u64::to_le_bytes).concat();
    assert_eq!(unknown([indexed, vec![0; 200]].concat()), ("indexed profile", 13));
}

#[test]
fn counters_must_be_among_the_counters() {
    let mut file = USUAL.profile(&[], &[(7, 8, &[1])]);
    for (at, what) in [(HEADER + 16, "first counter"), (HEADER + 48, "number of counters")] {
        let kept = std::mem::replace(&mut file[at], 0xff);
        assert!(matches!(added(&[file.clone()]), Err(Fault::Damaged { offset: 128, .. })), "{what}");
        file[at] = kept;
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(file: Vec<u8>) {
        let _ = added(&[file]);
    }

    #[test]
    fn a_damaged_profile_breaks_nothing(changes: Vec<(prop::sample::Index, u8)>) {
        let mut file = USUAL.profile(&[2; 8], &[(7, 8, &[1, 2]), (9, 10, &[3])]);
        for (at, byte) in changes {
            *at.get_mut(&mut file) = byte;
        }
        let _ = added(&[file]);
    }

    #[test]
    fn a_profile_that_is_cut_off_is_damaged(at: prop::sample::Index) {
        let file = USUAL.profile(&[2; 8], &[(7, 8, &[1, 2])]);
        let cut = file[..at.index(file.len())].to_vec();
        let damaged = matches!(added(&[cut]), Err(Fault::Damaged { .. }));
        prop_assert!(damaged);
    }
}
