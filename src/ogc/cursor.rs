//! The opaque place of a next page: the last id, sealed with a checksum of everything that decides which rows follow. A
//! cursor that was altered, or is used with another collection, selection or class of reader, is refused instead of
//! starting over.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;
use crate::error::Result;

/// Bytes of the checksum.
const SEAL: usize = 10;

fn seal(context: &str, last: [u8; 8]) -> [u8; SEAL] {
    let digest = Sha256::new().chain_update(b"mutu cursor 1\0").chain_update(last);
    let digest = digest.chain_update(context.as_bytes()).finalize();
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&digest[..SEAL]);
    seal
}

/// The cursor after the row `last`; `context` names collection, selection and class of reader.
pub fn write(context: &str, last: i64) -> String {
    let last = last.to_be_bytes();
    URL_SAFE_NO_PAD.encode([last.as_slice(), &seal(context, last)].concat())
}

/// The id after which the page begins.
pub fn read(context: &str, cursor: &str) -> Result<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap_or_default();
    if let Some((last, found)) = bytes.split_first_chunk::<8>()
        && *found == seal(context, *last)
    {
        return Ok(i64::from_be_bytes(*last));
    }
    Err(Error::parameter(
        "cursor",
        "翻页位置无效：请从第一页的 next 链接开始，筛选条件不能更改 / follow the `next` links of one selection; \
         a cursor fits no other collection, filter or account",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_fits_only_its_own_selection() {
        for id in [0, 7, -1, i64::MAX] {
            assert_eq!(read("a", &write("a", id)).unwrap(), id);
        }
        let cursor = write("a", 7);
        assert!(read("b", &cursor).is_err());
        for (nth, _) in cursor.char_indices() {
            let mut other = cursor.clone().into_bytes();
            other[nth] = if other[nth] == b'A' { b'B' } else { b'A' };
            assert!(read("a", std::str::from_utf8(&other).unwrap()).is_err(), "character {nth}");
        }
        for wrong in ["", "!", "AAAA", &format!("{cursor}A"), &cursor[..cursor.len() - 1]] {
            assert!(read("a", wrong).is_err(), "{wrong}");
        }
    }
}
