//! Layers, one over the other. Nothing here touches a file: a path can only lead to another path of the same image.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Kind, Node, Scan, ViewError, Waste};

/// The most links on the way to one file. Source: `path_resolution(7)`.
const LINKS: usize = 40;

/// A file of this name removes what lower layers have at the rest of it.
const WHITEOUT: &str = ".wh.";

/// A file of this name removes what lower layers have in its folder.
const OPAQUE: &str = ".wh..wh..opq";

/// Other names for the use of storage drivers, which containers do not see.
const PRIVATE: &str = ".wh..wh.";

type Nodes = BTreeMap<String, Node>;

/// The path that this one leads to: links in its folders are followed, and with `last` also a link at its end. What is not there
/// stays as written. None for a ring of links.
pub(super) fn place(nodes: &Nodes, path: &str, last: bool) -> Option<String> {
    let parts = |path: &str| path.split('/').rev().map(str::to_owned).collect::<Vec<_>>();
    let mut left = parts(path);
    let mut done = String::new();
    let mut links = 0;
    while let Some(part) = left.pop() {
        match part.as_str() {
            "" | "." => continue,
            // Above the root is the root.
            ".." => {
                done.truncate(done.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let parent = done.len();
        if !done.is_empty() {
            done.push('/');
        }
        done.push_str(&part);
        let is_end = left.iter().all(|part| matches!(part.as_str(), "" | "."));
        if let Some(Kind::Symlink(target)) = nodes.get(&done).map(|node| &node.entry.kind)
            && (last || !is_end)
        {
            links += 1;
            if links > LINKS {
                return None;
            }
            done.truncate(if target.starts_with('/') { 0 } else { parent });
            left.extend(parts(target));
        }
    }
    Some(done)
}

/// What is seen, and what is hidden.
pub(super) fn merge(scans: Vec<Scan>) -> Result<(Nodes, Vec<Waste>), ViewError> {
    let mut merged = Merged::default();
    for (layer, scan) in scans.into_iter().enumerate() {
        merged.layer = layer;
        for (number, entry) in scan.entries.into_iter().enumerate() {
            merged.apply(entry, number)?;
        }
    }
    let waste = merged.waste();
    Ok((merged.nodes, waste))
}

#[derive(Default)]
struct Merged {
    nodes: Nodes,
    /// All content that lies in layers: its path and its bytes.
    contents: BTreeMap<(usize, usize), (String, u64)>,
    layer: usize,
}

impl Merged {
    fn apply(&mut self, entry: Entry, number: usize) -> Result<(), ViewError> {
        // The root's own permissions are the engine's.
        if entry.path.is_empty() {
            return Ok(());
        }
        let ring = || ViewError::Link(entry.path.clone());
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        if folder.split('/').any(|part| part.starts_with(WHITEOUT)) {
            return Ok(());
        }
        let folder = place(&self.nodes, folder, true).ok_or_else(ring)?;
        let join = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        if name == OPAQUE {
            self.remove_below(&folder, self.layer);
            return Ok(());
        }
        if name.starts_with(PRIVATE) {
            return Ok(());
        }
        if let Some(removed) = name.strip_prefix(WHITEOUT) {
            // Nothing is a whiteout of the folder itself.
            if !matches!(removed, "" | "." | "..") {
                self.remove(&join(removed), self.layer);
            }
            return Ok(());
        }
        let path = join(name);
        if entry.kind == Kind::File && entry.size > 0 {
            self.contents.insert((self.layer, number), (path.clone(), entry.size));
        }
        let node = self.node(entry, path.clone(), number)?;
        self.make_folders(&folder);
        self.put(path, node);
        Ok(())
    }

    /// The entry as a container sees it: a second name is the file itself.
    fn node(&self, mut entry: Entry, path: String, number: usize) -> Result<Node, ViewError> {
        let mut content = (self.layer, number);
        if let Kind::Hardlink(target) = &entry.kind {
            let first = place(&self.nodes, target, false).and_then(|place| self.nodes.get(&place));
            let first = first.filter(|node| node.entry.kind != Kind::Folder);
            let first = first.ok_or_else(|| ViewError::Link(entry.path.clone()))?;
            content = first.content;
            entry = first.entry.clone();
        }
        entry.path = path;
        Ok(Node { entry, layer: self.layer, content })
    }

    fn make_folders(&mut self, folder: &str) {
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
        for path in ends.filter_map(|end| folder.get(..end)).filter(|path| !path.is_empty()) {
            if self.nodes.get(path).is_none_or(|node| node.entry.kind != Kind::Folder) {
                let (kind, mode, path) = (Kind::Folder, 0o755, path.to_owned());
                let entry = Entry { path: path.clone(), kind, mode, uid: 0, gid: 0, size: 0, facts: None };
                let content = (self.layer, usize::MAX);
                self.put(path, Node { entry, layer: self.layer, content });
            }
        }
    }

    fn put(&mut self, path: String, node: Node) {
        if let Some(old) = self.nodes.get(&path) {
            // A folder over a folder changes its permissions and keeps what is in it.
            if old.entry.kind != Kind::Folder || node.entry.kind != Kind::Folder {
                self.remove(&path, usize::MAX);
            }
        }
        self.nodes.insert(path, node);
    }

    /// Removes what layers below `layer` have at a path, and below it.
    fn remove(&mut self, path: &str, layer: usize) {
        self.remove_below(path, layer);
        self.remove_one(path, layer);
    }

    fn remove_below(&mut self, folder: &str, layer: usize) {
        let below: Vec<String> = below(&self.nodes, folder).map(|(path, _)| path.clone()).collect();
        // The deepest first: a folder can go only when nothing is left in it.
        for path in below.iter().rev() {
            self.remove_one(path, layer);
        }
    }

    fn remove_one(&mut self, path: &str, layer: usize) {
        let is_lower = self.nodes.get(path).is_some_and(|node| node.layer < layer);
        if is_lower && below(&self.nodes, path).next().is_none() {
            self.nodes.remove(path);
        }
    }

    /// The content of files that no path leads to.
    fn waste(&self) -> Vec<Waste> {
        let seen: BTreeSet<_> = self.nodes.values().map(|node| node.content).collect();
        let mut waste = BTreeMap::<&str, Waste>::new();
        for (_, (path, bytes)) in self.contents.iter().filter(|(content, _)| !seen.contains(content)) {
            let found =
                waste.entry(path).or_insert_with(|| Waste { path: path.clone(), bytes: 0, copies: 0 });
            found.bytes = found.bytes.saturating_add(*bytes);
            found.copies += 1;
        }
        let mut waste: Vec<Waste> = waste.into_values().collect();
        waste.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.path.cmp(&other.path)));
        waste
    }
}

fn below<'a>(nodes: &'a Nodes, folder: &str) -> impl Iterator<Item = (&'a String, &'a Node)> + use<'a> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    nodes.range(prefix.clone()..).take_while(move |(path, _)| path.starts_with(&prefix))
}
