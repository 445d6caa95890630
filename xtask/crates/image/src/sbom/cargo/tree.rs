//! What `cargo tree` prints: a depth, a package, and `(*)` where its own needs were printed before.

use std::collections::{BTreeMap, BTreeSet};

use super::CargoError;

/// A package of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) version: String,
    /// Where it is when it is not from crates.io: a folder, a repository, a registry.
    pub(super) place: Option<String>,
    /// The places of what it needs in the list of nodes.
    pub(super) needs: BTreeSet<usize>,
}

/// The packages, each once.
pub(super) fn read(text: &str) -> Result<Vec<Node>, CargoError> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    // The nodes on the way to the line at hand, by depth.
    let mut way: Vec<usize> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || CargoError::Tree(number + 1, line.chars().take(200).collect());
        let (depth, package) = line.split_once(' ').ok_or_else(wrong)?;
        let depth: usize = depth.parse().map_err(|_| wrong())?;
        let package = package.trim_end().trim_end_matches("(*)").trim_end();
        let node = node(package).ok_or_else(wrong)?;
        if depth > way.len() {
            return Err(wrong());
        }
        way.truncate(depth);
        let place = *known.entry(package.to_owned()).or_insert_with(|| {
            nodes.push(node);
            nodes.len() - 1
        });
        if let Some(above) = way.last().and_then(|above| nodes.get_mut(*above)) {
            above.needs.insert(place);
        }
        way.push(place);
    }
    if nodes.is_empty() { Err(CargoError::NoTree) } else { Ok(nodes) }
}

/// `NAME vVERSION`, and in parentheses where it is.
fn node(package: &str) -> Option<Node> {
    let (name, rest) = package.split_once(" v")?;
    let (version, place) = match rest.split_once(' ') {
        Some((version, place)) => (version, Some(place.strip_prefix('(')?.strip_suffix(')')?.to_owned())),
        None => (rest, None),
    };
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    (is_version && !name.is_empty()).then(|| Node {
        name: name.to_owned(),
        version: version.to_owned(),
        place,
        needs: BTreeSet::new(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_package_is_there_once_with_what_it_needs() {
        let nodes = read(
            "0 app v0.1.0 (/w/a (b)/app)\n1 http v1.5.0\n2 itoa v1.0.18\n1 hyper v1.0.0\n2 http v1.5.0 (*)\n",
        )
        .unwrap();
        let shown: Vec<String> = nodes.iter().map(|node| format!("{} {:?}", node.name, node.needs)).collect();
        assert_eq!(shown, ["app {1, 3}", "http {2}", "itoa {}", "hyper {1}"]);
        assert_eq!(nodes[0].place.as_deref(), Some("/w/a (b)/app"));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        assert_eq!(read("\n"), Err(CargoError::NoTree));
        for wrong in ["app v1.0.0", "0 app", "x app v1.0.0", "1 app v1.0.0", "0 app v1.0.0 /w", "0 app vx"] {
            assert!(matches!(read(wrong), Err(CargoError::Tree(1, _))), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), lines in prop::collection::vec((0_usize..5, "[a-c] v[0-9.]{1,3}( \\(x\\))?( \\(\\*\\))?"), 0..12)) {
            let _ = read(&text);
            let lines: Vec<String> = lines.into_iter().map(|(depth, package)| format!("{depth} {package}")).collect();
            let _ = read(&lines.join("\n"));
        }
    }
}
