//! Raw profiles, as a program built with `-Cinstrument-coverage` writes them when it ends: LLVM's raw format,
//! version 10 (`InstrProfData.inc`: a header of sixteen numbers, binary ids, a record for each function, counters,
//! bitmaps, names, virtual tables, values). A file may hold several, one behind the other.
//!
//! Names are not read: a record names its function by a hash, and so does the coverage map.

use super::{
    bytes::{Bytes, Order},
    fault::Fault,
};

/// The version that rustc 1.82 and later write.
const VERSION: u64 = 10;
const HEADER: usize = 16 * 8;
// `\xfflprofr\x81`, and with `R` in the place of `r` from a machine of 32 bits, `i` in an indexed profile.
const MAGIC_WIDE: u64 = 0xff6c_7072_6f66_7281;
const MAGIC_NARROW: u64 = 0xff6c_7072_6f66_5281;
const MAGIC_INDEXED: u64 = 0xff6c_7072_6f66_6981;

/// One raw profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawProfile<'a> {
    /// The records of the functions.
    pub(super) data: &'a [u8],
    /// The counters of all functions, eight bytes each.
    pub(super) counters: &'a [u8],
    /// What the program's machine decided.
    pub(super) machine: Machine,
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

    /// The bytes of values behind a profile: a block of its own size for each function that has any.
    fn skip_values(self, data: &[u8], bytes: &mut Bytes<'_>) -> Result<(), Fault> {
        let sites = if self.wide { 52..58 } else { 36..42 };
        for record in data.chunks_exact(self.record_size()) {
            if record.get(sites.clone()).unwrap_or_default().iter().all(|byte| *byte == 0) {
                continue;
            }
            let size = self.order.u32(bytes.rest()) as usize;
            if size < 8 || !size.is_multiple_of(8) {
                return Err(bytes.fault("the size of a function's values is wrong"));
            }
            bytes.take(size)?;
        }
        Ok(())
    }
}

/// The next profile of a file; none at its end.
pub(super) fn next<'a>(bytes: &mut Bytes<'a>) -> Result<Option<RawProfile<'a>>, Fault> {
    let start = bytes.at();
    if bytes.is_empty() {
        return Ok(None);
    }
    let header =
        bytes.take(HEADER).map_err(|_| Fault::damaged(start, "the header of a profile is cut off"))?;
    let (order, wide) = kind(header).ok_or(Fault::damaged(start, "this is no profile"))??;
    let mut fields = header.chunks_exact(8).map(|number| order.u64(number)).skip(1);
    let mut field = || fields.next().unwrap_or_default();
    let version = field();
    // The highest byte says what was measured; any bit of it is another kind of profile.
    if version != VERSION {
        return Err(Fault::Unknown { what: "raw profile", version: version & 0x00ff_ffff_ffff_ffff });
    }
    let (ids, records, before_counters, counters) = (field(), field(), field(), field());
    let (after_counters, bitmap, after_bitmap, names) = (field(), field(), field(), field());
    let (delta, _bitmap_delta, _names_delta, tables, table_names) =
        (field(), field(), field(), field(), field());
    let machine = Machine { order, wide, delta };

    bytes.take_u64(ids)?;
    let data = bytes.take_u64(records.saturating_mul(machine.record_size() as u64))?;
    bytes.take_u64(before_counters)?;
    let counters = bytes.take_u64(counters.saturating_mul(8))?;
    bytes.take_u64(after_counters)?;
    bytes.take_u64(bitmap)?;
    bytes.take_u64(after_bitmap)?;
    for size in [names, tables.saturating_mul(machine.table_size()), table_names] {
        bytes.take_u64(size)?;
        let padding = size.wrapping_neg() % 8;
        bytes.take_u64(padding)?;
    }
    machine.skip_values(data, bytes)?;
    // Zeros fill up to the next header, and a header begins with a byte that is none.
    bytes.skip_zeros();
    Ok(Some(RawProfile { data, counters, machine }))
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
