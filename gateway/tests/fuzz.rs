//! The fuzz targets over their corpus, and over seeded mutations of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use patchboard_gateway::fuzz::TARGETS;

const MUTATIONS: usize = 400;
/// Bytes that parsers look for.
const LOADED: &[u8] = b"\0\n\r\"\\/[]{}%&=+.:,~0129aeu\xff\x80";

/// A small generator (xorshift), so that a finding comes again from its seed.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, LOADED[self.below(LOADED.len())]),
                2 => bytes.extend_from_within(at..),
                3 if at < bytes.len() => bytes[at] = LOADED[self.below(LOADED.len())],
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => {}
            }
        }
        bytes
    }
}

#[test]
fn no_target_panics_on_its_corpus_or_on_mutations_of_it() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has no corpus");
        for (nth, file) in files.iter().enumerate() {
            let seed = fs::read(file).unwrap();
            target(&seed);
            let mut seeded = Seeded(0x9e37_79b9_7f4a_7c15 ^ u64::try_from(nth + 1).unwrap());
            for _ in 0..MUTATIONS {
                target(&seeded.mutate(&seed));
            }
        }
    }
}
