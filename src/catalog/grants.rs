//! Column grants: what each of PostgreSQL's reading roles may select, from the layer folders. The roles hold one another
//! (`mutu_viewer` may do what `mutu_public` may), so a column is granted to the least role that reads it.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::access::Role;
use crate::judgement::measures::MEASURES;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::TIMES;

use super::sync::columns;

/// What a parcel or building is found and drawn by, whoever may read the layer; with the area that the map draws anyway.
const STRUCTURE: [&str; 7] =
    ["row_id", "geom", "parcel_code", "area_geom_m2", "recorded_at", "batch_id", "valid_from"];

/// Grants every layer, the tables behind registers, and what an evaluation measured; takes back what is no longer open.
pub(super) async fn grant(db: &mut PgConnection, layers: &Layers) -> anyhow::Result<()> {
    for layer in layers.layers.values() {
        sqlx::query("update mutu.layer_revision set access = $2 where layer = $1 and access <> $2")
            .bind(&layer.id)
            .bind(layer.access.name())
            .execute(&mut *db)
            .await?;
        let own = ["id", "geom"].map(|it| (it.to_owned(), layer.access));
        let fields = layer.field.iter().map(|(name, it)| (name.clone(), layer.role_of(it)));
        let current: Vec<(String, Role)> = own.into_iter().chain(fields).collect();
        select(db, &layer.relation(), current.iter().cloned()).await?;
        if layer.is_versioned() {
            let times = TIMES.map(|it| (it.to_owned(), layer.access));
            select(db, &layer.past(), current.into_iter().chain(times)).await?;
        }
    }
    for layer in layers.of_kind(Kind::Register) {
        if let Some(table) = &layer.table {
            let view = format!("{table}_current");
            let all = columns(db, "mutu", &view).await?;
            let granted = all.into_keys().filter_map(|it| Some((register(layer, table, &it)?, it)));
            let granted: Vec<(String, Role)> = granted.map(|(role, it)| (it, role)).collect();
            select(db, &format!("mutu.{view}"), granted.iter().cloned()).await?;
            if table == "parcel" {
                let ends = ["valid_to", "superseded_at"].map(|it| (it.to_owned(), layer.access));
                select(db, "mutu.parcel_version", granted.into_iter().chain(ends)).await?;
            }
        }
    }
    let keys = ["run_id", "parcel_id", "parcel_row_id", "area_basis"]
        .map(|it| (it.to_owned(), Role::Public));
    let measured = MEASURES.iter().map(|it| (it.name.to_owned(), layers.measure_role(it.name)));
    select(db, "mutu.parcel_measure", keys.into_iter().chain(measured.clone())).await?;
    let have = columns(db, "mutu", "parcel_year").await?;
    let keys = ["run_id", "parcel_id", "year", "complete", "note"];
    let keys = keys.map(|it| (it.to_owned(), Role::Viewer));
    let measured = measured.filter(|(it, _)| have.contains_key(it));
    let measured = measured.map(|(it, role)| (it, role.max(Role::Viewer)));
    select(db, "mutu.parcel_year", keys.into_iter().chain(measured)).await?;
    Ok(())
}

/// The role that reads a column of a core table; what no folder publishes is nobody's.
fn register(layer: &Layer, table: &str, column: &str) -> Option<Role> {
    if STRUCTURE.contains(&column) || column.strip_suffix("_id") == Some(table) {
        return Some(layer.access);
    }
    // An account's name, which is for those who have one.
    let role =
        if column == "recorded_by" { Some(Role::Viewer) } else { layer.role_of_column(column) };
    role.map(|it| it.max(layer.access))
}

async fn select(
    db: &mut PgConnection,
    relation: &str,
    columns: impl Iterator<Item = (String, Role)>,
) -> sqlx::Result<()> {
    let mut granted: BTreeMap<Role, Vec<String>> = BTreeMap::new();
    for (column, role) in columns {
        granted.entry(role).or_default().push(column);
    }
    let all = Role::ALL.map(|it| format!("mutu_{it}")).join(", ");
    let mut sql = format!("revoke all on {relation} from {all}");
    for (role, columns) in granted {
        sql.push_str(&format!(
            "; grant select ({}) on {relation} to mutu_{role}",
            columns.join(", ")
        ));
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}
