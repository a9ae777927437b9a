//! What the text of a row needs and the map does not: outlines to seven decimals of a degree, as PostGIS writes them, and the
//! places after the point that each decimal of the record shows. A part has them only where they give the record's own text
//! of every row; the text of any other is the database's to tell.

use std::io::Write;

use super::build;
use crate::coverage::At;
use crate::coverage::Bounds;
use crate::coverage::Shapes;
use crate::layer::FieldType;
use crate::layer::Layer;

/// Steps in a degree.
pub const STEPS: f64 = 1e7;
/// Steps from the corner at 180° W 90° S to 0° E 0° N.
pub const ORIGIN: [i64; 2] = [1_800_000_000, 900_000_000];
/// Stands for a row without a value.
const NONE: u8 = u8::MAX;

/// The digits of a part's rows.
#[derive(Debug)]
pub struct Digits {
    /// Multipolygons, each place so many steps east and north of the corner; outlines anticlockwise, holes clockwise.
    outlines: Shapes,
    /// For each field of the layer's folder; nothing for those that are not decimals.
    shown: Vec<Option<Shown>>,
}

/// Places after the point.
#[derive(Debug)]
enum Shown {
    All(u8),
    Each(Vec<u8>),
}

/// Digits of rows that are being read.
#[derive(Debug)]
pub struct Gathered {
    outlines: Shapes,
    shown: Vec<Option<Vec<u8>>>,
    is_whole: bool,
}

impl Gathered {
    pub fn new(layer: &Layer) -> Self {
        let shown = layer.field.values().map(|it| (it.kind == FieldType::Decimal).then(Vec::new));
        Self { outlines: Shapes::default(), shown: shown.collect(), is_whole: true }
    }

    /// Adds a row's fields, in the folder's order, and its geometry, as PostgreSQL sends them in binary.
    pub fn row(&mut self, fields: &[Option<&[u8]>], geometry: Option<&[u8]>) {
        for (shown, cell) in self.shown.iter_mut().zip(fields) {
            let Some(shown) = shown else { continue };
            // The fourth word of a `numeric` (`super::numeric`).
            shown.push(match cell.map(|it| it.get(6..8)) {
                Some(Some(&[0, places])) if places != NONE => places,
                None => NONE,
                Some(_) => {
                    self.is_whole = false;
                    NONE
                }
            });
        }
        self.is_whole &= geometry.and_then(|it| multipolygon(it, &mut self.outlines)).is_some();
        self.outlines.end_row();
    }

    /// Says that a value was not kept as it is.
    pub const fn spoil(&mut self) {
        self.is_whole = false;
    }

    pub fn bytes(&self) -> usize {
        build::bytes(&self.outlines) + self.shown.iter().flatten().map(Vec::capacity).sum::<usize>()
    }

    /// The digits of the rows in `order`; `None` when the text of some row cannot be told from them.
    pub fn finish(self, order: &[u32]) -> Option<Digits> {
        let Self { outlines, shown, is_whole } = self;
        let in_order = |it: Vec<u8>| {
            let mut known = it.iter().filter(|it| **it != NONE);
            let first = known.next().copied().unwrap_or_default();
            if known.all(|it| *it == first) {
                Shown::All(first)
            } else {
                Shown::Each(order.iter().map(|row| it[*row as usize]).collect())
            }
        };
        is_whole.then(|| Digits {
            outlines: build::sorted(&outlines, order),
            shown: shown.into_iter().map(|it| it.map(in_order)).collect(),
        })
    }
}

impl Digits {
    /// Of outlines alone.
    #[cfg(test)]
    pub(super) const fn of(outlines: Shapes) -> Self {
        Self { outlines, shown: Vec::new() }
    }

    pub fn bytes(&self) -> usize {
        let each = self.shown.iter().map(|it| match it {
            Some(Shown::Each(it)) => it.capacity(),
            _ => 0,
        });
        build::bytes(&self.outlines) + each.sum::<usize>()
    }

    /// Around the row's outlines.
    pub fn bounds(&self, row: usize) -> Bounds {
        self.outlines.bounds(row)
    }

    /// The polygons of a row, each with its rings.
    pub fn polygons(&self, row: usize) -> impl Iterator<Item = impl Iterator<Item = &[At]>> {
        self.outlines.row(row)
    }

    /// How many places after the point the row's value of a field shows.
    pub fn places(&self, field: usize, row: usize) -> u8 {
        match self.shown.get(field) {
            Some(Some(Shown::All(it))) => *it,
            Some(Some(Shown::Each(it))) => it[row],
            _ => 0,
        }
    }

    /// The row's geometry as GeoJSON in CRS84: what `st_asgeojson(st_forcepolygonccw(geom), 7, 0)` writes.
    pub fn write_geometry(&self, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"MultiPolygon\",\"coordinates\":[");
        let mut start = out.len();
        for rings in self.polygons(row) {
            open(&mut start, out);
            let mut start = out.len();
            for ring in rings {
                open(&mut start, out);
                for at in ring.iter().chain(ring.first()) {
                    out.push(b'[');
                    write_scaled(i64::from(at.x) - ORIGIN[0], 7, 0, out);
                    out.push(b',');
                    write_scaled(i64::from(at.y) - ORIGIN[1], 7, 0, out);
                    out.extend_from_slice(b"],");
                }
                out.pop();
                out.push(b']');
            }
            out.push(b']');
        }
        out.extend_from_slice(b"]}");
    }
}

/// Opens a list in a list, after a comma where it is not the first.
fn open(start: &mut usize, out: &mut Vec<u8>) {
    if out.len() > *start {
        out.push(b',');
    }
    *start = 0;
    out.push(b'[');
}

/// Writes `scaled` / 10^`places` with at least `shown` places after the point, and no zeros behind those.
pub fn write_scaled(scaled: i64, places: u32, shown: u8, out: &mut Vec<u8>) {
    let mut digits = scaled.unsigned_abs();
    let (mut places, shown) = (places as usize, usize::from(shown));
    while places > shown && digits.is_multiple_of(10) {
        digits /= 10;
        places -= 1;
    }
    // 20 digits of the number, or the zeros before and behind it.
    let mut text = [b'0'; 20];
    let mut at = text.len();
    while digits > 0 {
        at -= 1;
        text[at] = b'0' + (digits % 10) as u8;
        digits /= 10;
    }
    if scaled < 0 {
        out.push(b'-');
    }
    let text = &text[at..];
    let whole = text.len().saturating_sub(places);
    out.extend_from_slice(if whole == 0 { b"0" } else { &text[..whole] });
    if places.max(shown) == 0 {
        return;
    }
    out.push(b'.');
    out.resize(out.len() + places.saturating_sub(text.len()), b'0');
    out.extend_from_slice(&text[whole..]);
    out.resize(out.len() + shown.saturating_sub(places), b'0');
}

/// Appends a multipolygon of longitudes and latitudes as `geometry_send` writes it (EWKB), without ending the row; `None` for
/// anything else, and for what PostGIS would write otherwise than [`Digits::write_geometry`] does.
fn multipolygon(ewkb: &[u8], outlines: &mut Shapes) -> Option<()> {
    let mut wkb = Wkb(ewkb);
    let kind = wkb.head()?;
    if kind & 0x2000_0000 != 0 {
        wkb.u32()?;
    }
    if kind & !0x2000_0000 != 6 {
        return None;
    }
    for _ in 0..wkb.u32()? {
        if wkb.head()? != 3 {
            return None;
        }
        for nth in 0..wkb.u32()? {
            let len = usize::try_from(wkb.u32()?).ok()?.checked_mul(16)?;
            let (ring, rest) = wkb.0.split_at_checked(len)?;
            wkb.0 = rest;
            self::ring(ring, nth == 0, outlines)?;
        }
        outlines.end_part();
    }
    wkb.0.is_empty().then_some(())
}

struct Wkb<'a>(&'a [u8]);

impl Wkb<'_> {
    fn u32(&mut self) -> Option<u32> {
        let (it, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*it))
    }

    /// The type of a geometry whose numbers have their lowest byte first.
    fn head(&mut self) -> Option<u32> {
        let (&1, rest) = self.0.split_first()? else { return None };
        self.0 = rest;
        self.u32()
    }
}

/// Appends a ring without its last place, an outline anticlockwise and a hole clockwise, each from the place that it began
/// with: `st_forcepolygonccw`.
fn ring(bytes: &[u8], is_outline: bool, outlines: &mut Shapes) -> Option<()> {
    let place = |bytes: &[u8]| -> [f64; 2] {
        [0, 8].map(|it| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[it..it + 8]);
            f64::from_le_bytes(number)
        })
    };
    let places: Vec<[f64; 2]> = bytes.chunks_exact(16).map(place).collect();
    let (last, open) = places.split_last()?;
    let first = open.first()?;
    if first.map(f64::to_bits) != last.map(f64::to_bits) {
        return None;
    }
    // `ptarray_signed_area` of PostGIS, in its order of adding: what it takes for anticlockwise is turned as it would be.
    let double_area: f64 =
        places.windows(3).map(|it| (it[1][0] - first[0]) * (it[0][1] - it[2][1])).sum();
    let is_anticlockwise = double_area <= 0.0;
    let from = outlines.places.len();
    for it in open {
        let [x, y] = [step(it[0], ORIGIN[0])?, step(it[1], ORIGIN[1])?];
        outlines.place(At { x, y });
    }
    if is_anticlockwise != is_outline {
        outlines.places[from + 1..].reverse();
    }
    outlines.end_ring();
    Some(())
}

/// The nearest step, of two that are as near the even one, as PostGIS rounds (`lwprint_double`).
#[expect(clippy::cast_possible_truncation, reason = "looked at before")]
fn step(degrees: f64, origin: i64) -> Option<u32> {
    if !degrees.is_finite() || degrees.abs() > 360.0 {
        return None;
    }
    let scaled = degrees * STEPS;
    let rounded = scaled.round();
    // A product is rounded itself, so that close to the middle only the exact digits tell.
    let whole = if (scaled - rounded).abs() > 0.499_999 {
        let mut text = Vec::with_capacity(24);
        write!(text, "{degrees:.7}").ok()?;
        text.retain(|it| *it != b'.');
        std::str::from_utf8(&text).ok()?.parse().ok()?
    } else {
        rounded as i64
    };
    // PostGIS writes `-0` of what is less than nothing and rounded to it.
    if whole.abs() > origin || whole == 0 && degrees.is_sign_negative() {
        return None;
    }
    u32::try_from(whole + origin).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    fn written(scaled: i64, places: u32, shown: u8) -> String {
        let mut out = Vec::new();
        write_scaled(scaled, places, shown, &mut out);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn a_number_shows_the_places_that_it_had(
            mantissa in prop_oneof![any::<i64>(), -1_000_000..1_000_000_i64, Just(0)],
            shown in 0..=20_u8,
            more in 0..4_u32,
        ) {
            let number = Decimal::from_i128_with_scale(mantissa.into(), shown.into());
            prop_assert_eq!(written(mantissa, shown.into(), shown), number.to_string());
            // In a column of more places, and in one that leaves zeros out.
            if let Some(it) = mantissa.checked_mul(10_i64.pow(more)) {
                prop_assert_eq!(written(it, u32::from(shown) + more, shown), number.to_string());
            }
            let short = number.normalize();
            if let Ok(it) = i64::try_from(short.mantissa()) {
                prop_assert_eq!(written(it, short.scale(), shown), number.to_string());
            }
        }

        #[test]
        fn a_coordinate_is_rounded_as_its_digits_are(degrees in prop_oneof![-180.0..180.0_f64, 121.0..122.0_f64]) {
            let at = step(degrees, ORIGIN[0]).map(|it| i64::from(it) - ORIGIN[0]);
            let exact = format!("{degrees:.7}");
            let exact = exact.trim_end_matches('0').trim_end_matches('.');
            let written = at.map_or("-0".to_owned(), |it| written(it, 7, 0));
            prop_assert_eq!(written, exact);
        }

        #[test]
        fn any_bytes_are_outlines_or_none(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = multipolygon(&bytes, &mut Shapes::default());
        }
    }

    #[test]
    fn halves_are_rounded_to_even_and_nothing_below_zero_is_nothing() {
        let text = |degrees: f64| {
            step(degrees, ORIGIN[1]).map(|it| written(i64::from(it) - ORIGIN[1], 7, 0))
        };
        // 2^-8 and three times that: exactly between two steps.
        assert_eq!(text(0.003_906_25).unwrap(), "0.0039062");
        assert_eq!(text(0.011_718_75).unwrap(), "0.0117188");
        assert_eq!(text(0.0).unwrap(), "0");
        assert_eq!(text(-0.000_000_01), None);
        assert_eq!(text(90.000_000_1), None);
        assert_eq!(text(f64::NAN), None);
        assert_eq!(text(f64::INFINITY), None);
        assert_eq!(text(-90.0).unwrap(), "-90");
        assert_eq!(text(-0.5).unwrap(), "-0.5");
    }

    #[test]
    fn rings_are_turned_about_the_place_that_they_begin_with() {
        let ewkb = |rings: &[&[[f64; 2]]]| {
            let mut it = vec![1];
            it.extend(0x2000_0006_u32.to_le_bytes());
            it.extend(4490_u32.to_le_bytes());
            it.extend(1_u32.to_le_bytes());
            it.push(1);
            it.extend(3_u32.to_le_bytes());
            it.extend(u32::try_from(rings.len()).unwrap().to_le_bytes());
            for ring in rings {
                it.extend(u32::try_from(ring.len()).unwrap().to_le_bytes());
                it.extend(ring.iter().flatten().flat_map(|it| it.to_le_bytes()));
            }
            it
        };
        let clockwise: &[[f64; 2]] = &[[0.0, 0.0], [0.0, 4.0], [4.0, 4.0], [4.0, 0.0], [0.0, 0.0]];
        let anticlockwise: &[[f64; 2]] = &[[1.0, 1.0], [2.0, 1.0], [2.0, 2.5], [1.0, 1.0]];
        let mut outlines = Shapes::default();
        multipolygon(&ewkb(&[clockwise, anticlockwise]), &mut outlines).unwrap();
        outlines.end_row();
        let digits = Digits::of(outlines);
        let mut out = Vec::new();
        digits.write_geometry(0, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,2.5],[2,1],[1,1]]]]}"#
        );
        let mut cut = ewkb(&[clockwise]);
        cut.pop();
        assert_eq!(multipolygon(&cut, &mut Shapes::default()), None);
        let open: &[[f64; 2]] = &[[0.0, 0.0], [0.0, 4.0], [4.0, 4.0]];
        assert_eq!(multipolygon(&ewkb(&[open]), &mut Shapes::default()), None);
    }
}
