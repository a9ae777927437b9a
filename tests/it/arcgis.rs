//! Layers as ArcGIS feature services, over HTTP and real PostGIS.

use mutu::access::Role;
use serde_json::Value;

use crate::ogc::with_grid;
use crate::support::TestApp;
use crate::support::read;

mod pbf;
mod statistics;

const LAYER: &str = "/arcgis/parcels/FeatureServer/0";

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn query(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, it)| format!("{name}={}", encoded(it))).collect();
    format!("{LAYER}/query?{}", pairs.join("&"))
}

fn ids(page: &Value) -> Vec<i64> {
    let features = page["features"].as_array().unwrap_or_else(|| panic!("{page}"));
    features.iter().map(|it| it["attributes"]["OBJECTID"].as_i64().unwrap()).collect()
}

async fn found(it: &TestApp, parameters: &[(&str, &str)]) -> Vec<i64> {
    ids(&it.json(&query(parameters)).await)
}

/// The envelope of an error, with its message in both languages.
async fn refused(it: &TestApp, path: &str) -> Value {
    let response = it.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["error"]["code"], 400, "{path}: {answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains(" / "), "{answer}");
    assert!(answer["error"]["details"].is_array(), "{answer}");
    answer
}

#[tokio::test]
async fn services_and_layers_describe_themselves() {
    let it = with_grid(3).await;
    let service = it.json("/arcgis/parcels/FeatureServer?f=json").await;
    assert_eq!(service["layers"][0]["geometryType"], "esriGeometryPolygon");
    assert_eq!(service["maxRecordCount"], 2000);
    let layer = it.json(&format!("{LAYER}?f=json")).await;
    assert_eq!(layer["objectIdField"], "OBJECTID");
    assert_eq!(layer["extent"]["spatialReference"]["latestWkid"], 4490);
    assert_eq!(layer["extent"]["xmin"], 121.2);
    let field = |name: &str| {
        layer["fields"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned()
    };
    assert_eq!(field("OBJECTID").unwrap()["type"], "esriFieldTypeOID");
    assert_eq!(field("parcel_code").unwrap()["alias"], "宗地代码");
    assert_eq!(field("area_registered_m2").unwrap()["type"], "esriFieldTypeDouble");
    assert_eq!(field("contract_start"), None, "closed to the public");
    let listed = it.json("/arcgis/rest/services?f=json").await;
    assert!(listed["services"].as_array().unwrap().iter().any(|it| it["name"] == "parcels"));
    assert_eq!(it.json("/arcgis/rest/services/parcels/FeatureServer/0?f=json").await, layer);
    let all = it.json("/arcgis/rest/services/parcels/FeatureServer/layers?f=json").await;
    assert_eq!((&all["layers"][0], &all["tables"]), (&layer, &serde_json::json!([])));
    assert_eq!(it.get("/arcgis/audit_entries/FeatureServer/layers").await.status(), 401);
    assert_eq!(it.get("/arcgis/parcels/FeatureServer/1").await.status(), 404);
    assert_eq!(it.get("/arcgis/percels/FeatureServer").await.status(), 404);
    let closed = it.get("/arcgis/audit_entries/FeatureServer/0/query").await;
    assert_eq!(closed.status(), 401);
    assert_eq!(closed.json::<Value>().await.unwrap()["error"]["code"], 401);
}

#[tokio::test]
async fn conditions_select_as_sql_does() {
    let it = with_grid(30).await;
    for (condition, wanted) in [
        ("1=1", (1..=30).collect::<Vec<i64>>()),
        ("1=0", vec![]),
        ("OBJECTID IN (3, 5, 7)", vec![3, 5, 7]),
        ("town_code = '114' AND area_registered_m2 < 1000", vec![3, 6, 9]),
        ("NAME LIKE '%地块1' OR name = '工业地块2'", vec![1, 2]),
        ("objectid BETWEEN 4 AND 6", vec![4, 5, 6]),
        ("NOT (objectid > 2)", vec![1, 2]),
        ("responsible_unit IS NULL AND OBJECTID <= 2", vec![1, 2]),
        ("UPPER(parcel_code) = 'P00004'", vec![4]),
    ] {
        assert_eq!(found(&it, &[("where", condition)]).await, wanted, "{condition}");
    }
    let token = it.token(Role::Officer).await;
    for condition in
        ["contract_start = DATE '2020-01-05'", "contract_start = timestamp '2020-01-05 00:00:00'"]
    {
        let path = query(&[("where", condition), ("outFields", "contract_start")]);
        let page: Value = it.get_as(&token, &path).await.json().await.unwrap();
        assert_eq!(ids(&page), [4], "{condition}");
        // 2020-01-05 in milliseconds.
        assert_eq!(page["features"][0]["attributes"]["contract_start"], 1_578_182_400_000_i64);
    }
    let closed = refused(&it, &query(&[("where", "contract_start IS NULL")])).await;
    let unknown = refused(&it, &query(&[("where", "contract_strat IS NULL")])).await;
    assert_eq!(
        closed.to_string().replace("contract_start", "x"),
        unknown.to_string().replace("contract_strat", "x"),
        "a closed field does not exist"
    );
}

#[tokio::test]
async fn places_select_in_every_system() {
    let it = with_grid(100).await;
    let wanted = [1, 2, 26, 27];
    let (west, south, east, north) = (121.1995, 31.2995, 121.2025, 31.3025);
    let corners = |code: i32| {
        let sql = format!(
            "select array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)] from
             (select st_transform(st_makeenvelope({west}, {south}, {east}, {north}, 4490), {code}) b) t"
        );
        let pool = it.app.db.owner().clone();
        async move {
            sqlx::query_scalar::<_, Vec<f64>>(sqlx::AssertSqlSafe(sql))
                .fetch_one(&pool)
                .await
                .unwrap()
        }
    };
    let plain = format!("{west},{south},{east},{north}");
    assert_eq!(found(&it, &[("geometry", &plain)]).await, wanted);
    assert_eq!(
        found(
            &it,
            &[("geometry", &plain), ("inSR", "4326"), ("geometryType", "esriGeometryEnvelope")]
        )
        .await,
        wanted
    );
    for (code, wkid) in [(4549, 4549), (3857, 102_100), (4528, 4528)] {
        let edges = corners(code).await;
        let text = edges.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        assert_eq!(
            found(&it, &[("geometry", &text), ("inSR", &wkid.to_string())]).await,
            wanted,
            "{code}"
        );
        let [a, b, c, d] = edges[..] else { panic!() };
        let json = serde_json::json!({
            "xmin": a, "ymin": b, "xmax": c, "ymax": d, "spatialReference": {"wkid": wkid},
        });
        assert_eq!(found(&it, &[("geometry", &json.to_string())]).await, wanted, "{code}");
        let ring = serde_json::json!({
            "rings": [[[a, b], [a, d], [c, d], [c, b], [a, b]]], "spatialReference": {"latestWkid": code, "wkid": wkid},
        });
        let by_ring = [("geometry", ring.to_string())];
        let by_ring: Vec<(&str, &str)> =
            by_ring.iter().map(|(name, it)| (*name, it.as_str())).collect();
        assert_eq!(found(&it, &by_ring).await, wanted, "{code}");
    }
    let point = [("geometry", "121.2005,31.3005"), ("geometryType", "esriGeometryPoint")];
    assert_eq!(found(&it, &point).await, [1]);
    // The query's geometry contains the feature, or is within it.
    let around = [
        ("geometry", "121.1995,31.2995,121.2015,31.3015"),
        ("spatialRel", "esriSpatialRelContains"),
    ];
    assert_eq!(found(&it, &around).await, [1]);
    let inside =
        [("geometry", "121.2002,31.3002,121.2004,31.3004"), ("spatialRel", "esriSpatialRelWithin")];
    assert_eq!(found(&it, &inside).await, [1]);
}

#[tokio::test]
async fn answers_are_as_esri_has_them() {
    let it = with_grid(30).await;
    let page = it.json(&query(&[("where", "OBJECTID=1"), ("outFields", "*")])).await;
    assert_eq!(page["geometryType"], "esriGeometryPolygon");
    assert_eq!(page["spatialReference"]["latestWkid"], 4490);
    let ring: Vec<(f64, f64)> = page["features"][0]["geometry"]["rings"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it[0].as_f64().unwrap(), it[1].as_f64().unwrap()))
        .collect();
    let area: f64 = ring.windows(2).map(|it| it[0].0 * it[1].1 - it[1].0 * it[0].1).sum();
    assert!(area < 0.0, "clockwise: {ring:?}");
    assert!(ring.contains(&(121.2, 31.3)), "longitude first: {ring:?}");
    assert_eq!(page["features"][0]["attributes"]["parcel_code"], "P00001");
    let metres = it.json(&query(&[("objectIds", "1"), ("outSR", "4549")])).await;
    assert_eq!(metres["spatialReference"]["wkid"], 4549);
    let first = &metres["features"][0]["geometry"]["rings"][0][0];
    assert!(first[0].as_f64().unwrap() < 1e6 && first[1].as_f64().unwrap() > 3e6, "{first}");
    let mercator = it.json(&query(&[("objectIds", "1"), ("outSR", r#"{"wkid":102100}"#)])).await;
    assert_eq!(mercator["spatialReference"]["latestWkid"], 3857);
    let geojson =
        it.json(&query(&[("objectIds", "7"), ("f", "geojson"), ("outFields", "name")])).await;
    assert_eq!(geojson["features"][0]["id"], 7);
    assert_eq!(geojson["features"][0]["properties"]["name"], "工业地块7");
    assert_eq!(geojson["features"][0]["geometry"]["type"], "MultiPolygon");
    let bare = it.json(&query(&[("objectIds", "7"), ("returnGeometry", "false")])).await;
    assert_eq!(bare["features"][0], serde_json::json!({"attributes": {"OBJECTID": 7}}));
    let count = it.json(&query(&[("where", "town_code='114'"), ("returnCountOnly", "true")])).await;
    assert_eq!(count, serde_json::json!({"count": 10}));
    let all = it.json(&query(&[("where", "1=1"), ("returnIdsOnly", "true")])).await;
    assert_eq!(all["objectIds"].as_array().unwrap().len(), 30);
    // The same by form, with a list too long for an address.
    let list = (1..=2_000).map(|it| it.to_string()).collect::<Vec<_>>().join(",");
    let form = [("objectIds", list.as_str()), ("f", "json"), ("returnCountOnly", "true")];
    let posted =
        it.client.post(it.url(&format!("{LAYER}/query"))).form(&form).send().await.unwrap();
    assert_eq!(posted.json::<Value>().await.unwrap()["count"], 30);
}

#[tokio::test]
async fn pages_have_every_feature_once() {
    let it = with_grid(2_345).await;
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let offset = all.len().to_string();
        let page = it
            .json(&query(&[
                ("where", "1=1"),
                ("resultOffset", &offset),
                ("orderByFields", "OBJECTID ASC"),
            ]))
            .await;
        all.extend(ids(&page));
        pages += 1;
        if page["exceededTransferLimit"] != true {
            break;
        }
    }
    assert_eq!((all, pages), ((1..=2_345).collect::<Vec<i64>>(), 2));
    let last = it.json(&query(&[("resultOffset", "2344"), ("resultRecordCount", "1")])).await;
    assert_eq!((ids(&last), &last["exceededTransferLimit"]), (vec![2_345], &Value::Null));
}

#[tokio::test]
async fn rows_come_in_the_order_that_is_asked_for_and_pages_keep_it() {
    let it = with_grid(7).await;
    it.sql("update mutu.parcel set town_code = case when parcel_id in (2, 5) then null when parcel_id < 4 then '2' else '1' end")
        .await;
    for (order, wanted) in [
        ("OBJECTID DESC", [7, 6, 5, 4, 3, 2, 1]),
        ("objectid", [1, 2, 3, 4, 5, 6, 7]),
        // Missing last, and equal ones by their ids.
        ("town_code", [4, 6, 7, 1, 3, 2, 5]),
        ("TOWN_CODE desc, OBJECTID DESC", [3, 1, 7, 6, 4, 5, 2]),
    ] {
        let mut all = Vec::new();
        for offset in ["0", "3", "6"] {
            let page =
                [("orderByFields", order), ("resultOffset", offset), ("resultRecordCount", "3")];
            all.extend(ids(&it.json(&query(&page)).await));
        }
        assert_eq!(all, wanted, "{order}");
    }
}

#[tokio::test]
async fn the_extent_is_of_what_is_selected() {
    let it = with_grid(7).await;
    let whole = it.json(&query(&[("returnExtentOnly", "true"), ("f", "json")])).await;
    assert_eq!(whole["count"], 7);
    let one = [("returnExtentOnly", "true"), ("where", "OBJECTID = 3")];
    let one = it.json(&query(&one)).await;
    let side = |of: &Value, name: &str| of["extent"][name].as_f64().unwrap();
    assert_eq!(one["count"], 1);
    assert_eq!(one["extent"]["spatialReference"]["wkid"], 4490);
    assert!(side(&one, "xmin") > side(&whole, "xmin") && side(&one, "xmax") < side(&whole, "xmax"));
    let plane = it.json(&query(&[("returnExtentOnly", "true"), ("outSR", "4549")])).await;
    // 121.2 E lies 1.2° (114 km) east of the central meridian 120°, whose false easting is 500 km.
    assert!((614_000.0..615_000.0).contains(&side(&plane, "xmin")), "{plane}");
    let none = it.json(&query(&[("returnExtentOnly", "true"), ("where", "1=0")])).await;
    assert_eq!((&none["count"], &none["extent"]["xmin"]), (&0.into(), &"NaN".into()));
}

#[tokio::test]
async fn what_is_hostile_or_not_supported_is_refused_in_the_envelope() {
    let it = with_grid(3).await;
    let deep = format!("{}1=1{}", "(".repeat(5_000), ")".repeat(5_000));
    for condition in [
        "1=1; drop table mutu.parcel",
        "1=1 --",
        "1=1 UNION SELECT 1",
        "OBJECTID IN (SELECT 1)",
        "pg_sleep(9) IS NULL",
        "name = 'a' || pg_sleep(9)",
        "name = 'a",
        "name = \"a\"",
        "holder_uscc = 'USCC1'",
        "parcel.holder_uscc = 'USCC1'",
        "tax_wan > 1",
        "far = 1 = 1",
        "name LIKE 5",
        "\u{ff1d}",
        &deep,
    ] {
        let told = refused(&it, &query(&[("where", condition)])).await;
        assert!(told["error"]["message"].as_str().unwrap().contains("`where`"), "{told}");
    }
    for (name, value) in [
        ("outFields", "nmae"),
        ("outFields", "holder_uscc"),
        ("orderByFields", "holder_uscc"),
        ("orderByFields", "name; drop table mutu.parcel"),
        ("orderByFields", "name ASC NULLS"),
        ("orderByFields", "name,name DESC"),
        ("outSR", "2154"),
        ("geometry", "1,2,3"),
        ("geometry", "{\"rings\":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"),
        ("geometry", "{\"xmin\":2,\"ymin\":0,\"xmax\":1,\"ymax\":1}"),
        ("inSR", "0"),
        ("spatialRel", "esriSpatialRelEnvelopeIntersects"),
        ("objectIds", "1;2"),
        ("objectIds", "x"),
        ("outStatistics", "x"),
        ("outStatistics", "[{\"statisticType\":\"median\",\"onStatisticField\":\"area_mu\"}]"),
        ("outStatistics", "[{\"statisticType\":\"sum\",\"onStatisticField\":\"name\"}]"),
        ("outStatistics", "[{\"statisticType\":\"sum\",\"onStatisticField\":\"tax_wan; drop\"}]"),
        ("groupByFieldsForStatistics", "town_code"),
        ("f", "amf"),
        ("resultOffset", "-1"),
        ("resultOffset", "99999999999999999999"),
        ("returnGeometry", "maybe"),
    ] {
        let told = refused(&it, &query(&[(name, value)])).await;
        assert!(told["error"]["message"].as_str().unwrap().contains(name), "{told}");
    }
    refused(&it, &format!("{LAYER}/query?where=a%00b")).await;
    // What clients add of their own does not matter.
    let added = [("returnZ", "false"), ("resultType", "tile"), ("token", "x"), ("_", "1")];
    assert_eq!(found(&it, &added).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_all_pages() {
    let it = with_grid(4_321).await;
    let source = format!(
        "ESRIJSON:{}",
        it.url(&query(&[
            ("where", "1=1"),
            ("outFields", "*"),
            ("f", "json"),
            ("outSR", "4549"),
            ("orderByFields", "OBJECTID ASC")
        ]))
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("read.gpkg");
    let file = file.to_str().unwrap();
    let done = read("ogr2ogr", &["-f", "GPKG", "-nln", "p", file, &source]).await;
    if done.is_none() {
        return;
    }
    let sql = "select count(*) n, count(distinct parcel_code) codes, sum(st_area(geom)) a from p";
    let said = read("ogrinfo", &["-q", "-dialect", "sqlite", "-sql", sql, file]).await.unwrap();
    assert!(
        said.contains("n (Integer) = 4321") && said.contains("codes (Integer) = 4321"),
        "{said}"
    );
    let area: f64 = said.split("a (Real) = ").nth(1).unwrap().trim().parse().unwrap();
    let wanted: f64 =
        sqlx::query_scalar("select sum(st_area(st_transform(geom, 4549))) from mutu.parcel")
            .fetch_one(it.app.db.owner())
            .await
            .unwrap();
    assert!((area / wanted - 1.0).abs() < 1e-6, "{area} for {wanted}");
    let said = read("ogrinfo", &["-so", "-al", file]).await.unwrap();
    assert!(said.contains("ID[\"EPSG\",4549]]"), "{said}");
}
