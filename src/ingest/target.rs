//! Where an import goes: a register layer, a reference layer or a table, reduced to what reading, checking and writing
//! need to know.

use anyhow::bail;
use indexmap::IndexMap;

use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::Text;
use crate::layer::nearest;

use super::table;

/// A place to import into. The names in it come from checked folders, so they may stand in SQL.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: String,
    pub title: Text,
    /// `mutu.parcel`, `layer.towns`.
    pub relation: String,
    /// The fields that a file can fill, in the order of the folder.
    pub fields: IndexMap<String, Field>,
    /// The fields that together identify a row.
    pub key: Vec<String>,
    /// Whether the key identifies at most one row. Roads share names; their layer is replaced as a whole.
    pub keyed: bool,
    pub identity: Option<Identity>,
    pub geometry: Option<Geometry>,
    /// Whether the relation keeps the measured area in `area_geom_m2`.
    pub measured: bool,
    /// The layer whose revision moves on; a table has none.
    pub layer: Option<Layer>,
}

/// The stable number of a row, which every version of it carries.
#[derive(Clone, Debug)]
pub struct Identity {
    pub column: String,
    pub sequence: String,
}

const AREA: &str = "area_geom_m2";

/// Whether nothing of a register is for others to fill.
fn is_written_here(layer: &Layer) -> bool {
    layer.kind == Kind::Register && layer.field.values().all(|it| it.computed)
}

impl Target {
    /// The target of that id, or an error that says what there is.
    pub fn find(layers: &Layers, id: &str) -> anyhow::Result<Self> {
        let tables = table::all()?;
        if let Some(layer) = layers.find(id) {
            return Self::of_layer(layer);
        }
        if let Some(table) = tables.iter().find(|it| it.id == id) {
            return Ok(Self::of_table(table));
        }
        let importable = || {
            let layers = layers.layers.values().filter(|it| it.kind != Kind::Derived);
            layers.map(|it| it.id.as_str()).chain(tables.iter().map(|it| it.id.as_str()))
        };
        let near = nearest(id, importable())
            .map(|it| format!("，是否 / did you mean `{it}`?"))
            .unwrap_or_default();
        let known: Vec<&str> = importable().collect();
        bail!(
            "未找到图层或表 `{id}` / no layer or table `{id}`{near}\n  可导入 / there are: {}",
            known.join(", ")
        );
    }

    fn of_layer(layer: &Layer) -> anyhow::Result<Self> {
        let column =
            |name: &str, field: &Field| field.column.clone().unwrap_or_else(|| name.to_owned());
        let fields: IndexMap<String, Field> = layer
            .field
            .iter()
            .filter(|(_, it)| !it.computed)
            .map(|(name, it)| (column(name, it), it.clone()))
            .collect();
        let measured = layer.geometry == Geometry::Polygon
            && (layer.kind == Kind::Register || layer.field.get(AREA).is_some_and(is_computed));
        let (relation, identity) = match (layer.kind, &layer.table) {
            _ if layer.geometry == Geometry::None || is_written_here(layer) => bail!(
                "图层 `{id}` 由本系统自己记录，不能导入 / layer `{id}` is written by the service itself: nothing is imported into it",
                id = layer.id
            ),
            (Kind::Register, Some(table)) => (
                format!("mutu.{table}"),
                Identity {
                    column: format!("{table}_id"),
                    sequence: format!("mutu.{table}_id_seq"),
                },
            ),
            (Kind::Reference, _) => (
                format!("layer.{}", layer.id),
                Identity {
                    column: "id".to_owned(),
                    sequence: format!("layer.{}_id_seq", layer.id),
                },
            ),
            _ => bail!(
                "图层 `{id}` 由评价计算得出，不能导入 / layer `{id}` is computed by `mutu evaluate`: import into the layers it is made of",
                id = layer.id
            ),
        };
        let key_field = layer.field.get(&layer.key);
        let key = key_field.map_or_else(|| layer.key.clone(), |it| column(&layer.key, it));
        Ok(Self {
            id: layer.id.clone(),
            title: layer.title.clone(),
            relation,
            fields,
            key: vec![key],
            keyed: layer.kind == Kind::Register || key_field.is_some_and(|it| it.required),
            identity: Some(identity),
            geometry: Some(layer.geometry),
            measured,
            layer: Some(layer.clone()),
        })
    }

    fn of_table(table: &table::Table) -> Self {
        Self {
            id: table.id.clone(),
            title: table.title.clone(),
            relation: format!("mutu.{}", table.table),
            fields: table.field.clone(),
            key: table.key.clone(),
            keyed: true,
            identity: table.identity.as_ref().map(|column| Identity {
                column: column.clone(),
                sequence: format!("mutu.{column}_seq"),
            }),
            geometry: None,
            measured: false,
            layer: None,
        }
    }

    /// PostgreSQL type of a field.
    pub fn postgres(field: &Field) -> &'static str {
        match field.kind {
            FieldType::Boolean => "boolean",
            other => other.postgres(),
        }
    }
}

fn is_computed(field: &Field) -> bool {
    field.computed && field.column.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_id_is_suggested() {
        let layers = Layers::load(None).unwrap();
        let error = Target::find(&layers, "parcel").unwrap_err().to_string();
        assert!(error.contains("`parcels`"), "{error}");
        let error = Target::find(&layers, "enterprise").unwrap_err().to_string();
        assert!(error.contains("`enterprises`"), "{error}");
    }

    #[test]
    fn computed_fields_are_not_filled_from_files() {
        let layers = Layers::load(None).unwrap();
        let target = Target::find(&layers, "parcels").unwrap();
        assert!(target.measured);
        assert!(!target.fields.contains_key("area_geom_m2"));
        assert!(target.fields.contains_key("area_registered_mu"));
    }
}
