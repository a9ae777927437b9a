//! What is asked of a route: single requests, and those that every layer, list, case, run or account has alike.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mutu::layer::FieldType;
use mutu::layer::Geometry;
use mutu::layer::Layer;
use mutu::layer::UNIT_FIELD;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use serde_json::json;

use super::fill::JOB_ID;
use super::scene::Scene;
use super::walk::Ids;

/// One request of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub path: String,
    pub accept: Option<&'static str>,
    /// Asked by POST, with this.
    pub body: Option<Value>,
    /// The layer that the answer is of: refused to who may not read it, answered to who may.
    pub layer: Option<String>,
    /// Asked with the session cookie, too.
    pub twice: bool,
    pub may_fail: bool,
}

impl Ask {
    pub fn of(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            accept: None,
            body: None,
            layer: None,
            twice: false,
            may_fail: false,
        }
    }

    pub fn layer(layer: &Layer, path: impl Into<String>) -> Self {
        Self { layer: Some(layer.id.clone()), ..Self::of(path) }
    }

    pub fn twice(self) -> Self {
        Self { twice: true, ..self }
    }

    pub fn accepting(self, accept: &'static str) -> Self {
        Self { accept: Some(accept), ..self }
    }

    pub fn posting(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// It is enough that it says nothing and does not break.
    pub fn whatever(self) -> Self {
        Self { may_fail: true, ..self }
    }
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Every number of every layer, by unit and by a code that tells rows apart; what single parcels yield is so asked for, too.
pub fn stats(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let mut asks = Vec::new();
    for layer in scene.layers().layers.values() {
        let named = |kinds: &[FieldType]| -> Vec<&String> {
            let fields = layer.field.iter().filter(|(_, it)| kinds.contains(&it.kind));
            fields.map(|(name, _)| name).collect()
        };
        let groups = [Some(&layer.key), layer.field.get_key_value(UNIT_FIELD).map(|it| it.0)];
        for number in named(&[FieldType::Decimal, FieldType::Integer]) {
            for (group, published) in groups.iter().flatten().zip([false, true]) {
                let mut body = json!({
                    "layer": layer.id,
                    "group_by": [group],
                    "measures": [{"sum": number}, {"max": number}],
                    "published": published,
                });
                if published {
                    body["measures"] = json!([{"sum": number}]);
                } else {
                    body["histogram"] = json!({"field": number, "bins": 1});
                }
                asks.push(Ask::of("/api/v1/stats").posting(body).whatever());
            }
        }
        for dimension in layer.field.iter().filter(|(_, it)| it.dimension) {
            let body = json!({
                "layer": layer.id, "group_by": [dimension.0], "measures": [{"sum": "tax_wan"}],
            });
            asks.push(Ask::of("/api/v1/stats").posting(body).whatever());
        }
    }
    asks
}

/// Sums of what the rules judge, of all parcels and of each one alone.
pub fn previews(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let mut bodies = vec![json!({}), json!({"parameters": {"tax_floor": 60}})];
    bodies.extend(
        scene.parcel_codes.iter().map(|it| json!({"filter": format!("parcel_code = '{it}'")})),
    );
    bodies
        .into_iter()
        .map(|it| Ask::of("/api/v1/scenarios/preview").posting(it).whatever())
        .collect()
}

/// Everything together, by every layer that parcels can be chosen from.
pub fn assemblies(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let mut bodies = vec![json!({}), json!({"mu_at_least": 0, "gap_m": 1000, "barriers": []})];
    for layer in scene.layers().layers.values().filter(|it| it.shows_parcels()) {
        let filter = format!("{} IS NOT NULL", layer.key);
        bodies.push(json!({
            "layer": layer.id, "filter": filter, "mu_at_least": 0, "parcels_at_least": 1, "barriers": [],
        }));
    }
    bodies.into_iter().map(|it| Ask::of("/api/v1/assemblies").posting(it).whatever()).collect()
}

/// Of the account that every column of the table is filled for.
pub fn of_account(scene: &Scene, rest: &str) -> Vec<Ask> {
    let named = |what: &Vec<String>| what.iter().any(|it| it == "mutu.account.name");
    let (name, _) = scene.ledger.all.iter().find(|(_, it)| named(&it.what)).unwrap();
    vec![Ask::of(format!("/api/v1/accounts/{}{rest}", encode(name))).whatever()]
}

/// Of the lists: the first unit's, and two of the second's.
pub fn of_lists(ends: &[&str]) -> Vec<Ask> {
    let paths = (1..=3).flat_map(|list| {
        ends.iter().map(move |end| Ask::of(format!("/api/v1/lists/{list}{end}")).whatever())
    });
    paths.collect()
}

/// Of the case of each list.
pub fn of_cases(scene: &Scene, end: &str) -> Vec<Ask> {
    let codes = scene.case_codes.iter();
    codes.map(|it| Ask::of(format!("/api/v1/cases/{}{end}", encode(it))).whatever()).collect()
}

/// Of the one batch that everything was imported with.
pub fn of_import(rest: &str) -> Vec<Ask> {
    vec![Ask::of(format!("/api/v1/imports/1{rest}")).whatever().twice()]
}

/// Of the job that every column of the table is filled for; it has ended.
pub fn of_job(rest: &str) -> Vec<Ask> {
    vec![Ask::of(format!("/api/v1/jobs/{JOB_ID}{rest}")).whatever().twice()]
}

/// Of the draft and of the published run.
pub fn of_run(rest: &str) -> Vec<Ask> {
    [1, 2].map(|it| Ask::of(format!("/api/v1/evaluations/{it}{rest}")).whatever().twice()).into()
}

pub fn in_forms(path: &str, layer: Option<&Layer>) -> Vec<Ask> {
    let ask = |query: &str| Ask {
        layer: layer.map(|it| it.id.clone()),
        ..Ask::of(format!("{path}{query}"))
    };
    vec![ask("?f=json").twice(), ask("").accepting("text/html")]
}

/// A route that answers as the one without its last slash does: asked of two layers.
pub fn plainly(scene: &Scene, template: &str) -> Vec<Ask> {
    let layers = ["low_efficiency", "parcels"].map(|it| scene.layers().find(it).unwrap());
    layers.map(|it| Ask::layer(it, template.replace("{id}", &it.id))).into()
}

pub fn of_layers(scene: &Scene, template: &str) -> Vec<Ask> {
    let layers = scene.layers().layers.values();
    layers.flat_map(|it| in_forms(&template.replace("{id}", &it.id), Some(it))).collect()
}

pub fn items(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let mut asks = of_layers(scene, "/ogc/collections/{id}/items");
    for layer in scene.layers().layers.values() {
        for query in [
            "resultType=hits",
            "limit=1",
            "limit=1&offset=1&f=html",
            "bbox=121.1,31.2,121.5,31.4",
            "filter=NOT%20(id%20IS%20NULL)",
            "datetime=1973-03-01/..",
            "as_of=2026-01-01",
            "f=jsonfg",
            "f=csv&limit=3",
            "f=xlsx",
        ] {
            let path = format!("/ogc/collections/{}/items?{query}", layer.id);
            let ask = Ask::layer(layer, path);
            // A layer without versions refuses to say what was known then.
            let refused = query.starts_with("as_of") && !layer.is_versioned();
            asks.push(if refused { ask.whatever() } else { ask });
        }
    }
    asks
}

/// Every layer's features by a document.
pub fn searches(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let asks = scene.layers().layers.values().flat_map(|layer| {
        let path = format!("/ogc/collections/{}/search", layer.id);
        let all = json!({"filter": {"op": "not", "args": [{"op": "isNull", "args": [{"property": "id"}]}]}});
        [all, json!({"limit": 1, "f": "jsonfg"}), json!({"resultType": "hits"})]
            .map(|body| Ask::layer(layer, path.clone()).posting(body))
    });
    asks.collect()
}

/// The document of every layer's service.
pub fn of_service(scene: &Scene, base: &str, rest: &str) -> Vec<Ask> {
    let layers = scene.layers().layers.values();
    layers.map(|it| Ask::layer(it, format!("{base}/{}/FeatureServer{rest}", it.id))).collect()
}

/// Every layer's features in both formats, their ids and their count.
pub fn arcgis(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let queries = [
        "where=1%3D1&outFields=*",
        "where=1%3D1&outFields=*&f=geojson",
        "where=1%3D1&outFields=*&f=pbf",
        "where=OBJECTID%3E0&returnCountOnly=true",
        "returnIdsOnly=true",
        "outFields=*&resultOffset=1&resultRecordCount=1&outSR=4549",
        "objectIds=1,2&outFields=*&returnGeometry=false",
        "outStatistics=%5B%7B%22statisticType%22%3A%22count%22%2C%22onStatisticField%22%3A%22OBJECTID%22%7D%5D",
    ];
    queries.iter().flat_map(|it| of_service(scene, "/arcgis", &format!("/0/query?{it}"))).collect()
}

/// Descriptions, and every layer in both formats, whole and by each kind of narrowing.
pub fn wfs(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let mut asks = vec![
        Ask::of("/wfs?service=WFS&request=GetCapabilities").twice(),
        Ask::of("/wfs?request=DescribeFeatureType").twice(),
        Ask::of("/wfs?request=ListStoredQueries"),
        Ask::of("/wfs?request=DescribeStoredQueries"),
        Ask::of("/wfs").whatever(),
    ];
    for layer in scene.layers().layers.values() {
        let id = &layer.id;
        asks.push(Ask::layer(
            layer,
            format!("/wfs?request=DescribeFeatureType&typeNames=mutu:{id}"),
        ));
        for query in [
            "",
            "&outputFormat=application/json",
            "&resultType=hits",
            "&count=1&startIndex=1",
            "&count=2000&srsName=EPSG:4549",
            "&cql_filter=NOT%20(id%20IS%20NULL)",
        ] {
            asks.push(Ask::layer(layer, format!("/wfs?request=GetFeature&typeNames={id}{query}")));
        }
        let value =
            format!("/wfs?request=GetPropertyValue&typeNames={id}&valueReference={}", layer.key);
        asks.push(Ask::layer(layer, value).whatever());
        let by_id =
            "/wfs?request=GetFeature&storedQuery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById";
        asks.push(Ask::of(format!("{by_id}&id={id}.1")).whatever());
    }
    asks
}

pub fn features(scene: &Scene, ids: &Ids) -> Vec<Ask> {
    let mut asks = Vec::new();
    for layer in scene.layers().layers.values() {
        let mut with_forms = 1;
        for id in &ids[&layer.id] {
            let path = format!("/ogc/collections/{}/items/{id}", layer.id);
            // Of a row that is not there for the caller it is a 404.
            asks.push(Ask::of(format!("{path}?f=json")).whatever());
            if with_forms > 0 {
                asks.push(Ask::of(format!("{path}?f=html")).whatever());
                with_forms -= 1;
            }
        }
        asks.push(Ask::of(format!("/ogc/collections/{}/items/999999", layer.id)).whatever());
    }
    asks
}

/// One text of every column of every table.
pub fn search(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let mut columns = BTreeMap::new();
    for (value, it) in scene.ledger.all.iter().filter(|(it, _)| it.starts_with('秘')) {
        for what in it.what.iter().filter(|it| it.starts_with("mutu.") || it.starts_with("layer."))
        {
            let first = columns.entry(what.clone()).or_insert_with(|| value.clone());
            if value < first {
                first.clone_from(value);
            }
        }
    }
    let texts: BTreeSet<String> = columns.into_values().collect();
    let short = ["秘", "%", "121.2005 31.3005"].map(ToOwned::to_owned);
    let asks = texts.into_iter().chain(short);
    asks.map(|it| Ask::of(format!("/api/v1/search?limit=50&q={}", encode(&it)))).collect()
}

/// A tile over each unit, without an ending.
pub fn tiles(layer: &Layer) -> Vec<String> {
    let z = layer.zooms.max.min(14);
    let side = f64::from(1_u32 << z);
    let lat = 31.301_f64.to_radians();
    let y = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * side;
    let of = |lon: f64| {
        let x = (lon + 180.0) / 360.0 * side;
        format!("/tiles/{}/{z}/{}/{}", layer.id, x as u32, y as u32)
    };
    [121.201, 121.401, 121.601].map(of).into()
}

/// Layers with shapes.
pub fn of_drawn(scene: &Scene) -> impl Iterator<Item = &Layer> {
    scene.layers().layers.values().filter(|it| it.geometry != Geometry::None)
}
