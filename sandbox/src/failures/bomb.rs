//! A gzip stream of many zeros that is never held inflated, nor held whole.
//!
//! One megabyte is compressed once, ending in a full flush: from there the compressor starts afresh, so the same
//! bytes may be repeated as often as wanted within a single gzip member. Deflate cannot do better than about
//! 1:1030, so a gigabyte is still a megabyte on the wire.

use std::iter;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

const MEGABYTE: usize = 1024 * 1024;

/// Deflate, no name, no time, unknown system (RFC 1952).
const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty last block with fixed codes, which ends the deflate stream (RFC 1951).
const LAST_BLOCK: &[u8] = &[0x03, 0x00];

struct Megabyte {
    compressed: Bytes,
    checksum: Crc,
}

fn megabyte() -> &'static Megabyte {
    static ONE: OnceLock<Megabyte> = OnceLock::new();
    ONE.get_or_init(|| {
        let zeros = vec![0; MEGABYTE];
        let mut checksum = Crc::new();
        checksum.update(&zeros);
        // Room for the whole output, so that one call takes all of the input.
        let mut compressed = Vec::with_capacity(MEGABYTE);
        // The raw compressor reports only misuse as an error, and there is none here.
        let _ = Compress::new(Compression::best(), false).compress_vec(&zeros, &mut compressed, FlushCompress::Full);
        Megabyte { compressed: compressed.into(), checksum }
    })
}

/// The stream's length in bytes.
pub(super) fn length(megabytes: u32) -> u64 {
    let middle = u64::from(megabytes).saturating_mul(megabyte().compressed.len() as u64);
    middle.saturating_add((HEADER.len() + LAST_BLOCK.len() + 8) as u64)
}

/// The stream in pieces.
pub(super) fn pieces(megabytes: u32) -> impl Iterator<Item = Bytes> + Send {
    let one = megabyte();
    iter::once(Bytes::from_static(HEADER))
        .chain((0..megabytes).map(|_| one.compressed.clone()))
        .chain(iter::once_with(move || trailer(one, megabytes)))
}

fn trailer(one: &Megabyte, megabytes: u32) -> Bytes {
    let mut checksum = Crc::new();
    for _ in 0..megabytes {
        checksum.combine(&one.checksum);
    }
    let mut trailer = LAST_BLOCK.to_vec();
    trailer.extend(checksum.sum().to_le_bytes());
    // The format keeps the length modulo 2^32.
    trailer.extend(megabytes.wrapping_mul(MEGABYTE as u32).to_le_bytes());
    trailer.into()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn it_inflates_to_exactly_what_it_promises_with_a_right_checksum() {
        let whole: Vec<u8> = pieces(17).flatten().collect();
        assert_eq!(whole.len() as u64, length(17));
        assert!(whole.len() < 17 * 2048, "{} bytes", whole.len());
        let mut inflated = GzDecoder::new(whole.as_slice());
        let count = io::copy(&mut inflated.by_ref(), &mut io::sink()).unwrap();
        assert_eq!(count, 17 * 1024 * 1024);
    }
}
