//! Archives as runs leave them, and as nobody should; `tools::archive` is tested with them, too.

use std::io::Write as _;

/// An archive of files: name, mode, bytes.
pub(crate) fn zip(files: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    // The writer makes names safe; what is wanted is put in afterwards.
    let stand_in = |place: usize, name: &str| ["\u{1}", "\u{2}"][place].repeat(name.len());
    for (place, (name, mode, bytes)) in files.iter().enumerate() {
        let name = stand_in(place, name);
        let file = archive.new_file(name.as_str()).compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.unix_permissions(*mode).start().unwrap();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(bytes).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    let mut bytes = archive.finish().unwrap();
    for (place, (name, ..)) in files.iter().enumerate() {
        let stand_in = stand_in(place, name).into_bytes();
        while let Some(found) = bytes.windows(stand_in.len()).position(|bytes| *bytes == *stand_in) {
            bytes[found..found + stand_in.len()].copy_from_slice(name.as_bytes());
        }
    }
    bytes
}
