//! `/api/v1/stats`: sums that can be worked out by hand, and what is withheld of them.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

mod memory;

/// Sixteen parcels of 30 mu, one enterprise each. Town 1 (parcels 1 to 6) is unit `a`; of town 2 parcels 7 to 11 are unit
/// `b`, and 12 alone is unit `c`; town 3 is unit `d`. Tax is 10 times the number; 5 reported none.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, town_code, responsible_unit, holder_uscc,
                             area_registered_m2, area_geom_m2, geom, recorded_by)
    select n, 'P' || lpad(n::text, 2, '0'), case when n <= 6 then 't1' when n <= 12 then 't2' else 't3' end,
           case when n <= 6 then 'a' when n <= 11 then 'b' when n = 12 then 'c' else 'd' end, 'H' || n, 20000, 20100,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 16) n;
    insert into mutu.occupancy (parcel_code, uscc, land_m2, recorded_by)
    select 'P' || lpad(n::text, 2, '0'), 'E' || n, 20000, 'test' from generate_series(1, 16) n;
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, recorded_by)
    select 'E' || n, 2025, '2025', n * 10, 'test' from generate_series(1, 16) n where n <> 5;
";

async fn scene() -> TestApp {
    let mut it = TestApp::new().await;
    it.sql(SCENE).await;
    let options = Options { year: 2025, ruleset: None };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
    it.serve();
    it
}

/// An answer, expecting 200.
async fn ask(it: &TestApp, token: Option<&str>, body: Value) -> Value {
    let (status, answer) = it.post(token, "/api/v1/stats", &body).await;
    assert_eq!(status, 200, "{body}: {answer}");
    answer
}

/// A refusal's sentence.
async fn refused(it: &TestApp, token: Option<&str>, body: Value) -> String {
    let (status, answer) = it.post(token, "/api/v1/stats", &body).await;
    assert_eq!(status, 400, "{body}: {answer}");
    answer["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn rows_with_a_value_are_counted_for_fields_of_any_type_that_may_be_read() {
    let it = scene().await;
    let answer = ask(
        &it,
        None,
        json!({
            "layer": "parcels", "group_by": ["responsible_unit"],
            "measures": [{"count": "address"}, {"count": "town_code"}, {"count": "area_mu"}],
        }),
    )
    .await;
    let first = &answer["groups"][0];
    assert_eq!(first["key"], json!({"responsible_unit": "a"}));
    assert_eq!(first["measures"]["count_address"], json!({"value": "0", "missing": 6}));
    assert_eq!(first["measures"]["count_town_code"], json!({"value": "6", "missing": 0}));
    assert_eq!(first["measures"]["count_area_mu"], json!({"value": "6", "missing": 0}));
    // Parcel 5 reported none; who may have the sums of a figure only does not learn which rows have one.
    let body = json!({"layer": "yield_per_mu", "group_by": ["town_code"], "measures": [{"count": "tax_wan"}]});
    let officer = it.token(Role::Officer).await;
    let answer = ask(&it, Some(&officer), body.clone()).await;
    assert_eq!(
        answer["groups"][0]["measures"]["count_tax_wan"],
        json!({"value": "5", "missing": 1})
    );
    let viewer = it.token(Role::Viewer).await;
    let why = refused(&it, Some(&viewer), body.clone()).await;
    assert!(why.contains("only sums are open"), "{why}");
    let why = refused(&it, None, body).await;
    assert!(why.contains("no property `tax_wan`"), "{why}");
}

#[tokio::test]
async fn what_may_be_read_is_summed_over_any_selection() {
    let it = scene().await;
    let officer = it.token(Role::Officer).await;
    let answer = ask(
        &it,
        Some(&officer),
        json!({
            "layer": "yield_per_mu", "group_by": ["town_code"], "filter": "tax_wan > 15 OR tax_wan IS NULL",
            "measures": [{"sum": "tax_wan"}, {"avg": "tax_wan"}, {"min": "tax_wan"}, {"ratio": ["tax_wan", "area_mu"]},
                {"var": "tax_wan"}, {"stddev": "tax_wan"}],
            "histogram": {"field": "tax_wan", "breaks": [50, "80.5"]},
        }),
    )
    .await;
    let first = &answer["groups"][0];
    assert_eq!(first["key"], json!({"town_code": "t1"}));
    assert_eq!(first["count"], 5);
    // 20, 30, 40, 60, and one that reported nothing.
    assert_eq!(first["measures"]["sum_tax_wan"], json!({"value": "150", "missing": 1}));
    assert_eq!(first["measures"]["avg_tax_wan"]["value"], "37.5");
    assert_eq!(first["measures"]["min_tax_wan"]["value"], "20");
    // 875 over three.
    assert_eq!(
        first["measures"]["var_tax_wan"],
        json!({"value": "291.666666666667", "missing": 1})
    );
    assert_eq!(first["measures"]["stddev_tax_wan"]["value"], "17.078251276599");
    // Of the four with tax: 150 over 120 mu.
    assert_eq!(
        first["measures"]["ratio_tax_wan_to_area_mu"],
        json!({"value": "1.25", "missing": 1})
    );
    assert_eq!(answer["total"]["measures"]["sum_tax_wan"]["value"], "1300");
    assert_eq!(answer["total"]["count"], 15);
    assert_eq!(answer["histogram"]["counts"], json!([3, 3, 8]));
    assert_eq!(answer["histogram"]["missing"], 1);
    assert_eq!((&answer["rows"], &answer["published"]), (&json!("all"), &json!(false)));
    let box_of_two = ask(
        &it,
        None,
        json!({"layer": "parcels", "bbox": [121.2, 31.37, 121.2045, 31.4], "measures": [{"sum": "area_mu"}],
               "histogram": {"field": "area_mu", "bins": 4}}),
    )
    .await;
    assert_eq!(box_of_two["total"]["measures"]["sum_area_mu"]["value"], "60");
    assert_eq!(
        box_of_two["histogram"],
        json!({"field": "area_mu", "breaks": [], "counts": [2], "min": "30", "max": "30", "missing": 0})
    );
}

#[tokio::test]
async fn a_viewer_has_sums_and_what_could_tell_one_enterprise_is_withheld() {
    let it = scene().await;
    let viewer = it.token(Role::Viewer).await;
    let tax = json!({"layer": "yield_per_mu", "measures": [{"sum": "tax_wan"}, {"ratio": ["tax_wan", "area_mu"]}, {"sum": "area_mu"}]});
    let all = ask(&it, Some(&viewer), tax.clone()).await;
    assert_eq!(all["total"]["measures"]["sum_tax_wan"], json!({"value": "1310", "missing": 1}));
    assert_eq!(all["total"]["measures"]["sum_area_mu"]["value"], "480");
    assert_eq!(all["published"], true);
    let mut by_unit = tax.clone();
    by_unit["group_by"] = json!(["responsible_unit"]);
    let answer = ask(&it, Some(&viewer), by_unit.clone()).await;
    let group = |key: &str| {
        let groups = answer["groups"].as_array().unwrap();
        groups.iter().find(|it| it["key"]["responsible_unit"] == key).unwrap().clone()
    };
    // One enterprise alone; with it another unit, or the total less the others would tell; and a third, or who reads one
    // of the two would have the other.
    assert_eq!(group("c")["withheld"], true);
    assert_eq!(group("c")["count"], 1, "parcels can be counted on the map");
    assert_eq!(group("c")["measures"]["sum_tax_wan"], json!({"value": null, "missing": 0}));
    assert_eq!(group("c")["measures"]["ratio_tax_wan_to_area_mu"]["value"], Value::Null);
    assert_eq!((&group("a")["withheld"], &group("b")["withheld"]), (&json!(true), &json!(true)));
    assert_eq!(group("a")["measures"]["sum_tax_wan"], json!({"value": null, "missing": 1}));
    assert_eq!(group("d")["measures"]["sum_tax_wan"], json!({"value": "580", "missing": 0}));
    assert_eq!(group("d")["measures"]["ratio_tax_wan_to_area_mu"]["value"], "4.833333");
    // 1310 over the 450 mu of the fifteen that reported.
    assert_eq!(all["total"]["measures"]["ratio_tax_wan_to_area_mu"]["value"], "2.911111");
    // Who reads unit b knows town 2 but for one: so that is withheld as well, and the same for everybody.
    let mut by_town = tax;
    by_town["group_by"] = json!(["town_code"]);
    let towns = ask(&it, Some(&viewer), by_town.clone()).await;
    assert!(towns["groups"][1]["withheld"].as_bool().unwrap(), "{towns}");
    let officer = it.token_of(Role::Officer, Some(&["b"])).await;
    by_town["published"] = json!(true);
    let same = ask(&it, Some(&officer), by_town).await;
    assert_eq!(same["groups"], towns["groups"]);
    // An officer everywhere sees what may be published, too.
    let everywhere = it.token(Role::Officer).await;
    by_unit["published"] = json!(true);
    assert_eq!(ask(&it, Some(&everywhere), by_unit).await["groups"], answer["groups"]);
}

#[tokio::test]
async fn an_officers_sums_end_at_the_own_units() {
    let it = scene().await;
    let officer = it.token_of(Role::Officer, Some(&["b"])).await;
    let body = json!({"layer": "yield_per_mu", "group_by": ["town_code"], "measures": [{"sum": "tax_wan"}]});
    let answer = ask(&it, Some(&officer), body).await;
    assert_eq!(answer["rows"], "own_units");
    assert_eq!(answer["groups"].as_array().unwrap().len(), 1);
    assert_eq!(answer["total"]["measures"]["sum_tax_wan"], json!({"value": "450", "missing": 0}));
    let body = json!({"layer": "yield_per_mu", "group_by": ["town_code"], "measures": [{"sum": "area_mu"}]});
    let answer = ask(&it, Some(&officer), body).await;
    assert_eq!((&answer["rows"], &answer["total"]["count"]), (&json!("all"), &json!(16)));
    // A filter on what is open in the own units selects among those.
    let body = json!({"layer": "yield_per_mu", "filter": "NOT tax_wan > 0 OR tax_wan IS NULL OR tax_wan > 0"});
    assert_eq!(ask(&it, Some(&officer), body).await["total"]["count"], 5);
}

#[tokio::test]
async fn an_unreadable_field_is_answered_as_one_that_does_not_exist() {
    let it = scene().await;
    let viewer = it.token(Role::Viewer).await;
    let questions = |name: &str| {
        [
            json!({"layer": "yield_per_mu", "measures": [{"sum": name}]}),
            json!({"layer": "yield_per_mu", "measures": [{"ratio": ["area_mu", name]}]}),
            json!({"layer": "yield_per_mu", "group_by": [name]}),
            json!({"layer": "yield_per_mu", "histogram": {"field": name, "bins": 3}}),
            json!({"layer": "yield_per_mu", "breaks": {"field": name, "method": "jenks", "classes": 5}}),
            json!({"layer": "yield_per_mu", "filter": format!("{name} > 3")}),
        ]
    };
    for (token, hidden) in
        [(None, "tax_wan"), (None, "tax_wan_per_mu"), (Some(viewer.as_str()), "tax_wan_per_mu")]
    {
        let invented = "abc_def_ghi".chars().cycle().take(hidden.len()).collect::<String>();
        for (real, fake) in questions(hidden).into_iter().zip(questions(&invented)) {
            let real = refused(&it, token, real).await.replace(hidden, "NAME");
            let fake = refused(&it, token, fake).await.replace(&invented, "NAME");
            let words = |it: &str| {
                it.split("did you mean")
                    .next()
                    .unwrap()
                    .replace("；是否 / ", "")
                    .replace("；是否为", "")
            };
            assert_eq!(words(&real), words(&fake));
            for name in ["tax", "output"] {
                assert!(!real.contains(name), "{real}");
            }
        }
    }
}

#[tokio::test]
async fn a_sum_cannot_be_narrowed() {
    let it = scene().await;
    let viewer = it.token(Role::Viewer).await;
    let tax = json!([{"sum": "tax_wan"}]);
    for more in [
        json!({"filter": "area_mu > 3"}),
        json!({"bbox": [121, 31, 122, 32]}),
        json!({"ids": [1, 2, 3]}),
        json!({"polygon": {"type": "Polygon", "coordinates": [[[121, 31], [122, 31], [122, 32], [121, 31]]]}}),
        json!({"histogram": {"field": "area_mu", "bins": 3}}),
        json!({"breaks": {"field": "area_mu", "method": "quantile", "classes": 4}}),
        json!({"group_by": ["parcel_code"]}),
        json!({"group_by": ["yield_band"]}),
        json!({"group_by": ["town_code", "responsible_unit"]}),
        json!({"measures": [{"max": "tax_wan"}]}),
        json!({"measures": [{"avg": "tax_wan"}]}),
        // With the sum they would tell two enterprises of each other, and one of three of the other two.
        json!({"measures": [{"var": "tax_wan"}]}),
        json!({"measures": [{"stddev": "tax_wan"}]}),
        json!({"measures": [{"ratio": ["area_mu", "tax_wan"]}]}),
        json!({"measures": [{"ratio": ["tax_wan", "output_wan"]}]}),
    ] {
        let mut body = json!({"layer": "yield_per_mu", "measures": tax});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        refused(&it, Some(&viewer), body).await;
    }
}

#[tokio::test]
async fn a_question_has_limits() {
    let it = scene().await;
    for (body, word) in [
        (json!({"layer": "parcels", "group_by": ["town_code", "village", "status"]}), "group_by"),
        (json!({"layer": "parcels", "group_by": ["area_mu"]}), "decimal"),
        (json!({"layer": "parcels", "group_by": ["village", "village"]}), "twice"),
        (json!({"layer": "parcels", "measures": [{"sum": "name"}]}), "number"),
        (json!({"layer": "parcels", "measures": vec![json!({"sum": "area_mu"}); 21]}), "20"),
        (json!({"layer": "parcels", "histogram": {"field": "area_mu"}}), "either"),
        (json!({"layer": "parcels", "histogram": {"field": "area_mu", "breaks": [2, 1]}}), "rise"),
        (json!({"layer": "parcels", "histogram": {"field": "area_mu", "bins": 101}}), "100"),
        (json!({"layer": "parcels", "bbox": [1, 9, 2, 3]}), "bbox"),
        (json!({"layer": "parcels", "ids": vec![7; 10_001]}), "10000"),
        (json!({"layer": "parcels", "polygon": {"type": "Polygon", "coordinates": []}}), "no ring"),
        (
            json!({"layer": "parcels", "polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}),
            "crosses",
        ),
        (json!({"layer": "parcels", "polygon": {"type": "Point", "coordinates": [0, 0]}}), "Point"),
        (
            json!({"layer": "parcels", "breaks": {"field": "name", "method": "equal", "classes": 4}}),
            "number",
        ),
        (json!({"layer": "parcels", "breaks": {"field": "area_mu", "method": "equal"}}), "3 to 9"),
        (
            json!({"layer": "parcels", "breaks": {"field": "area_mu", "method": "equal", "classes": 10}}),
            "3 to 9",
        ),
        (json!({"layer": "parcels", "breaks": {"field": "area_mu", "method": "manual"}}), "manual"),
        (
            json!({"layer": "parcels", "breaks": {"field": "area_mu", "method": "manual", "values": [3, 3]}}),
            "rise",
        ),
        (
            json!({"layer": "parcels", "breaks": {"field": "area_mu", "method": "jenks", "classes": 4, "values": [3]}}),
            "manual",
        ),
        (json!({"layer": "parcels", "what": 1}), "what"),
    ] {
        let said = refused(&it, None, body).await;
        assert!(said.contains(word), "{said}");
    }
    let (status, _) = it.post(None, "/api/v1/stats", &json!({"layer": "low_efficiency"})).await;
    assert_eq!(status, 401);
    let (status, _) = it.post(None, "/api/v1/stats", &json!({"layer": "no_such"})).await;
    assert_eq!(status, 404);
}
