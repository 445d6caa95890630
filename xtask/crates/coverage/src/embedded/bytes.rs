//! A place in bytes from outside that only moves forward and never beyond their end.

use super::fault::Fault;

/// The order of a number's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The lowest byte first.
    Little,
    /// The highest byte first.
    Big,
}

impl Order {
    /// A number of four bytes; missing ones count as zero.
    pub(super) fn u32(self, bytes: &[u8]) -> u32 {
        let bytes = bytes.first_chunk().copied().unwrap_or_default();
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// A number of eight bytes; missing ones count as zero.
    pub(super) fn u64(self, bytes: &[u8]) -> u64 {
        let bytes = bytes.first_chunk().copied().unwrap_or_default();
        match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        }
    }
}

/// Bytes and how many of them are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    /// At the beginning of the bytes.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    /// How many bytes are read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.data.get(self.at..).unwrap_or_default()
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.data.len()
    }

    /// A fault at this place.
    pub(super) fn fault(&self, what: &'static str) -> Fault {
        Fault::damaged(self.at, what)
    }

    /// The next so many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.data.len());
        let taken = end.and_then(|end| self.data.get(self.at..end));
        let taken = taken.ok_or_else(|| self.fault("the data ends too early"))?;
        self.at += count;
        Ok(taken)
    }

    /// The next so many bytes, the count being a number from outside.
    pub(super) fn take_u64(&mut self, count: u64) -> Result<&'a [u8], Fault> {
        let count = usize::try_from(count).map_err(|_| self.fault("the data ends too early"))?;
        self.take(count)
    }

    /// Leaves out up to `count` bytes, as far as there are any.
    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.data.len());
    }

    /// Leaves out zeros.
    pub(super) fn skip_zeros(&mut self) {
        self.at += self.rest().iter().take_while(|byte| **byte == 0).count();
    }

    /// A number of seven bits a byte, the lowest first ("ULEB128" in LLVM's documents).
    pub(super) fn leb(&mut self) -> Result<u64, Fault> {
        let mut value = 0_u64;
        let mut shift = 0_u32;
        loop {
            let Some(&byte) = self.data.get(self.at) else {
                return Err(self.fault("the data ends within a number"));
            };
            let bits = u64::from(byte & 0x7f);
            if shift > 63 && bits != 0 || shift == 63 && bits > 1 {
                return Err(self.fault("a number has more than 64 bits"));
            }
            if shift <= 63 {
                value |= bits << shift;
            }
            self.at += 1;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift = shift.saturating_add(7);
        }
    }

    /// Such a number below `2^32 - 1`, as most numbers of a coverage map must be.
    pub(super) fn leb32(&mut self) -> Result<u32, Fault> {
        let at = self.at;
        let number = u32::try_from(self.leb()?).ok().filter(|number| *number != u32::MAX);
        number.ok_or_else(|| Fault::damaged(at, "a number is too large"))
    }

    /// How many things follow, each of at least one byte.
    pub(super) fn leb_count(&mut self) -> Result<usize, Fault> {
        let at = self.at;
        let count = usize::try_from(self.leb()?).ok().filter(|count| *count <= self.rest().len());
        count.ok_or_else(|| Fault::damaged(at, "a count is larger than the data"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let low = u8::try_from(value & 0x7f).unwrap();
            value >>= 7;
            if value == 0 {
                bytes.push(low);
                return bytes;
            }
            bytes.push(low | 0x80);
        }
    }

    #[test]
    fn a_number_with_too_many_bits_is_damaged() {
        assert!(Bytes::new(&[0xff; 11]).leb().is_err());
        assert!(Bytes::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).leb().is_err());
        assert!(Bytes::new(&[0x80]).leb().is_err());
    }

    #[test]
    fn nothing_is_taken_beyond_the_end() {
        let mut bytes = Bytes::new(&[1, 2, 3]);
        assert!(bytes.take(4).is_err());
        assert!(bytes.take_u64(u64::MAX).is_err());
        assert_eq!(bytes.take(3).unwrap(), [1, 2, 3]);
        bytes.skip(usize::MAX);
        assert!(bytes.is_empty());
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(value: u64) {
            let bytes = written(value);
            let mut bytes = Bytes::new(&bytes);
            prop_assert_eq!(bytes.leb().unwrap(), value);
            prop_assert!(bytes.is_empty());
        }
    }
}
