//! Edits of parcels, one by one: what a person may change, how it is recorded, and what stands in the way. A version is never
//! changed in its place: the record ends it and gets a new one, so that what was known before stays answerable. Files of many
//! parcels are `ingest`'s.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::layer::Text;
use crate::parcel::Version;

mod descent;
mod desk;
mod edit;
mod fields;
mod queries;
pub mod routes;
mod shape;

pub use descent::merge;
pub use descent::split;
pub use edit::change;
pub use edit::create;
pub use edit::retire;

/// Parts of a split, and parents of a merge.
const PARCELS_MAX: usize = 50;
/// Characters of a note.
const NOTE_MAX: usize = 500;

/// A parcel that was not in the register.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The fields, `parcel_code` among them.
    pub properties: Map<String, Value>,
    /// `GeoJSON` Polygon or `MultiPolygon`: longitude, latitude in degrees (EPSG:4490).
    pub geometry: Value,
    /// The first day on which it was so; left out where nobody knows.
    pub valid_from: Option<NaiveDate>,
    /// Stores what repair makes of an outline that is not valid.
    #[serde(default)]
    pub repair: bool,
    /// Stores an outline that lies on neighbours.
    #[serde(default)]
    pub allow_overlap: bool,
    /// Why; kept in the audit.
    pub note: Option<String>,
}

/// What changes in a parcel; what is left out stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Fields with their new values; null clears.
    #[serde(default)]
    pub properties: Map<String, Value>,
    /// A new outline, as `GeoJSON`.
    #[serde(default, deserialize_with = "given")]
    pub geometry: Option<Value>,
    /// The day on which the world changed: until then the old version stays. Left out, the old version was wrong and is
    /// corrected for the whole of its time.
    pub valid_from: Option<NaiveDate>,
    #[serde(default)]
    pub repair: bool,
    #[serde(default)]
    pub allow_overlap: bool,
    pub note: Option<String>,
}

/// Null is something else than nothing: an outline cannot be taken away.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// How a parcel ends.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retire {
    /// The first day on which it was no more; today when left out.
    pub valid_to: Option<NaiveDate>,
    pub note: Option<String>,
}

/// One parcel becomes several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The first day of the parts; today when left out.
    pub on: Option<NaiveDate>,
    /// What they are; together they are the parcel.
    #[schemars(length(min = 2, max = 50))]
    pub parts: Vec<Part>,
    #[serde(default)]
    pub repair: bool,
    pub note: Option<String>,
}

/// One part of a split.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its `parcel_code`, and what is other than in the parcel it was part of.
    pub properties: Map<String, Value>,
    pub geometry: Value,
}

/// Several parcels become one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    #[schemars(length(min = 2, max = 50))]
    pub parents: Vec<Parent>,
    /// The first day of the new parcel; today when left out.
    pub on: Option<NaiveDate>,
    /// Its `parcel_code`, and whatever its parents do not agree in.
    pub properties: Map<String, Value>,
    /// Merges parcels that do not touch.
    #[serde(default)]
    pub allow_apart: bool,
    pub note: Option<String>,
}

/// A parcel that is merged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    pub parcel_code: String,
    /// The version it was read in: its `ETag`.
    pub etag: String,
}

/// A parcel as it was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Written {
    pub parcel_code: String,
    pub parcel_id: i64,
    pub version: Version,
    /// Measured on the ellipsoid, m².
    pub area_geom_m2: Decimal,
    /// The fields in which it differs from the version before, `geometry` for the outline; none: nothing was written.
    pub changed: Vec<String>,
    /// What still names a code that is no more: it was not moved along.
    pub references: Vec<Reference>,
    pub notes: Vec<Text>,
}

/// Parcels that others came from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Descended {
    pub parents: Vec<Written>,
    pub children: Vec<Written>,
    pub areas: Areas,
    /// What names the parents, which was not moved to the children.
    pub references: Vec<Reference>,
    pub notes: Vec<Text>,
}

/// Areas before and after, m² on the ellipsoid.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Areas {
    pub parents_m2: Decimal,
    pub children_m2: Decimal,
    /// Of the parents, in no child.
    pub missing_m2: Option<Decimal>,
    /// Of the children, outside of the parents.
    pub outside_m2: Option<Decimal>,
    /// In more than one child; of a merge, in more than one parent.
    pub overlap_m2: Decimal,
}

/// A parcel that an outline lies on.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct Overlap {
    /// Null where the layer keeps parcels of that unit from who asks.
    pub parcel_code: Option<String>,
    #[serde(skip)]
    pub responsible_unit: Option<String>,
    pub area_m2: Decimal,
}

/// Rows that name a parcel's code.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Reference {
    pub parcel_code: String,
    /// The table or layer.
    pub what: String,
    pub count: i64,
}
