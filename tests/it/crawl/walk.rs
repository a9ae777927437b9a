//! Which addresses are asked for each route. A route that nobody wrote a line for here fails the crawl.

use std::collections::BTreeMap;

use mutu::access::Role;
use mutu::layer::Geometry;
use mutu::layer::Kind;
use mutu::layer::Layer;
use serde_json::Value;
use serde_json::json;

use super::asks::Ask;
use super::asks::arcgis;
use super::asks::assemblies;
use super::asks::encode;
use super::asks::features;
use super::asks::in_forms;
use super::asks::items;
use super::asks::of_account;
use super::asks::of_cases;
use super::asks::of_drawn;
use super::asks::of_import;
use super::asks::of_job;
use super::asks::of_layers;
use super::asks::of_lists;
use super::asks::of_run;
use super::asks::of_service;
use super::asks::plainly;
use super::asks::previews;
use super::asks::search;
use super::asks::searches;
use super::asks::stats;
use super::asks::tiles;
use super::asks::wfs;
use super::scene::Scene;

pub type Walk = fn(&Scene, &Ids) -> Vec<Ask>;

/// The ids of every layer's features, whoever may read them.
pub type Ids = BTreeMap<String, Vec<i64>>;

/// Every route with its walk, as it stands in the program.
pub const WALKS: &[(&str, Walk)] = &[
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
    ("/api/v1/lists/{list_id}/export", |_, _| {
        of_lists(&[
            "/export",
            "/export?version=1",
            "/export?format=csv",
            "/export?format=geojson",
            "/export?template=1",
        ])
    }),
    ("/api/v1/cases/{case_code}", |scene, _| of_cases(scene, "")),
    ("/api/v1/cases/{case_code}/events", |scene, _| of_cases(scene, "/events")),
    ("/api/v1/lists/{list_id}/list.pdf", |_, _| {
        of_lists(&["/list.pdf", "/list.pdf?maps=none&paper=A4&version=1"])
    }),
    ("/api/v1/lists/{list_id}/wall.pdf", |_, _| of_lists(&["/wall.pdf?paper=A3"])),
    ("/api/v1/lists/{list_id}/sheets.pdf", |_, _| {
        of_lists(&["/sheets.pdf", "/sheets.pdf?kind=enterprise"])
    }),
    ("/api/v1/cases/{case_code}/sheet.pdf", |scene, _| {
        let kinds = ["parcel", "enterprise"];
        kinds.iter().flat_map(|it| of_cases(scene, &format!("/sheet.pdf?kind={it}"))).collect()
    }),
    ("/api/v1/cases/{case_code}/attachments", |scene, _| of_cases(scene, "/attachments")),
    ("/api/v1/cases/{case_code}/attachments/{attachment_id}", |scene, _| {
        (1..=3).flat_map(|nth| of_cases(scene, &format!("/attachments/{nth}"))).collect()
    }),
    ("/api/v1/list-templates", |_, _| vec![Ask::of("/api/v1/list-templates").whatever().twice()]),
    ("/api/v1/list-templates/placeholders", |_, _| {
        vec![Ask::of("/api/v1/list-templates/placeholders").whatever()]
    }),
    ("/api/v1/list-templates/{template_id}", |_, _| {
        vec![Ask::of("/api/v1/list-templates/1").whatever()]
    }),
    ("/api/v1/reports", |_, _| vec![Ask::of("/api/v1/reports").whatever().twice()]),
    ("/api/v1/reports/{report_id}", |_, _| {
        (1..=3).map(|it| Ask::of(format!("/api/v1/reports/{it}")).whatever()).collect()
    }),
    ("/api/v1/reports/{report_id}/file", |_, _| {
        (1..=3).map(|it| Ask::of(format!("/api/v1/reports/{it}/file")).whatever()).collect()
    }),
    ("/api/v1/milestones", |_, _| {
        vec![
            Ask::of("/api/v1/milestones").whatever().twice(),
            Ask::of("/api/v1/milestones?limit=1").whatever(),
        ]
    }),
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
    ("/ogc/collections/{id}/search", searches),
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
                "/wmts?service=WMTS&version=1.0.0&layer={}&style=default&format=image/png&tilematrixset=c&tilematrix=14&tilerow=2671&tilecol=13708&i=1&j=1&infoformat=application/json",
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

/// All requests of the crawl.
pub fn all(scene: &Scene, ids: &Ids) -> Vec<(&'static str, Vec<Ask>)> {
    WALKS.iter().map(|(route, walk)| (*route, walk(scene, ids))).collect()
}
