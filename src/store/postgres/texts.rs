//! Arrays of texts, as a server may send them.

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

/// An array of texts. As `Vec<String>`, which the driver makes room for by the number of
/// elements that the server claims, however few there are; room that is not to be had ends the
/// process.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

impl<'a> FromSql<'a> for Texts {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        // Dimensions, whether there are NULLs, the type of the elements; then of each dimension
        // the number of elements and the first one's. An element has a length of four bytes.
        const HEADER: usize = 12;
        const DIMENSION: usize = 8;
        let dimensions = raw
            .get(..4)
            .map_or(0, |d| u32::from_be_bytes([d[0], d[1], d[2], d[3]]));
        if dimensions == 1
            && let Some(claimed) = raw.get(HEADER..HEADER + 4)
        {
            let claimed = u32::from_be_bytes([claimed[0], claimed[1], claimed[2], claimed[3]]);
            let room = raw.len().saturating_sub(HEADER + DIMENSION) / 4;
            if claimed as usize > room {
                return Err("an array claims more elements than it has".into());
            }
        } else if dimensions > 1 {
            return Err("an array has more than one dimension".into());
        }
        Vec::from_sql(kind, raw).map(Self)
    }

    fn accepts(kind: &Type) -> bool {
        <Vec<String> as FromSql>::accepts(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(dimensions: u32, claimed: u32, texts: &[&str]) -> Vec<u8> {
        let mut raw = [dimensions, 0, Type::TEXT.oid()]
            .map(u32::to_be_bytes)
            .concat();
        for _ in 0..dimensions.min(2) {
            raw.extend([claimed, 1].map(u32::to_be_bytes).concat());
        }
        for text in texts {
            raw.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
            raw.extend(text.as_bytes());
        }
        raw
    }

    fn read(raw: &[u8]) -> Option<Vec<String>> {
        Texts::from_sql(&Type::TEXT_ARRAY, raw)
            .ok()
            .map(|texts| texts.0)
    }

    #[test]
    fn an_array_is_read_as_the_driver_reads_it() {
        assert_eq!(read(&array(0, 0, &[])), Some(vec![]));
        assert_eq!(
            read(&array(1, 2, &["a", ""])),
            Some(vec!["a".into(), String::new()])
        );
        assert!(Texts::accepts(&Type::TEXT_ARRAY) && !Texts::accepts(&Type::TEXT));
    }

    #[test]
    fn no_room_is_made_for_elements_that_are_not_there() {
        for claimed in [3, i32::MAX.unsigned_abs(), u32::MAX] {
            assert_eq!(read(&array(1, claimed, &["a", "b"])), None);
            assert_eq!(read(&array(2, claimed, &["a", "b"])), None);
        }
        let whole = array(1, 2, &["a", "b"]);
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
    }
}
