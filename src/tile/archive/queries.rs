//! SQL of archives: where a layer's rows lie, and what tells one state of them from another.

use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;
use sqlx::Row;

use crate::access::Scope;
use crate::catalog;
use crate::coverage::At;
use crate::coverage::Bounds;
use crate::db::Db;
use crate::layer::Layer;

/// A layer's rows as a scope has them in tiles, as of one moment.
#[derive(Clone, Debug)]
pub struct Contents {
    pub revision: i64,
    /// Of all values and shapes that the scope reads: the same for the same rows in any database, whatever their order.
    pub digest: String,
    pub boxes: Vec<Bounds>,
}

/// Reads them. A million rows take some seconds, longer than a request may.
pub async fn contents(db: &Db, scope: &Scope, layer: &Layer) -> sqlx::Result<Contents> {
    let mut db = db.read(scope).await?;
    db.begin().await?;
    sqlx::raw_sql("set local statement_timeout = '1h'").execute(&mut db).await?;
    let revision = catalog::queries::revision(&mut db, &layer.id).await?;
    // More than a tile has of each row: what stands for many of them may tell sums of other fields.
    let fields: String = layer.fields_for(scope).map(|(name, _)| format!("{name}, ")).collect();
    let sql = format!(
        "select ('x' || substr(md5(t::text), 1, 16))::bit(64)::bigint as sum,
                st_xmin(t.geom), st_ymin(t.geom), st_xmax(t.geom), st_ymax(t.geom)
         from (select id, {fields} geom from {} r where geom is not null) t",
        layer.relation()
    );
    let (mut sum, mut boxes) = (0_i128, Vec::new());
    {
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut db);
        while let Some(row) = rows.try_next().await? {
            sum += i128::from(row.try_get::<i64, _>(0)?);
            // An empty shape lies nowhere.
            let side = |nth| row.try_get::<Option<f64>, _>(nth);
            let (Some(west), Some(south)) = (side(1)?, side(2)?) else { continue };
            let (Some(east), Some(north)) = (side(3)?, side(4)?) else { continue };
            boxes.push(Bounds {
                min: At::from_degrees(west, north),
                max: At::from_degrees(east, south),
            });
        }
    }
    db.end().await?;
    let digest = format!("{}-{sum:x}", boxes.len());
    Ok(Contents { revision, digest, boxes })
}
