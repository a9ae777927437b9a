//! SQL of snapshots: a layer's rows and its revision, as of one moment.

use geozero::GeomProcessor;
use geozero::GeozeroGeometry;
use geozero::wkb::Wkb;
use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::Builder;
use super::Snapshot;
use crate::access::Scope;
use crate::coverage::At;
use crate::coverage::Shapes;
use crate::cql::Value;
use crate::db::Db;
use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layer;

/// Reads all rows of a layer.
pub async fn read(db: &Db, layer: &Layer) -> anyhow::Result<Snapshot> {
    let mut db = db.read(&Scope::console()).await?;
    db.begin().await?;
    let revision: Option<i64> =
        sqlx::query_scalar("select revision from mutu.layer_revision where layer = $1")
            .bind(&layer.id)
            .fetch_optional(&mut db)
            .await?;
    let fields: String = layer.field.keys().map(|it| format!("{it}, ")).collect();
    let sql = format!("select id, {fields} st_asbinary(geom) as geom from {} t", layer.relation());
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut db).await?;
    db.end().await?;
    let mut builder = Builder::new(layer);
    for row in &rows {
        let values: Vec<Value<'static>> = layer
            .field
            .iter()
            .map(|(name, field)| value(row, name, field))
            .collect::<sqlx::Result<_>>()?;
        if let Some(wkb) = row.try_get::<Option<Vec<u8>>, _>("geom")? {
            Wkb(wkb)
                .process_geom(&mut Writing { kind: layer.geometry, shapes: &mut builder.shapes })?;
        }
        builder.shapes.end_row();
        builder.row(row.try_get("id")?, values);
    }
    Ok(Snapshot::new(&layer.id, revision.unwrap_or_default(), builder.finish(None)))
}

fn value(row: &PgRow, name: &str, field: &Field) -> sqlx::Result<Value<'static>> {
    Ok(match field.kind {
        FieldType::Text => row.try_get::<Option<String>, _>(name)?.into(),
        FieldType::Integer => {
            let it: Option<i64> = match row.try_get::<Option<i32>, _>(name) {
                Ok(it) => it.map(i64::from),
                // Counts of the evaluation are kept as numeric.
                Err(_) => match row.try_get::<Option<rust_decimal::Decimal>, _>(name) {
                    Ok(it) => return Ok(it.into()),
                    Err(_) => row.try_get(name)?,
                },
            };
            it.map(rust_decimal::Decimal::from).into()
        }
        FieldType::Decimal => row.try_get::<Option<rust_decimal::Decimal>, _>(name)?.into(),
        FieldType::Boolean => row.try_get::<Option<bool>, _>(name)?.into(),
        FieldType::Date => {
            row.try_get::<Option<chrono::NaiveDate>, _>(name)?.map_or(Value::Null, Value::Date)
        }
    })
}

/// A geometry of PostGIS on its way into flat lists.
struct Writing<'a> {
    kind: Geometry,
    shapes: &'a mut Shapes,
}

impl GeomProcessor for Writing<'_> {
    fn xy(&mut self, x: f64, y: f64, _: usize) -> geozero::error::Result<()> {
        self.shapes.place(At::from_degrees(x, y));
        if self.kind == Geometry::Point {
            self.shapes.end_ring();
            self.shapes.end_part();
        }
        Ok(())
    }

    fn linestring_end(&mut self, is_alone: bool, _: usize) -> geozero::error::Result<()> {
        let _ = is_alone;
        if self.kind == Geometry::Polygon {
            // A ring's last place is its first.
            self.shapes.places.pop();
        }
        self.shapes.end_ring();
        if self.kind == Geometry::Line {
            self.shapes.end_part();
        }
        Ok(())
    }

    fn polygon_end(&mut self, _: bool, _: usize) -> geozero::error::Result<()> {
        self.shapes.end_part();
        Ok(())
    }
}
