//! Files for BuildKit: it is told of all, asks for those that it does not have, and gets their bytes.
//! Source of the protocol: the comments of <https://github.com/tonistiigi/fsutil/blob/master/receive.go>.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use bollard::fsutil::types::packet::PacketType;
use bollard::fsutil::types::{Packet, Stat};
use bollard::moby::filesync::packet::file_sync_server::FileSync;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::tools::docker::context::{Context, Entry, Kind};

/// How much of a file goes into one packet, in bytes.
const CHUNK: usize = 32 * 1024;

/// Go's bits for folders and links in the mode of a file. <https://pkg.go.dev/io/fs#FileMode>
const FOLDER: u32 = 1 << 31;
const LINK: u32 = 1 << 27;
/// The bits of Unix for "set user", "set group" and "sticky", and those of Go.
const SPECIAL: [(u32, u32); 3] = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];

/// A file and where to read it; no place for what has no bytes.
type Sent = (Stat, Option<PathBuf>);

/// The files of a build, and its Dockerfile apart from them.
pub(super) struct Files {
    context: Arc<Vec<Sent>>,
    dockerfile: Arc<Vec<Sent>>,
}

impl Files {
    /// The Dockerfile is sent under this name.
    pub(super) fn new(context: &Context, name: &str, epoch: Option<i64>) -> Self {
        let sent = |entry: &Entry| {
            let is_file = matches!(entry.kind, Kind::File(_));
            (stat(entry, epoch), is_file.then(|| context.place(entry)))
        };
        let length = context.dockerfile_text.len() as u64;
        let dockerfile =
            Entry { path: name.to_owned(), kind: Kind::File(length), mode: 0o644, modified: (0, 0) };
        Self {
            context: Arc::new(context.entries.iter().map(sent).collect()),
            dockerfile: Arc::new(vec![(stat(&dockerfile, None), Some(context.dockerfile.clone()))]),
        }
    }
}

fn stat(entry: &Entry, epoch: Option<i64>) -> Stat {
    let (seconds, nanoseconds) = epoch.map_or(entry.modified, |epoch| (epoch, 0));
    let special = SPECIAL.iter().filter(|(unix, _)| entry.mode & unix != 0).map(|(_, go)| go).sum::<u32>();
    let (kind, size, linkname) = match &entry.kind {
        Kind::File(size) => (0, *size, String::new()),
        Kind::Folder => (FOLDER, 0, String::new()),
        Kind::Link(target) => (LINK, 0, target.clone()),
    };
    Stat {
        path: entry.path.clone(),
        mode: kind | special | (entry.mode & 0o777),
        // All files belong to root in an image, whoever has them here.
        uid: 0,
        gid: 0,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        mod_time: seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(nanoseconds)),
        linkname,
        devmajor: 0,
        devminor: 0,
        xattrs: HashMap::new(),
    }
}

#[async_trait]
impl FileSync for Files {
    type DiffCopyStream = BoxStream<'static, Result<Packet, Status>>;
    type TarStreamStream = BoxStream<'static, Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        asked: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let value = |name: &str| asked.metadata().get(name).and_then(|value| value.to_str().ok());
        let mut patterns = asked.metadata().get_all("include-patterns").iter().peekable();
        // We have left out already what is ignored: of the rules nothing is to be known there.
        let is_rules = patterns.peek().is_some()
            && patterns.all(|pattern| pattern.to_str().is_ok_and(|it| it.ends_with(".dockerignore")));
        let files = match value("dir-name") {
            Some("dockerfile") => Arc::clone(&self.dockerfile),
            Some("context") if is_rules => Arc::default(),
            Some("context") => Arc::clone(&self.context),
            other => return Err(Status::not_found(format!("there is no folder {other:?}"))),
        };
        let (packets, sent) = mpsc::channel(16);
        let (wishes, granted) = mpsc::unbounded_channel();
        // Both directions at once: BuildKit stops reading our list while nobody reads its wishes.
        tokio::spawn(hear(asked.into_inner(), wishes));
        tokio::spawn(async move {
            if let Err(status) = send(&files, granted, &packets).await {
                let _ = packets.send(Err(status)).await;
            }
        });
        let stream =
            stream::unfold(sent, |mut sent| async { sent.recv().await.map(|packet| (packet, sent)) });
        Ok(Response::new(stream.boxed()))
    }

    async fn tar_stream(
        &self,
        _asked: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::TarStreamStream>, Status> {
        Err(Status::unimplemented("files are sent one by one"))
    }
}

/// What BuildKit wishes: the bytes of a file by its number, or, as `None`, no more.
async fn hear(mut packets: Streaming<Packet>, wishes: mpsc::UnboundedSender<Option<u32>>) {
    while let Some(Ok(packet)) = packets.next().await {
        let wish = match packet.r#type() {
            PacketType::PacketReq => Some(packet.id),
            PacketType::PacketFin => None,
            PacketType::PacketErr => return,
            PacketType::PacketStat | PacketType::PacketData => continue,
        };
        if wishes.send(wish).is_err() {
            return;
        }
    }
}

type Packets = mpsc::Sender<Result<Packet, Status>>;

async fn send(
    files: &[Sent],
    mut wishes: mpsc::UnboundedReceiver<Option<u32>>,
    packets: &Packets,
) -> Result<(), Status> {
    for (stat, _) in files {
        put(packets, PacketType::PacketStat, Some(stat.clone()), 0, Vec::new()).await?;
    }
    put(packets, PacketType::PacketStat, None, 0, Vec::new()).await?;
    while let Some(wish) = wishes.recv().await {
        let Some(id) = wish else {
            return put(packets, PacketType::PacketFin, None, 0, Vec::new()).await;
        };
        let place = usize::try_from(id).ok().and_then(|id| files.get(id)?.1.as_deref());
        let place = place.ok_or_else(|| Status::invalid_argument(format!("there is no file {id}")))?;
        let unreadable = |error| Status::data_loss(format!("cannot read {}: {error}", place.display()));
        let mut file = std::fs::File::open(place).map_err(unreadable)?;
        loop {
            let mut chunk = vec![0; CHUNK];
            let read = file.read(&mut chunk).map_err(unreadable)?;
            chunk.truncate(read);
            // The empty one says that this was all.
            put(packets, PacketType::PacketData, None, id, chunk).await?;
            if read == 0 {
                break;
            }
        }
    }
    Ok(())
}

async fn put(
    packets: &Packets,
    kind: PacketType,
    stat: Option<Stat>,
    id: u32,
    data: Vec<u8>,
) -> Result<(), Status> {
    let packet = Packet { r#type: kind.into(), stat, id, data };
    packets.send(Ok(packet)).await.map_err(|_| Status::cancelled("nobody listens"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_of_go() {
        let entry = |kind, mode| Entry { path: "a".to_owned(), kind, mode, modified: (7, 5) };
        assert_eq!(stat(&entry(Kind::File(3), 0o4755), None).mode, (1 << 23) | 0o755);
        assert_eq!(stat(&entry(Kind::Folder, 0o1777), None).mode, (1 << 31) | (1 << 20) | 0o777);
        let link = stat(&entry(Kind::Link("b".to_owned()), 0o777), Some(1));
        assert_eq!(
            (link.mode, link.linkname.as_str(), link.mod_time),
            ((1 << 27) | 0o777, "b", 1_000_000_000)
        );
        assert_eq!(stat(&entry(Kind::File(3), 0o644), None).mod_time, 7_000_000_005);
    }
}
