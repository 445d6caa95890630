//! Pieces of a layer: where it is cut, and which of them an earlier layer has packed already. It is cut where its content says
//! so, not at fixed places: data that moved by some bytes, because something before it grew, is cut as before from its second
//! piece on. Source of the way to cut: Xia et al., "`FastCDC`", USENIX ATC 2016.

use std::collections::HashMap;

use flate2::Crc;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The fewest and the most bytes of a piece. What one piece repeats of another is not found: larger pieces pack better, smaller
/// ones share work better.
const LEAST: usize = 1 << 17;
const MOST: usize = 3 << 17;

/// Beyond the fewest, one byte of so many ends a piece.
const ONE_OF: u64 = 1 << 17;

/// What each value of a byte adds to a number that depends on the latest 64 bytes, and on nothing else.
const GEAR: [u64; 256] = {
    let (mut table, mut number, mut state) = ([0; 256], 0, 0_u64);
    while number < 256 {
        // SplitMix64: numbers without a pattern, always the same ones.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        table[number] = mixed ^ (mixed >> 31);
        number += 1;
    }
    table
};

/// Cuts bytes that come little by little into pieces.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    piece: Vec<u8>,
    latest: u64,
    is_whole: bool,
}

impl Cutter {
    /// Takes bytes until a piece is whole. How many it took: none only when a whole piece waits to be taken.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> usize {
        if self.is_whole {
            return 0;
        }
        if self.piece.capacity() == 0 {
            self.piece.reserve_exact(MOST);
        }
        let first = LEAST.saturating_sub(self.piece.len()).min(bytes.len());
        let room = (MOST - self.piece.len()).min(bytes.len());
        let mut taken = first;
        for byte in bytes.get(first..room).unwrap_or_default() {
            taken += 1;
            self.latest = (self.latest << 1).wrapping_add(GEAR[usize::from(*byte)]);
            if self.latest < u64::MAX / ONE_OF {
                self.is_whole = true;
                break;
            }
        }
        self.piece.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        self.is_whole |= self.piece.len() >= MOST;
        taken
    }

    /// The piece, when it is whole.
    pub(super) fn whole(&mut self) -> Option<Vec<u8>> {
        self.is_whole.then(|| self.rest())
    }

    /// The piece as it is.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(self).piece
    }
}

/// A piece of a packed layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// Of its bytes as they were before.
    digest: Digest,
    /// Where it begins in the packed layer, and how many bytes it has there.
    start: usize,
    size: usize,
    /// Of these bytes: whether they are still what they were.
    checksum: u32,
}

impl Piece {
    /// A piece with this digest, packed into these bytes, which begin there.
    pub(super) fn new(digest: Digest, start: usize, packed: &[u8]) -> Self {
        Self { digest, start, size: packed.len(), checksum: checksum(packed) }
    }
}

#[cfg(test)]
impl Piece {
    /// Whether another one has the same content.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

/// A layer that was packed before.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    blob: Vec<u8>,
    pieces: HashMap<Digest, Piece>,
}

impl Earlier {
    /// The layer of these bytes, cut into these pieces.
    pub(super) fn new(blob: Vec<u8>, pieces: Vec<Piece>) -> Self {
        let by_digest = |piece: Piece| (piece.digest.clone(), piece);
        Self { blob, pieces: pieces.into_iter().map(by_digest).collect() }
    }

    /// Whether there is nothing to take from it.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// What a piece of this digest was packed into; none when it is not in the layer, or damaged there.
    pub(super) fn packed(&self, digest: &Digest) -> Option<&[u8]> {
        let piece = self.pieces.get(digest)?;
        let packed = self.blob.get(piece.start..)?.get(..piece.size)?;
        (checksum(packed) == piece.checksum).then_some(packed)
    }
}

#[cfg(test)]
impl Earlier {
    /// How many pieces it has that another one has too.
    pub(super) fn shared(&self, other: &Self) -> usize {
        self.pieces.keys().filter(|digest| other.pieces.contains_key(digest)).count()
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8], at_once: usize) -> Vec<Vec<u8>> {
        let (mut cutter, mut pieces) = (Cutter::default(), Vec::new());
        for mut part in bytes.chunks(at_once) {
            while !part.is_empty() {
                part = &part[cutter.fill(part)..];
                pieces.extend(cutter.whole());
            }
        }
        pieces.push(cutter.rest());
        pieces
    }

    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..bytes).map(|_| next()).collect()
    }

    #[test]
    fn pieces_are_all_of_it_whatever_comes_at_once() {
        let bytes = noise(5 << 19);
        let pieces = cut(&bytes, usize::MAX);
        assert_eq!(pieces.concat(), bytes);
        assert_eq!(pieces, cut(&bytes, 4095));
        let (last, others) = pieces.split_last().unwrap();
        assert!(last.len() <= MOST && others.iter().all(|piece| (LEAST..=MOST).contains(&piece.len())));
        assert!(
            others.iter().filter(|piece| piece.len() < MOST).count() > 4,
            "content cuts, not length alone"
        );
        assert_eq!(cut(&vec![0; 4 * MOST], 1 << 16).iter().map(Vec::len).max(), Some(MOST));
        assert_eq!(cut(b"", 1), [b""]);
    }

    #[test]
    fn what_moved_is_cut_as_before() {
        let bytes = noise(2 << 20);
        let before = cut(&bytes, usize::MAX);
        let after = cut(&[b"something that grew".as_slice(), &bytes].concat(), usize::MAX);
        let same = after.iter().filter(|piece| before.contains(piece)).count();
        assert!(same + 4 > before.len(), "{same} of {}", before.len());
    }

    #[test]
    fn what_is_damaged_is_not_taken() {
        let (digest, other) = (Digest::of(b"plain"), Digest::of(b"other"));
        let earlier =
            |blob: &[u8]| Earlier::new(blob.to_vec(), vec![Piece::new(digest.clone(), 2, b"packed")]);
        assert_eq!(earlier(b"..packed.").packed(&digest), Some(&b"packed"[..]));
        assert_eq!(earlier(b"..packed.").packed(&other), None);
        assert_eq!(earlier(b"..pocked.").packed(&digest), None);
        assert_eq!(earlier(b"..pack").packed(&digest), None);
    }
}
