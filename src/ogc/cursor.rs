//! The opaque place of a next page: the last row, sealed with everything that decides which rows follow. A cursor that was
//! altered, or is used with another collection, selection or class of reader, is refused instead of starting over.

use crate::error::Error;
use crate::error::Result;
use crate::seal::Sealer;

/// The cursor after the row `last`; `context` names collection, selection and class of reader.
pub fn write(sealer: &Sealer, context: &str, last: i64) -> Result<String> {
    Ok(sealer.seal(context, &last.to_be_bytes())?)
}

/// The id after which the page begins.
pub fn read(sealer: &Sealer, context: &str, cursor: &str) -> Result<i64> {
    let last = sealer.open(context, cursor).and_then(|it| it.try_into().ok());
    last.map(i64::from_be_bytes).ok_or_else(|| {
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
            let cursor = write(&sealer, "a", id).unwrap();
            assert_eq!(read(&sealer, "a", &cursor).unwrap(), id);
            assert!(read(&sealer, "b", &cursor).is_err());
        }
        assert!(read(&sealer, "a", &sealer.seal("a", b"short").unwrap()).is_err());
    }
}
