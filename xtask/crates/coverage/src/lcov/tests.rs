use std::io::{self, BufReader, ErrorKind, Read};

use proptest::prelude::*;

use super::*;
use crate::fixture::{coverage, without_regions};
use crate::model::{FileCoverage, Function};

fn tracefile(text: &str) -> Tracefile {
    read(text.as_bytes(), "cov.info").unwrap()
}

/// What is read of `body` in the section of `a.rs`.
fn file(body: &str) -> (FileCoverage, Losses) {
    let Tracefile { mut coverage, losses } = tracefile(&format!("SF:a.rs\n{body}\nend_of_record\n"));
    (coverage.files.remove("a.rs").unwrap(), losses)
}

fn error(text: &str) -> String {
    read(text.as_bytes(), "cov.info").unwrap_err().to_string()
}

fn written(coverage: &Coverage) -> String {
    let mut text = Vec::new();
    write(coverage, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn lines(file: &FileCoverage) -> Vec<(u32, u64)> {
    file.lines.iter().collect()
}

fn functions(file: &FileCoverage) -> Vec<(u32, &str, u64)> {
    file.functions.iter().map(|function| (function.line, function.name.as_str(), function.count)).collect()
}

fn branches(file: &FileCoverage) -> Vec<(u32, u32, u32, Option<u64>)> {
    file.branches.iter().map(|branch| (branch.line, branch.block, branch.branch, branch.taken)).collect()
}

/// The form of llvm-cov, with names as people read them.
const LLVM: &str = "\
SF:/home/me/thing/src/lib.rs
FN:10,thing::used
FN:20,thing::unused
FNDA:3,thing::used
FNDA:0,thing::unused
FNF:2
FNH:1
DA:10,3
DA:11,2
DA:20,0
BRDA:11,0,0,2
BRDA:11,0,1,1
BRDA:21,0,0,-
BRF:3
BRH:2
LF:3
LH:2
end_of_record
";

/// The totals of each kind that a tracefile states, as covered and total.
fn stated(text: &str) -> [(u64, u64); 3] {
    let sum = |kind: &str| -> u64 {
        text.lines()
            .filter_map(|line| line.strip_prefix(kind))
            .map(|total| total.parse::<u64>().unwrap())
            .sum()
    };
    [(sum("LH:"), sum("LF:")), (sum("FNH:"), sum("FNF:")), (sum("BRH:"), sum("BRF:"))]
}

fn counted(coverage: &Coverage) -> [(u64, u64); 3] {
    let totals = coverage.totals();
    [totals.lines, totals.functions, totals.branches].map(|share| (share.covered, share.total))
}

#[test]
fn what_is_read_adds_up_to_what_llvm_states() {
    let text = include_str!("../../tests/fixtures/tracefiles/llvm-cov-22.info");
    let Tracefile { coverage, losses } = tracefile(text);
    assert!(losses.is_empty(), "{losses}");
    assert_eq!(counted(&coverage), stated(text));
    let file = &coverage.files["/work/src/main.rs"];
    assert_eq!(functions(file), [(1, "main::twice", 6), (5, "main::unused", 0), (9, "main::main", 1)]);
    assert_eq!(branches(file), [(6, 0, 0, None), (6, 0, 1, None), (13, 0, 0, Some(0)), (13, 0, 1, Some(1))]);
}

#[test]
fn what_is_read_adds_up_to_what_coverage_py_states() {
    let text = include_str!("../../tests/fixtures/tracefiles/coverage-py-7.17.info");
    let Tracefile { coverage, losses } = tracefile(text);
    assert_eq!(losses.to_string(), "4 named branch records numbered");
    assert_eq!(counted(&coverage), stated(text));
    assert_eq!(functions(&coverage.files["t.py"]), [(2, "Thing.used", 1), (7, "Thing.unused", 0)]);
}

#[test]
fn what_is_read_adds_up_to_what_gcovr_states() {
    let text = include_str!("../../tests/fixtures/tracefiles/gcovr-8.8.info");
    let Tracefile { coverage, losses } = tracefile(text);
    assert_eq!(losses.to_string(), "1 VER record left out");
    let [lines, ours @ ..] = counted(&coverage);
    let [_, theirs @ ..] = stated(text);
    // gcovr counts the line of a template again for each instantiation.
    assert_eq!((lines, ours), ((5, 6), theirs));
    assert_eq!(functions(&coverage.files["/work/t.cpp"])[0], (3, "double twice<double>(double)", 1));
}

#[test]
fn windows_line_ends_a_byte_order_mark_comments_and_empty_lines_do_not_matter() {
    let text = format!("\u{feff}# made by hand\n\n{}", LLVM.replace('\n', "\r\n"));
    assert_eq!(tracefile(&text), tracefile(LLVM));
}

#[test]
fn sections_of_the_same_file_are_merged() {
    let twice = tracefile(&format!("TN:one\n{LLVM}TN:two\n{LLVM}TN:\n")).coverage;
    let file = &twice.files["/home/me/thing/src/lib.rs"];
    assert_eq!((twice.files.len(), lines(file)), (1, vec![(10, 6), (11, 4), (20, 0)]));
}

#[test]
fn functions_of_lcov_2_are_read() {
    let (three_fields, losses) = file("FN:1,3,a\nFN:5,9,b<K, V>\nFNDA:2,a\nFNDA:0,b<K, V>");
    assert_eq!((functions(&three_fields), losses.is_empty()), (vec![(1, "a", 2), (5, "b<K, V>", 0)], true));
    let (leaders, losses) = file("FNL:0,1,3\nFNA:0,2,a::<u8>\nFNA:0,1,a::<u16>\nFNL:1,5\nFNA:1,0,b,c");
    assert_eq!((functions(&leaders), losses.is_empty()), (vec![(1, "a::<u16>", 3), (5, "b,c", 0)], true));
}

#[test]
fn counts_of_functions_that_share_a_name_go_to_them_in_order() {
    let (shared, _) = file("FN:1,new\nFN:9,new\nFN:9,new\nFNDA:1,new\nFNDA:2,new\nFNDA:4,new\nFNDA:8,new");
    assert_eq!(functions(&shared), [(1, "new", 1), (9, "new", 14)]);
}

#[test]
fn a_count_of_a_function_that_was_never_declared_is_a_loss() {
    let (file, losses) = file("FNDA:1,a\nFN:3,b\nFNDA:2,b\nFNDA:3,c\nFNA:7,1,d");
    assert_eq!(functions(&file), [(3, "b", 2)]);
    assert_eq!(losses.times(&Loss::FunctionWithoutLine), 3);
}

#[test]
fn records_that_the_model_has_no_place_for_are_counted_by_kind() {
    let (file, losses) = file("VER:7\nMCDC:1,2,t,1,0,x\nMCDC:1,2,f,1,0,x\nMCF:2\nDA:1,1\nBRDA:4,U0,0,1");
    assert_eq!(lines(&file), [(1, 1)]);
    let told = "2 MCDC records left out, 1 MCF record left out, 1 VER record left out, \
                1 excluded branch record left out";
    assert_eq!(losses.to_string(), told);
}

#[test]
fn kinds_without_end_do_not_fill_the_memory() {
    let body = (0..1000).map(|kind| format!("X{kind}:1")).collect::<Vec<_>>().join("\n");
    let (_, losses) = file(&body);
    assert!(losses.iter().len() <= 33, "{}", losses.iter().len());
    assert_eq!(losses.iter().map(|(_, times)| times).sum::<u64>(), 1000);
}

#[test]
fn counts_outside_of_what_a_count_can_be_are_mended_and_told() {
    let (file, losses) = file(
        "DA:1,-3\nDA:2,18446744073709551616\nDA:3,18446744073709551615\nFN:1,a\nFNDA:-1,a\n\
                               BRDA:1,0,0,-7\nBRDA:1,0,1,99999999999999999999\nDA:4,-1,checksum",
    );
    assert_eq!(lines(&file), [(1, 0), (2, u64::MAX), (3, u64::MAX), (4, 0)]);
    assert_eq!(branches(&file), [(1, 0, 0, Some(0)), (1, 0, 1, Some(u64::MAX))]);
    assert_eq!((losses.times(&Loss::NegativeCount), losses.times(&Loss::HugeCount)), (4, 2));
}

#[test]
fn counts_that_add_up_beyond_the_greatest_stay_there() {
    let (file, _) = file("DA:1,18446744073709551615\nDA:1,5\nFN:1,a\nFNDA:18446744073709551615,a\nFNDA:9,a");
    assert_eq!((lines(&file), functions(&file)), (vec![(1, u64::MAX)], vec![(1, "a", u64::MAX)]));
}

#[test]
fn a_checksum_is_not_kept() {
    let (file, losses) = file("DA:1,4,c2hlY2tzdW0=");
    assert_eq!((lines(&file), losses.is_empty()), (vec![(1, 4)], true));
}

#[test]
fn branches_of_exceptions_and_expressions_are_numbered_alike_in_every_shard() {
    let (one, losses) = file("BRDA:1,e0,1,3\nBRDA:2,0,x > f(1, 2),-\nBRDA:2,0,else,4");
    let (other, _) = file("BRDA:2,0,else,4\nBRDA:2,0,x > f(1, 2),-\nBRDA:1,e0,1,3");
    assert_eq!((one.branches.len(), branches(&one)), (3, branches(&other)));
    assert_eq!((losses.times(&Loss::ExceptionBranch), losses.times(&Loss::NamedBranch)), (1, 2));
}

#[test]
fn a_tracefile_without_any_source_file_measured_nothing() {
    for text in ["", "\n\n", "TN:\n", "# nothing\nTN:test\n"] {
        assert_eq!(tracefile(text), Tracefile::default(), "{text:?}");
    }
}

#[test]
fn a_path_that_is_not_utf8_is_read_with_replaced_bytes() {
    let read = read(&b"SF:src/\xff.rs\nDA:1,1\nend_of_record\n"[..], "cov.info").unwrap();
    assert!(read.coverage.files.contains_key("src/\u{fffd}.rs"));
    assert_eq!(read.losses.times(&Loss::NotUtf8), 1);
}

#[test]
fn a_line_without_meaning_is_an_error_with_its_place() {
    assert_eq!(error("SF:a.rs\nDA:1\nend_of_record\n"), "cov.info:2: field `count` not found: `DA:1`");
    for line in [
        "DA:x,1",
        "DA:1,1.5",
        "DA:99999999999,1",
        "FN:,a",
        "FNDA:a",
        "BRDA:1,2,3",
        "LF:x",
        "FNL:1",
        "FNA:1,2",
        "SF:",
    ] {
        let message =
            error(&format!("TN:\n\nSF:a.rs\nDA:1,1\nend_of_record\nSF:b.rs\n{line}\nend_of_record\n"));
        assert!(message.starts_with("cov.info:7: ") && message.contains(line), "{message}");
    }
}

#[test]
fn another_kind_of_file_is_an_error_at_its_first_line() {
    let message = error("<?xml version=\"1.0\"?>\n<coverage>\n");
    assert_eq!(message, "cov.info:1: this is no record of a tracefile: `<?xml version=\\\"1.0\\\"?>`");
    assert!(error(&"é\t".repeat(90)).contains("é\\té\\t"), "control characters are escaped");
    assert!(error(&"é".repeat(900)).ends_with("éé…`"), "the excerpt is short");
}

#[test]
fn a_text_without_line_ends_is_refused_before_it_fills_the_memory() {
    let endless = BufReader::new(io::repeat(b'x').take(1 << 40));
    let error = read(endless, "core").unwrap_err();
    assert!(matches!(&error, LcovError::Read { source, .. } if source.kind() == ErrorKind::InvalidData));
}

#[test]
fn a_record_outside_of_a_section_is_an_error() {
    assert!(error("DA:1,1\n").starts_with("cov.info:1: this stands outside of a section"));
    assert!(error("TN:\nend_of_record\n").starts_with("cov.info:2: this ends no section"));
    assert!(error("SF:a.rs\nSF:b.rs\n").contains("the section of a.rs has no `end_of_record` before this"));
}

#[test]
fn a_tracefile_that_was_cut_off_says_where() {
    let message = error(LLVM.trim_end().trim_end_matches("end_of_record"));
    assert!(message.contains("cov.info ends within the section of /home/me/thing/src/lib.rs"), "{message}");
}

#[test]
fn records_are_written_in_the_order_of_geninfo() {
    let text = written(&tracefile(LLVM).coverage);
    let (before, branches) = LLVM.split_at(LLVM.find("DA:10").unwrap());
    let (counts, rest) = branches.split_at(branches.find("BRDA").unwrap());
    let (branches, totals) = rest.split_at(rest.find("LF").unwrap());
    assert_eq!(text, ["TN:\n", before, branches, counts, totals].concat());
}

#[test]
fn what_was_not_measured_has_no_total() {
    let coverage = Coverage { files: [("a.rs".to_owned(), FileCoverage::default())].into() };
    assert_eq!(written(&coverage), "TN:\nSF:a.rs\nLF:0\nLH:0\nend_of_record\n");
}

#[test]
fn what_the_format_has_no_words_for_is_refused() {
    let function = Function { line: 1, name: "a\nDA:1,1".to_owned(), count: 0 };
    let named = FileCoverage { functions: vec![function], ..FileCoverage::default() };
    for (path, file) in
        [("", <_>::default()), ("a\nb.rs", <_>::default()), ("a\r", <_>::default()), ("a.rs", named)]
    {
        let coverage = Coverage { files: [(path.to_owned(), file)].into() };
        let error = write(&coverage, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{path:?}");
    }
}

#[test]
fn a_carriage_return_within_a_line_belongs_to_it() {
    let read = tracefile("SF:a\rb.rs\r\nend_of_record\r\n").coverage;
    assert!(read.files.contains_key("a\rb.rs"));
    assert_eq!(tracefile(&written(&read)).coverage, read);
}

#[test]
fn many_files_are_read() {
    let section = |file| format!("SF:src/{file}.rs\nDA:1,1\nend_of_record");
    let text = (0..100_000).map(section).collect::<Vec<_>>().join("\n");
    assert_eq!(tracefile(&text).coverage.totals().lines.total, 100_000);
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(coverage in coverage()) {
        let read = tracefile(&written(&coverage));
        prop_assert!(read.losses.is_empty(), "{}", read.losses);
        prop_assert_eq!(read.coverage, without_regions(&coverage));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(TN:|SF:|FN:|FNDA:|FNL:|FNA:|DA:|BRDA:|LF:|MCDC:|end_of_record|[0-9]{1,20}|[,:\n-]|\\PC){0,60}") {
        if let Ok(tracefile) = read(text.as_bytes(), "any.info") {
            prop_assert_eq!(self::tracefile(&written(&tracefile.coverage)).coverage, tracefile.coverage);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(bytes.as_slice(), "any.info");
    }
}
