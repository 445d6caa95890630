//! One blob to a registry. OCI distribution specification, "Pushing blobs": a small one in one request, a large one in pieces.
//!
//! What may go wrong on the way, and what is done about it:
//!
//! | the registry | we |
//! |---|---|
//! | is cut off, or fails for a while | ask how far it got, and go on from there |
//! | does not know the upload any more | look whether the blob is there after all, else begin anew |
//! | says that a piece does not follow (416) | ask how far it got, and go on from there |
//! | says that a piece is too large (413) | send smaller ones |

use ureq::http::Method;

use super::auth::Scope;
use super::call::Call;
use super::error::{Cause, RegistryError};
use super::local::Source;
use super::part::Part;
use super::url::{Url, encode};
use super::wire::{Answer, Ask, Body};
use crate::oci::Descriptor;
use crate::reference::Repository;

/// Pieces are not made smaller than this, and not smaller than the registry wants them.
const SMALLEST_PIECE: u64 = 1 << 20;

/// Whether the registry has a blob.
pub(super) fn is_present(
    call: &Call<'_>,
    repository: &Repository,
    blob: &Descriptor,
) -> Result<bool, RegistryError> {
    let scope = Scope::push(repository);
    let url = call.url(repository, &format!("blobs/{}", blob.digest))?;
    // Addresses that point into a store are often good for GET only; that there is one is answer enough.
    let answer = call.send(&Ask::new(Method::HEAD, url).unfollowed(), scope)?;
    if answer.status == 404 {
        return Ok(false);
    }
    call.accept(answer, scope, &[200, 301, 302, 307, 308]).map(|_| true)
}

/// Asks the registry to take a blob over from another of its repositories. Whether it did.
pub(super) fn mount(
    call: &Call<'_>,
    repository: &Repository,
    blob: &Descriptor,
    from: &Repository,
) -> Result<bool, RegistryError> {
    let scope = Scope { also: Some(from), ..Scope::push(repository) };
    let url = call.url(repository, "blobs/uploads/")?;
    let url = url.with("mount", &encode(blob.digest.as_str())).with("from", &encode(from.path()));
    match call.send(&Ask::new(Method::POST, url), scope) {
        // 202 is an upload that was begun instead; the registry forgets it.
        Ok(answer) => Ok(answer.status == 201),
        Err(RegistryError::Refused(refused)) if refused.status < 500 => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sends a blob.
pub(super) fn send(
    call: &Call<'_>,
    repository: &Repository,
    blob: &Descriptor,
    blobs: &dyn Source,
) -> Result<(), RegistryError> {
    let mut upload = Upload {
        call,
        repository,
        blob,
        blobs,
        piece: call.registry.options.chunk.max(1),
        smallest: SMALLEST_PIECE,
        is_careful: false,
        furthest: 0,
        tried: 0,
    };
    let mut begun = 0;
    loop {
        begun += 1;
        let lost = match upload.begin()? {
            Begun::Session(session) => upload.finish(session)?,
            Begun::Present(lost) => Some(lost),
        };
        let Some(lost) = lost else { return Ok(()) };
        // An answer that got lost may have been the last one.
        if is_present(call, repository, blob)? {
            return Ok(());
        }
        // However far each upload gets: one that is always forgotten has no end.
        if begun >= call.registry.options.attempts {
            return Err(lost.after(begun));
        }
    }
}

/// An upload that the registry knows.
struct Session {
    location: Url,
    /// How much of the blob it has.
    offset: u64,
}

struct Upload<'a> {
    call: &'a Call<'a>,
    repository: &'a Repository,
    blob: &'a Descriptor,
    blobs: &'a dyn Source,
    /// How many bytes go out in one request.
    piece: u64,
    /// How few it may become.
    smallest: u64,
    /// Whether the registry is asked before bytes are sent (`Expect: 100-continue`): one that refuses and closes at once is
    /// else not heard, for the connection breaks under what we send.
    is_careful: bool,
    /// The most bytes of the blob that the registry ever had.
    furthest: u64,
    /// Failures since there was progress. Getting back to where it was before is none.
    tried: u32,
}

/// How an upload begins.
enum Begun {
    Session(Session),
    /// The registry says that it has the blob. If it has not after all, this is what is wrong.
    Present(RegistryError),
}

/// What a step brought.
enum Step {
    /// The registry has more of the blob.
    Further,
    /// The registry has the blob.
    Last,
}

/// What a failed step means for the upload.
enum After {
    /// Go on where the registry is.
    Ask,
    /// Begin anew.
    Forgotten(RegistryError),
}

impl Upload<'_> {
    fn scope(&self) -> Scope<'_> {
        Scope::push(self.repository)
    }

    /// Begins an upload.
    fn begin(&mut self) -> Result<Begun, RegistryError> {
        let ask = Ask::new(Method::POST, self.call.url(self.repository, "blobs/uploads/")?);
        let begin = || self.call.accept(self.call.send(&ask, self.scope())?, self.scope(), &[201, 202]);
        let answer = self.call.writing(begin)?;
        if answer.status == 201 {
            return Ok(Begun::Present(
                answer.unexpected("the registry says that it has a blob, which it has not"),
            ));
        }
        if let Some(least) = answer.number("oci-chunk-min-length") {
            self.smallest = self.smallest.max(least);
            self.piece = self.piece.max(least);
        }
        let location = location(&answer, None)?;
        Ok(Begun::Session(Session { location, offset: 0 }))
    }

    /// Sends all that is left. When the registry does not know the upload any more, what failed then.
    fn finish(&mut self, mut session: Session) -> Result<Option<RegistryError>, RegistryError> {
        loop {
            let error = match self.step(&mut session) {
                Ok(Step::Last) => return Ok(None),
                Ok(Step::Further) => {
                    if session.offset > self.furthest {
                        self.furthest = session.offset;
                        self.tried = 0;
                    }
                    continue;
                }
                Err(error) => error,
            };
            let mut after = self.after(error)?;
            loop {
                if let After::Forgotten(lost) = after {
                    return Ok(Some(lost));
                }
                after = match self.ask_how_far(&mut session) {
                    Ok(None) => break,
                    Ok(Some(lost)) => After::Forgotten(lost),
                    Err(error) => self.after(error)?,
                };
            }
        }
    }

    /// The next request.
    fn step(&self, session: &mut Session) -> Result<Step, RegistryError> {
        let size = self.blob.size;
        let left = size.saturating_sub(session.offset);
        if session.offset > 0 && left == 0 {
            self.close(session, 0)
        } else if session.offset == 0 && size <= self.piece {
            self.close(session, size)
        } else {
            self.patch(session, left.min(self.piece))
        }
    }

    /// The last request of an upload, with the bytes that are left.
    fn close(&self, session: &Session, length: u64) -> Result<Step, RegistryError> {
        let url = session.location.with("digest", &encode(self.blob.digest.as_str()));
        let answer = self.put_bytes(Ask::new(Method::PUT, url), session.offset, length)?;
        self.call.accept(answer, self.scope(), &[201, 204])?;
        Ok(Step::Last)
    }

    fn patch(&self, session: &mut Session, length: u64) -> Result<Step, RegistryError> {
        let start = session.offset;
        let end = start + length;
        let ask = Ask::new(Method::PATCH, session.location.clone())
            .header("content-range", format!("{start}-{}", end - 1));
        let answer = self.put_bytes(ask, start, length)?;
        let answer = self.call.accept(answer, self.scope(), &[202, 204, 201])?;
        session.location = location(&answer, Some(&session.location))?;
        // A registry may keep less than it was sent; it then says so.
        session.offset = reached(&answer).unwrap_or(end);
        if session.offset <= start || session.offset > end {
            let offset = session.offset;
            return Err(answer.unexpected(format!(
                "sent were the bytes {start} to {end}, the registry says it has {offset}"
            )));
        }
        Ok(Step::Further)
    }

    /// Sends a part of the blob along.
    fn put_bytes(&self, ask: Ask<'_>, offset: u64, length: u64) -> Result<Answer, RegistryError> {
        let ask = ask.header("content-type", "application/octet-stream");
        if length == 0 {
            return self.call.once(&ask, Some(self.scope()));
        }
        let part = Part { call: self.call, blobs: self.blobs, blob: self.blob, offset, length };
        let ask = if self.is_careful { ask.header("expect", "100-continue") } else { ask };
        self.call.once(&ask.body(Body::Stream(&part, length)), Some(self.scope()))
    }

    /// What to do after a failure; the failure itself when there is nothing to do, or too much was tried.
    fn after(&mut self, error: RegistryError) -> Result<After, RegistryError> {
        self.tried += 1;
        if let RegistryError::Failed(failed) = &error
            && failed.cause == Cause::Connection
        {
            self.is_careful = true;
        }
        match error.status() {
            Some(413) if self.piece > self.smallest => {
                self.piece = (self.piece / 4).min(self.blob.size / 2 + 1).max(self.smallest);
                return Ok(After::Ask);
            }
            // 400 is how a registry says that its upload is in a state that it cannot use.
            Some(404) => return self.once_more(error).map(After::Forgotten),
            Some(400) if is_about_the_upload(&error) => return self.once_more(error).map(After::Forgotten),
            Some(416) => return self.once_more(error).map(|_| After::Ask),
            _ => {}
        }
        self.call.wait_after(error, self.tried)?;
        Ok(After::Ask)
    }

    /// The error as one that may be tried again; else it is the last.
    fn once_more(&self, error: RegistryError) -> Result<RegistryError, RegistryError> {
        if self.tried < self.call.registry.options.attempts {
            Ok(error)
        } else {
            Err(error.after(self.tried))
        }
    }

    /// Asks how far the registry got. When it does not know the upload any more, what it says instead.
    fn ask_how_far(&self, session: &mut Session) -> Result<Option<RegistryError>, RegistryError> {
        let answer = self.call.once(&Ask::get(session.location.clone()), Some(self.scope()))?;
        if matches!(answer.status, 400 | 404 | 405 | 416) {
            return Ok(Some(self.call.refused(answer, Some(self.scope()))));
        }
        let answer = self.call.accept(answer, self.scope(), &[204, 202, 200])?;
        session.location = location(&answer, Some(&session.location))?;
        session.offset = reached(&answer).unwrap_or(0);
        let (offset, size) = (session.offset, self.blob.size);
        Ok((offset > size)
            .then(|| answer.unexpected(format!("the registry says it has {offset} of {size} bytes"))))
    }
}

/// `Location`, which every answer of an upload has; those after the first may leave it out.
fn location(answer: &Answer, last: Option<&Url>) -> Result<Url, RegistryError> {
    match (answer.header("location"), last) {
        (Some(text), _) => {
            let url = answer
                .url
                .join(text)
                .map_err(|why| answer.unexpected(format!("an upload at no address: {why}")))?;
            if url.is_exposed() && !answer.url.is_exposed() {
                return Err(answer.unexpected(format!("an upload in plain HTTP ({url})")));
            }
            Ok(url)
        }
        (None, Some(last)) => Ok(last.clone()),
        (None, None) => Err(answer.unexpected("the registry begins an upload and does not say where")),
    }
}

/// How many bytes `Range: 0-N` says. `0-0` is both one byte and none; registries mean none.
fn reached(answer: &Answer) -> Option<u64> {
    let range = answer.header("range")?;
    let end: u64 = range.strip_prefix("bytes=").unwrap_or(range).strip_prefix("0-")?.trim().parse().ok()?;
    Some(if end == 0 { 0 } else { end.saturating_add(1) })
}

fn is_about_the_upload(error: &RegistryError) -> bool {
    match error {
        RegistryError::Refused(refused) => {
            matches!(
                refused.code.as_deref(),
                Some("BLOB_UPLOAD_INVALID" | "BLOB_UPLOAD_UNKNOWN" | "RANGE_INVALID")
            )
        }
        _ => false,
    }
}
