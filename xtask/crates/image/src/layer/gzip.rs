//! Gzip by all processors. The stream is cut at fixed places and each piece packed on its own, so the bytes do not depend on
//! how many processors there are; any reader of gzip reads it, as it is one member with one checksum. Sources: RFC 1951, RFC 1952.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Bytes of a piece. What one piece repeats of another is not found: larger pieces pack better, smaller ones share work better.
const PIECE: usize = 1 << 20;

/// The most pieces that are packed, and held in memory, at a time.
const PIECES: usize = 16;

/// No name, no time, no operating system: nothing that could differ.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A last block without content.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// How hard to try, from 0 (store) to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(u32);

impl Level {
    /// This level; more than 9 is 9.
    #[must_use]
    pub fn new(level: u32) -> Self {
        Self(level.min(9))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// A writer that packs what goes through it.
pub(crate) struct Writer<W> {
    out: W,
    level: Level,
    threads: usize,
    pieces: Vec<Vec<u8>>,
    crc: Crc,
    begun: bool,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W, level: Level) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(PIECES);
        Self::with_threads(out, level, threads)
    }

    fn with_threads(out: W, level: Level, threads: usize) -> Self {
        Self { out, level, threads, pieces: Vec::new(), crc: Crc::new(), begun: false }
    }

    /// Writes what is left, and the end.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.pack()?;
        end(&mut self.out, &self.crc)
    }

    fn pack(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            self.out.write_all(&HEAD)?;
        }
        let level = Compression::new(self.level.0);
        let pieces = std::mem::take(&mut self.pieces);
        let packed = thread::scope(|scope| {
            let pack = |piece| scope.spawn(move || packed(piece, level));
            let workers: Vec<_> = pieces.iter().map(|piece| pack(piece.as_slice())).collect();
            let died = |_| Err(io::Error::other("a thread that packs ended"));
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(died)).collect::<Vec<_>>()
        });
        for piece in packed {
            let (bytes, crc) = piece?;
            self.out.write_all(&bytes)?;
            self.crc.combine(&crc);
        }
        Ok(())
    }
}

/// Packs bytes that are in memory: the same bytes come out as from a [`Writer`], which waits for all of its threads before it
/// fills pieces anew.
pub(crate) fn write(bytes: &[u8], level: Level, mut out: impl Write) -> io::Result<()> {
    let pieces: Vec<&[u8]> = bytes.chunks(PIECE).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from).min(pieces.len());
    let next = AtomicUsize::new(0);
    let (done, ready) = mpsc::channel();
    let level = Compression::new(level.0);
    let mut crc = Crc::new();
    out.write_all(&HEAD)?;
    thread::scope(|scope| {
        for _ in 0..threads {
            let (done, pieces, next) = (done.clone(), &pieces, &next);
            scope.spawn(move || {
                while let Some((number, piece)) = taken(pieces, next) {
                    if done.send((number, packed(piece, level))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        // Those that are ready before their turn.
        let mut waiting: Vec<Option<(Vec<u8>, Crc)>> = pieces.iter().map(|_| None).collect();
        for number in 0..pieces.len() {
            while waiting.get(number).is_some_and(Option::is_none) {
                let (number, piece) =
                    ready.recv().map_err(|_| io::Error::other("a thread that packs ended"))?;
                if let Some(place) = waiting.get_mut(number) {
                    *place = Some(piece?);
                }
            }
            if let Some((bytes, piece)) = waiting.get_mut(number).and_then(Option::take) {
                out.write_all(&bytes)?;
                crc.combine(&piece);
            }
        }
        Ok::<_, io::Error>(())
    })?;
    end(&mut out, &crc)
}

/// The next piece that nobody packs yet.
fn taken<'a>(pieces: &[&'a [u8]], next: &AtomicUsize) -> Option<(usize, &'a [u8])> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    pieces.get(number).map(|piece| (number, *piece))
}

fn end(out: &mut impl Write, crc: &Crc) -> io::Result<()> {
    out.write_all(&LAST_BLOCK)?;
    out.write_all(&crc.sum().to_le_bytes())?;
    out.write_all(&crc.amount().to_le_bytes())?;
    out.flush()
}

/// A piece as blocks that end at a whole byte, and its checksum.
fn packed(piece: &[u8], level: Compression) -> io::Result<(Vec<u8>, Crc)> {
    let mut crc = Crc::new();
    crc.update(piece);
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(piece.len() / 2), level);
    encoder.write_all(piece)?;
    // A flush ends the blocks at a whole byte without marking the last one as the end of the stream.
    encoder.flush()?;
    Ok((std::mem::take(encoder.get_mut()), crc))
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_full = |piece: &Vec<u8>| piece.len() >= PIECE;
        if self.pieces.last().is_none_or(is_full) {
            if self.pieces.len() == self.threads {
                self.pack()?;
            }
            self.pieces.push(Vec::with_capacity(PIECE));
        }
        let Some(piece) = self.pieces.last_mut() else {
            return Ok(0);
        };
        let taken = bytes.len().min(PIECE - piece.len());
        piece.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8], level: u32, threads: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = Writer::with_threads(&mut out, Level::new(level), threads);
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap();
        out
    }

    fn unpacked(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        // One member only: what came after it would be seen as missing.
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bytes() {
        let text: Vec<u8> = (0_u32..600_000).flat_map(|number| (number / 3).to_le_bytes()).collect();
        let one = gzip(&text, 3, 1);
        assert_eq!(one, gzip(&text, 3, 2));
        assert_eq!(one, gzip(&text, 3, 16));
        let mut at_once = Vec::new();
        write(&text, Level::new(3), &mut at_once).unwrap();
        assert!(at_once == one, "from memory");
        assert_eq!(unpacked(&one), text);
    }

    #[test]
    fn nothing_is_a_stream_too() {
        assert_eq!(unpacked(&gzip(b"", 6, 2)), b"");
        for size in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
            assert_eq!(unpacked(&gzip(&vec![7; size], 1, 2)).len(), size);
        }
        let mut at_once = Vec::new();
        write(b"", Level::new(6), &mut at_once).unwrap();
        assert_eq!(at_once, gzip(b"", 6, 2));
    }

    #[test]
    fn a_writer_that_fails_ends_it() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        // The head, or one of the pieces, is the last that fits.
        for writes in 0..3 {
            let error = write(&vec![7; 4 * PIECE], Level::new(1), Full(writes)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(bytes in proptest::collection::vec(any::<u8>(), 0..2000), level in 0_u32..10) {
            prop_assert_eq!(unpacked(&gzip(&bytes, level, 2)), bytes);
        }
    }
}
