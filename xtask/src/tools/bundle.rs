//! Files in one archive, the same bytes for the same files: no times, no owners.

use std::io;

/// A tar archive of these files, by their paths in it.
///
/// # Errors
/// When a path does not fit into an archive.
pub fn archive(members: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        builder.append_data(&mut header, path, bytes.as_slice())?;
    }
    builder.into_inner()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_same_files_are_the_same_bytes_and_come_out_again() {
        let members = [("app/run.json".to_owned(), b"{}".to_vec()), ("empty".to_owned(), Vec::new())];
        let bytes = archive(&members).unwrap();
        assert_eq!(bytes, archive(&members).unwrap());
        let mut archive = tar::Archive::new(bytes.as_slice());
        let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.path().unwrap().display().to_string(), bytes)
        };
        let found: Vec<(String, Vec<u8>)> = archive.entries().unwrap().map(read).collect();
        assert_eq!(found, members);
        assert!(archive_of("../x").is_err());
    }

    fn archive_of(path: &str) -> io::Result<Vec<u8>> {
        archive(&[(path.to_owned(), Vec::new())])
    }
}
