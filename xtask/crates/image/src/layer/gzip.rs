//! Gzip by all processors. The stream is cut into pieces and each is packed on its own, so the bytes do not depend on how many
//! processors there are, nor on what was packed before; any reader of gzip reads it, as it is one member with one checksum. What
//! is packed goes out while later pieces still come in. Sources: RFC 1951, RFC 1952.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::pieces::{Cutter, Earlier, Piece};
use crate::digest::Digest;

/// The most threads that pack.
const THREADS: usize = 16;

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
    cutter: Cutter,
    workers: Workers,
    /// Pieces that were given to the workers, and those of them that went out.
    given: usize,
    gone: usize,
    /// What is ready before its turn.
    ready: BTreeMap<usize, Packed>,
    crc: Crc,
    /// Bytes that went out.
    written: usize,
    /// Which pieces went out, when anybody wants to know.
    pieces: Vec<Piece>,
}

/// A piece and its number.
type Job = (usize, Vec<u8>);

/// The threads that pack. They end when this is dropped.
struct Workers {
    level: Compression,
    earlier: Option<Arc<Earlier>>,
    most: usize,
    running: usize,
    jobs: Sender<Job>,
    waiting: Arc<Mutex<Receiver<Job>>>,
    done: Sender<(usize, io::Result<Packed>)>,
    ready: Receiver<(usize, io::Result<Packed>)>,
    /// What each of them does with a piece.
    pack: Pack,
}

type Pack = fn(&mut Packer, &[u8]) -> io::Result<Packed>;

/// A piece as blocks that end at a whole byte, and its checksum.
struct Packed {
    bytes: Vec<u8>,
    crc: Crc,
    /// Its digest, when anybody wants to know.
    digest: Option<Digest>,
}

impl<W: Write> Writer<W> {
    /// Pieces that an earlier layer of this level has are taken from there; the bytes are the same.
    pub(crate) fn new(out: W, level: Level, earlier: Option<Earlier>) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
        Self::with_threads(out, level, threads, earlier)
    }

    fn with_threads(out: W, level: Level, threads: usize, earlier: Option<Earlier>) -> Self {
        let workers = Workers::new(Compression::new(level.0), threads, earlier.map(Arc::new));
        Self {
            out,
            cutter: Cutter::default(),
            workers,
            given: 0,
            gone: 0,
            ready: BTreeMap::new(),
            crc: Crc::new(),
            written: 0,
            pieces: Vec::new(),
        }
    }

    /// Writes what is left, and the end. Which pieces it is made of, when it was made after an earlier one.
    pub(crate) fn finish(mut self) -> io::Result<Vec<Piece>> {
        let last = self.cutter.rest();
        if self.given == 0 {
            // One piece is not worth a thread.
            self.ready.insert(0, self.workers.packer().pack(&last)?);
            self.put_ready()?;
        } else {
            self.give(last)?;
            while self.gone < self.given {
                self.receive()?;
            }
        }
        self.out.write_all(&LAST_BLOCK)?;
        self.out.write_all(&self.crc.sum().to_le_bytes())?;
        self.out.write_all(&self.crc.amount().to_le_bytes())?;
        self.out.flush()?;
        Ok(self.pieces)
    }

    /// Gives a piece to the workers. No more than two for each of them are in memory.
    fn give(&mut self, piece: Vec<u8>) -> io::Result<()> {
        while self.given - self.gone >= 2 * self.workers.most {
            self.receive()?;
        }
        self.workers.give(self.given, piece)?;
        self.given += 1;
        while let Ok((number, packed)) = self.workers.ready.try_recv() {
            self.ready.insert(number, packed?);
        }
        self.put_ready()
    }

    /// Waits for a piece.
    fn receive(&mut self) -> io::Result<()> {
        let (number, packed) = self.workers.ready.recv().map_err(|_| died())?;
        self.ready.insert(number, packed?);
        self.put_ready()
    }

    /// Writes the pieces whose turn it is.
    fn put_ready(&mut self) -> io::Result<()> {
        while let Some(packed) = self.ready.remove(&self.gone) {
            if self.gone == 0 {
                self.out.write_all(&HEAD)?;
                self.written = HEAD.len();
            }
            self.out.write_all(&packed.bytes)?;
            self.pieces.extend(packed.digest.map(|digest| Piece::new(digest, self.written, &packed.bytes)));
            self.written += packed.bytes.len();
            self.crc.combine(&packed.crc);
            self.gone += 1;
        }
        Ok(())
    }
}

impl Workers {
    fn new(level: Compression, most: usize, earlier: Option<Arc<Earlier>>) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let (done, ready) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        Self { level, earlier, most: most.max(1), running: 0, jobs, waiting, done, ready, pack: Packer::pack }
    }

    fn give(&mut self, number: usize, piece: Vec<u8>) -> io::Result<()> {
        if self.running < self.most {
            self.start()?;
        }
        self.jobs.send((number, piece)).map_err(|_| died())
    }

    fn packer(&self) -> Packer {
        Packer { encoder: DeflateEncoder::new(Vec::new(), self.level), earlier: self.earlier.clone() }
    }

    fn start(&mut self) -> io::Result<()> {
        let mut packer = self.packer();
        let (waiting, done) = (Arc::clone(&self.waiting), self.done.clone());
        let pack = self.pack;
        let next = move || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let work = move || {
            while let Ok((number, piece)) = next() {
                // Who waits for a piece waits for ever when its thread ends without a word.
                let outcome = catch_unwind(AssertUnwindSafe(|| pack(&mut packer, &piece)));
                if done.send((number, outcome.unwrap_or_else(|_| Err(died())))).is_err() {
                    return;
                }
            }
        };
        match thread::Builder::new().name("gzip".to_owned()).spawn(work) {
            Ok(_) => self.running += 1,
            // Those that run do it all.
            Err(_) if self.running > 0 => self.most = self.running,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn died() -> io::Error {
    io::Error::other("a thread that packs ended")
}

/// Packs one piece after the other.
struct Packer {
    encoder: DeflateEncoder<Vec<u8>>,
    earlier: Option<Arc<Earlier>>,
}

impl Packer {
    fn pack(&mut self, piece: &[u8]) -> io::Result<Packed> {
        let mut crc = Crc::new();
        crc.update(piece);
        let digest = self.earlier.as_ref().map(|_| Digest::of(piece));
        if let (Some(earlier), Some(digest)) = (&self.earlier, &digest)
            && let Some(bytes) = earlier.packed(digest)
        {
            return Ok(Packed { bytes: bytes.to_vec(), crc, digest: Some(digest.clone()) });
        }
        self.encoder.get_mut().reserve(piece.len() / 2);
        self.encoder.write_all(piece)?;
        // A flush ends the blocks at a whole byte without marking the last one as the end of the stream.
        self.encoder.flush()?;
        let bytes = std::mem::take(self.encoder.get_mut());
        // Its tables are large: clearing them is cheaper than new ones.
        self.encoder.reset(Vec::new())?;
        Ok(Packed { bytes, crc, digest })
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(piece) = self.cutter.whole() {
            self.give(piece)?;
        }
        Ok(self.cutter.fill(bytes))
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
        let mut writer = Writer::with_threads(&mut out, Level::new(level), threads, None);
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
        assert_eq!(unpacked(&one), text);
    }

    #[test]
    fn what_was_packed_before_makes_no_difference_to_the_bytes() {
        let text: Vec<u8> = (0_u32..900_000).flat_map(|number| (number / 3).to_le_bytes()).collect();
        let changed = [b"more", &text[..2_000_000], b"line", &text[2_000_000..]].concat();
        let after = |bytes: &[u8], earlier| {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out, Level::new(3), Some(earlier));
            writer.write_all(bytes).unwrap();
            let pieces = writer.finish().unwrap();
            (out, pieces)
        };
        let (first, pieces) = after(&text, Earlier::default());
        assert!(first == gzip(&text, 3, 2), "with nothing before it");
        let count = pieces.len();
        let (second, again) = after(&changed, Earlier::new(first.clone(), pieces.clone()));
        assert!(second == gzip(&changed, 3, 2), "with most of it known");
        let known = again.iter().filter(|piece| pieces.iter().any(|before| before.is_of(piece))).count();
        assert!(known > count / 2, "{known} of {count}");

        let mut damaged = first;
        damaged[100_000..].fill(0);
        assert!(after(&changed, Earlier::new(damaged, pieces)).0 == second, "with most of it damaged");
    }

    #[test]
    fn nothing_is_a_stream_too() {
        assert_eq!(unpacked(&gzip(b"", 6, 2)), b"");
        for size in [1, 3 << 17, 1 << 20] {
            assert_eq!(unpacked(&gzip(&vec![7; size], 1, 2)).len(), size);
        }
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
            let mut writer = Writer::with_threads(Full(writes), Level::new(1), 2, None);
            let ended = writer.write_all(&vec![7; 4 << 20]).and_then(|()| writer.finish());
            assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::StorageFull);
        }
    }

    #[test]
    fn a_thread_that_panics_is_an_error_and_no_wait_without_end() {
        for threads in [1, 2] {
            let mut writer = Writer::with_threads(Vec::new(), Level::new(1), threads, None);
            writer.workers.pack = |_, _| panic!("this belongs to a test");
            let ended = writer.write_all(&vec![7; 16 << 20]).and_then(|()| writer.finish().map(drop));
            assert_eq!(ended.unwrap_err().to_string(), "a thread that packs ended");
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(bytes in proptest::collection::vec(any::<u8>(), 0..2000), level in 0_u32..10) {
            prop_assert_eq!(unpacked(&gzip(&bytes, level, 2)), bytes);
        }
    }
}
