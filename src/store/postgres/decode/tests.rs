use super::*;
use crate::fuzz;

fn raw(kind: Type, bytes: Option<&[u8]>) -> Raw<'_> {
    Raw { kind, bytes }
}

/// The two rows of an array of texts.
fn array(claimed: u32) -> Vec<u8> {
    let header = [1, 0, Type::TEXT.oid(), claimed, 1, 1];
    let mut bytes = header.map(u32::to_be_bytes).concat();
    bytes.push(b'a');
    bytes.extend([1_u32.to_be_bytes().as_slice(), b"b"].concat());
    bytes
}

#[test]
fn an_array_has_as_many_elements_as_it_sends() {
    let read = |bytes: &[u8]| {
        let array = Array::<String>::from_sql(&Type::TEXT_ARRAY, bytes);
        array.ok().map(|Array(texts)| texts)
    };
    assert_eq!(read(&array(2)).unwrap(), ["a", "b"]);
    for claimed in [3, 1 << 20, u32::MAX >> 1, u32::MAX] {
        assert_eq!(read(&array(claimed)), None, "{claimed}");
    }
    let whole = array(2);
    for end in 0..whole.len() {
        assert_eq!(read(&whole[..end]), None, "{end}");
    }
}

#[test]
fn an_array_of_very_many_elements_is_not_read() {
    let of_empty = |elements: usize| {
        let claimed = u32::try_from(elements).unwrap();
        let header = [1, 0, Type::TEXT.oid(), claimed, 1].map(u32::to_be_bytes);
        [header.concat(), vec![0; 4 * elements]].concat()
    };
    for (elements, is_read) in [(MAX_ELEMENTS, true), (MAX_ELEMENTS + 1, false)] {
        let bytes = of_empty(elements);
        let read = Array::<Raw<'_>>::from_sql(&Type::TEXT_ARRAY, &bytes);
        assert_eq!(read.is_ok(), is_read, "{elements}");
    }
}

#[test]
fn times_count_from_1970_with_and_without_a_zone_and_as_days() {
    let micros = 1_000_000_i64.to_be_bytes();
    for kind in [Type::TIMESTAMPTZ, Type::TIMESTAMP] {
        let cell = time(&raw(kind, Some(&micros)));
        assert_eq!(cell, Cell::Micros(EPOCH + 1_000_000));
    }
    let days = (-10_957_i32).to_be_bytes();
    assert_eq!(time(&raw(Type::DATE, Some(&days))), Cell::Micros(0));
    for (end, words) in [(i64::MAX, "is infinity"), (i64::MIN, "is -infinity")] {
        let bytes = end.to_be_bytes();
        let cell = time(&raw(Type::TIMESTAMP, Some(&bytes)));
        assert_eq!(cell, Cell::Odd(words.into()));
    }
    for (end, words) in [(i32::MAX, "is infinity"), (i32::MIN, "is -infinity")] {
        let bytes = end.to_be_bytes();
        let cell = time(&raw(Type::DATE, Some(&bytes)));
        assert_eq!(cell, Cell::Odd(words.into()));
    }
    assert_eq!(time(&raw(Type::TIMESTAMPTZ, None)), Cell::Null);
}

#[test]
fn whatever_a_server_sends_is_a_cell() {
    let kinds = [
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::TEXT,
        Type::BYTEA,
        Type::DATE,
        Type::TIMESTAMP,
        Type::TIMESTAMPTZ,
        Type::NUMERIC,
        Type::JSONB,
        Type::UUID,
    ];
    let eight = i64::MAX.to_be_bytes();
    let four = i32::MIN.to_be_bytes();
    let names = array(2);
    let corpus: [&[u8]; 4] = [b"text", &eight, &four, &names];
    fuzz::run("values of rows", &corpus, &[&four, b"\xff"], |input| {
        for kind in &kinds {
            let value = raw(kind.clone(), Some(input));
            let (cell, at) = (cell(&value), time(&value));
            let _ = (fields::text(&cell), fields::integer::<i32>(&cell));
            let _ = (fields::time(&at), fields::time(&cell));
        }
        if let Ok(Array(names)) = Array::<Raw<'_>>::from_sql(&Type::TEXT_ARRAY, input) {
            assert!(names.len() <= input.len());
        }
        let _ = Array::<Oid>::from_sql(&Type::OID_ARRAY, input);
    });
}
