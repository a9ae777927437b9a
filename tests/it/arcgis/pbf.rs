//! `f=pbf` is read back field by field, and says what `f=json` says.

use serde_json::Value;

use super::query;
use crate::ogc::with_grid;

/// A member of a message: its field's number, and what it holds.
enum Member<'a> {
    Varint(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return value;
        }
        shift += 7;
    }
}

fn members(mut bytes: &[u8]) -> Vec<(u64, Member<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let member = match key & 7 {
            0 => Member::Varint(varint(&mut bytes)),
            1 => {
                let (it, rest) = bytes.split_at(8);
                bytes = rest;
                Member::Double(f64::from_le_bytes(it.try_into().unwrap()))
            }
            2 => {
                let size = varint(&mut bytes) as usize;
                let (it, rest) = bytes.split_at(size);
                bytes = rest;
                Member::Bytes(it)
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, member));
    }
    found
}

fn all<'a>(of: &'a [(u64, Member<'a>)], field: u64) -> impl Iterator<Item = &'a [u8]> {
    of.iter().filter(move |it| it.0 == field).map(move |it| match it.1 {
        Member::Bytes(it) => it,
        _ => panic!("{field} holds no bytes"),
    })
}

fn number(of: &[(u64, Member<'_>)], field: u64) -> Option<u64> {
    of.iter().find(|it| it.0 == field).map(|it| match it.1 {
        Member::Varint(it) => it,
        _ => panic!("{field} is no number"),
    })
}

fn doubles(of: &[u8]) -> [f64; 2] {
    let of = members(of);
    [1, 2].map(|field| match of.iter().find(|it| it.0 == field).unwrap().1 {
        Member::Double(it) => it,
        _ => panic!("{field} is no double"),
    })
}

fn signed(it: u64) -> i64 {
    (it >> 1) as i64 ^ -((it & 1) as i64)
}

fn packed(mut bytes: &[u8]) -> Vec<u64> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        found.push(varint(&mut bytes));
    }
    found
}

fn value(bytes: &[u8]) -> Value {
    match members(bytes).first() {
        None => Value::Null,
        Some((1, Member::Bytes(it))) => std::str::from_utf8(it).unwrap().into(),
        Some((3, Member::Double(it))) => (*it).into(),
        Some((4 | 8, Member::Varint(it))) => signed(*it).into(),
        Some((6, Member::Varint(it))) => (*it as i64).into(),
        Some((7, Member::Varint(it))) => (*it).into(),
        Some((field, _)) => panic!("value of kind {field}"),
    }
}

#[tokio::test]
async fn a_buffer_says_what_json_says() {
    let it = with_grid(30).await;
    it.sql(
        "update mutu.parcel set geom = st_multi(st_difference(geom, st_makeenvelope(121.2002, 31.3002, 121.2004, 31.3004, 4490)))
         where parcel_id = 1;
         update mutu.parcel set village = '村' where parcel_id = 2",
    )
    .await;
    let token = it.token(mutu::access::Role::Viewer).await;
    for system in ["4490", "4549", "102100"] {
        let asked = [
            ("where", "OBJECTID < 20"),
            ("outFields", "*"),
            ("outSR", system),
            ("resultRecordCount", "12"),
        ];
        let json = it.json_as(&token, &query(&asked)).await;
        let asked = [&asked[..], &[("f", "pbf")]].concat();
        let response = it.get_as(&token, &query(&asked)).await;
        assert_eq!(response.headers()["content-type"], "application/x-protobuf");
        let bytes = response.bytes().await.unwrap();
        let document = members(&bytes);
        assert_eq!(all(&document, 1).next().unwrap(), b"2.1");
        let result = members(all(&document, 2).next().unwrap());
        let result = members(all(&result, 1).next().unwrap());
        assert_eq!(all(&result, 1).next().unwrap(), b"OBJECTID");
        assert_eq!(
            (number(&result, 7), number(&result, 9)),
            (Some(3), Some(1)),
            "polygons, and more"
        );
        let reference = members(all(&result, 8).next().unwrap());
        assert_eq!(number(&reference, 1), json["spatialReference"]["wkid"].as_u64());
        let transform = members(all(&result, 12).next().unwrap());
        assert_eq!(number(&transform, 1), None, "the upper left corner");
        let [step, _] = doubles(all(&transform, 2).next().unwrap());
        let [left, top] = doubles(all(&transform, 3).next().unwrap());
        let names: Vec<String> = all(&result, 13)
            .map(|it| String::from_utf8(all(&members(it), 1).next().unwrap().to_vec()).unwrap())
            .collect();
        let listed =
            json["fields"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
        assert!(names.iter().map(String::as_str).eq(listed), "{names:?}");
        let features: Vec<&[u8]> = all(&result, 15).collect();
        let wanted = json["features"].as_array().unwrap();
        assert_eq!((features.len(), wanted.len()), (12, 12));
        for (feature, wanted) in features.into_iter().zip(wanted) {
            let feature = members(feature);
            for (name, got) in names.iter().zip(all(&feature, 1)) {
                let (got, wanted) = (value(got), &wanted["attributes"][name]);
                let same =
                    got == *wanted || got.as_f64().is_some() && got.as_f64() == wanted.as_f64();
                assert!(same, "{name}: {got} for {wanted}");
            }
            let geometry = members(all(&feature, 2).next().unwrap());
            let lengths = packed(all(&geometry, 2).next().unwrap());
            let mut steps = packed(all(&geometry, 3).next().unwrap()).into_iter().map(signed);
            let rings = wanted["geometry"]["rings"].as_array().unwrap();
            assert_eq!(lengths.len(), rings.len());
            for (length, ring) in lengths.into_iter().zip(rings) {
                let ring = ring.as_array().unwrap();
                assert_eq!(length as usize, ring.len());
                let (mut x, mut y) = (0, 0);
                for at in ring {
                    x += steps.next().unwrap();
                    y += steps.next().unwrap();
                    let got = [left + x as f64 * step, top - y as f64 * step];
                    for (got, wanted) in got.into_iter().zip(at.as_array().unwrap()) {
                        let off = (got - wanted.as_f64().unwrap()).abs();
                        assert!(off < 1.6 * step, "{system}: {got} for {wanted}");
                    }
                }
            }
            assert_eq!(steps.next(), None);
        }
    }
    let read = async |parameters: &[(&str, &str)]| {
        it.get(&query(parameters)).await.bytes().await.unwrap().to_vec()
    };
    let count = read(&[("f", "pbf"), ("returnCountOnly", "true")]).await;
    let count = members(&count);
    let count = members(all(&count, 2).next().unwrap());
    assert_eq!(number(&members(all(&count, 2).next().unwrap()), 1), Some(30));
    let ids = read(&[("f", "pbf"), ("returnIdsOnly", "true"), ("where", "OBJECTID > 27")]).await;
    let ids = members(&ids);
    let ids = members(all(&ids, 2).next().unwrap());
    let ids = members(all(&ids, 3).next().unwrap());
    assert_eq!(packed(all(&ids, 3).next().unwrap()), [28, 29, 30]);
    super::refused(&it, &query(&[("f", "pbf"), ("returnExtentOnly", "true")])).await;
}
