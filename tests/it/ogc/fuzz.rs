//! Arbitrary and near-valid parameters: answered or refused with the parameter named, whatever they are, and never a fault
//! of the server. The parsers of filters alone are fuzzed beside their code.

use rand::Rng;
use rand::SeedableRng;
use rand::seq::IndexedRandom;

use super::with_grid;

/// What is right, to be mutated.
const SEEDS: &[(&str, &str)] = &[
    ("filter", "town_code = '114' AND area_registered_m2 > 3000.5"),
    ("filter", "S_INTERSECTS(geom, POLYGON((121.2 31.3,121.21 31.3,121.21 31.31,121.2 31.3)))"),
    ("filter", "T_DURING(contract_start, INTERVAL('2020-01-01', '..'))"),
    ("filter", "CASEI(name) LIKE casei('%工业\\_%') OR id IN (1, 2, 3) AND NOT village IS NULL"),
    ("filter", "S_WITHIN(geom, BBOX(170, -10, -170, 10))"),
    (
        "json",
        r#"{"op":"and","args":[{"op":"like","args":[{"property":"name"},"a\\%"]},{"op":"<","args":[{"op":"+","args":[{"property":"id"},1]},10]}]}"#,
    ),
    (
        "json",
        r#"{"op":"s_intersects","args":[{"property":"geom"},{"type":"Polygon","coordinates":[[[121,31],[122,31],[122,32],[121,31]]]}]}"#,
    ),
    (
        "json",
        r#"{"op":"t_before","args":[{"property":"contract_start"},{"interval":["2021-01-01",".."]}]}"#,
    ),
    ("bbox", "121.2,31.3,121.21,31.31"),
    ("bbox", "170,-10,0,-170,10,99"),
    ("datetime", "2025-01-01T08:00:00+08:00/.."),
    ("datetime", "2024-02-29/2025-01-01"),
    ("as_of", "2025-01-01T08:00:00Z"),
    ("sortby", "-area_registered_m2,+town_code"),
    ("properties", "name,town_code"),
    ("cursor", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ("limit", "10"),
    ("offset", "5"),
    ("crs", "http://www.opengis.net/def/crs/EPSG/0/4549"),
    ("f", "jsonfg"),
    ("contract_start", "2020-01-02"),
    ("area_registered_m2", "100.25"),
];

const PIECES: &[&str] = &[
    "'",
    "\"",
    "\\",
    "(",
    ")",
    "((((",
    ",",
    "%",
    "_",
    ";",
    "--",
    "/*",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "é",
    "𝒳",
    "NaN",
    "inf",
    "1e999",
    "-0",
    "99999999999999999999999",
    "..",
    "NULL",
    "NOT ",
    " OR 1=1",
    "$1",
    "{}",
    "[",
    "]",
    "{\"op\":",
    "\n",
    "\t",
    "0x1F",
    "E'\\\\'",
    "DATE('0000-00-00')",
    "9999999-12-31",
    "+",
    "e",
    "T",
    "Z",
];

fn mutated(seed: &str, random: &mut impl Rng) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..=text.len());
        let to = (at + random.random_range(0..6)).min(text.len());
        match random.random_range(0..4) {
            0 => {
                text.drain(at..to);
            }
            1 => {
                let piece: Vec<char> = text[at..to].to_vec();
                text.splice(at..at, piece);
            }
            2 => {
                text.splice(at..to, PIECES.choose(random).unwrap().chars());
            }
            _ => {
                text.splice(at..at, PIECES.choose(random).unwrap().chars());
            }
        }
    }
    text.into_iter().collect()
}

#[tokio::test]
async fn near_valid_parameters_are_answered_or_refused() {
    let it = with_grid(5).await;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(21_065);
    let (mut answered, mut refused) = (0, 0);
    for nth in 0..900 {
        let (name, seed) = SEEDS[nth % SEEDS.len()];
        let text = if nth < SEEDS.len() { seed.to_owned() } else { mutated(seed, &mut random) };
        let mut query = vec![(if name == "json" { "filter" } else { name }, text.as_str())];
        if name == "json" {
            query.push(("filter-lang", "cql2-json"));
        }
        let request = it.client.get(it.url(super::ITEMS)).query(&query);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        assert!([200, 400].contains(&status), "{name}={text:?}: {status}");
        if status == 400 {
            refused += 1;
            let told: serde_json::Value = response.json().await.unwrap();
            let shown = query[0].0;
            // What no text may hold is refused before it is a parameter.
            let at = told["at"].as_str().unwrap();
            assert!(at.contains(shown) || text.contains('\0'), "{text:?}: {told}");
        } else {
            answered += 1;
            // A page that fails half-way is cut off, and so is no document.
            let body = response.bytes().await.unwrap_or_else(|it| panic!("{name}={text:?}: {it}"));
            assert!(!body.is_empty());
        }
        if name != "json" {
            continue;
        }
        let body: Result<serde_json::Value, _> = serde_json::from_str(&text);
        if let Ok(filter) = body {
            let path = "/ogc/collections/parcels/search";
            let (by_post, _) = it
                .post(
                    None,
                    path,
                    &serde_json::json!({"filter": filter, "filter-lang": "cql2-json"}),
                )
                .await;
            assert!([200, 400].contains(&by_post), "{text}");
        }
    }
    assert!(answered > 60 && refused > 300, "{answered} answered, {refused} refused");
}

#[tokio::test]
async fn ids_of_every_kind_are_found_or_not_found() {
    let it = with_grid(5).await;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    for _ in 0..300 {
        let seed =
            ["3", "-1", "parcels.3", "P00003", "9223372036854775808"].choose(&mut random).unwrap();
        let id = mutated(seed, &mut random);
        let encoded: String = id.bytes().map(|it| format!("%{it:02X}")).collect();
        if encoded.is_empty() {
            continue;
        }
        let status = it.get(&format!("{}/{encoded}", super::ITEMS)).await.status().as_u16();
        assert!([200, 400, 404].contains(&status), "{id:?}: {status}");
    }
}
