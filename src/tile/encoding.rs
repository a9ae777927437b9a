//! Which compression a client gets, and the compressing.

use std::io::Write;

use bytes::Bytes;

use super::draw;
use crate::app::Encoding;

/// Below this a head costs more than compression saves.
pub const LEAST: usize = 150;

/// A browser's decoder is fast whatever it gets; these are fast to make at nearly the size of the slowest.
const ZSTD: i32 = 3;
const BROTLI: u32 = 4;

/// What `Accept-Encoding` likes best (RFC 9110 §12.5.3); between equals what is quickest to make.
pub fn preferred<'a>(accept: impl Iterator<Item = &'a str>) -> Encoding {
    const NAMES: [(Encoding, &str); 3] =
        [(Encoding::Zstd, "zstd"), (Encoding::Brotli, "br"), (Encoding::Gzip, "gzip")];
    let mut best = (Encoding::Identity, 0.0);
    let (mut any, mut of_identity) = (None, None);
    let mut named = [None; NAMES.len()];
    for it in accept {
        let mut parts = it.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts
            .find_map(|it| it.strip_prefix("q=").or_else(|| it.strip_prefix("Q=")))
            .map_or(1.0, |it| it.trim().parse::<f32>().unwrap_or(0.0));
        let name = if name.eq_ignore_ascii_case("x-gzip") { "gzip" } else { name };
        if name == "*" {
            any = Some(quality);
        } else if name.eq_ignore_ascii_case("identity") {
            of_identity = of_identity.or(Some(quality));
        } else if let Some(at) = NAMES.iter().position(|it| it.1.eq_ignore_ascii_case(name)) {
            named[at] = named[at].or(Some(quality));
        }
    }
    for ((encoding, _), quality) in NAMES.into_iter().zip(named) {
        let quality: f32 = quality.or(any).unwrap_or(0.0);
        if quality > best.1 {
            best = (encoding, quality);
        }
    }
    if of_identity.is_some_and(|it| it > best.1) { Encoding::Identity } else { best.0 }
}

/// The bytes, compressed.
pub fn compress(encoding: Encoding, bytes: &Bytes) -> std::io::Result<Bytes> {
    Ok(match encoding {
        Encoding::Identity => bytes.clone(),
        Encoding::Gzip => draw::gzip(bytes).into(),
        Encoding::Zstd => zstd::bulk::compress(bytes, ZSTD)?.into(),
        Encoding::Brotli => {
            let out = Vec::with_capacity(bytes.len() / 2);
            // Window of 2^20: a tile is no larger.
            let mut writer = brotli::CompressorWriter::new(out, 64 * 1024, BROTLI, 20);
            writer.write_all(bytes)?;
            writer.into_inner().into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_says_what_it_likes() {
        for (accept, expected) in [
            ("", Encoding::Identity),
            ("gzip", Encoding::Gzip),
            ("gzip, deflate, br, zstd", Encoding::Zstd),
            ("gzip, deflate, br", Encoding::Brotli),
            ("br;q=0.5, gzip;q=0.8", Encoding::Gzip),
            ("gzip;q=0, br;q=0", Encoding::Identity),
            ("*", Encoding::Zstd),
            ("*;q=0.1, gzip", Encoding::Gzip),
            ("zstd;q=0, *", Encoding::Brotli),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("GZIP;Q=1.0", Encoding::Gzip),
            ("gzip;q=x", Encoding::Identity),
            ("deflate", Encoding::Identity),
        ] {
            assert_eq!(preferred(accept.split(',')), expected, "{accept}");
        }
    }

    #[test]
    fn what_is_compressed_comes_back() {
        use std::io::Read;
        let bytes = Bytes::from(b"parcels ".repeat(500));
        let packed = |it| compress(it, &bytes).unwrap();
        let mut gzip = Vec::new();
        flate2::read::GzDecoder::new(&*packed(Encoding::Gzip)).read_to_end(&mut gzip).unwrap();
        let mut br = Vec::new();
        brotli::Decompressor::new(&*packed(Encoding::Brotli), 4096).read_to_end(&mut br).unwrap();
        let zstd = zstd::stream::decode_all(&*packed(Encoding::Zstd)).unwrap();
        assert!(gzip == bytes && br == bytes && zstd == bytes);
        assert!(packed(Encoding::Brotli).len() < 100);
    }
}
