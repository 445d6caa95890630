//! Writes bbolt files, as Trivy keeps its database in one: enough of the format for a reader, and nothing for a writer.
//! Source: <https://github.com/etcd-io/bbolt/blob/main/internal/common/page.go> and `meta.go` beside it.

/// Bytes of a page.
const PAGE: usize = 4096;

/// A page that holds keys.
const LEAF: u16 = 2;
/// A page that says where the root is.
const META: u16 = 4;
/// A page that lists free pages.
const FREE: u16 = 16;

/// A bucket: keys with values, and buckets with names.
#[derive(Default)]
pub(crate) struct Bucket {
    values: Vec<(String, Vec<u8>)>,
    buckets: Vec<(String, Bucket)>,
}

impl Bucket {
    /// The same with a value.
    pub(crate) fn with(mut self, key: &str, value: &serde_json::Value) -> Self {
        self.values.push((key.to_owned(), value.to_string().into_bytes()));
        self
    }

    /// The same with a bucket in it.
    pub(crate) fn holding(mut self, name: &str, bucket: Bucket) -> Self {
        self.buckets.push((name.to_owned(), bucket));
        self
    }

    /// A file with this bucket as its root.
    pub(crate) fn file(&self) -> Vec<u8> {
        // Two pages say where the root is, and one lists what is free.
        let mut pages = vec![0; 3 * PAGE];
        let root = self.put(&mut pages);
        let last = (pages.len() / PAGE) as u64;
        for number in 0..2_u64 {
            let mut meta = Vec::new();
            meta.extend([0xED0C_DAED_u32, 2, 4096, 0].iter().flat_map(|word| word.to_le_bytes()));
            meta.extend([root, 0, 2, last, number].iter().flat_map(|word| word.to_le_bytes()));
            let checksum = fnv(&meta);
            let page = [header(number, META, 0, 0), meta, checksum.to_le_bytes().to_vec()].concat();
            let at = usize::try_from(number).unwrap() * PAGE;
            pages[at..at + page.len()].copy_from_slice(&page);
        }
        pages[2 * PAGE..2 * PAGE + 16].copy_from_slice(&header(2, FREE, 0, 0));
        pages
    }

    /// Puts the bucket behind what is there, and says on which page.
    fn put(&self, pages: &mut Vec<u8>) -> u64 {
        let mut entries: Vec<(u32, &str, Vec<u8>)> = Vec::new();
        for (name, bucket) in &self.buckets {
            let root = bucket.put(pages);
            entries.push((1, name, [root.to_le_bytes(), 0_u64.to_le_bytes()].concat()));
        }
        entries.extend(self.values.iter().map(|(key, value)| (0, key.as_str(), value.clone())));
        entries.sort_by(|one, other| one.1.cmp(other.1));
        let (mut table, mut content) = (Vec::<u8>::new(), Vec::<u8>::new());
        for (number, (flags, key, value)) in entries.iter().enumerate() {
            let position = 16 * (entries.len() - number) + content.len();
            let entry = [position, key.len(), value.len()].map(|length| u32::try_from(length).unwrap());
            table.extend(std::iter::once(flags).chain(&entry).flat_map(|word| word.to_le_bytes()));
            content.extend(key.as_bytes());
            content.extend(value);
        }
        let number = (pages.len() / PAGE) as u64;
        let size = 16 + table.len() + content.len();
        let more = u32::try_from((size - 1) / PAGE).unwrap();
        pages.extend(header(number, LEAF, u16::try_from(entries.len()).unwrap(), more));
        pages.extend(table);
        pages.extend(content);
        pages.resize(pages.len().next_multiple_of(PAGE), 0);
        number
    }
}

fn header(number: u64, kind: u16, entries: u16, more: u32) -> Vec<u8> {
    let halves = [kind.to_le_bytes(), entries.to_le_bytes()].concat();
    [number.to_le_bytes().to_vec(), halves, more.to_le_bytes().to_vec()].concat()
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
