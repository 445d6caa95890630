//! Raw profiles, as a program built with `-Cinstrument-coverage` writes them when it ends: LLVM's raw format,
//! version 10 (`InstrProfData.inc`: a header of sixteen numbers, binary ids, a record for each function, counters,
//! bitmaps, names, virtual tables, values). A file may hold several, one behind the other.
//!
//! Names are not read: a record names its function by a hash, and so does the coverage map.

use std::ops::Range;

use super::{
    bytes::{Bytes, Order},
    fault::Fault,
};

/// The version that rustc 1.82 and later write.
const VERSION: u64 = 10;
/// The size of a header.
pub(super) const HEADER: usize = 16 * 8;
// `\xfflprofr\x81`, and with `R` in the place of `r` from a machine of 32 bits, `i` in an indexed profile.
const MAGIC_WIDE: u64 = 0xff6c_7072_6f66_7281;
const MAGIC_NARROW: u64 = 0xff6c_7072_6f66_5281;
const MAGIC_INDEXED: u64 = 0xff6c_7072_6f66_6981;

/// Where the parts of one raw profile are in its file.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    /// What the program's machine decided.
    pub(super) machine: Machine,
    /// The ids of the program and of the libraries that it is made of; empty where the linker gives none.
    pub(super) ids: Range<u64>,
    /// The records of the functions.
    pub(super) data: Range<u64>,
    /// The counters of all functions, eight bytes each.
    pub(super) counters: Range<u64>,
    /// Where the values begin, which no Rust program has.
    pub(super) values: u64,
}

/// How a profile is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    /// The order of bytes.
    pub(super) order: Order,
    /// Whether addresses have 64 bits rather than 32.
    wide: bool,
    /// How far the counters lay behind the records in the program's memory.
    delta: u64,
}

/// The record of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The hash of its name.
    pub(super) name: u64,
    /// The hash of its structure.
    pub(super) hash: u64,
    /// Its first counter.
    pub(super) first: usize,
    /// How many counters it has.
    pub(super) count: usize,
}

impl Machine {
    fn record_size(self) -> usize {
        if self.wide { 64 } else { 48 }
    }

    fn table_size(self) -> u64 {
        if self.wide { 24 } else { 16 }
    }

    /// The records in `data`, for so many counters.
    pub(super) fn records(self, data: &[u8], counters: usize) -> impl Iterator<Item = Result<Record, Fault>> {
        let size = self.record_size();
        data.chunks_exact(size).enumerate().map(move |(index, record)| {
            let at = index * size;
            let (head, numbers) = record.split_at(if self.wide { 48 } else { 32 });
            let (name, rest) = head.split_at(8);
            let (hash, pointer) = rest.split_at(8);
            // The distance from this record to its first counter, while `delta` is that of the first record.
            let offset = if self.wide {
                self.order.u64(pointer).wrapping_sub(self.delta).wrapping_add(at as u64)
            } else {
                let distance = u64::from(self.order.u32(pointer)).wrapping_sub(self.delta);
                distance.wrapping_add(at as u64) & u64::from(u32::MAX)
            };
            let count = self.order.u32(numbers) as usize;
            let first = usize::try_from(offset)
                .ok()
                .filter(|offset| offset.is_multiple_of(8))
                .map(|offset| offset / 8);
            let first = first
                .filter(|first| count > 0 && first.checked_add(count).is_some_and(|end| end <= counters));
            let first =
                first.ok_or(Fault::damaged(at, "the counters of a function are not among the counters"))?;
            Ok(Record { name: self.order.u64(name), hash: self.order.u64(hash), first, count })
        })
    }

    /// The size of the values behind a profile with these records: a block of its own size for each function that
    /// has any.
    pub(super) fn values_size(self, data: &[u8], values: &[u8]) -> Result<u64, Fault> {
        let mut bytes = Bytes::new(values);
        for _ in data.chunks_exact(self.record_size()).filter(|record| self.has_values(record)) {
            let size = self.order.u32(bytes.rest()) as usize;
            if size < 8 || !size.is_multiple_of(8) {
                return Err(bytes.fault("the size of a function's values is wrong"));
            }
            bytes.take(size)?;
        }
        Ok(bytes.at() as u64)
    }

    /// Whether any function of these records has values.
    pub(super) fn has_values(self, data: &[u8]) -> bool {
        let sites = if self.wide { 52..58 } else { 36..42 };
        let mut records = data.chunks_exact(self.record_size());
        records.any(|record| record.get(sites.clone()).unwrap_or_default().iter().any(|byte| *byte != 0))
    }
}

impl Profile {
    /// The profile of a header that stands at `at` in a file of so many bytes.
    pub(super) fn new(header: &[u8; HEADER], at: u64, length: u64) -> Result<Self, Fault> {
        let (order, wide) =
            kind(header).ok_or(Fault::Damaged { offset: at, what: "this is no profile".into() })??;
        let mut fields = header.chunks_exact(8).map(|number| order.u64(number)).skip(1);
        let mut field = || fields.next().unwrap_or_default();
        // The highest byte says how it was measured: for optimisation, with counters of one byte and so on.
        let version = field();
        if version != VERSION {
            let usual = version >> 56 == 0;
            let what = if usual { "raw profile" } else { "raw profile of another instrumentation" };
            return Err(Fault::Unknown { what, version: version & !(0xff << 56) });
        }
        let (ids, records, before_counters, counters) = (field(), field(), field(), field());
        let (after_counters, bitmap, after_bitmap, names) = (field(), field(), field(), field());
        let (delta, _bitmap_delta, _names_delta) = (field(), field(), field());
        let (tables, table_names) = (field(), field());
        let machine = Machine { order, wide, delta };

        let mut end = at.saturating_add(HEADER as u64);
        let mut part = |size: u64| {
            let start = end;
            end = end.saturating_add(size);
            start..end
        };
        let ids = part(ids);
        let data = part(records.saturating_mul(machine.record_size() as u64));
        part(before_counters);
        let counters = part(counters.saturating_mul(8));
        for size in [after_counters, bitmap, after_bitmap] {
            part(size);
        }
        // Names and tables are filled up to eight bytes.
        for size in [names, tables.saturating_mul(machine.table_size()), table_names] {
            part(size.checked_next_multiple_of(8).unwrap_or(u64::MAX));
        }
        if end > length {
            return Err(Fault::Damaged { offset: length, what: "the profile is cut off".into() });
        }
        Ok(Self { machine, ids, data, counters, values: end })
    }
}

/// What the first eight bytes say; none when they are no profile's.
fn kind(header: &[u8]) -> Option<Result<(Order, bool), Fault>> {
    [Order::Little, Order::Big].into_iter().find_map(|order| match order.u64(header) {
        MAGIC_WIDE => Some(Ok((order, true))),
        MAGIC_NARROW => Some(Ok((order, false))),
        MAGIC_INDEXED => {
            let version = order.u64(header.get(8..).unwrap_or_default()) & 0x00ff_ffff_ffff_ffff;
            Some(Err(Fault::Unknown { what: "indexed profile", version }))
        }
        _ => None,
    })
}
