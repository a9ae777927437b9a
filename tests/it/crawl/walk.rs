//! Which addresses are asked for each route. A route that nobody wrote a line for here fails the crawl.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mutu::access::Role;
use mutu::layer::FieldType;
use mutu::layer::Geometry;
use mutu::layer::Kind;
use mutu::layer::Layer;
use mutu::layer::UNIT_FIELD;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use regex::Regex;
use serde_json::Value;
use serde_json::json;

use super::fill::JOB_ID;
use super::scene::Scene;

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

    fn layer(layer: &Layer, path: impl Into<String>) -> Self {
        Self { layer: Some(layer.id.clone()), ..Self::of(path) }
    }

    fn twice(self) -> Self {
        Self { twice: true, ..self }
    }

    fn accepting(self, accept: &'static str) -> Self {
        Self { accept: Some(accept), ..self }
    }

    pub fn posting(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// It is enough that it says nothing and does not break.
    fn whatever(self) -> Self {
        Self { may_fail: true, ..self }
    }
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

type Walk = fn(&Scene, &Ids) -> Vec<Ask>;

/// The ids of every layer's features, whoever may read them.
pub type Ids = BTreeMap<String, Vec<i64>>;

/// Every route with its walk, as it stands in the program.
const WALKS: &[(&str, Walk)] = &[
    ("/api/v1/layers", |_, _| vec![Ask::of("/api/v1/layers").twice()]),
    ("/api/v1/layers/{id}/export", |scene, _| {
        let mut asks = Vec::new();
        for layer in scene.layers().layers.values() {
            for format in ["xlsx", "csv", "geojson"] {
                let path = format!("/api/v1/layers/{}/export?format={format}", layer.id);
                asks.push(Ask::layer(layer, path));
            }
        }
        asks
    }),
    ("/api/v1/parcels/{parcel_code}", |scene, _| {
        let closed = scene.layers().find("parcels").unwrap().access > Role::Public;
        let codes = scene.parcel_codes.iter();
        let asks = codes.map(|it| Ask::of(format!("/api/v1/parcels/{}", encode(it))).twice());
        asks.map(|it| if closed { it.whatever() } else { it }).collect()
    }),
    ("/api/v1/parcels", |_, _| vec![Ask::of("/api/v1/parcels").whatever()]),
    ("/api/v1/parcels/merge", |_, _| vec![Ask::of("/api/v1/parcels/merge").whatever()]),
    ("/api/v1/parcels/{parcel_code}/split", |_, _| {
        vec![Ask::of("/api/v1/parcels/1/split").whatever()]
    }),
    ("/api/v1/parcels/{parcel_code}/history", |scene, _| {
        let codes = scene.parcel_codes.iter();
        codes
            .map(|it| Ask::of(format!("/api/v1/parcels/{}/history", encode(it))).whatever())
            .collect()
    }),
    ("/api/v1/parcels/{parcel_code}/evaluations", |scene, _| {
        let codes = scene.parcel_codes.iter();
        codes
            .map(|it| Ask::of(format!("/api/v1/parcels/{}/evaluations", encode(it))).whatever())
            .collect()
    }),
    ("/api/v1/parcels/{parcel_code}/conformity", |scene, _| {
        let codes = scene.parcel_codes.iter();
        let path = |it: &String| format!("/api/v1/parcels/{}/conformity", encode(it));
        codes.map(|it| Ask::of(path(it)).whatever()).collect()
    }),
    ("/api/v1/conformity", |scene, _| {
        let body = json!({"parcel_codes": scene.parcel_codes});
        vec![Ask::of("/api/v1/conformity"), Ask::of("/api/v1/conformity").posting(body).whatever()]
    }),
    ("/api/v1/assemblies", assemblies),
    ("/api/v1/sites/search", |scene, _| {
        let [west, south] = [121.20, 31.30];
        let of = |near: Value| {
            json!({
                "land_mu": 0, "floor_m2": 0, "far": 1, "sector": "C34", "energy_tce": 1, "near": near,
                "limit": 200,
            })
        };
        let points = [json!({"point": [west, south], "within_m": 50_000}), Value::Null];
        let layers = scene.layers().of_kind(Kind::Reference);
        let layers = layers.map(|it| json!({"layer": it.id, "within_m": 1_000}));
        let asks = points.into_iter().chain(layers).map(of);
        asks.map(|it| Ask::of("/api/v1/sites/search").posting(it).whatever()).collect()
    }),
    ("/api/v1/reduction", |_, _| {
        ["", "?responsible_unit=%E9%A9%AC%E9%99%86%E9%95%87", "?limit=5000"]
            .map(|it| Ask::of(format!("/api/v1/reduction{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/lists", |_, _| {
        vec![
            Ask::of("/api/v1/lists").whatever().twice(),
            Ask::of("/api/v1/lists?limit=1").whatever(),
        ]
    }),
    ("/api/v1/lists/{list_id}", |_, _| of_lists(&[""])),
    ("/api/v1/lists/{list_id}/cases", |_, _| {
        of_lists(&[
            "/cases",
            "/cases?limit=1",
            "/cases?newer_than=0",
            "/cases?version=1",
            "/cases?as_of=2026-01-01",
        ])
    }),
    ("/api/v1/lists/{list_id}/checks", |_, _| of_lists(&["/checks"])),
    ("/api/v1/lists/{list_id}/freeze", |_, _| of_lists(&["/freeze"])),
    ("/api/v1/lists/{list_id}/versions", |_, _| of_lists(&["/versions"])),
    ("/api/v1/lists/{list_id}/compare", |_, _| of_lists(&["/compare?from=1"])),
    ("/api/v1/lists/{list_id}/export", |_, _| of_lists(&["/export", "/export?version=1"])),
    ("/api/v1/cases/{case_code}", |scene, _| of_cases(scene, "")),
    ("/api/v1/cases/{case_code}/events", |scene, _| of_cases(scene, "/events")),
    ("/api/v1/targets", |_, _| {
        ["", "?period=2025", "?period=2025Q1&kind=tce", "?period=2025&as_of=2025-06-30"]
            .map(|it| Ask::of(format!("/api/v1/targets{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/workflow", |_, _| vec![Ask::of("/api/v1/workflow").whatever().twice()]),
    ("/api/v1/search", search),
    ("/api/v1/stats", stats),
    ("/api/v1/rule_sets", |_, _| vec![Ask::of("/api/v1/rule_sets").whatever().twice()]),
    ("/api/v1/evaluations/{run_id}/changes", |_, _| {
        ["", "?against=1"]
            .map(|it| Ask::of(format!("/api/v1/evaluations/2/changes{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/scenarios", |_, _| vec![Ask::of("/api/v1/scenarios").whatever().twice()]),
    ("/api/v1/scenarios/preview", previews),
    ("/api/v1/scenarios/compare", |_, _| {
        ["", "?left=1", "?right=1"]
            .map(|it| Ask::of(format!("/api/v1/scenarios/compare{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/scenarios/{scenario_id}", |_, _| {
        vec![Ask::of("/api/v1/scenarios/1").whatever().twice()]
    }),
    ("/api/v1/scenarios/{scenario_id}/adopt", |_, _| {
        vec![Ask::of("/api/v1/scenarios/1/adopt").whatever()]
    }),
    ("/api/v1/session", |_, _| vec![Ask::of("/api/v1/session").twice()]),
    ("/api/v1/session/password", |_, _| vec![Ask::of("/api/v1/session/password").whatever()]),
    ("/api/v1/tokens", |_, _| vec![Ask::of("/api/v1/tokens").whatever().twice()]),
    ("/api/v1/tokens/{token_id}", |_, _| vec![Ask::of("/api/v1/tokens/1").whatever()]),
    ("/api/v1/accounts", |_, _| vec![Ask::of("/api/v1/accounts").whatever().twice()]),
    ("/api/v1/accounts/{name}", |scene, _| of_account(scene, "")),
    ("/api/v1/accounts/{name}/link", |scene, _| of_account(scene, "/link")),
    ("/api/v1/accounts/{name}/tokens", |scene, _| of_account(scene, "/tokens")),
    ("/api/v1/accounts/{name}/tokens/{token_id}", |scene, _| of_account(scene, "/tokens/1")),
    ("/api/v1/audit_events", |_, _| {
        ["", "?limit=500", "?account=console"]
            .map(|it| Ask::of(format!("/api/v1/audit_events{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/imports", |_, _| {
        ["", "?limit=1000"]
            .map(|it| Ask::of(format!("/api/v1/imports{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/imports/targets", |_, _| vec![Ask::of("/api/v1/imports/targets").whatever().twice()]),
    ("/api/v1/imports/{batch_id}", |_, _| of_import("")),
    ("/api/v1/imports/{batch_id}/preview", |_, _| of_import("/preview")),
    ("/api/v1/imports/{batch_id}/apply", |_, _| of_import("/apply")),
    ("/api/v1/imports/{batch_id}/undo", |_, _| of_import("/undo")),
    ("/api/v1/imports/{batch_id}/issues", |_, _| of_import("/issues")),
    ("/api/v1/imports/{batch_id}/issues.xlsx", |_, _| of_import("/issues.xlsx")),
    ("/api/v1/imports/{batch_id}/issues.geojson", |_, _| of_import("/issues.geojson")),
    ("/api/v1/imports/{batch_id}/changes", |_, _| of_import("/changes")),
    ("/api/v1/imports/{batch_id}/changes.geojson", |_, _| of_import("/changes.geojson")),
    ("/api/v1/templates/{file}", |_, _| {
        vec![Ask::of("/api/v1/templates/enterprises.xlsx").whatever()]
    }),
    ("/api/v1/jobs", |_, _| vec![Ask::of("/api/v1/jobs").whatever().twice()]),
    ("/api/v1/jobs/{job_id}", |_, _| of_job("")),
    ("/api/v1/jobs/{job_id}/events", |_, _| of_job("/events")),
    ("/api/v1/jobs/{job_id}/cancel", |_, _| of_job("/cancel")),
    ("/api/v1/evaluations", |_, _| vec![Ask::of("/api/v1/evaluations").whatever().twice()]),
    ("/api/v1/evaluations/shown", |_, _| vec![Ask::of("/api/v1/evaluations/shown").whatever()]),
    ("/api/v1/evaluations/{run_id}", |_, _| of_run("")),
    ("/api/v1/evaluations/{run_id}/enterprises", |_, _| {
        ["/enterprises?limit=1000", "/enterprises?cohort=all", "/enterprises?grade=T&q=U"]
            .into_iter()
            .flat_map(of_run)
            .collect()
    }),
    ("/api/v1/evaluations/{run_id}/enterprises/{uscc}", |scene, _| {
        let codes = scene
            .ledger
            .all
            .iter()
            .filter(|(_, it)| it.what.iter().any(|it| it == "mutu.enterprise.uscc"));
        codes.flat_map(|(it, _)| of_run(&format!("/enterprises/{}", encode(it)))).collect()
    }),
    ("/api/v1/evaluations/{run_id}/publish", |_, _| of_run("/publish")),
    ("/api/v1/evaluations/{run_id}/finalise", |_, _| of_run("/finalise")),
    ("/api/v1/evaluations/{run_id}/hits", |_, _| of_run("/hits")),
    ("/api/v1/evaluations/options", |_, _| {
        vec![Ask::of("/api/v1/evaluations/options").whatever().twice()]
    }),
    ("/api/v1/notices", |_, _| {
        ["", "?unread=true", "?limit=1"]
            .map(|it| Ask::of(format!("/api/v1/notices{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/notices/read", |_, _| vec![Ask::of("/api/v1/notices/read").whatever()]),
    ("/api/v1/notices/{notice_id}/read", |_, _| vec![Ask::of("/api/v1/notices/1/read").whatever()]),
    ("/api/v1/schemes/{scheme_id}", |_, _| {
        ["huaian-2024", "other", "other?version=1"]
            .map(|it| Ask::of(format!("/api/v1/schemes/{it}")).whatever().twice())
            .into()
    }),
    ("/api/v1/evaluations/{run_id}/objections", |_, _| of_run("/objections")),
    ("/api/v1/evaluations/{run_id}/objections/{objection_id}/decide", |_, _| {
        of_run("/objections/1/decide")
    }),
    ("/api/v1/schemes", |_, _| vec![Ask::of("/api/v1/schemes").whatever().twice()]),
    ("/api/v1/schemes/check", |_, _| {
        let text = include_str!("../../../layers/yield_per_mu/schemes/jingde-2022.toml");
        let body = json!({"text": text, "run_id": 1});
        vec![Ask::of("/api/v1/schemes/check").posting(body).whatever()]
    }),
    ("/api/v1/openapi.json", |_, _| vec![Ask::of("/api/v1/openapi.json")]),
    ("/ogc", |_, _| in_forms("/ogc", None)),
    ("/ogc/", |_, _| vec![Ask::of("/ogc/")]),
    ("/ogc/conformance", |_, _| in_forms("/ogc/conformance", None)),
    ("/ogc/api", |_, _| in_forms("/ogc/api", None)),
    ("/ogc/collections", |_, _| in_forms("/ogc/collections", None)),
    ("/ogc/collections/", |_, _| vec![Ask::of("/ogc/collections/")]),
    ("/ogc/collections/{id}", |scene, _| of_layers(scene, "/ogc/collections/{id}")),
    ("/ogc/collections/{id}/", |scene, _| plainly(scene, "/ogc/collections/{id}/")),
    ("/ogc/collections/{id}/sortables", |scene, _| {
        of_layers(scene, "/ogc/collections/{id}/sortables")
    }),
    ("/ogc/collections/{id}/queryables", |scene, _| {
        of_layers(scene, "/ogc/collections/{id}/queryables")
    }),
    ("/ogc/collections/{id}/schema", |scene, _| of_layers(scene, "/ogc/collections/{id}/schema")),
    ("/ogc/collections/{id}/items", items),
    ("/ogc/collections/{id}/items/", |scene, _| plainly(scene, "/ogc/collections/{id}/items/")),
    ("/ogc/collections/{id}/items/{feature}", features),
    ("/wfs", wfs),
    ("/wms", |scene, _| {
        let mut asks = vec![Ask::of("/wms?service=WMS&request=GetCapabilities").twice()];
        for layer in of_drawn(scene) {
            let map = format!(
                "/wms?service=WMS&version=1.3.0&layers={0}&query_layers={0}&layer={0}&styles=&crs=CRS:84&bbox=121.1,31.2,121.4,31.5&width=200&height=200&format=image/png&i=100&j=100&feature_count=50",
                layer.id
            );
            for request in ["GetMap", "GetFeatureInfo", "GetLegendGraphic"] {
                asks.push(Ask::layer(layer, format!("{map}&request={request}")));
            }
            for format in ["text/plain", "text/html"] {
                let extra = "&request=GetFeatureInfo&info_format=";
                asks.push(Ask::layer(layer, format!("{map}{extra}{format}")));
            }
        }
        asks
    }),
    ("/wmts", |scene, _| {
        let mut asks = vec![Ask::of("/wmts?service=WMTS&request=GetCapabilities").twice()];
        for layer in of_drawn(scene) {
            let tile = format!(
                "/wmts?service=WMTS&version=1.0.0&layer={}&style=default&format=image/png&tilematrixset=c&tilematrix=14&tilerow=2671&tilecol=13708&i=1&j=1",
                layer.id
            );
            for request in ["GetTile", "GetFeatureInfo"] {
                asks.push(Ask::layer(layer, format!("{tile}&request={request}")));
            }
        }
        asks
    }),
    ("/wmts/1.0.0/WMTSCapabilities.xml", |_, _| {
        vec![Ask::of("/wmts/1.0.0/WMTSCapabilities.xml").twice()]
    }),
    ("/wmts/{layer}/{tms}/{level}/{row}/{column}", |scene, _| {
        let path = |it: &Layer| format!("/wmts/{}/w/14/6690/13708.png", it.id);
        of_drawn(scene).map(|it| Ask::layer(it, path(it))).collect()
    }),
    ("/print/map.pdf", |scene, _| {
        let path =
            |it: &Layer| format!("/print/map.pdf?layers={}&bbox=121.1,31.2,121.4,31.5", it.id);
        // Plans have nothing to hide that the others have not, and a sheet takes longer than any other answer.
        let layers = of_drawn(scene).filter(|it| it.kind != Kind::Reference);
        layers.map(|it| Ask::layer(it, path(it))).collect()
    }),
    ("/print/d/{file}", |scene, _| {
        let codes = scene.parcel_codes.iter().take(4);
        codes.map(|it| Ask::of(format!("/d/{}.pdf", encode(it))).whatever()).collect()
    }),
    ("/arcgis/rest/info", |_, _| vec![Ask::of("/arcgis/rest/info")]),
    ("/arcgis/rest/services", |_, _| vec![Ask::of("/arcgis/rest/services").twice()]),
    ("/arcgis/{layer}/FeatureServer", |scene, _| of_service(scene, "/arcgis", "")),
    ("/arcgis/{layer}/FeatureServer/{sublayer}", |scene, _| of_service(scene, "/arcgis", "/0")),
    ("/arcgis/{layer}/FeatureServer/{sublayer}/query", arcgis),
    ("/arcgis/rest/services/{layer}/FeatureServer", |scene, _| {
        of_service(scene, "/arcgis/rest/services", "")
    }),
    ("/arcgis/rest/services/{layer}/FeatureServer/{sublayer}", |scene, _| {
        of_service(scene, "/arcgis/rest/services", "/0")
    }),
    ("/arcgis/rest/services/{layer}/FeatureServer/{sublayer}/query", |scene, _| {
        of_service(scene, "/arcgis/rest/services", "/0/query?where=1%3D1&outFields=*")
    }),
    ("/ogc/{*rest}", |_, _| vec![Ask::of("/ogc/nothing/here").whatever()]),
    ("/tiles/{layer}", |scene, _| {
        let layers = scene.layers().layers.values().filter(|it| it.geometry != Geometry::None);
        layers.map(|it| Ask::layer(it, format!("/tiles/{}.json", it.id)).twice()).collect()
    }),
    ("/tiles/{layer}/{z}/{x}/{y}", |scene, _| {
        let layers = scene.layers().layers.values().filter(|it| it.geometry != Geometry::None);
        let asks = layers.flat_map(|layer| {
            let paths = tiles(layer).into_iter().zip([".mvt", "?v=1", ""]);
            let paths = paths.map(|(tile, end)| format!("{tile}{end}"));
            paths.map(|it| Ask::layer(layer, it)).collect::<Vec<_>>()
        });
        asks.collect()
    }),
    // It has no end, and nothing but ids of layers, numbers and boxes: tests/it/events.rs reads it.
    ("/api/v1/events", |_, _| vec![Ask::of("/api/v1/events?since=1").whatever()]),
    ("/pmtiles/{file}", |_, _| {
        vec![Ask::of("/pmtiles/parcels.pmtiles").whatever(), Ask::of("/pmtiles/..").whatever()]
    }),
    ("/sprites/{file}", |_, _| {
        ["mutu.json", "mutu.png", "mutu@2x.json", "mutu@2x.png"]
            .map(|it| Ask::of(format!("/sprites/{it}")))
            .into()
    }),
    ("/ogc/tileMatrixSets", |_, _| vec![Ask::of("/ogc/tileMatrixSets")]),
    ("/ogc/tileMatrixSets/{tileMatrixSetId}", |_, _| {
        vec![Ask::of("/ogc/tileMatrixSets/CGCS2000Quad")]
    }),
    ("/ogc/collections/{id}/tiles", |scene, _| {
        let path = |it: &Layer| format!("/ogc/collections/{}/tiles", it.id);
        of_drawn(scene).map(|it| Ask::layer(it, path(it))).collect()
    }),
    ("/ogc/collections/{id}/tiles/{tileMatrixSetId}", |scene, _| {
        let path = |it: &Layer| format!("/ogc/collections/{}/tiles/WebMercatorQuad", it.id);
        of_drawn(scene).map(|it| Ask::layer(it, path(it))).collect()
    }),
    (
        "/ogc/collections/{id}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        |scene, _| {
            let asks = of_drawn(scene).flat_map(|layer| {
                tiles(layer).into_iter().map(move |tile| {
                    let parts: Vec<&str> = tile.rsplit('/').take(3).collect();
                    let [row, column, level] = parts[..] else { panic!("{tile}") };
                    let base = format!("/ogc/collections/{}/tiles/WebMercatorQuad", layer.id);
                    Ask::layer(layer, format!("{base}/{level}/{row}/{column}"))
                })
            });
            asks.collect()
        },
    ),
    ("/styles/{layer}", |scene, _| {
        let layers = scene.layers().layers.values().filter(|it| it.geometry != Geometry::None);
        let own = layers.map(|it| Ask::layer(it, format!("/styles/{}.json", it.id)));
        own.chain([Ask::of("/styles/one-map.json").twice()]).collect()
    }),
    ("/healthz", |_, _| vec![Ask::of("/healthz")]),
    ("/readyz", |_, _| vec![Ask::of("/readyz")]),
    ("/metrics", |_, _| vec![Ask::of("/metrics").whatever()]),
    ("/sign-in", |_, _| {
        vec![Ask::of("/sign-in?code=wrong").whatever(), Ask::of("/sign-in").whatever()]
    }),
    ("/sign-in/oidc", |_, _| vec![Ask::of("/sign-in/oidc?to=/").whatever()]),
    ("/sign-in/oidc/callback", |_, _| {
        vec![Ask::of("/sign-in/oidc/callback?code=wrong&state=wrong").whatever()]
    }),
    // The web map's files and pages: no route, but answered.
    ("(pages)", |scene, _| {
        let page = format!("/d/{}", encode(&scene.parcel_codes[0]));
        [
            "/",
            "/index.html",
            "/account",
            "/admin",
            "/import",
            "/import/1",
            "/lists",
            "/lists/1",
            "/planning",
            "/scenarios",
            "/runs",
            "/runs/1",
            "/targets",
            &page,
        ]
        .map(|it| Ask::of(it).whatever())
        .into()
    }),
];

/// Every number of every layer, by unit and by a code that tells rows apart; what single parcels yield is so asked for, too.
fn stats(scene: &Scene, _: &Ids) -> Vec<Ask> {
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
fn previews(scene: &Scene, _: &Ids) -> Vec<Ask> {
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
fn assemblies(scene: &Scene, _: &Ids) -> Vec<Ask> {
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
fn of_account(scene: &Scene, rest: &str) -> Vec<Ask> {
    let named = |what: &Vec<String>| what.iter().any(|it| it == "mutu.account.name");
    let (name, _) = scene.ledger.all.iter().find(|(_, it)| named(&it.what)).unwrap();
    vec![Ask::of(format!("/api/v1/accounts/{}{rest}", encode(name))).whatever()]
}

/// Of the lists: the first unit's, and two of the second's.
fn of_lists(ends: &[&str]) -> Vec<Ask> {
    let paths = (1..=3).flat_map(|list| {
        ends.iter().map(move |end| Ask::of(format!("/api/v1/lists/{list}{end}")).whatever())
    });
    paths.collect()
}

/// Of the case of each list.
fn of_cases(scene: &Scene, end: &str) -> Vec<Ask> {
    let codes = scene.case_codes.iter();
    codes.map(|it| Ask::of(format!("/api/v1/cases/{}{end}", encode(it))).whatever()).collect()
}

/// Of the one batch that everything was imported with.
fn of_import(rest: &str) -> Vec<Ask> {
    vec![Ask::of(format!("/api/v1/imports/1{rest}")).whatever().twice()]
}

/// Of the job that every column of the table is filled for; it has ended.
fn of_job(rest: &str) -> Vec<Ask> {
    vec![Ask::of(format!("/api/v1/jobs/{JOB_ID}{rest}")).whatever().twice()]
}

/// Of the draft and of the published run.
fn of_run(rest: &str) -> Vec<Ask> {
    [1, 2].map(|it| Ask::of(format!("/api/v1/evaluations/{it}{rest}")).whatever().twice()).into()
}

fn in_forms(path: &str, layer: Option<&Layer>) -> Vec<Ask> {
    let ask = |query: &str| Ask {
        layer: layer.map(|it| it.id.clone()),
        ..Ask::of(format!("{path}{query}"))
    };
    vec![ask("?f=json").twice(), ask("").accepting("text/html")]
}

/// A route that answers as the one without its last slash does: asked of two layers.
fn plainly(scene: &Scene, template: &str) -> Vec<Ask> {
    let layers = ["low_efficiency", "parcels"].map(|it| scene.layers().find(it).unwrap());
    layers.map(|it| Ask::layer(it, template.replace("{id}", &it.id))).into()
}

fn of_layers(scene: &Scene, template: &str) -> Vec<Ask> {
    let layers = scene.layers().layers.values();
    layers.flat_map(|it| in_forms(&template.replace("{id}", &it.id), Some(it))).collect()
}

fn items(scene: &Scene, _: &Ids) -> Vec<Ask> {
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

/// The document of every layer's service.
fn of_service(scene: &Scene, base: &str, rest: &str) -> Vec<Ask> {
    let layers = scene.layers().layers.values();
    layers.map(|it| Ask::layer(it, format!("{base}/{}/FeatureServer{rest}", it.id))).collect()
}

/// Every layer's features in both formats, their ids and their count.
fn arcgis(scene: &Scene, _: &Ids) -> Vec<Ask> {
    let queries = [
        "where=1%3D1&outFields=*",
        "where=1%3D1&outFields=*&f=geojson",
        "where=OBJECTID%3E0&returnCountOnly=true",
        "returnIdsOnly=true",
        "outFields=*&resultOffset=1&resultRecordCount=1&outSR=4549",
        "objectIds=1,2&outFields=*&returnGeometry=false",
    ];
    queries.iter().flat_map(|it| of_service(scene, "/arcgis", &format!("/0/query?{it}"))).collect()
}

/// Descriptions, and every layer in both formats, whole and by each kind of narrowing.
fn wfs(scene: &Scene, _: &Ids) -> Vec<Ask> {
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
        let by_id =
            "/wfs?request=GetFeature&storedQuery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById";
        asks.push(Ask::of(format!("{by_id}&id={id}.1")).whatever());
    }
    asks
}

fn features(scene: &Scene, ids: &Ids) -> Vec<Ask> {
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
fn search(scene: &Scene, _: &Ids) -> Vec<Ask> {
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
fn of_drawn(scene: &Scene) -> impl Iterator<Item = &Layer> {
    scene.layers().layers.values().filter(|it| it.geometry != Geometry::None)
}

/// All requests of the crawl.
pub fn all(scene: &Scene, ids: &Ids) -> Vec<(&'static str, Vec<Ask>)> {
    WALKS.iter().map(|(route, walk)| (*route, walk(scene, ids))).collect()
}

/// Routes as they stand in the program's text.
pub fn routes_in_source() -> BTreeSet<String> {
    let route = Regex::new(r#"\.route\(\s*"([^"]+)""#).unwrap();
    let mut found = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(route.captures_iter(&text).map(|it| it[1].to_owned()));
            }
        }
    }
    found
}

/// What is asked with another method than GET, and why that says nothing of the data.
const UNREAD: &[(&str, &str)] = &[
    ("post /api/v1/session", "answers who has signed in"),
    ("patch /api/v1/session", "answers who is signed in"),
    ("delete /api/v1/session", "answers nothing"),
    ("post /api/v1/stats", "is walked by its body"),
    ("post /api/v1/scenarios/preview", "is walked by its body"),
    ("post /api/v1/scenarios", "answers what an officer wrote"),
    ("delete /api/v1/scenarios/{scenario_id}", "answers nothing"),
    ("post /api/v1/scenarios/{scenario_id}/adopt", "answers what a steward wrote"),
    ("post /api/v1/conformity", "is walked by its body"),
    ("post /api/v1/assemblies", "is walked by its body"),
    ("post /api/v1/sites/search", "is walked by its body"),
    ("post /api/v1/parcels", "answers what an officer wrote"),
    ("post /api/v1/parcels/merge", "answers what an officer of all of them wrote"),
    ("patch /api/v1/parcels/{parcel_code}", "answers what an officer of it wrote"),
    ("delete /api/v1/parcels/{parcel_code}", "answers an officer of it when it ended"),
    ("post /api/v1/parcels/{parcel_code}/split", "answers what an officer of it wrote"),
    ("post /api/v1/lists", "answers what an officer chose, of the own units"),
    ("patch /api/v1/lists/{list_id}", "answers what an officer of it wrote"),
    ("post /api/v1/lists/{list_id}/cases", "answers what an officer chose, of the own units"),
    ("patch /api/v1/lists/{list_id}/cases", "answers what an officer of them wrote"),
    ("post /api/v1/lists/{list_id}/freeze", "answers an officer of it its version"),
    ("patch /api/v1/cases/{case_code}", "answers what an officer of it wrote"),
    ("post /api/v1/cases/{case_code}/events", "answers what an officer of it wrote"),
    ("put /api/v1/session/password", "answers nothing"),
    ("post /api/v1/tokens", "answers the caller's own new token"),
    ("delete /api/v1/tokens/{token_id}", "answers nothing"),
    ("post /api/v1/accounts", "answers what an administrator wrote"),
    ("patch /api/v1/accounts/{name}", "answers what an administrator wrote"),
    ("post /api/v1/accounts/{name}/link", "answers a new link to an administrator"),
    ("delete /api/v1/accounts/{name}/tokens/{token_id}", "answers nothing"),
    ("post /api/v1/imports", "answers what a steward sent"),
    ("delete /api/v1/imports/{batch_id}", "answers nothing"),
    ("post /api/v1/imports/{batch_id}/preview", "answers a new job to a steward"),
    ("post /api/v1/imports/{batch_id}/apply", "answers a new job to a steward"),
    ("post /api/v1/imports/{batch_id}/undo", "answers a new job to a steward"),
    ("post /api/v1/jobs/{job_id}/cancel", "answers a job to a steward"),
    ("put /api/v1/evaluations/shown", "answers the runs to a steward"),
    ("post /api/v1/evaluations/{run_id}/publish", "answers the run to a steward"),
    ("post /api/v1/evaluations/{run_id}/finalise", "answers the run to a steward"),
    ("post /api/v1/evaluations/{run_id}/objections", "answers what an officer of it wrote"),
    (
        "post /api/v1/evaluations/{run_id}/objections/{objection_id}/decide",
        "answers an objection to a steward",
    ),
    ("post /api/v1/schemes/check", "is walked by its body"),
    ("post /api/v1/schemes", "answers what a steward wrote"),
    ("post /api/v1/evaluations", "answers a new job to a steward"),
    ("post /api/v1/notices/read", "answers how many the caller has not read"),
    ("post /api/v1/notices/{notice_id}/read", "answers how many the caller has not read"),
];

/// Fails when the program or its documents have a route that is not walked.
pub fn every_route_is_walked(api: &serde_json::Value, ogc: &serde_json::Value) {
    let mut unwalked = Vec::new();
    let walked = |route: &str| WALKS.iter().any(|(it, _)| *it == route);
    unwalked.extend(routes_in_source().into_iter().filter(|it| !walked(it)));
    for (path, methods) in api["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let named = format!("{method} {path}");
            let unread = UNREAD.iter().any(|(it, _)| *it == named);
            if !unread && (method != "get" || !walked(path)) {
                unwalked.push(named);
            }
        }
    }
    for path in ogc["paths"].as_object().unwrap().keys() {
        let mut parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let ["collections", id, ..] = parts.as_mut_slice() {
            *id = "{id}";
        }
        let route = format!("/ogc/{}", parts.join("/")).replace("{featureId}", "{feature}");
        if !walked(&route) {
            unwalked.push(format!("get {route}"));
        }
    }
    assert!(
        unwalked.is_empty(),
        "not walked: {unwalked:?}; tests/it/crawl/walk.rs wants a line for each"
    );
}
