//! The opaque place of a next page: the last row, sealed with everything that decides which rows follow. A cursor that was
//! altered, or is used with another collection, selection or class of reader, is refused instead of starting over.

use serde_json::json;

use crate::error::Error;
use crate::error::Result;
use crate::export::Place;
use crate::seal::Sealer;

/// The cursor after the row at `last`; `context` names collection, selection and class of reader.
pub fn write(sealer: &Sealer, context: &str, last: &Place) -> Result<String> {
    Ok(sealer.seal(context, json!(last).to_string().as_bytes())?)
}

/// The place after which the page begins.
pub fn read(sealer: &Sealer, context: &str, cursor: &str) -> Result<Place> {
    let last = sealer.open(context, cursor).and_then(|it| serde_json::from_slice(&it).ok());
    last.ok_or_else(|| {
        Error::parameter(
            "cursor",
            "翻页位置无效：请从第一页的 next 链接开始，筛选条件不能更改 / follow the `next` links of one selection; \
             a cursor fits no other collection, filter or account",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_fits_only_its_own_selection() {
        let sealer = Sealer::new(&[7; 32]);
        for id in [0, 7, -1, i64::MAX] {
            let place = Place { id, keys: vec![None, Some("工业".to_owned())] };
            let cursor = write(&sealer, "a", &place).unwrap();
            assert_eq!(read(&sealer, "a", &cursor).unwrap(), place);
            assert!(read(&sealer, "b", &cursor).is_err());
        }
        assert!(read(&sealer, "a", &sealer.seal("a", b"short").unwrap()).is_err());
    }
}
