//! Archives: the tiles of some layers in one file, PMTiles 3 or MBTiles 1.3, for a scope. [`Plan`] says what shall be in
//! it, `cover` where there may be something, `work` remembers what was made when a run is interrupted, `read` and `write`
//! know the two formats, [`export()`] puts them together and `routes` answers ranges of finished ones. What a tile looks
//! like is not decided here: each comes from [`super::Request`], as over HTTP.

use std::ffi::OsStr;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::tile::tilejson;

pub mod cover;
mod export;
mod make;
pub mod queries;
mod read;
pub mod routes;
mod select;
mod work;
mod write;

pub use export::Done;
pub use export::Stage;
pub use export::Wanted;
pub use export::export;
pub use read::Archive;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    PmTiles,
    MbTiles,
}

impl Format {
    /// Its name, which is also the extension.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PmTiles => "pmtiles",
            Self::MbTiles => "mbtiles",
        }
    }

    /// By a file's extension.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension().and_then(OsStr::to_str) {
            Some("pmtiles") => Some(Self::PmTiles),
            Some("mbtiles") => Some(Self::MbTiles),
            _ => None,
        }
    }
}

/// What an archive is made from and for whom: all that its tiles depend on, besides the program. Written into it, under
/// `mutu`, so that the next run knows what has changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Raised when the same rows give other tiles.
    pub version: u32,
    /// The tiles are for everybody who has this role everywhere, and hold what that role may read.
    pub role: Role,
    pub min_zoom: u8,
    pub max_zoom: u8,
    /// In the order in which a tile holds them.
    pub layers: Vec<Part>,
}

/// A layer of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub id: String,
    pub revision: i64,
    /// Of the layer's folder.
    pub declaration: String,
    /// Of its rows, as the role sees them.
    pub content: String,
    /// The fields in its tiles.
    pub fields: Vec<String>,
}

impl Plan {
    /// The same selection of layers and zooms for the same role, whatever their rows are.
    fn is_for_the_same(&self, other: &Self) -> bool {
        let ids = |it: &Self| it.layers.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        (self.role, self.min_zoom, self.max_zoom, ids(self))
            == (other.role, other.min_zoom, other.max_zoom, ids(other))
    }

    /// Whether the scope may have the archive as things are now: it has the role, in all units where that makes a
    /// difference, and no layer or field was closed to the role since.
    pub fn is_open_to(&self, scope: &Scope, layers: &Layers) -> bool {
        let everywhere = self.role <= Role::Viewer || scope.responsible_units.is_none();
        let role = Scope { role: self.role, account: scope.account.clone(), ..Scope::default() };
        scope.may(self.role)
            && everywhere
            && self.layers.iter().all(|part| {
                layers.find(&part.id).is_some_and(|layer| {
                    layer.readable(&role)
                        && part.fields.iter().all(|it| layer.field_for(&role, it).is_some())
                })
            })
    }
}

/// What an archive says of itself besides its tiles.
#[derive(Clone, Debug)]
struct About {
    name: String,
    description: String,
    attribution: String,
    /// West, south, east, north in degrees.
    bounds: [f64; 4],
    vector_layers: Value,
    plan: Plan,
}

impl About {
    fn new(app: &App, layers: &[&Layer], scope: &Scope, bounds: [f64; 4], plan: Plan) -> Self {
        let each = layers.iter().flat_map(|layer| {
            let [least, most] = [plan.min_zoom, plan.max_zoom];
            tilejson::described(layer, scope).into_iter().map(
                move |(id, description, min_zoom, fields)| {
                    json!({
                        "id": id,
                        "description": description,
                        "minzoom": min_zoom.max(least),
                        "maxzoom": layer.zooms.max.min(most),
                        "fields": fields,
                    })
                },
            )
        });
        let vector_layers = each.collect();
        let titles: Vec<&str> = layers.iter().map(|it| it.title.zh.as_str()).collect();
        let name = match layers {
            [only] => only.title.zh.clone(),
            _ => app.config.title.zh.clone(),
        };
        let mut attribution = app.config.title.zh.clone();
        if let Some(number) = &app.config.approval_number {
            attribution = format!("{attribution} {number}");
        }
        let description = match plan.role {
            Role::Public => titles.join("、"),
            role => format!("{}（仅限内部 internal: {role}）", titles.join("、")),
        };
        Self { name, description, attribution, bounds, vector_layers, plan }
    }

    fn centre(&self) -> (f64, f64) {
        let [west, south, east, north] = self.bounds;
        (f64::midpoint(west, east), f64::midpoint(south, north))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::DRAWING;

    fn plan(role: Role) -> Plan {
        let part = Part {
            id: "parcels".to_owned(),
            revision: 3,
            declaration: "d".to_owned(),
            content: "1-a".to_owned(),
            fields: vec!["parcel_code".to_owned()],
        };
        Plan { version: DRAWING, role, min_zoom: 9, max_zoom: 12, layers: vec![part] }
    }

    #[test]
    fn an_archive_is_for_those_who_have_its_role_everywhere() {
        let mut layers = Layers::load(None).unwrap();
        let scope = |role, units: Option<&[&str]>| Scope {
            role,
            account: Some("a".to_owned()),
            responsible_units: units.map(|it| it.iter().map(|it| (*it).to_owned()).collect()),
            ..Scope::default()
        };
        let public = plan(Role::Public);
        assert!(public.is_open_to(&Scope::public(), &layers));
        assert!(!plan(Role::Viewer).is_open_to(&Scope::public(), &layers));
        assert!(plan(Role::Viewer).is_open_to(&scope(Role::Officer, Some(&["114"])), &layers));
        assert!(!plan(Role::Officer).is_open_to(&scope(Role::Officer, Some(&["114"])), &layers));
        assert!(plan(Role::Officer).is_open_to(&scope(Role::Officer, None), &layers));
        // What was public when it was made and is no more.
        layers.layers["parcels"].declaration.field["parcel_code"].access = Role::Viewer;
        assert!(!public.is_open_to(&Scope::public(), &layers));
        assert!(!public.is_open_to(&scope(Role::Admin, None), &layers));
        let mut other = public.clone();
        other.layers[0].id = "gone".to_owned();
        assert!(!other.is_open_to(&scope(Role::Admin, None), &layers));
    }
}
