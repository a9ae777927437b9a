//! What is written is read again, and every rule of the validator is broken once.

use proptest::prelude::*;

use super::*;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    let mut out = Vec::new();
    writer.written().finish("parcels", 4096, &mut out);
    out
}

fn rules(bytes: &[u8]) -> Vec<Rule> {
    check(bytes).into_iter().map(|it| it.rule).collect()
}

const SQUARE: [(i32, i32); 4] = [(0, 0), (10, 0), (10, 10), (0, 10)];

#[test]
fn a_layer_is_read_as_it_was_written() {
    let bytes = written(|it| {
        let (name, area) = (it.key("name"), it.key("area_mu"));
        for (id, value) in [(1, Value::Text("甲")), (2, Value::Integer(-3)), (3, Value::Bool(true))]
        {
            let value = it.value(value);
            it.tag(name, value);
            let value = it.value(Value::Double(2.5));
            it.tag(area, value);
            Pen::default().ring(&SQUARE, &mut it.geometry);
            it.feature(Some(id), Kind::Polygon);
        }
        let value = it.value(Value::Integer(300));
        it.tag(name, value);
        Pen::default().points(&[(5, -1)], &mut it.geometry);
        it.feature(None, Kind::Point);
        it.tag(name, value);
        it.feature(Some(9), Kind::Polygon);
    });
    assert_eq!(check(&bytes), []);
    let tile = read(&bytes).unwrap();
    let layer = &tile.layers[0];
    assert_eq!((layer.name.as_str(), layer.version, layer.extent), ("parcels", 2, 4096));
    assert_eq!(layer.features.len(), 4, "one without a geometry is none");
    let said: Vec<_> = layer.features.iter().map(|it| layer.properties(it)).collect();
    assert_eq!(
        said[0],
        [("name", &Owned::Text("甲".to_owned())), ("area_mu", &Owned::Double(2.5))]
    );
    assert_eq!(said[1][0].1, &Owned::Sint(-3));
    assert_eq!(said[2][0].1, &Owned::Bool(true));
    assert_eq!(said[3], [("name", &Owned::Uint(300))]);
    assert_eq!(layer.features[0].paths().unwrap(), [(SQUARE.to_vec(), true)]);
    assert_eq!((layer.features[3].id, layer.features[3].kind()), (None, Some(Kind::Point)));
}

#[test]
fn nothing_is_an_empty_tile() {
    assert!(written(|_| {}).is_empty());
    assert_eq!(check(&[]), []);
}

fn polygon(rings: &[&[(i32, i32)]]) -> Vec<Rule> {
    rules(&written(|it| {
        let mut pen = Pen::default();
        for ring in rings {
            pen.ring(ring, &mut it.geometry);
        }
        it.feature(None, Kind::Polygon);
    }))
}

#[test]
fn rings_are_held_to_winding_area_and_crossings() {
    let back: Vec<_> = SQUARE.iter().rev().copied().collect();
    let hole = [(2, 2), (2, 4), (4, 4), (4, 2)];
    assert_eq!(polygon(&[&SQUARE]), []);
    assert_eq!(polygon(&[&SQUARE, &hole]), []);
    assert_eq!(polygon(&[&back]), [Rule::Winding]);
    assert_eq!(polygon(&[&[(0, 0), (5, 5), (10, 10)]]), [Rule::Winding]);
    assert_eq!(polygon(&[&[(0, 0), (10, 0), (10, 10), (0, 0)]]), [Rule::Winding]);
    assert_eq!(polygon(&[&[(0, 0), (10, 0), (10, 10), (10, 10)]]), [Rule::Commands]);
    assert_eq!(polygon(&[&[(0, 0), (10, 0)]]), [Rule::Commands]);
    assert_eq!(polygon(&[&[(0, 9), (10, 0), (10, 10), (0, 0)]]), [Rule::Crossing]);
    // A spike goes back along itself.
    assert_eq!(polygon(&[&[(0, 0), (10, 0), (20, 0), (10, 0), (10, 10)]]), [Rule::Crossing]);
    let beyond: Vec<_> = hole.iter().map(|it| (it.0 + 20, it.1)).collect();
    assert_eq!(polygon(&[&SQUARE, &beyond]), [Rule::Crossing; 1]);
    let through: Vec<_> = hole.iter().map(|it| (it.0 + 7, it.1)).collect();
    assert!(polygon(&[&SQUARE, &through]).contains(&Rule::Crossing));
    // Rings may touch in a place.
    assert_eq!(polygon(&[&SQUARE, &[(0, 5), (5, 6), (5, 4)]]), []);
}

#[test]
fn commands_fit_their_kind() {
    let with = |kind: Kind, commands: &[u8]| {
        rules(&written(|it| {
            it.geometry.extend(commands);
            it.feature(None, kind);
        }))
    };
    assert_eq!(with(Kind::Point, &[9, 2, 2]), []);
    assert_eq!(with(Kind::Point, &[17, 2, 2, 0, 0]), []);
    assert_eq!(with(Kind::Point, &[9, 2, 2, 9, 2, 2]), [Rule::Commands]);
    assert_eq!(with(Kind::Point, &[9, 2]), [Rule::Commands]);
    assert_eq!(with(Kind::Point, &[1]), [Rule::Commands]);
    assert_eq!(with(Kind::Line, &[9, 2, 2, 10, 2, 2]), []);
    assert_eq!(with(Kind::Line, &[9, 2, 2, 10, 0, 0]), [Rule::Commands]);
    assert_eq!(with(Kind::Line, &[17, 2, 2, 2, 2, 10, 2, 2]), [Rule::Commands]);
    assert_eq!(with(Kind::Line, &[9, 2, 2]), [Rule::Commands]);
    assert_eq!(with(Kind::Line, &[9, 2, 2, 10, 2, 2, 15]), [Rule::Commands]);
    assert_eq!(with(Kind::Polygon, &[9, 2, 2, 18, 2, 2, 2, 0]), [Rule::Commands]);
    assert_eq!(with(Kind::Polygon, &[9, 2, 2, 18, 2, 2, 0, 4, 23]), [Rule::Commands]);
}

#[test]
fn dictionaries_tags_and_layers_are_held_to_theirs() {
    let point = |it: &mut Writer, id| {
        it.geometry.extend([9, 2, 2]);
        it.feature(id, Kind::Point);
    };
    assert_eq!(
        rules(&written(|it| {
            it.tag(0, 0);
            point(it, None);
        })),
        [Rule::Tags]
    );
    assert_eq!(
        rules(&written(|it| {
            it.key("a");
            it.key("a");
            it.value(Value::Double(f64::NAN));
            it.tag(0, 0);
            it.tag(0, 0);
            point(it, Some(1));
            point(it, Some(1));
        })),
        [Rule::Dictionary, Rule::Dictionary, Rule::Tags, Rule::Id]
    );
    let twice = written(|it| point(it, None)).repeat(2);
    assert_eq!(rules(&twice), [Rule::Layer]);
    for broken in [&[0x1a, 5][..], &[0x1a], &[0xff; 12], &[0x1b], &[0x1a, 3, 0x0a, 1, 0xff]] {
        assert_eq!(rules(broken), [Rule::Bytes], "{broken:?}");
    }
}

proptest! {
    #[test]
    fn values_come_back(values in prop::collection::vec((any::<i64>(), any::<f64>(), ".{0,200}"), 1..20)) {
        let bytes = written(|it| {
            for (a, b, c) in &values {
                it.value(Value::Integer(*a));
                it.value(Value::Double(*b));
                it.value(Value::Text(c));
            }
            it.geometry.extend([9, 2, 2]);
            it.feature(None, Kind::Point);
        });
        let tile = read(&bytes).unwrap();
        for (found, (a, b, c)) in tile.layers[0].values.chunks(3).zip(&values) {
            match &found[0] {
                Owned::Uint(it) => prop_assert_eq!(i128::from(*it), i128::from(*a)),
                Owned::Sint(it) => prop_assert_eq!(it, a),
                other => prop_assert!(false, "{:?}", other),
            }
            prop_assert!(matches!(found[1], Owned::Double(it) if it.to_bits() == b.to_bits()));
            prop_assert_eq!(&found[2], &Owned::Text(c.clone()));
        }
    }

    #[test]
    fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = check(&bytes);
    }
}
