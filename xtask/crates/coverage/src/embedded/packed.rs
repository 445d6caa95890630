//! Text that LLVM may have packed with zlib: names of functions, tables of source files.

use std::borrow::Cow;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::{bytes::Bytes, fault::Fault};

/// Reads the size of the text, the size it is packed to (zero when it is not), and the text.
pub(super) fn read<'a>(bytes: &mut Bytes<'a>) -> Result<Cow<'a, [u8]>, Fault> {
    let start = bytes.at();
    let size = bytes.leb()?;
    let packed = bytes.leb()?;
    if packed == 0 {
        return bytes.take_u64(size).map(Cow::Borrowed);
    }
    let packed = bytes.take_u64(packed)?;
    let limit = usize::try_from(size).unwrap_or(usize::MAX);
    let text = decompress_to_vec_zlib_with_limit(packed, limit).ok().filter(|text| text.len() == limit);
    text.map(Cow::Owned).ok_or(Fault::damaged(start, "packed text cannot be unpacked"))
}

/// Leaves such a text out.
pub(super) fn skip(bytes: &mut Bytes<'_>) -> Result<(), Fault> {
    let size = bytes.leb()?;
    let packed = bytes.leb()?;
    bytes.take_u64(if packed == 0 { size } else { packed }).map(drop)
}
