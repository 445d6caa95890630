//! A million random references through a set of rules: every tag is legal, and no two references share one silently.
//!
//!     cargo run --release -p slipway-image --no-default-features --example tags-million [COUNT]
//!
//! Names are made to collide: of few letters, of letters that no tag has, too long, and versions next to each other.
//! The pushes are played in order against a registry that is a map from tags to what their images were made of.

#![expect(clippy::print_stdout, reason = "what it measures is for people")]

use std::collections::HashMap;
use std::error::Error;
use std::time::Instant;

use chrono::DateTime;
use slipway_image::tags::{Flavor, Follows, Inputs, Move, Provenance, Rule, Source, evaluate, may_move};
use slipway_image::{Digest, Tag};

const RULES: &str = "\
type=ref,event=branch
type=ref,event=tag
type=ref,event=pr
type=semver,pattern={{version}}
type=semver,pattern={{major}}.{{minor}}
type=raw,value={{branch}}{{tag}},prefix=raw-,suffix=-alpine
type=sha,format=long
";

/// The generator `SplitMix64`: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap_or_default()
    }

    fn text(&mut self, letters: &[char], shortest: usize, longest: usize) -> String {
        let length = shortest + self.below(longest - shortest + 1);
        (0..length).filter_map(|_| letters.get(self.below(letters.len())).copied()).collect()
    }

    fn source(&mut self) -> Source {
        let few: Vec<char> = "ab/#+.-@_& é".chars().collect();
        let many: Vec<char> = "abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789/-_.#".chars().collect();
        let name = match self.below(5) {
            0 => self.text(&few, 1, 7),
            1 => self.text(&many, 1, 12),
            2 => self.text(&few, 100, 200),
            3 => format!("{}{}", "long/".repeat(25), self.text(&many, 1, 12)),
            _ => {
                format!("{}{}.{}.{}", ["", "v"][self.below(2)], self.below(9), self.below(40), self.below(90))
            }
        };
        match self.below(9) {
            0 => Source::PullRequest(self.below(1_000_000) as u64),
            1..=5 => Source::Branch(name),
            _ => Source::Tag(name),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let (rules, flavor) = (Rule::all(RULES)?, "latest=auto".parse::<Flavor>()?);
    let mut random = Random(42);
    let mut registry: HashMap<Tag, Provenance> = HashMap::new();
    let (mut made, mut refused, mut upward, mut told) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut silent = Vec::new();
    let begin = Instant::now();
    for _ in 0..count {
        let source = random.source();
        let reference = source.git_ref().unwrap_or_default();
        let commit = Digest::of(reference.as_bytes());
        let inputs = Inputs::new(source, commit.hex(), DateTime::UNIX_EPOCH);
        let tags = evaluate(&rules, &flavor, &inputs)?;
        let ours = Provenance::of_run(&tags, &inputs);
        for named in &tags.tags {
            // The type says so already; read it again all the same.
            named.tag.as_str().parse::<Tag>()?;
            made += 1;
            let holder = registry.get(&named.tag);
            let is_other = holder.is_some_and(|holder| holder.reference != ours.reference);
            match may_move(named, holder, &ours) {
                Ok(Move::Onward)
                    if is_other && matches!(named.follows, Follows::Version | Follows::Latest) =>
                {
                    upward += 1;
                }
                // `raw-` and `-alpine` around nothing: a text of the settings, which the caller is told of.
                Ok(Move::Shared(_)) => told += 1,
                Ok(_) if is_other => silent.push((named.tag.clone(), reference.clone())),
                Ok(_) => {}
                Err(_) => {
                    refused += 1;
                    continue;
                }
            }
            registry.insert(named.tag.clone(), ours.clone());
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{count} references, {made} tags, {} names in the registry, {seconds:.1} s", registry.len());
    println!(
        "{upward} moved up to a higher release, {refused} refused, {told} shared as the rules say and told"
    );
    println!("{} shared silently", silent.len());
    if silent.is_empty() { Ok(()) } else { Err(format!("shared silently: {:?}", silent.first()).into()) }
}
