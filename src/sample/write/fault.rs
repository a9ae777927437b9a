//! Faults as real files have them, put into the rows of a dirty district, with a list of what was put where.

use std::path::Path;

use anyhow::Context;
use anyhow::Result;

use crate::sample::header::File;
use crate::sample::plane::Vertex;
use crate::sample::row::Geometry;
use crate::sample::row::Row;
use crate::sample::row::Value;

/// One row in so many is spoilt.
const EVERY: u64 = 29;

/// A fault: the file, the number of the row in it (from 1, headers not counted), its key, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: &'static str,
    pub row: u64,
    pub key: String,
    pub kind: &'static str,
    pub detail: String,
}

/// The rule of the import's report that a kind of fault comes under; either of two where it depends on the shape.
fn rules(kind: &str) -> &'static str {
    match kind {
        "duplicate_code" | "duplicate_row" => "duplicate",
        "missing_code" => "required",
        "bow_tie" => "geometry_unrepairable|geometry_repaired",
        "swapped_axes" => "coordinates",
        "null_geometry" => "geometry_missing",
        "bad_credit_code" => "credit_code",
        // A parcel that was refused for a fault of its own has no area to compare with.
        "land_too_large" => "land_exceeds_parcel|no_parcel",
        "unknown_parcel" => "no_parcel",
        "future_date" => "date_future",
        "wrong_year" => "period",
        "negative_number" => "negative",
        "text_in_number" => "value",
        "code_slip" => "parcel_code",
        "full_width_code" => "code_normalised",
        "dates_swapped" => "date_order",
        "far_of_45" => "far_implausible",
        "tenfold" => "jump",
        "overlap" => "overlap",
        "same_geometry" => "same_geometry",
        "spike" => "spike",
        _ => "",
    }
}

/// Spoils rows of one file as they pass.
#[derive(Debug)]
pub struct Spoiler {
    file: &'static str,
    kinds: &'static [&'static str],
    columns: &'static [crate::sample::header::Column],
    seen: u64,
    written: u64,
    /// The row before, if it was left as it was.
    before: Option<Row>,
    pub faults: Vec<Fault>,
}

/// What is spoilt in a file, by the layer or table that it goes to.
fn kinds(into: &str) -> &'static [&'static str] {
    match into {
        "parcels" => &[
            "duplicate_code",
            "bow_tie",
            "swapped_axes",
            "null_geometry",
            "overlap",
            "missing_code",
            "code_slip",
            "full_width_code",
            "dates_swapped",
            "far_of_45",
            "same_geometry",
            "spike",
        ],
        "buildings" => &["unknown_parcel", "bow_tie", "null_geometry", "negative_number"],
        "basic_farmland" | "control_plan" => &["bow_tie", "null_geometry"],
        "enterprises" => &["bad_credit_code", "duplicate_code", "future_date", "missing_code"],
        "enterprise_years" => {
            &["text_in_number", "wrong_year", "duplicate_row", "negative_number", "tenfold"]
        }
        "occupancies" => &["unknown_parcel", "land_too_large", "text_in_number"],
        _ => &[],
    }
}

impl Spoiler {
    pub fn new(file: &File) -> Self {
        Self {
            file: file.name,
            kinds: kinds(file.into),
            columns: file.columns,
            seen: 0,
            written: 0,
            before: None,
            faults: Vec::new(),
        }
    }

    /// The row, spoilt if it is its turn, and a copy after it where rows are doubled.
    pub fn pass(&mut self, mut row: Row) -> Vec<Row> {
        self.seen += 1;
        self.written += 1;
        // The first turn comes early, so that small districts have faults too.
        if self.kinds.is_empty() || self.seen % EVERY != 7 {
            self.before = Some(row.clone());
            return vec![row];
        }
        let turn = usize::try_from(self.seen / EVERY).unwrap_or(0);
        let kind = self.kinds[turn % self.kinds.len()];
        let key = match row.values.first() {
            Some(Value::Text(it)) => it.clone(),
            _ => String::new(),
        };
        let mut copy = None;
        let detail = self.spoil(kind, &mut row, &mut copy);
        if let Some(detail) = detail {
            let written = self.written + u64::from(copy.is_some());
            self.faults.push(Fault { file: self.file, row: written, key, kind, detail });
        }
        self.written += u64::from(copy.is_some());
        std::iter::once(row).chain(copy).collect()
    }

    fn spoil_outline(&self, kind: &str, row: &mut Row) -> Option<String> {
        match kind {
            "bow_tie" => {
                let ring = shell(row)?;
                // Of a ring with a recess a swap may make another ring instead of a bow-tie.
                let tied = (1..ring.len()).find_map(|it| {
                    let mut ring = ring.clone();
                    ring.swap(it, it - 1);
                    crosses_itself(&ring).then_some(ring)
                })?;
                *ring = tied;
                Some("two corners swapped".into())
            }
            "overlap" => {
                let mut ring = self.ring_before()?;
                // 500 steps of 1e-7 degree are about 5 m.
                for it in &mut ring {
                    it.lon += 500;
                }
                *shell(row)? = ring;
                Some("laid over the parcel before it, 5 m to the east".into())
            }
            "same_geometry" => {
                *shell(row)? = self.ring_before()?;
                Some("the outline of the parcel before it".into())
            }
            "spike" => {
                spike(shell(row)?);
                Some("the northern corner drawn out by 33 m".into())
            }
            "swapped_axes" => {
                for it in shell(row)? {
                    *it = Vertex { lon: it.lat, lat: it.lon };
                }
                Some("latitude before longitude".into())
            }
            _ => None,
        }
    }

    fn ring_before(&self) -> Option<Vec<Vertex>> {
        match self.before.as_ref()?.geometry.as_ref()? {
            Geometry::Polygons(polygons) => polygons.first()?.first().cloned(),
            Geometry::Line(_) => None,
        }
    }

    fn column(&self, core: &str) -> Option<usize> {
        self.columns.iter().position(|it| it.core == core)
    }

    fn put(&self, row: &mut Row, core: &str, value: Value) -> Option<String> {
        let at = self.column(core)?;
        let detail = format!("{} = {}", self.columns[at].header, shown(&value));
        row.values[at] = value;
        Some(detail)
    }

    fn spoil(&self, kind: &str, row: &mut Row, copy: &mut Option<Row>) -> Option<String> {
        match kind {
            "duplicate_code" | "duplicate_row" => {
                *copy = Some(row.clone());
                Some("the same row again".into())
            }
            "missing_code" => self.put(row, self.columns[0].core, Value::Null),
            "bow_tie" | "overlap" | "same_geometry" | "spike" | "swapped_axes" => {
                self.spoil_outline(kind, row)
            }
            "code_slip" => {
                let Value::Text(code) = &row.values[0] else { return None };
                let wrong: String = code.chars().take(18).chain(['O']).collect();
                self.put(row, "parcel_code", wrong.into())
            }
            "full_width_code" => {
                let Value::Text(code) = &row.values[0] else { return None };
                let wide = |it: char| {
                    it.to_digit(10).and_then(|it| char::from_u32(0xff10 + it)).unwrap_or(it)
                };
                let code: String = code.to_lowercase().chars().map(wide).collect();
                self.put(row, "parcel_code", code.into())
            }
            "dates_swapped" => {
                let [from, to] = [self.column("contract_start")?, self.column("contract_finish")?];
                let both = [&row.values[from], &row.values[to]];
                if !matches!(both, [Value::Date(from), Value::Date(to)] if from < to) {
                    return None;
                }
                row.values.swap(from, to);
                Some("the two dates of the contract swapped".into())
            }
            "far_of_45" => self.put(row, "far_reported", 45.0.into()),
            "tenfold" => {
                let at = self.column("output_wan")?;
                let before = self.before.as_ref().filter(|it| it.values[0] == row.values[0])?;
                let Value::Decimal(output) = before.values[at] else { return None };
                if output < 10.0 {
                    return None;
                }
                self.put(row, "output_wan", (output * 10.0).into())
            }
            "null_geometry" => {
                row.geometry = None;
                Some("no geometry".into())
            }
            "bad_credit_code" => {
                let Value::Text(code) = &row.values[0] else { return None };
                let last = if code.ends_with('0') { '1' } else { '0' };
                let wrong: String = code.chars().take(17).chain([last]).collect();
                self.put(row, "uscc", wrong.into())
            }
            "unknown_parcel" => self.put(row, "parcel_code", "310114999999GB99999".into()),
            "future_date" => {
                let date = chrono::NaiveDate::from_ymd_opt(2205, 5, 1)?;
                self.put(row, "founded", date.into())
            }
            "wrong_year" => self.put(row, "year", 2204_i64.into()),
            "negative_number" => {
                let core =
                    if self.column("floors").is_some() { "floor_area_m2" } else { "energy_tce" };
                self.put(row, core, (-1.0).into())
            }
            "land_too_large" => self.put(row, "land_m2", 9_999_999.0.into()),
            "text_in_number" => {
                let texts = ["暂无", "1,234.5万", "2,3.4", "约300"];
                let text = texts[usize::try_from(self.seen / EVERY).unwrap_or(0) % texts.len()];
                let core =
                    if self.column("tax_paid_wan").is_some() { "tax_paid_wan" } else { "floor_m2" };
                self.put(row, core, text.into())
            }
            _ => None,
        }
    }
}

/// Whether two edges cross, not only touch.
fn crosses_itself(ring: &[Vertex]) -> bool {
    let edge = |at: usize| (ring[at], ring[(at + 1) % ring.len()]);
    let side = |(from, to): (Vertex, Vertex), it: Vertex| {
        let [east, north] = [i64::from(to.lon - from.lon), i64::from(to.lat - from.lat)];
        let [right, up] = [i64::from(it.lon - from.lon), i64::from(it.lat - from.lat)];
        (east * up - north * right).signum()
    };
    let apart = |a, (from, to)| side(a, from) * side(a, to) < 0;
    (0..ring.len()).any(|a| (0..a).any(|b| apart(edge(a), edge(b)) && apart(edge(b), edge(a))))
}

/// The tip stands over the northernmost corner, so that it meets no other edge.
fn spike(ring: &mut Vec<Vertex>) {
    let Some(at) = (0..ring.len()).max_by_key(|it| ring[*it].lat) else { return };
    let (corner, next) = (ring[at], ring[(at + 1) % ring.len()]);
    let tip = Vertex { lon: corner.lon, lat: corner.lat + 3000 };
    let longest = (next.lon - corner.lon).abs().max((next.lat - corner.lat).abs()).max(1);
    // Twenty steps of 1e-7 degree along the edge are some 20 cm.
    let foot = Vertex {
        lon: corner.lon + (next.lon - corner.lon) * 20 / longest,
        lat: corner.lat + (next.lat - corner.lat) * 20 / longest,
    };
    ring.insert(at + 1, foot);
    ring.insert(at + 1, tip);
}

fn shell(row: &mut Row) -> Option<&mut Vec<Vertex>> {
    match row.geometry.as_mut()? {
        Geometry::Polygons(polygons) => polygons.first_mut()?.first_mut().filter(|it| it.len() > 3),
        Geometry::Line(_) => None,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(empty)".into(),
        Value::Text(it) => it.clone(),
        Value::Integer(it) => it.to_string(),
        Value::Decimal(it) => it.to_string(),
        Value::Date(it) => it.to_string(),
    }
}

/// Writes the list of faults.
pub fn list(path: &Path, faults: &[Fault]) -> Result<()> {
    let mut writer =
        csv::Writer::from_path(path).with_context(|| format!("writing {}", path.display()))?;
    writer.write_record(["file", "row", "key", "fault", "detail", "rule"])?;
    for it in faults {
        let row = it.row.to_string();
        writer.write_record([it.file, &row, &it.key, it.kind, &it.detail, rules(it.kind)])?;
    }
    writer.flush()?;
    Ok(())
}
