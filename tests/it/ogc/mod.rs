//! OGC API Features: the abstract tests that clients depend on, over HTTP and real PostGIS.

use std::collections::BTreeSet;
use std::collections::HashSet;

use mutu::access::Role;
use serde_json::Value;

use crate::support::TestApp;

mod clients;
mod cql2;
mod ets;
mod forms;
mod fuzz;
mod held;
mod kept;
mod order;
mod paging;
mod systems;

/// A grid of parcels with ids 1 to `count`, 25 to a row, 0.001° wide and 0.002° apart, the first at 121.2 E 31.3 N.
pub async fn grid(it: &TestApp, count: i64) {
    it.sql(&format!(
        "insert into mutu.parcel (parcel_id, parcel_code, name, town_code, holder_uscc, contract_start,
             area_registered_m2, area_geom_m2, geom, recorded_by)
         select n, 'P' || lpad(n::text, 5, '0'), '工业地块' || n,
                case when n % 3 = 0 then '114' else '118' end, 'USCC' || n, date '2020-01-01' + n::int,
                n * 100.25, n * 100,
                st_multi(st_makeenvelope(121.2 + (n - 1) % 25 * 0.002, 31.3 + (n - 1) / 25 * 0.002,
                         121.201 + (n - 1) % 25 * 0.002, 31.301 + (n - 1) / 25 * 0.002, 4490)), 'test'
         from generate_series(1, {count}) n"
    ))
    .await;
    let mut tx = it.app.db.write.begin().await.unwrap();
    let layer = it.app.layers.find("parcels").unwrap();
    mutu::catalog::queries::bump(&mut tx, &it.app.layers, layer, None, None).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn with_grid(count: i64) -> TestApp {
    let it = TestApp::serving().await;
    grid(&it, count).await;
    it
}

const ITEMS: &str = "/ogc/collections/parcels/items";

fn ids(page: &Value) -> Vec<i64> {
    page["features"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect()
}

fn link<'a>(document: &'a Value, rel: &str) -> Option<&'a str> {
    let links = document["links"].as_array().unwrap();
    links.iter().find(|it| it["rel"] == rel).map(|it| it["href"].as_str().unwrap())
}

/// The path and query of an absolute link to this server.
fn local<'a>(it: &TestApp, href: &'a str) -> &'a str {
    href.strip_prefix(it.app.config.base_url().as_str()).expect("links are absolute")
}

async fn problem(it: &TestApp, path: &str) -> Value {
    let response = it.get(path).await;
    assert_eq!(response.status(), 400, "{path}");
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    response.json().await.unwrap()
}

/// All features from `path` on, by `next`, and the number of pages.
async fn walk(it: &TestApp, path: &str) -> (Vec<i64>, usize) {
    let (mut found, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(path) = next {
        let page = it.json(&path).await;
        assert_eq!(page["numberReturned"], ids(&page).len());
        found.extend(ids(&page));
        pages += 1;
        next = link(&page, "next").map(|href| local(it, href).to_owned());
    }
    (found, pages)
}

#[tokio::test]
async fn the_landing_page_leads_to_everything_and_every_link_answers_as_its_type() {
    let it = with_grid(3).await;
    let mut open = vec!["/ogc".to_owned()];
    let mut seen = HashSet::new();
    let mut rels = BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let response = it.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        let body = response.text().await.unwrap();
        let Ok(document) = serde_json::from_str::<Value>(&body) else {
            assert!(content_type.starts_with("text/html"), "{path}: {content_type}");
            assert!(body.contains("<title>"), "{path}");
            continue;
        };
        let mut links: Vec<&Value> = document["links"].as_array().into_iter().flatten().collect();
        for collection in document["collections"].as_array().into_iter().flatten() {
            links.extend(collection["links"].as_array().unwrap());
        }
        for link in links {
            rels.insert(link["rel"].as_str().unwrap().to_owned());
            let (href, kind) = (link["href"].as_str().unwrap(), link["type"].as_str().unwrap());
            if link["rel"] == "enclosure" {
                continue;
            }
            let path = local(&it, href);
            let response = it.get(path).await;
            assert_eq!(response.status(), 200, "{path}");
            let answered = response.headers()["content-type"].to_str().unwrap();
            assert!(answered.starts_with(kind), "{path}: {answered} is not {kind}");
            open.push(path.to_owned());
        }
    }
    for rel in ["self", "alternate", "service-desc", "service-doc", "conformance", "data", "items"]
    {
        assert!(rels.contains(rel), "{rel} in {rels:?}");
    }
}

#[tokio::test]
async fn conformance_names_the_classes_of_part_1() {
    let it = TestApp::serving().await;
    let classes = it.json("/ogc/conformance").await;
    for class in ["core", "geojson", "oas30", "html"] {
        let uri = format!("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{class}");
        assert!(classes["conformsTo"].as_array().unwrap().iter().any(|it| *it == uri), "{uri}");
    }
}

#[tokio::test]
async fn a_collection_says_its_extent_once_it_has_rows() {
    let it = with_grid(30).await;
    let parcels = it.json("/ogc/collections/parcels").await;
    assert_eq!(parcels["id"], "parcels");
    assert_eq!(parcels["itemType"], "feature");
    let bbox = parcels["extent"]["spatial"]["bbox"][0].as_array().unwrap();
    assert_eq!(bbox[0], 121.2);
    assert_eq!(bbox[1], 31.3);
    let towns = it.json("/ogc/collections/towns").await;
    assert!(towns.get("extent").is_none(), "an empty collection has no extent");
    let missing = it.get("/ogc/collections/parcel").await;
    assert_eq!(missing.status(), 404);
    assert!(missing.text().await.unwrap().contains("`parcels`"));
}

#[tokio::test]
async fn features_are_geojson_with_integer_ids_seven_decimals_and_exact_numbers() {
    let it = TestApp::serving().await;
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, name, area_registered_m2, area_geom_m2, geom, recorded_by)
         values (7, 'A', 'a \"b\" <c>', 12345678901234567.123456789, 1,
                 st_multi(st_makeenvelope(121.123456789, 31, 121.2, 31.1, 4490)), 'test')",
    )
    .await;
    let response = it.get(ITEMS).await;
    assert_eq!(response.headers()["content-type"], "application/geo+json");
    let text = response.text().await.unwrap();
    assert!(text.contains("\"area_registered_m2\":12345678901234567.123456789"), "{text}");
    let page: Value = serde_json::from_str(&text).unwrap();
    let feature = &page["features"][0];
    assert_eq!(feature["id"], 7);
    assert_eq!(feature["properties"]["name"], "a \"b\" <c>");
    assert!(feature["properties"]["village"].is_null());
    assert!(feature["geometry"].get("crs").is_none());
    let ring = feature["geometry"]["coordinates"][0][0].as_array().unwrap();
    assert_eq!(ring[0][0], 121.123_456_8);
    let doubled: f64 = ring
        .windows(2)
        .map(|it| {
            let at = |p: &Value, n: usize| p[n].as_f64().unwrap();
            at(&it[0], 0) * at(&it[1], 1) - at(&it[1], 0) * at(&it[0], 1)
        })
        .sum();
    assert!(doubled > 0.0, "outer rings are anticlockwise");
    let one = it.json(&format!("{ITEMS}/7")).await;
    assert_eq!(one["properties"], feature["properties"]);
    assert!(link(&one, "collection").is_some());
    for missing in ["8", "x", "7x", "99999999999999999999", "-1"] {
        assert_eq!(it.get(&format!("{ITEMS}/{missing}")).await.status(), 404, "{missing}");
    }
    let page = it.get(&format!("{ITEMS}?f=html")).await.text().await.unwrap();
    assert!(page.contains("a &quot;b&quot; &lt;c&gt;"), "{page}");
}

#[tokio::test]
async fn a_bbox_selects_what_it_touches() {
    let it = with_grid(50).await;
    let found = |bbox: &'static str| {
        let it = &it;
        async move { ids(&it.json(&format!("{ITEMS}?bbox={bbox}")).await) }
    };
    assert_eq!(found("121.2,31.3,121.2012,31.3012").await, [1]);
    assert_eq!(found("121.2,31.3,121.2022,31.3012").await, [1, 2]);
    assert_eq!(found("121.2,31.3,-5,121.2012,31.3012,100").await, [1]);
    assert_eq!(found("121.201,31.301,121.201,31.301").await, [1], "a point on the corner");
    assert_eq!(found("121.2005,31.29,121.2005,31.4").await, [1, 26], "a line");
    assert_eq!(found("0,0,1,1").await, [0; 0]);
    assert_eq!(found("-180,-90,180,90").await.len(), 50);
    assert_eq!(found("121.2475,31.3,-170,31.3012").await, [25], "over the antimeridian");
    for wrong in ["1,2,3", "1,2,3,4,5", "a,b,c,d", "1,5,2,4", "", "31,121,32,122"] {
        problem(&it, &format!("{ITEMS}?bbox={wrong}")).await;
    }
}

#[tokio::test]
async fn properties_filter_by_typed_values() {
    let it = with_grid(30).await;
    let count = |query: &'static str| {
        let it = &it;
        async move { it.json(&format!("{ITEMS}?{query}")).await["numberReturned"].clone() }
    };
    assert_eq!(count("town_code=114").await, 10);
    assert_eq!(count("town_code=114&parcel_code=P00003").await, 1);
    assert_eq!(count("name=%E5%B7%A5%E4%B8%9A%E5%9C%B0%E5%9D%977").await, 1);
    assert_eq!(count("area_registered_m2=200.5").await, 1, "numbers compare as numbers");
    assert_eq!(count("area_registered_m2=200.50").await, 1);
    assert_eq!(count("name=' or true --").await, 0, "values are bound");
    assert_eq!(count("village=").await, 0);
    for wrong in [
        "area_registered_m2=viel",
        "area_registered_m2=",
        "town_code=114&town_code=118",
        "limit=5&limit=6",
        "geom=1",
        "extra=1",
        "1%3D1=1",
    ] {
        problem(&it, &format!("{ITEMS}?{wrong}")).await;
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_everywhere_with_the_nearest() {
    let it = with_grid(1).await;
    let refused = problem(&it, &format!("{ITEMS}?towncode=114")).await;
    assert!(refused["detail"].as_str().unwrap().contains("`town_code`"), "{refused}");
    for path in [
        "/ogc",
        "/ogc/conformance",
        "/ogc/api",
        "/ogc/collections",
        "/ogc/collections/parcels",
        "/ogc/collections/parcels/queryables",
        "/ogc/collections/parcels/schema",
        "/ogc/collections/parcels/items/1",
    ] {
        problem(&it, &format!("{path}?unknown=1")).await;
        problem(&it, &format!("{path}?f=xml")).await;
    }
    for path in ["/ogc/nothing", "/ogc/collections/parcels/item", "/ogc/collections/nothing/items"]
    {
        let response = it.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn a_field_the_reader_may_not_read_is_like_one_that_is_not_there() {
    let it = with_grid(3).await;
    let token = it.token(Role::Viewer).await;
    let path = format!("{ITEMS}?holder_uscc=USCC2");
    let refused = problem(&it, &path).await;
    let nonsense = problem(&it, &format!("{ITEMS}?holder_xxxx=USCC2")).await;
    assert_eq!(
        refused["detail"].as_str().unwrap().replace("holder_uscc", "holder_xxxx"),
        nonsense["detail"].as_str().unwrap()
    );
    assert_eq!(ids(&it.json_as(&token, &path).await), [2]);
    let fields = |page: &Value| page["features"][0]["properties"].get("holder_uscc").is_some();
    assert!(!fields(&it.json(ITEMS).await));
    assert!(fields(&it.json_as(&token, ITEMS).await));
    for path in
        ["/ogc/api", "/ogc/collections/parcels/queryables", "/ogc/collections/parcels/schema"]
    {
        assert!(!it.json(path).await.to_string().contains("holder_uscc"), "{path}");
        assert!(it.json_as(&token, path).await.to_string().contains("holder_uscc"), "{path}");
        assert!(
            !it.get(&format!("{path}?f=html")).await.text().await.unwrap().contains("holder_uscc"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn datetime_is_checked_and_takes_nothing_from_rows_that_have_always_been() {
    let it = with_grid(3).await;
    for right in [
        "2025-01-01",
        "2025-01-01T08:00:00Z",
        "2025-01-01/..",
        "../2025-01-01T08:00:00%2B08:00",
        "2024-01-01/2025-01-01",
        "/2025-01-01",
    ] {
        let page = it.json(&format!("{ITEMS}?datetime={right}")).await;
        assert_eq!(page["numberReturned"], 3, "{right}");
    }
    for wrong in ["", "..", "../..", "/", "2025", "2025-13-01", "2025-01-02/2025-01-01", "a/b"] {
        problem(&it, &format!("{ITEMS}?datetime={wrong}")).await;
    }
}

#[tokio::test]
async fn people_get_pages_and_programs_get_json() {
    let it = with_grid(3).await;
    for path in ["/ogc", "/ogc/collections", ITEMS, "/ogc/collections/parcels/items/1"] {
        let browser = it.client.get(it.url(path)).header("accept", "text/html,*/*;q=0.8");
        let response = browser.send().await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        assert!(response.headers()["vary"].to_str().unwrap().contains("Accept"));
        let text = response.text().await.unwrap();
        assert!(!text.contains("src=") && text.contains("lang=\"zh-CN\""), "{path}");
    }
    let response = it.get("/ogc/").await;
    assert_eq!(response.headers()["content-type"], "application/json", "no redirect, no web map");
}

#[tokio::test]
async fn filters_are_cql2_text() {
    let it = with_grid(60).await;
    let found = |filter: &'static str| {
        let it = &it;
        async move {
            let filter = filter.replace('%', "%25").replace('+', "%2B").replace(' ', "%20");
            let path = format!("{ITEMS}?filter-lang=cql2-text&limit=7&filter={filter}");
            walk(it, &path).await.0
        }
    };
    let every = |keep: fn(&i64) -> bool| (1..=60).filter(keep).collect::<Vec<i64>>();
    assert_eq!(found("town_code='114'").await, every(|it| it % 3 == 0));
    assert_eq!(
        found("town_code = '114' AND area_registered_m2 > 3000").await,
        every(|it| it % 3 == 0 && *it >= 30)
    );
    assert_eq!(found("parcel_code LIKE 'P0000%'").await, every(|it| *it < 10));
    assert_eq!(found("id IN (5, 7, 99)").await, [5, 7]);
    assert_eq!(found("village IS NULL AND NOT id > 2").await, [1, 2]);
    assert_eq!(
        found("S_INTERSECTS(geom, POLYGON((121.2 31.3,121.2022 31.3,121.2022 31.3005,121.2 31.3005,121.2 31.3)))").await,
        [1, 2]
    );
    let crs = "filter-crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    assert_eq!(ids(&it.json(&format!("{ITEMS}?filter=id=3&{crs}&bbox=121,31,122,32")).await), [3]);
    let json = r#"{"op":"and","args":[{"op":"=","args":[{"property":"town_code"},"114"]},{"op":"<","args":[{"property":"id"},10]}]}"#;
    assert_eq!(
        ids(&it.json(&format!("{ITEMS}?filter-lang=cql2-json&filter={json}")).await),
        [3, 6, 9]
    );
    for wrong in [
        "filter=",
        "filter={\"op\":\"=\",\"args\":[{\"property\":\"holder_uscc\"},\"a\"]}&filter-lang=cql2-json",
        "filter={\"op\":\"pg_sleep\",\"args\":[9]}&filter-lang=cql2-json",
        "filter=[1]&filter-lang=cql2-json",
        "filter=id=1&filter-lang=cql2-json",
        "filter=town_code",
        "filter=town_code=",
        "filter=town_codes='1'",
        "filter=holder_uscc='USCC1'",
        "filter=pg_sleep(9)=1",
        "filter=id=1&filter-crs=http://www.opengis.net/def/crs/EPSG/0/2154",
        "filter=id=1;drop table mutu.parcel",
    ] {
        problem(&it, &format!("{ITEMS}?{wrong}")).await;
    }
    let page = it.json(&format!("{ITEMS}?filter=id>10&limit=5")).await;
    let other = link(&page, "next").unwrap().replace("filter=id%3E10", "filter=id%3E11");
    problem(&it, local(&it, &other)).await;
    let queryables = it.json("/ogc/collections/parcels/queryables").await;
    assert_eq!(queryables["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(queryables["properties"]["town_code"]["type"], "string");
    assert_eq!(queryables["properties"]["geom"]["format"], "geometry-multipolygon");
}

#[tokio::test]
async fn a_code_that_is_not_in_the_list_is_a_mistake_and_not_an_empty_page() {
    let it = TestApp::serving().await;
    let items = "/ogc/collections/block_class/items";
    assert_eq!(it.json(&format!("{items}?block_class=198")).await["numberReturned"], 0);
    for wrong in ["199", "", "198,195"] {
        problem(&it, &format!("{items}?block_class={wrong}")).await;
    }
}

#[test]
fn the_openapi_document() {
    let text = r##"
        kind = "reference"
        group = "base"
        role = "base"
        title = { zh = "点", en = "Spots" }
        about = { zh = "例子", en = "An example" }
        geometry = "point"
        draw = "point"
        zooms = { min = 6, max = 14 }
        key = "code"
        [field.code]
        title = { zh = "代码", en = "Code" }
        type = "text"
        values = ["a", "b"]
        [field.far]
        title = { zh = "容积率", en = "Floor area ratio" }
        type = "decimal"
        [field.secret]
        title = { zh = "机密", en = "Secret" }
        type = "date"
        access = "viewer"
        [[legend]]
        label = { zh = "点", en = "Spot" }
        color = "#000000"
    "##;
    let folder = mutu::layer::Folder {
        id: "spots".to_owned(),
        shown: "layers/spots".to_owned(),
        files: [
            ("layer.toml".to_owned(), text.to_owned()),
            ("style.json".to_owned(), r##"[{"id":"dot","type":"circle"}]"##.to_owned()),
        ]
        .into(),
    };
    let groups = "[group.base]\nzh = \"底图\"\nen = \"Base\"";
    let layers = mutu::layer::Layers::from_folders(vec![folder], groups).unwrap();
    let layers: Vec<_> = layers.layers.values().collect();
    let scope = mutu::access::Scope::public();
    let document = mutu::ogc::openapi_document("https://map.example", "一张图", &layers, &scope);
    insta::assert_json_snapshot!(document, { ".info.version" => "[version]" });
}
