//! The same questions in SQL: unions, differences and intersections by PostGIS on the same divided, projected shapes.

use std::collections::BTreeMap;

use mutu::layer::Layer;
use mutu::layer::Layers;
use mutu::layer::Overlay;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

/// m² of each parcel, and of each class or feature in it.
#[derive(Debug, Default)]
pub struct Areas {
    pub parcels: BTreeMap<i64, f64>,
    pub parts: BTreeMap<(i64, String), f64>,
}

const PLANE: &str =
    "st_collectionextract(st_makevalid(st_transform(st_segmentize(it.geom, 0.0025), $1)), 3)";

async fn project_parcels(db: &mut PgConnection, projection: &str) -> BTreeMap<i64, f64> {
    sqlx::raw_sql(
        "drop table if exists reference_parcel;
         create temporary table reference_parcel (parcel_id bigint, geom geometry, area_m2 double precision)",
    )
    .execute(&mut *db)
    .await
    .unwrap();
    let sql = format!(
        "insert into reference_parcel
         select parcel_id, plane, st_area(plane) from mutu.parcel_current it, lateral (select {PLANE} as plane) p
         where st_area(plane) >= 0.000001 and st_area(plane) < 'infinity'"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(projection).execute(&mut *db).await.unwrap();
    sqlx::raw_sql("create index on reference_parcel using gist (geom)")
        .execute(&mut *db)
        .await
        .unwrap();
    let rows: Vec<(i64, f64)> = sqlx::query_as("select parcel_id, area_m2 from reference_parcel")
        .fetch_all(db)
        .await
        .unwrap();
    rows.into_iter().collect()
}

/// What the classes of an overlay claim, in their order, of what earlier ones left.
pub async fn classes(
    db: &mut PgConnection,
    layers: &Layers,
    spec: &Overlay,
    projection: &str,
) -> Areas {
    let parcels = project_parcels(db, projection).await;
    sqlx::raw_sql(
        "drop table if exists reference_piece;
         create temporary table reference_piece (class text, geom geometry)",
    )
    .execute(&mut *db)
    .await
    .unwrap();
    for class in &spec.classes {
        let relation = layers.find(&class.layer).unwrap().relation();
        let steps: Vec<(String, String)> = match (&class.class, &class.class_field) {
            (Some(name), _) => vec![(name.clone(), "true".to_owned())],
            (None, Some(field)) => {
                let sql = format!(
                    "select distinct {field}::text from {relation} where {field} is not null order by 1"
                );
                let names: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *db).await.unwrap();
                names.into_iter().map(|it| (it, format!("it.{field}::text = $2"))).collect()
            }
            (None, None) => Vec::new(),
        };
        for (name, condition) in steps {
            let sql = format!(
                "with united as (select st_union({PLANE}) as geom from {relation} it where {condition} and $2 = $2),
                 claimed as (select st_union(geom) as geom from reference_piece),
                 mine as (
                     select case when claimed.geom is null then united.geom
                                 else st_difference(united.geom, claimed.geom) end as geom
                     from united, claimed
                 )
                 insert into reference_piece
                 select $2, piece from mine, lateral st_subdivide(st_collectionextract(mine.geom, 3), 96) as piece
                 where not st_isempty(mine.geom)"
            );
            sqlx::query(AssertSqlSafe(sql))
                .bind(projection)
                .bind(&name)
                .execute(&mut *db)
                .await
                .unwrap();
        }
    }
    sqlx::raw_sql("create index on reference_piece using gist (geom); analyze reference_piece")
        .execute(&mut *db)
        .await
        .unwrap();
    let rows: Vec<(i64, String, f64)> = sqlx::query_as(
        "select p.parcel_id, c.class, sum(st_area(st_intersection(c.geom, p.geom)))
         from reference_parcel p join reference_piece c on c.geom && p.geom and st_intersects(c.geom, p.geom)
         group by 1, 2",
    )
    .fetch_all(db)
    .await
    .unwrap();
    Areas {
        parcels,
        parts: rows.into_iter().map(|(id, class, area)| ((id, class), area)).collect(),
    }
}

/// What every row of a layer covers, or the layer as a whole (as feature 0).
pub async fn hits(db: &mut PgConnection, layer: &Layer, whole: bool, projection: &str) -> Areas {
    let parcels = project_parcels(db, projection).await;
    let relation = layer.relation();
    let source = if whole {
        format!("select 0::bigint as id, st_union({PLANE}) as geom from {relation} it")
    } else {
        format!("select id, {PLANE} as geom from {relation} it")
    };
    let sql = format!(
        "with feature as materialized ({source}),
         piece as materialized (select id, st_subdivide(geom, 96) as geom from feature)
         select p.parcel_id, c.id::text, sum(st_area(st_intersection(c.geom, p.geom)))
         from reference_parcel p join piece c on c.geom && p.geom and st_intersects(c.geom, p.geom)
         group by 1, 2"
    );
    let rows: Vec<(i64, String, f64)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(projection).fetch_all(db).await.unwrap();
    Areas {
        parcels,
        parts: rows.into_iter().map(|(id, class, area)| ((id, class), area)).collect(),
    }
}
