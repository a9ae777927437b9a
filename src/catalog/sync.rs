//! Tables and views of layers, made from their folders at start: a new field is a new column, a removed one is no longer
//! published, a changed type is refused with the mend. Runs under a lock, so several nodes can start at once.

use std::collections::HashMap;

use anyhow::Context;
use anyhow::bail;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;
use sqlx::PgPool;

use crate::access::Role;
use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::UNIT_FIELD;

/// How tiles are drawn (`tile`): to be raised when the same rows become other bytes, or an archive's plan says other things. Layers
/// are at a new revision by it after an upgrade and archives are made anew, so that nobody keeps a tile as it was drawn before.
pub const DRAWING: u32 = 2;

/// Part of a view's digest: raise it when the SQL below changes, so that views are made anew.
const VIEW_VERSION: u32 = 7;

/// Brings the database in line with the folders.
///
/// Fails, naming folder and field, when a register or derived field has no column behind it or a reference field changed
/// its type.
pub async fn sync(db: &PgPool, layers: &Layers) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("select pg_advisory_xact_lock(hashtext('mutu.catalog'))").execute(&mut *tx).await?;
    for kind in [Kind::Reference, Kind::Register, Kind::Derived] {
        for layer in layers.of_kind(kind) {
            let known: Option<Option<String>> =
                sqlx::query_scalar("select declaration from mutu.layer_revision where layer = $1")
                    .bind(&layer.id)
                    .fetch_optional(&mut *tx)
                    .await?;
            let digest = digest(layer);
            if known.flatten().as_deref() == Some(digest.as_str()) {
                continue;
            }
            let made = async {
                if kind == Kind::Reference {
                    sync_table(&mut tx, layer).await?;
                }
                sync_view(&mut tx, layer).await
            };
            made.await.with_context(|| format!("图层 / layer `{}`", layer.id))?;
            sqlx::query(
                "insert into mutu.layer_revision (layer, declaration) values ($1, $2)
                 on conflict (layer) do update
                 set declaration = excluded.declaration, revision = mutu.layer_revision.revision + 1",
            )
            .bind(&layer.id)
            .bind(&digest)
            .execute(&mut *tx)
            .await?;
            super::queries::refresh(&mut tx, layer).await?;
        }
    }
    super::grants::grant(&mut tx, layers).await?;
    tx.commit().await?;
    Ok(())
}

/// What a layer's table, view and tiles are made from: the folder, the roles that its fields inherit from others', and how
/// this version of the service makes them.
fn digest(layer: &Layer) -> String {
    let roles: Vec<&str> = layer.field.values().map(|it| layer.role_of(it).name()).collect();
    format!("{VIEW_VERSION}.{DRAWING}:{}:{}", layer.digest, roles.join(","))
}

/// The columns of a relation with their types.
pub(super) async fn columns(
    db: &mut PgConnection,
    schema: &str,
    table: &str,
) -> anyhow::Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select column_name::text, data_type::text
         from information_schema.columns
         where table_schema = $1 and table_name = $2",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().collect())
}

async fn sync_table(db: &mut PgConnection, layer: &Layer) -> anyhow::Result<()> {
    let id = &layer.id;
    let existing = columns(db, "layer", id).await?;
    if existing.is_empty() {
        let fields: String = layer
            .field
            .iter()
            .map(|(name, it)| format!("    {name} {},\n", it.kind.postgres()))
            .collect();
        let sql = format!(
            "create sequence layer.{id}_id_seq as bigint;
             create table layer.{id} (
                 row_id bigint generated always as identity primary key,
                 id bigint not null default nextval('layer.{id}_id_seq'),
             {fields}
                 geom geometry({geometry}, 4490) not null,
                 geom_original geometry(geometry, 4490),
                 repaired boolean not null default false,
                 extra jsonb,
                 valid_from date,
                 valid_to date,
                 recorded_at timestamptz not null default now(),
                 superseded_at timestamptz,
                 batch_id bigint references mutu.import_batch,
                 recorded_by text not null
             );
             create index {id}_geom on layer.{id} using gist (geom) where superseded_at is null;
             create index {id}_current on layer.{id} (id) where superseded_at is null;
             create index {id}_key on layer.{id} ({key}) where superseded_at is null;",
            geometry = layer.geometry.postgis(),
            key = layer.key,
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await?;
        return Ok(());
    }
    for (name, field) in &layer.field {
        match existing.get(name) {
            None => {
                let sql =
                    format!("alter table layer.{id} add column {name} {}", field.kind.postgres());
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await?;
            }
            Some(have) if have != data_type(field.kind) => bail!(
                "`field.{name}` 的类型由 {have} 变为 {want} / `field.{name}` was {have} and is now declared {want}: give the new field another \
                 name, or export the layer, drop table layer.{id} and import again",
                want = field.kind.name(),
            ),
            Some(_) => {}
        }
    }
    Ok(())
}

const fn data_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Integer => "bigint",
        FieldType::Decimal => "numeric",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
    }
}

/// The view that is read: the fields by their names. What needs more than a viewer shows in the rows of the reader's
/// units only; `mutu.reaches` knows them.
async fn sync_view(db: &mut PgConnection, layer: &Layer) -> anyhow::Result<()> {
    let mut fields = Vec::with_capacity(layer.field.len());
    for (name, field) in &layer.field {
        let expression = match layer.kind {
            Kind::Register => register_expression(db, layer, name, field).await?,
            Kind::Reference => format!("t.{name}"),
            Kind::Derived => derived_expression(db, layer, name, field).await?,
        };
        fields.push((name, field, expression));
    }
    let unit = fields.iter().find(|(name, ..)| *name == UNIT_FIELD).map(|(.., it)| it.clone());
    let reached = format!("mutu.reaches({})", unit.as_deref().unwrap_or("null"));
    let list: String = fields
        .iter()
        .map(|(name, field, expression)| {
            if layer.access <= Role::Viewer && field.access > Role::Viewer {
                format!("case when {reached} then {expression} end as {name}, ")
            } else {
                format!("{expression} as {name}, ")
            }
        })
        .collect();
    let id = &layer.id;
    let (key, from, in_force) = match layer.kind {
        Kind::Register => {
            let table = layer.table.as_deref().context("a register layer has a table")?;
            (format!("t.{table}_id"), format!("mutu.{table}_current t"), "true")
        }
        Kind::Reference => ("t.id".to_owned(), format!("layer.{id} t"), "t.superseded_at is null"),
        Kind::Derived if !layer.shows_parcels() => (
            "a.assembly_id".to_owned(),
            format!(
                "mutu.current_run c join mutu.assembly a on a.run_id = c.run_id and a.layer = '{id}'"
            ),
            "true",
        ),
        Kind::Derived => (
            "p.parcel_id".to_owned(),
            format!(
                "mutu.current_run c
                 join mutu.parcel_measure m using (run_id)
                 join mutu.parcel_current p on p.parcel_id = m.parcel_id
                 left join mutu.parcel_class k
                     on k.run_id = m.run_id and k.layer = '{id}' and k.parcel_id = m.parcel_id
                 left join mutu.parcel_result r
                     on r.run_id = m.run_id and r.layer = '{id}' and r.parcel_id = m.parcel_id
                 {conformity}",
                // Others would pay for a join that they have no field of.
                conformity = if layer.conformity.is_some() {
                    format!(
                        "left join mutu.parcel_conformity q
                             on q.run_id = m.run_id and q.layer = '{id}' and q.parcel_id = m.parcel_id"
                    )
                } else {
                    String::new()
                },
            ),
            "true",
        ),
    };
    let geom = match layer.kind {
        Kind::Derived if layer.shows_parcels() => "p.geom",
        Kind::Derived => "a.geom",
        Kind::Register | Kind::Reference => "t.geom",
    };
    let rows = if layer.access > Role::Viewer { reached.as_str() } else { "true" };
    // Or a filter that fails on some values, dividing or measuring shapes, could be tried on rows that are not shown.
    let barrier = if layer.access > Role::Viewer { "with (security_barrier)" } else { "" };
    let view = layer.relation();
    let mut sql = format!(
        "drop view if exists {view};
         create view {view} {barrier} as select {key} as id, {list} {geom} from {from} where {in_force} and {rows};"
    );
    if layer.is_versioned() {
        let (past, table) = (layer.past(), layer.stored());
        // Each version shows what its own unit lets the reader see of it.
        sql.push_str(&format!(
            "drop view if exists {past};
             create view {past} {barrier} as
             select {key} as id, {list} {geom}, t.row_id, t.valid_from, t.valid_to, t.recorded_at, t.superseded_at,
                 {reached} as reached
             from {table} t
             where {rows};"
        ));
        if layer.kind == Kind::Reference {
            sql.push_str(&format!(
                "create index if not exists {id}_versions on {table} (id, row_id);"
            ));
        }
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await?;
    Ok(())
}

/// The column behind a register's field.
async fn register_expression(
    db: &mut PgConnection,
    layer: &Layer,
    name: &str,
    field: &Field,
) -> anyhow::Result<String> {
    let table = layer.table.as_deref().context("a register layer has a table")?;
    let column = field.column.as_deref().unwrap_or(name);
    if !columns(db, "mutu", &format!("{table}_current")).await?.contains_key(column) {
        bail!(
            "`field.{name}`: mutu.{table} 没有列 `{column}` / mutu.{table} has no column `{column}`"
        );
    }
    Ok(format!("t.{column}"))
}

/// The SQL behind a derived field, from its `column`.
async fn derived_expression(
    db: &mut PgConnection,
    layer: &Layer,
    name: &str,
    field: &Field,
) -> anyhow::Result<String> {
    let column = field.column.as_deref().unwrap_or_default();
    let (source, what) =
        column.split_once('.').with_context(|| format!("`field.{name}` has no `column`"))?;
    let from = |alias: &str| format!("{alias}.{what}");
    let (table, expression) = match source {
        "parcel" => ("parcel", from("p")),
        "measure" => ("parcel_measure", from("m")),
        // The titles of the rules that made the verdict, for people; `result.reasons` has their ids.
        "result" if what == "reason_text" => {
            return Ok("(select string_agg(e -> 'title' ->> 'zh', '；' order by n)
                  from jsonb_array_elements(r.evidence) with ordinality as it (e, n)
                  where e ->> 'rule' = any (r.reasons))"
                .to_owned());
        }
        "result" => ("parcel_result", from("r")),
        "class" => ("parcel_class", from("k")),
        "conformity" => ("parcel_conformity", from("q")),
        "assembly" => ("assembly", from("a")),
        "class_of" | "name_of" => {
            let found = if source == "name_of" { "name" } else { "class" };
            return Ok(format!(
                "(select o.{found} from mutu.parcel_class o
                  where o.run_id = m.run_id and o.layer = '{what}' and o.parcel_id = m.parcel_id)"
            ));
        }
        "share" => {
            return Ok(format!(
                "coalesce((select s.share from mutu.overlay_share s
                  where s.run_id = m.run_id and s.layer = '{}' and s.parcel_id = m.parcel_id and s.class = '{what}'), 0)",
                layer.id
            ));
        }
        _ => bail!("`field.{name}`: `{source}` is no source"),
    };
    match columns(db, "mutu", table).await?.get(what).map(String::as_str) {
        None => bail!("`field.{name}`: 没有 `{column}` / there is no `{column}`"),
        // A feature has no lists: tiles, tables and CQL2 hold one text.
        Some("ARRAY") => return Ok(format!("nullif(array_to_string({expression}, ','), '')")),
        // A run holds counts with the places of its measures, 4.000000.
        Some("numeric") if field.kind == FieldType::Integer && field.bands.is_empty() => {
            return Ok(format!("{expression}::bigint"));
        }
        Some(_) if field.bands.is_empty() => return Ok(expression),
        Some(_) => {}
    }
    let bounds: Vec<String> = field.bands.iter().map(ToString::to_string).collect();
    Ok(format!("width_bucket({expression}, array[{}]::numeric[]) + 1", bounds.join(", ")))
}
