//! Statistics from a snapshot are those of the database, to the digit.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::layer::FieldType;
use mutu::layer::Layer;
use mutu::stats;
use mutu::stats::Question;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support;
use crate::support::TestApp;

fn scope(role: Role, units: Option<Vec<String>>) -> Scope {
    Scope { role, account: Some("a".to_owned()), responsible_units: units, ..Scope::default() }
}

/// An answer, or the refusal in its stead.
async fn ask(it: &TestApp, scope: &Scope, asked: &Value) -> Result<Value, String> {
    let question: Question = serde_json::from_value(asked.clone()).unwrap();
    let answer = stats::answer(&it.app, scope, &question).await;
    answer.map(|it| serde_json::to_value(it).unwrap()).map_err(|it| it.to_string())
}

/// What a layer's rows offer to questions.
struct Known {
    ids: Vec<i64>,
    /// West, south, east, north of some rows.
    boxes: Vec<[f64; 4]>,
    texts: Vec<(String, Vec<String>)>,
}

impl Known {
    async fn of(it: &TestApp, layer: &Layer) -> Self {
        let from = layer.relation();
        let all = |sql: String| AssertSqlSafe(sql);
        let db = it.app.db.owner();
        let ids = sqlx::query_scalar(all(format!("select id from {from} order by id")));
        let boxes: Vec<Vec<f64>> = sqlx::query_scalar(all(format!(
            "select array[st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)] from {from} order by id limit 60"
        )))
        .fetch_all(db)
        .await
        .unwrap();
        let mut texts = Vec::new();
        for (name, _) in layer.field.iter().filter(|(_, it)| it.kind == FieldType::Text) {
            let sql =
                format!("select distinct {name} from {from} where {name} is not null limit 5");
            let words: Vec<String> = sqlx::query_scalar(all(sql)).fetch_all(db).await.unwrap();
            if !words.is_empty() {
                texts.push((name.clone(), words));
            }
        }
        Self {
            ids: ids.fetch_all(db).await.unwrap(),
            boxes: boxes.into_iter().map(|it| it.try_into().unwrap()).collect(),
            texts,
        }
    }

    /// Around some rows, or along their very edges.
    fn bbox(&self, random: &mut ChaCha8Rng) -> [f64; 4] {
        let (a, b) = (self.boxes.choose(random).unwrap(), self.boxes.choose(random).unwrap());
        [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
    }

    fn polygon(&self, random: &mut ChaCha8Rng) -> Value {
        let [west, south, east, north] = self.bbox(random);
        let ring = |west: f64, south: f64, east: f64, north: f64| {
            json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
        };
        match random.random_range(0..4) {
            // Along edges of parcels, and with a hole along those of one of them.
            0 => json!({"type": "Polygon", "coordinates": [ring(west, south, east, north)]}),
            1 => {
                let [a, b, c, d] = *self.boxes.choose(random).unwrap();
                let outer = ring(
                    west.min(a) - 0.001,
                    south.min(b) - 0.001,
                    east.max(c) + 0.001,
                    north.max(d) + 0.001,
                );
                json!({"type": "Polygon", "coordinates": [outer, ring(a, b, c, d)]})
            }
            2 => json!({"type": "MultiPolygon", "coordinates": [
                [[[west, south], [east, south], [east, north], [west, south]]],
                [ring(east + 0.003, south, east + 0.01, north)],
            ]}),
            _ => {
                let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
                let many = random.random_range(3..9);
                let mut corners: Vec<Value> = (0..many)
                    .map(|nth| {
                        let angle = std::f64::consts::TAU * f64::from(nth) / f64::from(many);
                        let reach = random.random_range(0.001..0.03);
                        json!([x + reach * angle.cos(), y + reach * angle.sin()])
                    })
                    .collect();
                corners.push(corners[0].clone());
                json!({"type": "Polygon", "coordinates": [corners]})
            }
        }
    }

    fn question(&self, random: &mut ChaCha8Rng, layer: &Layer, scope: &Scope) -> Value {
        let of = |numbers: bool| -> Vec<&str> {
            let is_number = |it: FieldType| matches!(it, FieldType::Decimal | FieldType::Integer);
            let fields = layer.fields_for(scope);
            fields
                .filter(
                    |(_, it)| {
                        if numbers { is_number(it.kind) } else { it.kind != FieldType::Decimal }
                    },
                )
                .map(|it| it.0)
                .collect()
        };
        let (numbers, keys) = (of(true), of(false));
        let number = |random: &mut ChaCha8Rng| (*numbers.choose(random).unwrap()).to_owned();
        let mut asked = json!({"layer": layer.id});
        for _ in 0..random.random_range(0..3) {
            let key = *keys.choose(random).unwrap();
            let list = asked["group_by"].as_array().cloned().unwrap_or_default();
            asked["group_by"] =
                list.into_iter().filter(|it| it != key).chain([json!(key)]).collect();
        }
        let measures: Vec<Value> = (0..random.random_range(0..5))
            .map(|_| match random.random_range(0..8) {
                0 => json!({"sum": number(random)}),
                1 => json!({"avg": number(random)}),
                2 => json!({"min": number(random)}),
                3 => json!({"max": number(random)}),
                4 => json!({"count": number(random)}),
                5 => json!({"var": number(random)}),
                6 => json!({"stddev": number(random)}),
                _ => json!({"ratio": [number(random), number(random)]}),
            })
            .collect();
        asked["measures"] = measures.into();
        if random.random_bool(0.5) {
            let bound = random.random_range(0..60);
            asked["filter"] = match random.random_range(0..4) {
                0 => format!("{} > {bound}.5", number(random)),
                1 => format!("NOT {} < {bound} OR {} IS NULL", number(random), number(random)),
                2 => format!("{} / 3 > {}", number(random), number(random)),
                _ => match self
                    .texts
                    .iter()
                    .filter(|it| layer.field_for(scope, &it.0).is_some())
                    .collect::<Vec<_>>()
                    .choose(random)
                {
                    Some((name, words)) => format!(
                        "{name} IN ('{}', 'x')",
                        words.choose(random).unwrap().replace('\'', "''")
                    ),
                    None => format!("id > {bound}"),
                },
            }
            .into();
        }
        match random.random_range(0..6) {
            0 => asked["bbox"] = json!(self.bbox(random)),
            1 => asked["polygon"] = self.polygon(random),
            2 => {
                asked["polygon"] = self.polygon(random);
                asked["bbox"] = json!(self.bbox(random));
            }
            3 => {
                let many = random.random_range(0..40);
                let mut ids: Vec<i64> =
                    (0..many).map(|_| *self.ids.choose(random).unwrap()).collect();
                ids.push(-7);
                asked["ids"] = json!(ids);
            }
            _ => {}
        }
        match random.random_range(0..3) {
            0 => {
                asked["histogram"] =
                    json!({"field": number(random), "bins": random.random_range(1..30)})
            }
            1 => {
                asked["histogram"] =
                    json!({"field": number(random), "breaks": [-1, "2.55", 30, "40.0000001"]})
            }
            _ => {}
        }
        let classes = random.random_range(3..=9);
        match random.random_range(0..5) {
            0 => {
                asked["breaks"] =
                    json!({"field": number(random), "method": "quantile", "classes": classes})
            }
            1 => {
                asked["breaks"] =
                    json!({"field": number(random), "method": "equal", "classes": classes})
            }
            2 => {
                asked["breaks"] =
                    json!({"field": number(random), "method": "jenks", "classes": classes})
            }
            3 => {
                asked["breaks"] =
                    json!({"field": number(random), "method": "manual", "values": [1, "2.5", 60]})
            }
            _ => {}
        }
        asked
    }
}

#[tokio::test]
async fn a_snapshot_answers_as_the_database_does() {
    let it = TestApp::new().await;
    // Some rows without a shape of their own kind, without a unit, and with everything missing.
    support::fill(
        &it.app,
        400,
        12,
        "update mutu.parcel set responsible_unit = null where parcel_id % 41 = 0",
    )
    .await;
    let with = it.another_node().await;
    let units: Vec<String> = sqlx::query_scalar(
        "select distinct responsible_unit from mutu.parcel where responsible_unit is not null order by 1 limit 2",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let scopes = [
        Scope::public(),
        scope(Role::Viewer, None),
        scope(Role::Officer, Some(units)),
        scope(Role::Steward, None),
    ];
    let mut random = ChaCha8Rng::seed_from_u64(20_261_122);
    let (mut answered, mut refused, mut own) = (0, 0, 0);
    for id in ["parcels", "yield_per_mu", "low_efficiency", "buildings"] {
        let layer = it.app.layers.find(id).unwrap();
        with.app.snapshots.read(&with.app.db, layer).await.unwrap();
        let known = Known::of(&it, layer).await;
        for scope in scopes.iter().filter(|it| layer.readable(it)) {
            for _ in 0..40 {
                let asked = known.question(&mut random, layer, scope);
                let wanted = ask(&it, scope, &asked).await;
                let found = ask(&with, scope, &asked).await;
                assert_eq!(found, wanted, "{asked} for {}", scope.class());
                answered += usize::from(wanted.is_ok());
                refused += usize::from(wanted.is_err());
                own += usize::from(wanted.is_ok_and(|it| it["rows"] == "own_units"));
            }
        }
    }
    assert!(
        answered > 400 && own > 20,
        "{answered} answered, {own} of own units, {refused} refused"
    );
}

#[tokio::test]
async fn a_snapshot_answers_by_itself_and_rows_at_an_edge_by_its_revision_only() {
    let it = super::scene().await;
    // Or the first reading of the layer could come after the row that goes below.
    it.settle().await;
    let steward = scope(Role::Steward, None);
    let count = async |asked: &Value| {
        let answer = ask(&it, &steward, asked).await.unwrap();
        (answer["total"]["count"].as_i64().unwrap(), answer["revision"].as_i64().unwrap())
    };
    let parcels = it.app.layers.find("parcels").unwrap();
    it.app.snapshots.read(&it.app.db, parcels).await.unwrap();
    let (all, revision) = count(&json!({"layer": "parcels"})).await;
    assert_eq!(all, 16);
    // Nobody said so: what is in memory is still as of the revision.
    it.sql("delete from mutu.parcel where parcel_id = 3").await;
    assert_eq!(count(&json!({"layer": "parcels"})).await, (16, revision));
    let clear = json!({"layer": "parcels", "bbox": [121.2, 31.37, 121.2085, 31.4]});
    assert_eq!(count(&clear).await, (4, revision));
    let square = |east: f64| {
        let ring =
            json!([[121.2, 31.37], [east, 31.37], [east, 31.4], [121.2, 31.4], [121.2, 31.37]]);
        json!({"layer": "parcels", "polygon": {"type": "Polygon", "coordinates": [ring]}})
    };
    assert_eq!(count(&square(121.2078)).await, (3, revision));
    // Its edge is that of parcel 4, which the database is asked about: it touches.
    assert_eq!(count(&square(121.208)).await, (4, revision));
    assert_eq!(count(&json!({"layer": "parcels", "ids": [1, 3, 99]})).await, (2, revision));
    assert_eq!(count(&json!({"layer": "parcels", "ids": []})).await, (0, revision));
    // A filter with a place in it is the database's.
    let spatial = json!({"layer": "parcels", "filter": "S_INTERSECTS(geom, BBOX(121.2, 31.37, 121.2085, 31.4))"});
    assert_eq!(count(&spatial).await, (3, revision));
    it.sql("update mutu.layer_revision set revision = revision + 1 where layer = 'parcels'").await;
    assert_eq!(count(&json!({"layer": "parcels"})).await, (16, revision));
    // Part of an answer from one revision and part from another would be true of neither.
    assert_eq!(count(&square(121.208)).await, (3, revision + 1));
}

#[tokio::test]
async fn classes_are_cut_where_the_values_are() {
    let it = super::scene().await;
    let officer = scope(Role::Officer, None);
    let layer = it.app.layers.find("yield_per_mu").unwrap();
    // Tax 10 to 160 by tens; parcel 5 has none.
    let breaks = |method: &str, classes: Option<u32>, more: Value| {
        let mut breaks = json!({"field": "tax_wan", "method": method, "classes": classes});
        for (key, value) in more.as_object().unwrap() {
            breaks[key] = value.clone();
        }
        json!({"layer": "yield_per_mu", "breaks": breaks})
    };
    for held in [false, true] {
        if held {
            it.app.snapshots.read(&it.app.db, layer).await.unwrap();
        }
        let found =
            async |asked: Value| ask(&it, &officer, &asked).await.unwrap()["breaks"].clone();
        let quantile = found(breaks("quantile", Some(3), json!({}))).await;
        // Fifteen values: 10 20 30 40 60 | 70 … 110 | 120 … 160.
        assert_eq!(
            quantile,
            json!({"field": "tax_wan", "breaks": ["70", "120"], "counts": [5, 5, 5], "min": "10", "max": "160", "missing": 1})
        );
        let equal = found(breaks("equal", Some(3), json!({}))).await;
        assert_eq!(
            (&equal["breaks"], &equal["counts"]),
            (&json!(["60", "110"]), &json!([4, 5, 6]))
        );
        let jenks = found(breaks("jenks", Some(3), json!({}))).await;
        // 10-40, 60-100 (five), 110-160 (six): 500 + 1000 + 1750 = 3250; 10-60, 70-110, 120-160: 1480 + 1000 + 1000 = 3480.
        assert_eq!(
            (&jenks["breaks"], &jenks["counts"]),
            (&json!(["60", "110"]), &json!([4, 5, 6]))
        );
        let manual = found(breaks("manual", None, json!({"values": [0, "45.5", 1000]}))).await;
        assert_eq!(manual["counts"], json!([0, 4, 11, 0]));
        // Nothing is known of what is missing everywhere, nor of nothing.
        let mut missing = breaks("jenks", Some(5), json!({}));
        missing["filter"] = json!("tax_wan IS NULL");
        missing["measures"] =
            json!([{"sum": "tax_wan"}, {"avg": "tax_wan"}, {"ratio": ["tax_wan", "area_mu"]}]);
        let answer = ask(&it, &officer, &missing).await.unwrap();
        assert_eq!(
            answer["breaks"],
            json!({"field": "tax_wan", "breaks": [], "counts": [0], "min": null, "max": null, "missing": 1})
        );
        assert_eq!(
            answer["total"]["measures"]["avg_tax_wan"],
            json!({"value": null, "missing": 1})
        );
        missing["filter"] = json!("tax_wan < 0");
        missing["group_by"] = json!(["town_code"]);
        let nothing = ask(&it, &officer, &missing).await.unwrap();
        assert_eq!((&nothing["total"]["count"], &nothing["groups"]), (&json!(0), &json!([])));
        assert_eq!(nothing["breaks"]["counts"], json!([0]));
    }
}
