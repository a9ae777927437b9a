//! Statistics and distinct values: those that `/api/v1/stats` has, and nothing that it withholds.

use mutu::access::Role;
use serde_json::Value;

use super::query;
use super::refused;
use crate::ogc::with_grid;
use crate::support::TestApp;

#[tokio::test]
async fn statistics_are_those_of_the_layer() {
    let it = with_grid(30).await;
    let out = |list: Value| list.to_string();
    let sums = out(serde_json::json!([
        {"statisticType": "count", "onStatisticField": "OBJECTID", "outStatisticFieldName": "n"},
        {"statisticType": "sum", "onStatisticField": "area_registered_m2", "outStatisticFieldName": "total"},
        {"statisticType": "MAX", "onStatisticField": "AREA_REGISTERED_M2", "outStatisticFieldName": "most"},
        {"statisticType": "count", "onStatisticField": "area_registered_m2"},
        {"statisticType": "stddev", "onStatisticField": "area_registered_m2", "outStatisticFieldName": "spread"},
        {"statisticType": "var", "onStatisticField": "area_registered_m2"},
    ]));
    let all = it.json(&query(&[("where", "1=1"), ("outStatistics", &sums)])).await;
    let attributes = &all["features"][0]["attributes"];
    assert_eq!(attributes["n"], 30);
    assert_eq!(attributes["total"].as_f64(), Some(46_616.25), "{all}");
    assert_eq!(attributes["most"].as_f64(), Some(3_007.5));
    assert_eq!(attributes["count_area_registered_m2"], 30);
    let spread: String =
        it.value("select round(stddev_samp(area_registered_m2), 12)::text from mutu.parcel").await;
    assert_eq!(attributes["spread"].as_f64(), spread.parse().ok());
    let variance: String =
        it.value("select round(var_samp(area_registered_m2), 12)::text from mutu.parcel").await;
    assert_eq!(attributes["var_area_registered_m2"].as_f64(), variance.parse().ok());
    assert_eq!(all["fields"][1]["type"], "esriFieldTypeDouble");
    let grouped = it
        .json(&query(&[
            ("where", "OBJECTID <= 10"),
            ("outStatistics", &sums),
            ("groupByFieldsForStatistics", "town_code"),
            ("orderByFields", "n DESC"),
        ]))
        .await;
    let rows: Vec<(&str, i64)> = grouped["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["attributes"])
        .map(|it| (it["town_code"].as_str().unwrap(), it["n"].as_i64().unwrap()))
        .collect();
    assert_eq!(rows, [("118", 7), ("114", 3)]);
    // Narrowed by an area as features are, in degrees and in metres.
    let zone: Vec<f64> = sqlx::query_scalar(
        "select unnest(array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)])
         from (select st_extent(st_transform(geom, 4549)) b from mutu.parcel where parcel_id in (1, 27)) t",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let zone: Vec<String> = zone.iter().map(ToString::to_string).collect();
    let zone = zone.join(",");
    let triangle = r#"{"rings": [[[121.1999, 31.2999], [121.1999, 31.3031], [121.2031, 31.2999], [121.1999, 31.2999]]]}"#;
    for area in [
        vec![("geometry", "121.1999,31.2999,121.2031,31.3031")],
        vec![("geometry", triangle), ("geometryType", "esriGeometryPolygon")],
        vec![("geometry", zone.as_str()), ("inSR", "4549")],
    ] {
        let of = |more: &[(&str, &str)]| query(&[&area[..], more].concat());
        let told = it.json(&of(&[("outStatistics", &sums)])).await;
        let n = it.json(&of(&[("returnCountOnly", "true")])).await;
        assert_eq!(told["features"][0]["attributes"]["n"], n["count"], "{area:?}");
        assert!([3, 4].contains(&n["count"].as_i64().unwrap()), "{n}");
    }
    let within = [
        ("geometry", triangle),
        ("spatialRel", "esriSpatialRelContains"),
        ("outStatistics", sums.as_str()),
    ];
    assert!(refused(&it, &query(&within)).await["error"].is_object());
    let distinct = [
        ("where", "1=1"),
        ("outFields", "town_code"),
        ("returnDistinctValues", "true"),
        ("returnGeometry", "false"),
        ("orderByFields", "town_code"),
    ];
    let found = it.json(&query(&distinct)).await;
    let values: Vec<&Value> = found["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["attributes"]["town_code"])
        .collect();
    assert_eq!(values, ["114", "118"]);
    let first = [&distinct[..], &[("resultRecordCount", "1")]].concat();
    let page = it.json(&query(&first)).await;
    assert_eq!(
        (page["features"].as_array().unwrap().len(), &page["exceededTransferLimit"]),
        (1, &true.into())
    );
    let count = [&distinct[..], &[("returnCountOnly", "true")]].concat();
    assert_eq!(it.json(&query(&count)).await["count"], 2);
    for (name, value) in [
        ("geometry", "121,31"),
        ("geometry", "1,2,3"),
        ("having", "n > 1"),
        ("f", "geojson"),
        ("orderByFields", "nothing"),
        ("orderByFields", "town_code sideways"),
        ("outStatistics", "[]"),
    ] {
        let others = distinct.into_iter().filter(|it| it.0 != name);
        let asked: Vec<(&str, &str)> = others.chain([(name, value)]).collect();
        let told = refused(&it, &query(&asked)).await;
        assert!(told["error"].is_object(), "{name}: {told}");
    }
    // What the reader may not see makes no groups, and is answered as what is not there.
    let closed = |field: &str| query(&[("outFields", field), ("returnDistinctValues", "true")]);
    let (hidden, missing) =
        (refused(&it, &closed("holder_uscc")).await, refused(&it, &closed("holder_xxxx")).await);
    assert_eq!(hidden.to_string().replace("holder_uscc", "holder_xxxx"), missing.to_string());
    let viewer = it.token(Role::Viewer).await;
    let open = it.json_as(&viewer, &closed("holder_uscc")).await;
    assert_eq!(open["features"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn having_chooses_groups() {
    let it = with_grid(30).await;
    let sums = serde_json::json!([
        {"statisticType": "count", "onStatisticField": "OBJECTID", "outStatisticFieldName": "n"},
        {"statisticType": "sum", "onStatisticField": "area_registered_m2", "outStatisticFieldName": "total"},
        {"statisticType": "count", "onStatisticField": "name", "outStatisticFieldName": "named"},
    ])
    .to_string();
    let asked = |having: &str| {
        query(&[
            ("where", "OBJECTID <= 10"),
            ("outStatistics", &sums),
            ("groupByFieldsForStatistics", "town_code"),
            ("orderByFields", "town_code"),
            ("having", having),
        ])
    };
    let all = it.json(&asked(" ")).await;
    let worth = |nth: usize| &all["features"][nth]["attributes"];
    assert_eq!(
        (worth(0)["town_code"].as_str(), worth(1)["town_code"].as_str()),
        (Some("114"), Some("118"))
    );
    assert_eq!((worth(0)["n"].as_i64(), worth(1)["n"].as_i64()), (Some(3), Some(7)));
    assert_eq!((worth(0)["named"].as_i64(), worth(1)["named"].as_i64()), (Some(3), Some(7)));
    // The sums lie on either side of the middle between them.
    let [less, more] = [0, 1].map(|nth| worth(nth)["total"].as_f64().unwrap());
    assert!(less < more, "{all}");
    let middle = f64::midpoint(less, more);
    for (having, wanted) in [
        ("n > 3".to_owned(), vec!["118"]),
        ("COUNT(*) > 3".to_owned(), vec!["118"]),
        ("count(objectid) BETWEEN 1 AND 3".to_owned(), vec!["114"]),
        ("NOT COUNT(name) = 7".to_owned(), vec!["114"]),
        (format!("Sum(parcels.AREA_REGISTERED_M2) > {middle}"), vec!["118"]),
        (format!("total < {middle} OR TOWN_CODE = '118'"), vec!["114", "118"]),
        ("MAX(area_registered_m2) < 0".to_owned(), vec![]),
        ("STDDEV(area_registered_m2) > 0 AND VAR(area_registered_m2) < 0".to_owned(), vec![]),
        ("MIN(area_registered_m2) IS NULL OR town_code LIKE '11%'".to_owned(), vec!["114", "118"]),
        ("AVG(area_registered_m2) >= 0 AND town_code IN ('114', '119')".to_owned(), vec!["114"]),
    ] {
        let told = it.json(&asked(&having)).await;
        let towns: Vec<&str> = told["features"]
            .as_array()
            .unwrap_or_else(|| panic!("{having}: {told}"))
            .iter()
            .map(|it| it["attributes"]["town_code"].as_str().unwrap())
            .collect();
        assert_eq!(towns, wanted, "{having}");
    }
    let count = asked("n > 3") + "&returnCountOnly=true";
    assert_eq!(it.json(&count).await["count"], 1);
    for having in [
        "n > 'three'",
        "n",
        "area_registered_m2 > 1",
        "SUM(name) > 1",
        "SUM(nothing) > 1",
        "SUM(holder_uscc) > 1",
        "SUM(*) > 1",
        "SUM(SUM(area_registered_m2)) > 1",
        "MEDIAN(area_registered_m2) > 1",
        "1=1; drop table mutu.parcel",
        "pg_sleep(1) > 1",
    ] {
        let told = refused(&it, &asked(having)).await;
        assert!(told["error"].is_object(), "{having}: {told}");
    }
    // Either of them may be where the field is named.
    let told = refused(&it, &asked("SUM(name) > 1")).await;
    assert!(told["error"]["message"].as_str().unwrap().contains("having"), "{told}");
    // What may not be seen is answered as what is not there.
    let counted = |field: &str| asked(&format!("COUNT({field}) > 1"));
    let hidden = refused(&it, &counted("holder_uscc")).await;
    let missing = refused(&it, &counted("holder_xxxx")).await;
    assert_eq!(hidden.to_string().replace("holder_uscc", "holder_xxxx"), missing.to_string());
}

/// Figures of enterprises come only as they may be published, whatever protocol asks.
#[tokio::test]
async fn statistics_of_enterprises_are_those_that_may_be_published() {
    let it = TestApp::serving().await;
    crate::support::fill(&it.app, 200, 3, "").await;
    let viewer = it.token(Role::Viewer).await;
    let out = "[{\"statisticType\":\"sum\",\"onStatisticField\":\"tax_wan\",\"outStatisticFieldName\":\"tax\"}]";
    let path = |more: &[(&str, &str)]| {
        let asked = [&[("outStatistics", out)][..], more].concat();
        query(&asked).replace("/parcels/", "/yield_per_mu/")
    };
    let (status, stats) = it
        .post(
            Some(&viewer),
            "/api/v1/stats",
            &serde_json::json!({
                "layer": "yield_per_mu", "group_by": ["responsible_unit"], "measures": [{"sum": "tax_wan"}],
            }),
        )
        .await;
    assert_eq!(status, 200, "{stats}");
    let grouped = path(&[("where", "1=1"), ("groupByFieldsForStatistics", "responsible_unit")]);
    let told = it.json_as(&viewer, &grouped).await;
    let features = told["features"].as_array().unwrap();
    assert_eq!(features.len(), stats["groups"].as_array().unwrap().len());
    for (own, other) in std::iter::zip(features, stats["groups"].as_array().unwrap()) {
        let digits = other["measures"]["sum_tax_wan"]["value"].as_str();
        let wanted = digits.map(|it| it.parse::<f64>().unwrap());
        assert_eq!(own["attributes"]["tax"].as_f64(), wanted, "{own} {other}");
        assert_eq!(own["attributes"]["responsible_unit"], other["key"]["responsible_unit"]);
    }
    // A sum that is withheld is neither more nor less than anything.
    let known = features.iter().filter(|it| !it["attributes"]["tax"].is_null()).count();
    let mut chosen = 0;
    for having in ["tax >= 0", "SUM(tax_wan) < 0"] {
        let asked = [("groupByFieldsForStatistics", "responsible_unit"), ("having", having)];
        let told = it.json_as(&viewer, &path(&asked)).await;
        chosen += told["features"].as_array().unwrap().len();
    }
    assert_eq!(chosen, known);
    // With the sum it would tell two enterprises of each other.
    for kind in ["stddev", "var", "max"] {
        let spread = path(&[]).replace("sum", kind);
        let told = it.json_as(&viewer, &spread).await;
        assert!(told["error"].is_object(), "{kind}: {told}");
    }
    // A selection of one's own could be subtracted from the whole.
    for narrower in [("where", "OBJECTID > 1"), ("geometry", "121.1,31.2,121.9,31.9")] {
        let narrowed = it.json_as(&viewer, &path(&[narrower])).await;
        assert!(narrowed["error"].is_object(), "{narrowed}");
    }
    let (of_public, of_stats) = (
        it.get(&path(&[])).await.json::<Value>().await.unwrap(),
        it.post(
            None,
            "/api/v1/stats",
            &serde_json::json!({"layer": "yield_per_mu", "measures": [{"sum": "tax_wan"}]}),
        )
        .await,
    );
    if of_stats.0 == 200 {
        let digits = of_stats.1["total"]["measures"]["sum_tax_wan"]["value"].as_str();
        let wanted = digits.map(|it| it.parse::<f64>().unwrap());
        assert_eq!(of_public["features"][0]["attributes"]["tax"].as_f64(), wanted);
    } else {
        assert!(of_public["error"].is_object(), "{of_public}");
    }
}
