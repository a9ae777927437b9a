//! SQL of layer revisions and of what is known about each layer's rows.

use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::access::Scope;
use crate::app::ClassCount;
use crate::db::Reader;
use crate::layer::Field;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;

/// What the catalogue knows of a layer's rows.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct State {
    pub layer: String,
    pub revision: i64,
    pub updated_at: Option<chrono::DateTime<chrono::Utc>>,
    pub row_count: Option<i64>,
    /// West, south, east, north in degrees.
    pub extent: Option<Vec<f64>>,
    pub file: Option<String>,
}

/// The state of every layer, as the scope may know it: what is known of all rows is not for those who see some of them.
pub async fn states(db: &mut Reader, layers: &Layers, scope: &Scope) -> sqlx::Result<Vec<State>> {
    let mut states: Vec<State> = sqlx::query_as(
        "select layer, revision, updated_at, row_count, extent, file from mutu.layer_revision",
    )
    .fetch_all(db)
    .await?;
    for it in &mut states {
        let told = layers
            .find(&it.layer)
            .is_some_and(|layer| layer.readable(scope) && !layer.is_limited(scope, layer.access));
        if !told {
            let (layer, revision) = (std::mem::take(&mut it.layer), it.revision);
            *it = State { layer, revision, ..State::default() };
        }
    }
    Ok(states)
}

/// A layer's revision; 0 before anything was written.
pub async fn revision(db: &mut Reader, layer: &str) -> sqlx::Result<i64> {
    let found: Option<i64> =
        sqlx::query_scalar("select revision from mutu.layer_revision where layer = $1")
            .bind(layer)
            .fetch_optional(db)
            .await?;
    Ok(found.unwrap_or_default())
}

/// Marks a layer as changed, in the writer's own transaction: under the row's lock the revision moves on, the changed ids
/// are kept (`None`: everything), and listeners are woken. Derived layers show parcels, so a change of the parcels is one
/// of theirs too. Rows are counted and measured anew, which takes the longer the more there are: an edit of a few calls
/// [`bump_edit`]. Returns the new revision.
pub async fn bump(
    db: &mut PgConnection,
    layers: &Layers,
    layer: &Layer,
    ids: Option<&[i64]>,
    file: Option<&str>,
) -> sqlx::Result<i64> {
    let revision = bump_one(db, layer, ids, file).await?;
    refresh(db, layer).await?;
    for derived in dependent(layers, layer) {
        bump_one(db, derived, ids, None).await?;
        refresh(db, derived).await?;
    }
    Ok(revision)
}

/// As [`bump`], for an edit of a few rows, at a cost that does not depend on how many there are: `ids` are those that were
/// changed, `were` those of them that were in force before. The extent only grows by it; what is measured anew at the next
/// import is smaller again.
pub async fn bump_edit(
    db: &mut PgConnection,
    layers: &Layers,
    layer: &Layer,
    ids: &[i64],
    were: &[i64],
) -> sqlx::Result<i64> {
    let revision = bump_one(db, layer, Some(ids), None).await?;
    adjust(db, layer, ids, were).await?;
    for derived in dependent(layers, layer) {
        bump_one(db, derived, Some(ids), None).await?;
        adjust(db, derived, ids, were).await?;
    }
    Ok(revision)
}

/// The layers that show another one's rows.
fn dependent<'a>(layers: &'a Layers, layer: &Layer) -> impl Iterator<Item = &'a Layer> {
    let is_parcels = layer.table.as_deref() == Some("parcel");
    layers.of_kind(Kind::Derived).filter(move |it| is_parcels && it.shows_parcels())
}

/// Changes that a node may still ask for: one that is further behind reads the layer anew.
const CHANGES_KEPT: i64 = 10_000;
/// How often the older ones are forgotten.
const FORGET_EVERY: i64 = 100;

async fn bump_one(
    db: &mut PgConnection,
    layer: &Layer,
    ids: Option<&[i64]>,
    file: Option<&str>,
) -> sqlx::Result<i64> {
    let revision: i64 = sqlx::query_scalar(
        "insert into mutu.layer_revision (layer, revision, file) values ($1, 1, $2)
         on conflict (layer) do update
         set revision = mutu.layer_revision.revision + 1,
             updated_at = now(),
             file = coalesce(excluded.file, mutu.layer_revision.file)
         returning revision",
    )
    .bind(&layer.id)
    .bind(file)
    .fetch_one(&mut *db)
    .await?;
    sqlx::query("insert into mutu.layer_change (layer, revision, ids) values ($1, $2, $3)")
        .bind(&layer.id)
        .bind(revision)
        .bind(ids)
        .execute(&mut *db)
        .await?;
    if revision % FORGET_EVERY == 0 {
        sqlx::query(
            "delete from mutu.layer_change
             where layer = $1 and revision <= $2 and changed_at < now() - interval '1 hour'",
        )
        .bind(&layer.id)
        .bind(revision - CHANGES_KEPT)
        .execute(&mut *db)
        .await?;
    }
    // Wakes only: it carries no data and may be lost.
    sqlx::query("select pg_notify('mutu_layer', '')").execute(&mut *db).await?;
    Ok(revision)
}

/// Adds to the count of rows what came and takes off what went, and widens the extent by what there is of `ids`.
async fn adjust(
    db: &mut PgConnection,
    layer: &Layer,
    ids: &[i64],
    were: &[i64],
) -> sqlx::Result<()> {
    // A derived layer has those of the parcels in force that its run has measured.
    let before = match layer.kind {
        Kind::Derived => {
            "select count(*) as n from mutu.parcel_measure join mutu.current_run using (run_id) where parcel_id = any($3)"
        }
        Kind::Register | Kind::Reference => "select count(distinct it) as n from unnest($3) it",
    };
    let sql = format!(
        "with before as ({before}),
             found as (select count(*) as n, st_extent(geom) as box from {} t where id = any($2))
         update mutu.layer_revision
         set row_count = row_count + found.n - before.n,
             extent = case when box is null then extent
                 else array[least(extent[1], st_xmin(box)), least(extent[2], st_ymin(box)),
                     greatest(extent[3], st_xmax(box)), greatest(extent[4], st_ymax(box))] end
         from found, before
         where layer = $1
         returning row_count",
        layer.relation()
    );
    let known: Option<Option<i64>> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(&layer.id)
        .bind(ids)
        .bind(were)
        .fetch_optional(&mut *db)
        .await?;
    match known {
        Some(Some(_)) => Ok(()),
        _ => refresh(db, layer).await,
    }
}

/// Counts the rows and measures their extent.
pub async fn refresh(db: &mut PgConnection, layer: &Layer) -> sqlx::Result<()> {
    let sql = format!(
        "with found as (select count(*) as n, st_extent(geom) as box from {} t)
         update mutu.layer_revision
         set row_count = n,
             extent = case when box is null then null
                 else array[st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box)] end
         from found
         where layer = $1",
        layer.relation()
    );
    sqlx::query(AssertSqlSafe(sql)).bind(&layer.id).execute(db).await?;
    Ok(())
}

/// Counts a layer's rows by a field of its folder; `area` is the field that holds 亩, where the layer has one.
pub async fn class_counts(
    db: &mut Reader,
    layer: &Layer,
    field: &str,
    area: Option<&str>,
) -> sqlx::Result<Vec<ClassCount>> {
    debug_assert!(layer.field.contains_key(field));
    let area = area.map_or("null::numeric".to_owned(), |it| format!("sum({it})"));
    let sql = format!(
        "select {field}::text as value, count(*) as count, {area} as area_mu from {} t group by 1",
        layer.relation()
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await
}

/// The field that holds a layer's 亩, by its unit.
pub fn area_field(layer: &Layer) -> Option<(&str, &Field)> {
    layer
        .field
        .iter()
        .find(|(_, it)| it.unit == Some(crate::layer::Unit::Mu))
        .map(|(name, it)| (name.as_str(), it))
}

/// The run that derived layers show: id, year, rule set, when it ended.
#[derive(Clone, Debug, sqlx::FromRow, serde::Serialize, schemars::JsonSchema)]
pub struct CurrentRun {
    pub run_id: i64,
    pub year: i64,
    pub ruleset: String,
    pub finished_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Overlay layers that were not computed, as a layer they need has no rows.
    pub skipped: Vec<String>,
}

/// The current evaluation run, if there was one.
pub async fn current_run(db: &mut Reader) -> sqlx::Result<Option<CurrentRun>> {
    sqlx::query_as(
        "select r.run_id, r.year, r.ruleset, r.finished_at,
                array(select jsonb_object_keys(r.skipped)) as skipped
         from mutu.current_run
         join mutu.evaluation_run r using (run_id)",
    )
    .fetch_optional(db)
    .await
}
