//! A part of a blob on its way out: it counts, tells, and stops when it shall.

use std::io::{self, Read};

use super::call::Call;
use super::error::RegistryError;
use super::local::Source;
use super::options::Event;
use super::wire::Opens;
use crate::oci::Descriptor;

/// So many bytes of a blob, from an offset on.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) blobs: &'a dyn Source,
    pub(super) blob: &'a Descriptor,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// The part while it is read.
struct Feed<'a> {
    part: Part<'a>,
    inner: Box<dyn Read + Send + 'a>,
}

impl Part<'_> {
    fn unreadable(&self, error: io::Error) -> io::Error {
        RegistryError::from_io(error, self.blob, "read").into_io()
    }
}

impl Opens for Part<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        let inner = self.blobs.open(self.blob, self.offset).map_err(|error| self.unreadable(error))?;
        Ok(Box::new(Feed { part: *self, inner }))
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { part, inner } = self;
        part.call.check_io()?;
        let most = usize::try_from(part.length).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let read =
            inner.read(buffer.get_mut(..most).unwrap_or_default()).map_err(|error| part.unreadable(error))?;
        let Part { blob, offset, .. } = *part;
        if read == 0 {
            let short = format!("it has {offset} bytes where the manifest says {}", blob.size);
            return Err(part.unreadable(io::Error::new(io::ErrorKind::UnexpectedEof, short)));
        }
        part.offset += read as u64;
        part.length -= read as u64;
        part.call.event(&Event::Sent { digest: &blob.digest, bytes: part.offset, of: blob.size });
        Ok(read)
    }
}
