//! Spatial functions, with every kind of literal.

use super::COUNTRIES;
use super::Case;
use super::Data;
use super::PLACES;
use super::RIVERS;

const INTERSECTS: &[Case<'_>] = &[
    (COUNTRIES, "S_INTERSECTS(geom,BBOX(1,41,4,46))", &[1, 3]),
    (COUNTRIES, "S_INTERSECTS(geom,BBOX(150,-90,-150,90))", &[5, 6]),
    (COUNTRIES, "S_INTERSECTS(geom,POINT(7.02 41.92))", &[2]),
    (COUNTRIES, "S_INTERSECTS(geom,POINT(5 45))", &[1, 2, 3]),
    (COUNTRIES, "S_INTERSECTS(geom,BBOX(0,40,4,50)) and S_INTERSECTS(geom,BBOX(0,46,10,60))", &[3]),
    (
        COUNTRIES,
        "S_INTERSECTS(geom,BBOX(0,40,4,50)) and not S_INTERSECTS(geom,BBOX(0,46,10,60))",
        &[1],
    ),
    (
        COUNTRIES,
        "S_INTERSECTS(geom,BBOX(0,40,4,50)) or S_INTERSECTS(geom,BBOX(-90,-60,-60,-50))",
        &[1, 3, 7],
    ),
    (COUNTRIES, "S_INTERSECTS(geom,BBOX(-180,-90,180,90))", &[1, 2, 3, 4, 5, 6, 7]),
    (
        COUNTRIES,
        "S_INTERSECTS(geom,BBOX(-180,-90,-90,90)) AND S_INTERSECTS(geom,BBOX(90,-90,180,90))",
        &[6],
    ),
    // /conf/basic-spatial-functions-plus: literals of every kind.
    (COUNTRIES, "S_INTERSECTS(geom,MULTIPOINT(7.02 41.92, 25 5))", &[2, 4]),
    (COUNTRIES, "S_INTERSECTS(geom,LINESTRING(-180 -55, 0 -55))", &[7]),
    (COUNTRIES, "S_INTERSECTS(geom,MULTILINESTRING((-180 -55, 0 -55), (0 46, 180 46)))", &[3, 7]),
    (
        COUNTRIES,
        "S_INTERSECTS(geom,POLYGON((-1 39, 11 39, 11 51, -1 51, -1 39), (-0.5 39.5, 5.5 39.5, 5.5 50.5, -0.5 50.5, -0.5 39.5)))",
        &[2],
    ),
    (
        COUNTRIES,
        "S_INTERSECTS(geom,MULTIPOLYGON(((6 41, 7 41, 7 42, 6 42, 6 41)),((21 1, 22 1, 22 2, 21 2, 21 1))))",
        &[2, 4],
    ),
    (
        COUNTRIES,
        "S_INTERSECTS(geom,GEOMETRYCOLLECTION(POINT(7.02 41.92), POLYGON((21 1, 22 1, 22 2, 21 2, 21 1))))",
        &[2, 4],
    ),
    (COUNTRIES, "S_INTERSECTS(BBOX(1,41,4,46),geom)", &[1, 3]),
    (COUNTRIES, "S_INTERSECTS(BBOX(150,-90,-150,90),geom)", &[5, 6]),
];

const FUNCTIONS: &[Case<'_>] = &[
    (COUNTRIES, "S_INTERSECTS(geom,POLYGON((1 41,4 41,4 46,1 46,1 41)))", &[1, 3]),
    (COUNTRIES, "S_INTERSECTS(geom,LINESTRING(0 40,10 50))", &[1, 2, 3]),
    (COUNTRIES, "S_DISJOINT(geom,BBOX(1,41,4,46))", &[2, 4, 5, 6, 7]),
    (COUNTRIES, "S_DISJOINT(geom,POLYGON((1 41,4 41,4 46,1 46,1 41)))", &[2, 4, 5, 6, 7]),
    (COUNTRIES, "S_DISJOINT(geom,LINESTRING(0 40,10 50))", &[4, 5, 6, 7]),
    (COUNTRIES, "S_DISJOINT(geom,POINT(7.02 41.92))", &[1, 3, 4, 5, 6, 7]),
    (COUNTRIES, "S_DISJOINT(geom,BBOX(-180,-90,180,90))", &[]),
    (COUNTRIES, "S_EQUALS(geom,POLYGON((5 45,5 40,0 40,0 45,5 45)))", &[1]),
    (COUNTRIES, "S_TOUCHES(geom,POLYGON((0 40,5 40,5 45,0 45,0 40)))", &[2, 3]),
    (COUNTRIES, "S_TOUCHES(geom,POINT(5 45))", &[1, 2, 3]),
    (COUNTRIES, "S_TOUCHES(geom,POINT(5 42))", &[1, 2]),
    (COUNTRIES, "S_TOUCHES(geom,LINESTRING(5 42,5 47))", &[1, 2, 3]),
    (COUNTRIES, "S_TOUCHES(geom,BBOX(10,45,20,46))", &[2]),
    (COUNTRIES, "S_WITHIN(geom,BBOX(-180,-90,0,90))", &[7]),
    (COUNTRIES, "S_WITHIN(geom,BBOX(165,-30,-165,0))", &[6]),
    (COUNTRIES, "S_WITHIN(geom,POLYGON((-1 39,6 39,6 51,-1 51,-1 39)))", &[1, 3]),
    (COUNTRIES, "S_CONTAINS(geom,BBOX(7,41,8,42))", &[2]),
    (COUNTRIES, "S_CONTAINS(geom,LINESTRING(7 41,8 42))", &[2]),
    (COUNTRIES, "S_CONTAINS(geom,POINT(7.02 41.92))", &[2]),
    (COUNTRIES, "S_CONTAINS(geom,MULTIPOINT(7 41,8 42))", &[2]),
    (COUNTRIES, "S_OVERLAPS(geom,BBOX(-180,-90,2,90))", &[1, 3, 6]),
    (COUNTRIES, "S_OVERLAPS(BBOX(-180,-90,2,90),geom)", &[1, 3, 6]),
    (COUNTRIES, "S_CONTAINS(BBOX(-180,-90,0,90),geom)", &[7]),
    (COUNTRIES, "S_WITHIN(POINT(7.02 41.92),geom)", &[2]),
    (COUNTRIES, "S_TOUCHES(POINT(5 45),geom)", &[1, 2, 3]),
];

const POINTS_AND_LINES: &[Case<'_>] = &[
    (PLACES, "S_INTERSECTS(geom,BBOX(0,40,10,50))", &[1, 2, 3, 8]),
    (PLACES, "S_INTERSECTS(geom,POLYGON((0 40,10 40,10 50,0 50,0 40)))", &[1, 2, 3, 8]),
    (PLACES, "S_DISJOINT(geom,BBOX(0,40,10,50))", &[4, 5, 6, 7]),
    (PLACES, "S_EQUALS(geom,POINT(6 41))", &[2]),
    (PLACES, "S_EQUALS(POINT(6 41),geom)", &[2]),
    (PLACES, "S_WITHIN(geom,BBOX(-180,-90,0,90))", &[4, 7]),
    (PLACES, "S_WITHIN(geom,MULTIPOINT(25 5,1 41))", &[1, 5]),
    (PLACES, "S_OVERLAPS(geom,MULTIPOINT(7 50,10 51))", &[]),
    (RIVERS, "S_INTERSECTS(geom,BBOX(-180,-90,0,90))", &[3]),
    (RIVERS, "S_INTERSECTS(geom,LINESTRING(-70 -50,30 50))", &[3]),
    (RIVERS, "S_DISJOINT(geom,BBOX(-180,-90,0,90))", &[1, 2]),
    (RIVERS, "S_CROSSES(geom,BBOX(0,40,10,50))", &[1]),
    (RIVERS, "S_CROSSES(geom,LINESTRING(0 42,10 42))", &[1]),
    (RIVERS, "S_CROSSES(BBOX(0,40,10,50),geom)", &[1]),
    (RIVERS, "S_WITHIN(geom,BBOX(-180,-90,0,90))", &[3]),
    (RIVERS, "S_OVERLAPS(geom,LINESTRING(2 39,2 60))", &[1]),
];

/// `/conf/basic-spatial-functions/…` and `/conf/basic-spatial-functions-plus/…`.
#[tokio::test]
async fn basic_spatial_functions_and_plus() {
    let data = Data::new().await;
    data.check(INTERSECTS).await;
    data.combine(INTERSECTS, 1..=7).await;
    // An invalid coordinate is not one that finds nothing.
    data.refused(
        COUNTRIES,
        &[
            "S_INTERSECTS(geom,POINT(90 180))",
            "S_INTERSECTS(geom,MULTIPOINT(7.02 49.92, 90 180))",
            "S_DISJOINT(geom,POINT(90 180))",
            "S_INTERSECTS(geom,BBOX(0,50,10,40))",
        ],
    )
    .await;
}

/// `/conf/spatial-functions/…`.
#[tokio::test]
async fn spatial_functions() {
    let data = Data::new().await;
    data.check(FUNCTIONS).await;
    data.combine(FUNCTIONS, 1..=7).await;
    data.check(POINTS_AND_LINES).await;
    let whole = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))";
    for collection in [PLACES, COUNTRIES, RIVERS] {
        for function in [
            "INTERSECTS",
            "DISJOINT",
            "WITHIN",
            "CONTAINS",
            "EQUALS",
            "TOUCHES",
            "CROSSES",
            "OVERLAPS",
        ] {
            let bbox =
                data.ids(collection, &format!("S_{function}(geom,BBOX(-180,-90,180,90))")).await;
            let polygon = data.ids(collection, &format!("S_{function}(geom,{whole})")).await;
            assert_eq!(bbox, polygon, "{collection} {function}");
        }
    }
}

/// Not in the suite: a collection is an argument as any other, or a mistake, and never a fault of the server.
#[tokio::test]
async fn collections_of_geometries_are_answered_or_refused() {
    let data = Data::new().await;
    for function in
        ["INTERSECTS", "DISJOINT", "WITHIN", "CONTAINS", "EQUALS", "TOUCHES", "CROSSES", "OVERLAPS"]
    {
        for shape in [
            "GEOMETRYCOLLECTION(POINT(5 45))",
            "GEOMETRYCOLLECTION(POINT(5 45), LINESTRING(0 0,1 1))",
            "BBOX(180,-90,-170,90)",
        ] {
            for text in
                [format!("S_{function}(geom,{shape})"), format!("S_{function}({shape},geom)")]
            {
                let (status, _) = data.asked(COUNTRIES, &text, "cql2-text").await;
                assert!([200, 400].contains(&status), "{text}: {status}");
            }
        }
    }
}

/// The same box, over the date line, in a reference system that has the latitude first.
#[tokio::test]
async fn boxes_over_the_date_line_follow_the_axes() {
    let data = Data::new().await;
    let path = format!("/ogc/collections/{COUNTRIES}/items");
    let ask = async |filter: &str, crs: &str| {
        let query = [("filter", filter), ("filter-crs", crs)];
        let response = data.it.client.get(data.it.url(&path)).query(&query).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<serde_json::Value>().await.unwrap())
    };
    let (status, page) = ask("S_INTERSECTS(geom,BBOX(-90,150,90,-150))", "EPSG:4490").await;
    assert_eq!((status, crate::ogc::ids(&page)), (200, vec![5, 6]));
    assert_eq!(ask("S_INTERSECTS(geom,BBOX(10,0,-10,90))", "EPSG:4490").await.0, 400);
    assert_eq!(ask("S_INTERSECTS(geom,BBOX(100,0,-100,90))", "EPSG:4549").await.0, 400);
    assert_eq!(ask("S_INTERSECTS(geom,POINT(180 10))", "EPSG:4490").await.0, 400);
    assert_eq!(ask("S_INTERSECTS(geom,POINT(10 180))", "EPSG:4490").await.0, 200);
}
