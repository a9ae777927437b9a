//! A layer is a folder. This module reads `layers/<id>/` into a [`Layer`]: title, kind, fields, access, legend, style and,
//! for a derived layer, its overlay and rules. It is pure data about layers; their rows live in `catalog`, `ingest` and
//! `tile`. Identifiers that reach SQL come from here and nowhere else, and are checked to be plain `snake_case`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;

mod check;
mod figure;
mod folder;
mod generalise;
mod label;
mod legend;
mod planning;
mod reading;
pub mod sprite;
mod style;

pub use check::APART;
pub use check::Finding;
pub use figure::figures;
pub use figure::is_physical;
pub use folder::Folder;
pub use folder::declaration_schema;
pub use folder::shipped_file;
pub use generalise::Aggregated;
pub use generalise::Generalise;
pub use generalise::Ratio;
pub use label::Labels;
pub use label::fields_named;
pub use legend::LegendRow;
pub use legend::Match;
pub use legend::Pattern;
pub use planning::Assembly;
pub use planning::Boundary;
pub use planning::ClauseId;
pub use planning::Conformity;
pub use planning::Control;
pub use planning::Layout;
pub use planning::Path;
pub use planning::Protected;
pub use planning::RankBy;
pub use planning::Reduction;
pub use planning::Sites;
pub use planning::Use;
pub use reading::UNIT_FIELD;
pub use style::map_style;

/// A text in both languages; Chinese comes first everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// Where a layer's rows live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A view on a core table: parcels, buildings.
    Register,
    /// A versioned table of its own, made and altered from the folder.
    Reference,
    /// A view on the current evaluation run.
    Derived,
}

/// What the map does with a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MapRole {
    /// Colours the parcels; one theme is shown at a time.
    Theme,
    /// Can be laid over the theme.
    Overlay,
    /// Part of Mutu's own base map.
    Base,
}

/// The kind of geometry of all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Geometry {
    Point,
    Line,
    Polygon,
    /// A table: rows without shapes, which no map draws.
    None,
}

impl Geometry {
    /// The PostGIS type in which the layer is stored; always multi, so that a parcel in two parts needs no other table.
    pub const fn postgis(self) -> &'static str {
        match self {
            Self::Point => "multipoint",
            Self::Line => "multilinestring",
            Self::Polygon => "multipolygon",
            Self::None => "geometry",
        }
    }
}

/// Drawing order: smaller things lie on top of larger ones.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Draw {
    Area,
    Line,
    Point,
    Label,
}

/// Zooms at which a layer has tiles, both inclusive. Above `max` clients overzoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zooms {
    pub min: u8,
    pub max: u8,
}

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
}

impl FieldType {
    /// The PostgreSQL type of a reference layer's column.
    pub const fn postgres(self) -> &'static str {
        match self {
            Self::Text => "text collate \"C\"",
            Self::Integer => "bigint",
            Self::Decimal => "numeric",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// The name in layer folders and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }
}

/// The unit of a number; what a header in brackets is understood as, and what a client shows beside the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    M,
    M2,
    Mu,
    Ha,
    Wan,
    WanPerMu,
    WanPerTce,
    Tce,
    Kwh,
    M3,
    T,
    Persons,
    Ratio,
    Years,
    Count,
}

/// One published property of a layer.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a line of a folder that stands for itself"
)]
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub title: Text,
    #[serde(rename = "type")]
    pub kind: FieldType,
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Headers under which offices hand the field over, besides its own name and title.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The role that may read the field; never less than the layer's own.
    #[serde(default)]
    pub access: Role,
    /// Computed by the service: no import writes it.
    #[serde(default)]
    pub computed: bool,
    /// A row without it is rejected at import.
    #[serde(default)]
    pub required: bool,
    /// Carried in vector tiles.
    #[serde(default)]
    pub tile: bool,
    /// Shown when a feature is pointed at.
    #[serde(default)]
    pub popup: bool,
    /// The only values allowed, where the field is a code list.
    #[serde(default)]
    pub values: Vec<String>,
    /// Where the value comes from, when it is not the column of the field's own name: `parcel.name`, `measure.far`,
    /// `result.verdict`, `class.straddle`, `share.104`; with `bands`, the number that is banded.
    #[serde(default)]
    pub column: Option<String>,
    /// The role that may have sums of the figure over groups of parcels, under disclosure control, where single values need
    /// more.
    #[serde(default)]
    pub sums: Option<Role>,
    /// A code whose groups are published: sums of confidential figures are given by it, and by nothing else.
    #[serde(default)]
    pub dimension: bool,
    /// Whom to ask where a rule needs the value and nobody knows it; the keeper of the register where it is left out.
    #[serde(default)]
    pub supplier: Option<Text>,
    /// Upper bounds (exclusive) that turn a number into a band 1..=n+1, so that a class can be public where the figure is not.
    #[serde(default)]
    pub bands: Vec<f64>,
}

/// One class of an overlay: the polygons of a layer, in order of precedence.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverlayClass {
    /// The reference layer whose polygons make the class.
    pub layer: String,
    /// The class of all its polygons …
    #[serde(default)]
    pub class: Option<String>,
    /// … or the field that holds each polygon's class.
    #[serde(default)]
    pub class_field: Option<String>,
    /// With `class`: the field that names each polygon, so that a parcel has the name of the one in which most of it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_field: Option<String>,
}

/// How parcels are classed by the polygons they lie in (`domain.md` §1).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    pub classes: Vec<OverlayClass>,
    /// The class of what no polygon covers.
    pub remainder: String,
    /// Below this share of the largest class a parcel is flagged as straddling.
    pub share_at_least: f64,
    /// Intersections below both thresholds' maximum are slivers: dropped, their land shared out among the other classes.
    pub sliver_m2: f64,
    pub sliver_share: f64,
    /// Classes that only an officer sets.
    #[serde(default)]
    pub officer_classes: Vec<String>,
    /// The parcels' column with the officer's decision.
    #[serde(default)]
    pub override_column: Option<String>,
}

/// What `layer.toml` says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    pub kind: Kind,
    pub title: Text,
    pub about: Text,
    /// The heading under which the layer tree shows it; an id of `layers/groups.toml`.
    pub group: String,
    pub role: MapRole,
    pub geometry: Geometry,
    pub zooms: Zooms,
    pub draw: Draw,
    #[serde(default)]
    pub access: Role,
    /// Shown when the map opens.
    #[serde(default)]
    pub visible: bool,
    /// The field that identifies a row from one version to the next.
    pub key: String,
    /// The property by which a click opens a parcel's dossier.
    #[serde(default)]
    pub identify: Option<String>,
    #[serde(default)]
    pub field: IndexMap<String, Field>,
    #[serde(default)]
    pub legend: Vec<LegendRow>,
    /// The core table behind a register layer.
    #[serde(default)]
    pub table: Option<String>,
    #[serde(default)]
    pub overlay: Option<Overlay>,
    /// Holds every parcel's present use against the plans.
    #[serde(default)]
    pub conformity: Option<Conformity>,
    /// Puts parcels together: its rows are not parcels but what was made of them.
    #[serde(default)]
    pub assembly: Option<Assembly>,
    /// What tiles carry where there are too many rows for one.
    #[serde(default)]
    pub generalise: Generalise,
}

/// A layer, read from its folder and checked.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Folder, table or view `layer.<id>`, URL segment and source-layer of its tiles.
    pub id: String,
    pub declaration: Declaration,
    /// MapLibre layers without `source`, ids prefixed with the layer's.
    pub style: Vec<serde_json::Value>,
    /// Of areas whose names are written.
    pub labels: Option<Labels>,
    /// Rule sets by id, as TOML text; `judgement` reads them.
    pub rules: IndexMap<String, String>,
    /// Scoring schemes by id, as TOML text.
    pub schemes: IndexMap<String, String>,
    /// The awkward features that every layer test imports.
    pub check: Option<String>,
    /// SHA-256 of the declaration, hex.
    pub digest: String,
}

impl std::ops::Deref for Layer {
    type Target = Declaration;

    fn deref(&self) -> &Declaration {
        &self.declaration
    }
}

impl Layer {
    /// Where the layer lies in a drawn map, lowest first: smaller things on top, the base map below everything of its kind.
    pub fn stacking(&self) -> (Draw, u8) {
        let rank = match self.role {
            MapRole::Base => 0,
            MapRole::Overlay => 1,
            MapRole::Theme => 2,
        };
        (self.draw, rank)
    }

    /// The view to read current rows from: columns `id`, the fields by their names, `geom`. It shows fields that need more
    /// than a viewer in the rows of the reader's units only. Made of checked identifiers, so it may stand in SQL.
    pub fn relation(&self) -> String {
        match self.kind {
            Kind::Reference => format!("layer.{}_in_force", self.id),
            Kind::Register | Kind::Derived => format!("layer.{}", self.id),
        }
    }

    /// Whether its rows are parcels, with their ids and shapes: then a change of the parcels is one of its own.
    pub fn shows_parcels(&self) -> bool {
        self.kind == Kind::Derived && self.assembly.is_none()
    }

    /// Whether versions of its rows are kept. Judgement is made anew by each run, and a table of events never changes.
    pub fn is_versioned(&self) -> bool {
        self.kind != Kind::Derived && self.geometry != Geometry::None
    }

    /// The view to read versions from, of layers that keep them: what [`Layer::relation`] has, masked alike, and [`TIMES`].
    pub fn past(&self) -> String {
        format!("layer.{}_past", self.id)
    }

    /// The table that holds the versions of a layer that keeps them.
    pub fn stored(&self) -> String {
        match &self.table {
            Some(table) => format!("mutu.{table}"),
            None => format!("layer.{}", self.id),
        }
    }
}

/// What a version has besides its fields: its own number, when it was so in the world, when the database knew it, and
/// whether the reader answers for its unit.
pub const TIMES: [&str; 6] =
    ["row_id", "valid_from", "valid_to", "recorded_at", "superseded_at", "reached"];

/// All layers of this installation, in the order of their folders' names.
#[derive(Clone, Debug)]
pub struct Layers {
    pub layers: IndexMap<String, Layer>,
    /// Headings of the layer tree, in order.
    pub groups: IndexMap<String, Text>,
}

impl Layers {
    /// The layer of that id.
    pub fn find(&self, id: &str) -> Option<&Layer> {
        self.layers.get(id)
    }

    /// The id most like `id`, for an error that helps.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        nearest(id, self.layers.keys().map(String::as_str))
    }

    /// The layers of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Layer> {
        self.layers.values().filter(move |it| it.kind == kind)
    }
}

/// The candidate most like `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|it| (strsim::jaro_winkler(word, it), it))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, it)| it)
}
