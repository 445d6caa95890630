use std::fmt::Debug;

fn shown<T: Debug>(item: T, twice: bool) -> String {
    if twice {
        return format!("{item:?}{item:?}");
    }
    format!("{item:?}")
}

fn never(n: u32) -> u32 {
    n + 1
}

fn main() {
    let mut length = 0;
    for n in 0..3 {
        length += shown(n, n > 0).len();
    }
    length += shown("text", false).len();
    if length > 1_000 { never(1); }
    let last = |n: usize| n == 11;
    assert!(last(length), "{length}");
}
