//! The attacker: a generated district, and somebody who spends ten thousand requests to find what single enterprises pay.
//! He keeps for every parcel the interval that its tax lies in for certain, by whatever is answered: bands and areas,
//! verdicts and their evidence, sums and their differences, and every filter, order or error that gives something away.
//! He even knows from elsewhere which enterprise sits where. At the end no enterprise's tax is known within a tenth; the
//! same means in an officer's hands find it at once, so this can fail.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream;
use mutu::access::Role;
use mutu::cql;
use serde_json::Value;
use serde_json::json;

use crate::support;
use crate::support::TestApp;

mod evidence;
mod ways;

use evidence::learn;
use ways::WAYS;
use ways::Way;

const PARCELS: u32 = 1_000;
/// Nobody may know a tax this near.
const NEAR: f64 = 0.1;
/// Requests in flight.
const AT_ONCE: usize = 16;
/// Each halves the logarithm of what is left of eight orders of magnitude: enough to come within a tenth.
const STEPS: usize = 10;

/// Makes some cells sparse: a town of one enterprise, a unit of two, a unit inside a town that has one enterprise more, a
/// class set by an officer for two. All of them are alone on their only parcel.
const SPARSE: &str = "
    with lone as (
        select o.parcel_code, row_number() over (order by md5(o.parcel_code)) as n
        from mutu.occupancy_current o
        join mutu.enterprise_period_current e on e.uscc = o.uscc and e.period = '2025' and e.tax_wan > 0
        where (select count(*) from mutu.occupancy_current it where it.uscc = o.uscc) = 1
          and (select count(*) from mutu.occupancy_current it where it.parcel_code = o.parcel_code) = 1
    )
    update mutu.parcel p
    set town_code = case when n = 1 then '310114998' when n between 10 and 16 then '310114999' else town_code end,
        responsible_unit = case when n in (2, 3) then '两户' when n between 10 and 15 then '园区' else responsible_unit end,
        block_class_override = case when n in (20, 21) then 'scattered' else block_class_override end
    from lone
    where lone.parcel_code = p.parcel_code and p.superseded_at is null";

/// What the record says, which no attacker reads.
struct Truth {
    /// Of every parcel that has one.
    tax: HashMap<String, f64>,
    /// By enterprise: its tax, and the parcels it is on with all who share them.
    enterprises: Vec<(f64, Vec<(String, usize)>)>,
}

/// The interval that a figure lies in.
#[derive(Clone, Copy, Debug)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    const ANY: Self = Self { low: 0.0, high: f64::INFINITY };

    fn tells(self, truth: f64) -> bool {
        truth > 0.0 && self.low >= truth * (1.0 - NEAR) && self.high <= truth * (1.0 + NEAR)
    }

    fn at_least(&mut self, it: f64) {
        self.low = self.low.max(it);
    }

    fn at_most(&mut self, it: f64) {
        self.high = self.high.min(it);
    }
}

struct Attacker<'a> {
    it: &'a TestApp,
    token: Option<String>,
    spent: AtomicUsize,
    /// Tax of every parcel, as far as he knows.
    known: BTreeMap<String, Range>,
    area: HashMap<String, f64>,
    far: HashMap<String, f64>,
    /// Parcels by the dimensions in which sums are given.
    places: BTreeMap<String, BTreeMap<String, String>>,
    /// What was answered although it named a hidden field.
    answered: BTreeSet<String>,
}

/// One parcel to find the tax of, and where its tile is.
#[derive(Clone, Debug)]
struct Target {
    code: String,
    tile: String,
}

/// Layers and names to try: hidden fields, and names of measures that no layer publishes.
const HIDDEN: [(&str, &str); 6] = [
    ("yield_per_mu", "tax_wan"),
    ("yield_per_mu", "tax_wan_per_mu"),
    ("low_efficiency", "tax_wan_per_mu"),
    ("parcels", "contract_tax_wan_per_mu"),
    ("parcels", "tax_wan"),
    ("low_efficiency", "years_without_tax"),
];

impl<'a> Attacker<'a> {
    fn new(it: &'a TestApp, token: Option<String>) -> Self {
        Self {
            it,
            token,
            spent: AtomicUsize::new(0),
            known: BTreeMap::new(),
            area: HashMap::new(),
            far: HashMap::new(),
            places: BTreeMap::new(),
            answered: BTreeSet::new(),
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, String) {
        self.spent.fetch_add(1, Ordering::Relaxed);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        assert!(status < 500 && status != 429, "{status} {}", response.url());
        (status, String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned())
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> (u16, String) {
        self.send(self.it.client.get(self.it.url(path)).query(query)).await
    }

    async fn json(&self, path: &str, query: &[(&str, &str)]) -> Option<Value> {
        let (status, text) = self.get(path, query).await;
        (status == 200).then(|| serde_json::from_str(&text).unwrap())
    }

    async fn stats(&self, body: Value) -> Option<Value> {
        let request = self.it.client.post(self.it.url("/api/v1/stats")).json(&body);
        let (status, text) = self.send(request).await;
        (status == 200).then(|| serde_json::from_str(&text).unwrap())
    }

    /// Everything that is openly published of single parcels: bands, areas, verdicts, evidence, and what is his to read.
    async fn read_the_map(&mut self) {
        let bands = [0.0, 2.0, 5.0, 10.0, 25.0, f64::INFINITY];
        let query = [("limit", "10000")];
        let all = self.json("/ogc/collections/yield_per_mu/items", &query).await.unwrap();
        for it in all["features"].as_array().unwrap() {
            let it = &it["properties"];
            let code = it["parcel_code"].as_str().unwrap().to_owned();
            let area = it["area_mu"].as_f64().unwrap_or_default();
            if let Some(band) = it["yield_band"].as_u64() {
                let band = band as usize;
                let range = Range { low: bands[band - 1] * area, high: bands[band] * area };
                self.known.insert(code.clone(), range);
            }
            if let Some(tax) = it["tax_wan"].as_f64() {
                self.known.insert(code.clone(), Range { low: tax, high: tax });
            }
            self.area.insert(code.clone(), area);
            for name in ["town_code", "responsible_unit", "block_class"] {
                let value = it[name].as_str().unwrap_or("(none)").to_owned();
                self.places.entry(name.to_owned()).or_default().insert(code.clone(), value);
            }
        }
        let low = self.json("/ogc/collections/low_efficiency/items", &query).await;
        for it in low.iter().flat_map(|it| it["features"].as_array().unwrap()) {
            let it = &it["properties"];
            let code = it["parcel_code"].as_str().unwrap().to_owned();
            if let Some(far) = it["far"].as_f64() {
                self.far.insert(code.clone(), far);
            }
            if let (Some(range), Some(per_mu)) =
                (self.known.get_mut(&code), it["tax_wan_per_mu"].as_f64())
            {
                let tax = per_mu * self.area[&code];
                *range = Range { low: tax * 0.9999, high: tax * 1.0001 };
            }
        }
    }

    /// Dossiers: figures where they are shown, else what the results of rules say of them.
    async fn read_dossiers(&mut self) {
        let codes: Vec<String> = self.known.keys().step_by(5).cloned().collect();
        let read = |code: String| async {
            let it = self.json(&format!("/api/v1/parcels/{code}"), &[]).await.unwrap();
            (code, it)
        };
        let dossiers: Vec<(String, Value)> =
            stream::iter(codes.into_iter().map(read)).buffer_unordered(AT_ONCE).collect().await;
        for (code, it) in dossiers {
            let Some(range) = self.known.get_mut(&code) else { continue };
            let number = |it: &Value| it.as_str().and_then(|it| it.parse::<f64>().ok());
            if let Some(tax) = number(&it["years"][0]["tax_wan"]) {
                *range = Range { low: tax, high: tax };
            }
            let area = self.area[&code];
            let mut facts = HashMap::from([("area_mu".to_owned(), area)]);
            for name in ["far", "contract_tax_wan_per_mu", "contract_far"] {
                facts.extend(number(&it[name]).map(|value| (name.to_owned(), value)));
            }
            for rule in it["verdict"]["evidence"].as_array().into_iter().flatten() {
                for (name, value) in rule["inputs"].as_object().into_iter().flatten() {
                    facts.extend(number(value).map(|value| (name.clone(), value)));
                }
            }
            if let Some(per_mu) = facts.get("tax_wan_per_mu") {
                *range = Range { low: per_mu * area * 0.9999, high: per_mu * area * 1.0001 };
            }
            for rule in it["verdict"]["evidence"].as_array().into_iter().flatten() {
                let when = cql::parse(rule["when"].as_str().unwrap()).unwrap();
                match rule["result"].as_str() {
                    Some("true") => learn(range, &when, true, &facts, area),
                    Some("false") => learn(range, &when, false, &facts, area),
                    _ => {}
                }
            }
        }
    }

    /// Asks in every way that there is; each answer that tells something narrows the interval.
    async fn bisect(&mut self, targets: &[Target], ways: &[Way], hidden: &[(&str, &str)]) {
        let mut hunts = Vec::new();
        for target in targets {
            for way in ways {
                for (layer, field) in hidden {
                    hunts.push((target.clone(), *way, (*layer).to_owned(), (*field).to_owned()));
                }
            }
        }
        let this = &*self;
        let hunt = |(target, way, layer, field): (Target, Way, String, String)| async move {
            let mut range = Range { low: 0.01, high: 1e6 };
            // A figure that is hidden in this row is above nothing and below nothing: then a no says nothing.
            let is_there = this.exceeds(way, &layer, &field, &target, -1e9).await == Some(true);
            let mut answers = 0;
            for _ in 0..STEPS {
                let middle = (range.low * range.high).sqrt();
                let above = this.exceeds(way, &layer, &field, &target, middle).await;
                answers += usize::from(is_there && above.is_some());
                // Refused: he tries another number all the same.
                if above == Some(true) { range.low = middle } else { range.high = middle }
            }
            (target.code, format!("{way:?} {layer}.{field}"), field, answers, range)
        };
        let found: Vec<_> =
            stream::iter(hunts.into_iter().map(hunt)).buffer_unordered(AT_ONCE).collect().await;
        for (code, way, field, answers, found) in found {
            if answers == 0 {
                continue;
            }
            self.answered.insert(way);
            let area = self.area.get(&code).copied().unwrap_or_default();
            let Some(known) = self.known.get_mut(&code).filter(|_| answers == STEPS) else {
                continue;
            };
            match field.as_str() {
                "tax_wan" => {
                    known.at_least(found.low);
                    known.at_most(found.high);
                }
                "tax_wan_per_mu" => {
                    known.at_least(found.low * area);
                    known.at_most(found.high * area);
                }
                _ => {}
            }
        }
    }

    /// Orders, columns, groups and names: whatever takes the name of a field. Returns what was answered.
    async fn name_everything(&mut self, names: &[&str]) {
        let mut all: Vec<(String, reqwest::RequestBuilder)> = Vec::new();
        let get = |path: String, query: &[(&str, &str)]| {
            self.it.client.get(self.it.url(&path)).query(query)
        };
        for layer in
            ["yield_per_mu", "low_efficiency", "parcels", "block_class", "buildings", "blocks_104"]
        {
            let items = format!("/ogc/collections/{layer}/items");
            for name in names {
                for (parameter, value) in [
                    (*name, "5"),
                    (*name, ""),
                    ("sortby", *name),
                    ("sortby", &format!("-{name}")),
                    ("properties", *name),
                    ("fields", *name),
                    ("filter", &format!("{name} IS NULL")),
                    ("filter", &format!("{name} IN (1, 2)")),
                    ("filter", &format!("\"{name}\" BETWEEN 1 AND 2")),
                    ("filter", &format!("area_mu < {name}")),
                    ("filter", &format!("ABS({name}) > 1")),
                    ("cursor", *name),
                ] {
                    let known = format!("{layer} {parameter}={value}");
                    all.push((known, get(items.clone(), &[(parameter, value)])));
                }
                let export = format!("/api/v1/layers/{layer}/export");
                all.push((
                    format!("{layer} export {name}"),
                    get(export, &[("format", "csv"), (name, "1")]),
                ));
                for body in [
                    json!({"layer": layer, "group_by": [name]}),
                    json!({"layer": layer, "measures": [{"max": name}]}),
                    json!({"layer": layer, "measures": [{"avg": name}], "filter": "area_mu > 3"}),
                    json!({"layer": layer, "measures": [{"ratio": ["area_mu", name]}]}),
                    json!({"layer": layer, "measures": [{"sum": name}], "bbox": [121.0, 31.0, 121.3, 31.4]}),
                ] {
                    let request = self.it.client.post(self.it.url("/api/v1/stats")).json(&body);
                    all.push((body.to_string(), request));
                }
            }
        }
        let this = &*self;
        let answers: Vec<(String, u16, String)> =
            stream::iter(all.into_iter().map(|(what, request)| async move {
                let (status, text) = this.send(request).await;
                (what, status, text)
            }))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (what, status, text) in answers {
            // Who may not read the layer is told so, whatever is named.
            if status < 300 {
                self.answered.insert(what);
            } else if status == 400 {
                let suggested =
                    text.split("did you mean").nth(1).and_then(|it| it.split('?').next());
                let suggested = suggested.unwrap_or_default();
                assert!(
                    !["tax", "output", "energy"].iter().any(|it| suggested.contains(it)),
                    "{what}: {text}"
                );
            }
        }
    }

    /// Every sum that is answered, as constraints over parcels; then their differences.
    async fn add_up(&mut self) {
        let codes: Vec<String> = self.known.keys().cloned().collect();
        let mut sums: BTreeMap<Vec<usize>, f64> = BTreeMap::new();
        for dimension in [
            None,
            Some("town_code"),
            Some("responsible_unit"),
            Some("block_class"),
            Some("yield_band"),
            Some("parcel_code"),
        ] {
            for (measure, is_ratio) in [
                (json!({"sum": "tax_wan"}), false),
                (json!({"ratio": ["tax_wan", "area_mu"]}), true),
            ] {
                for published in [false, true] {
                    let group_by: Vec<&str> = dimension.into_iter().collect();
                    let body = json!({
                        "layer": "yield_per_mu", "group_by": group_by, "measures": [measure], "published": published,
                    });
                    let Some(answer) = self.stats(body).await else { continue };
                    if answer["rows"] == "own_units" {
                        continue;
                    }
                    let groups =
                        answer["groups"].as_array().unwrap().iter().chain([&answer["total"]]);
                    for it in groups {
                        let inside = |nth: &usize| match (dimension, it.get("key")) {
                            (Some(name), Some(key)) => {
                                let key = key[name].as_str().unwrap_or("(none)");
                                self.places.get(name).is_some_and(|it| it[&codes[*nth]] == key)
                            }
                            _ => true,
                        };
                        let set: Vec<usize> = (0..codes.len()).filter(inside).collect();
                        let value = it["measures"].as_object().unwrap().values().next().unwrap();
                        let Some(value) = value["value"].as_str() else { continue };
                        let mut value: f64 = value.parse().unwrap();
                        if is_ratio {
                            value *= set.iter().map(|it| self.area[&codes[*it]]).sum::<f64>();
                        }
                        sums.entry(set).or_insert(value);
                    }
                }
            }
        }
        assert!(!sums.is_empty() || self.token.is_none(), "whoever signs in has some sums");
        sums.remove(&Vec::new());
        let mut all = sums.clone();
        for (one, sum) in &sums {
            for (other, less) in sums.iter().filter(|(it, _)| it.len() < one.len()) {
                let rest: Vec<usize> =
                    one.iter().filter(|it| other.binary_search(it).is_err()).copied().collect();
                if rest.len() + other.len() == one.len() {
                    all.entry(rest).or_insert(sum - less);
                }
            }
        }
        // What a table leaves of the total, all its released cells together.
        let everything: Vec<usize> = (0..codes.len()).collect();
        if let Some(total) = sums.get(&everything) {
            for places in self.places.values() {
                let (mut rest, mut left) = (everything.clone(), *total);
                for value in places.values().collect::<BTreeSet<_>>() {
                    let set: Vec<usize> =
                        (0..codes.len()).filter(|it| places[&codes[*it]] == *value).collect();
                    if let Some(sum) = sums.get(&set) {
                        rest.retain(|it| set.binary_search(it).is_err());
                        left -= sum;
                    }
                }
                all.entry(rest).or_insert(left);
            }
        }
        all.remove(&Vec::new());
        let mut known: Vec<Range> = self.known.values().copied().collect();
        for _ in 0..20 {
            for (set, sum) in &all {
                sharpen(set, *sum, &mut known);
            }
        }
        self.known = codes.into_iter().zip(known).collect();
    }

    /// Enterprises whose tax he knows within a tenth, of those that are not his to read.
    fn finds(&self, truth: &Truth, own: &BTreeSet<String>) -> usize {
        let range = |code: &String| self.known.get(code).copied().unwrap_or(Range::ANY);
        let parcels =
            truth.tax.iter().filter(|(code, tax)| !own.contains(*code) && range(code).tells(**tax));
        let parcels = parcels.count();
        let enterprises = truth.enterprises.iter().filter(|(tax, places)| {
            if places.iter().any(|(code, _)| own.contains(code)) {
                return false;
            }
            // Alone on a parcel its tax there is the parcel's; of a shared one it has anything up to the whole.
            let sum = places.iter().fold(Range { low: 0.0, high: 0.0 }, |sum, (code, sharing)| {
                let it = range(code);
                Range {
                    low: sum.low + if *sharing == 1 { it.low } else { 0.0 },
                    high: sum.high + it.high,
                }
            });
            sum.tells(*tax)
        });
        parcels + enterprises.count()
    }
}

/// Narrows what each parcel of a sum can have by what the others must have. Ratios are rounded to six places.
fn sharpen(set: &[usize], sum: f64, known: &mut [Range]) {
    let slack = 1.0 + sum.abs() * 1e-6;
    let low: f64 = set.iter().map(|it| known[*it].low).sum();
    let endless = set.iter().filter(|it| known[**it].high.is_infinite()).count();
    let high: f64 = set.iter().map(|it| known[*it].high).filter(|it| it.is_finite()).sum();
    for nth in set {
        let own = known[*nth];
        known[*nth].at_most((sum - (low - own.low) + slack).max(own.low));
        if endless == usize::from(own.high.is_infinite()) {
            let others = if own.high.is_finite() { high - own.high } else { high };
            let most = known[*nth].high;
            known[*nth].at_least((sum - others - slack).min(most));
        }
    }
}

/// Reads the truth from the database itself.
async fn truth(it: &TestApp) -> Truth {
    let tax: Vec<(String, f64)> = sqlx::query_as(
        "select parcel_code, tax_wan::float8
         from mutu.current_run join mutu.parcel_measure using (run_id) join mutu.parcel_current using (parcel_id)
         where tax_wan is not null",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    // Only enterprises whose figures the run could use: all of theirs is on parcels with a figure.
    let places: Vec<(String, f64, String, i64)> = sqlx::query_as(
        "select uscc, sum(c.tax_wan) over (partition by uscc)::float8, parcel_code,
                count(*) over (partition by parcel_code)
         from mutu.current_run join mutu.parcel_contribution c using (run_id) join mutu.parcel_current using (parcel_id)
         where c.tax_wan is not null",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let mut by: BTreeMap<String, (f64, Vec<(String, usize)>)> = BTreeMap::new();
    for (uscc, tax, code, sharing) in places {
        let own = by.entry(uscc).or_insert((tax, Vec::new()));
        own.1.push((code, usize::try_from(sharing).unwrap()));
    }
    Truth { tax: tax.into_iter().collect(), enterprises: by.into_values().collect() }
}

/// Parcels with a tax, spread over the district, with the tile that each is in.
async fn targets(it: &TestApp, many: i64) -> Vec<Target> {
    let rows: Vec<(String, f64, f64)> = sqlx::query_as(
        "select parcel_code, st_x(st_pointonsurface(geom)), st_y(st_pointonsurface(geom))
         from mutu.current_run join mutu.parcel_measure using (run_id) join mutu.parcel_current using (parcel_id)
         where tax_wan > 0
         order by md5(parcel_code) limit $1",
    )
    .bind(many)
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let tile = |(code, lon, lat): (String, f64, f64)| {
        let side = f64::from(1 << 14);
        let x = ((lon + 180.0) / 360.0 * side) as u32;
        let lat = lat.to_radians();
        let y =
            ((1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * side) as u32;
        Target { code, tile: format!("14/{x}/{y}") }
    };
    rows.into_iter().map(tile).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_recover_no_enterprises_tax() {
    // He has all the time that he needs: a request that is told to wait would be none.
    let patient = "[limits]\nlookups_per_second = 100000
        [limits.public]\nburst = 100000\n[limits.viewer]\nburst = 100000\n[limits.officer]\nburst = 100000";
    let mut it = TestApp::with(toml::from_str(patient).unwrap()).await;
    support::fill(&it.app, PARCELS, 7, SPARSE).await;
    it.serve();
    let truth = truth(&it).await;
    assert!(truth.tax.len() > 500 && truth.enterprises.len() > 500);
    let targets = targets(&it, 10).await;
    let unit: String = sqlx::query_scalar(
        "select responsible_unit from mutu.parcel_current group by 1 order by count(*) desc, 1 offset 1 limit 1",
    )
    .fetch_one(it.app.db.owner())
    .await
    .unwrap();
    let names: Vec<&str> = [
        "tax_wan",
        "tax_wan_per_mu",
        "output_wan",
        "output_wan_per_mu",
        "value_added_wan",
        "energy_tce",
        "employees",
        "contract_tax_wan_per_mu",
        "tax_wan_per_mu_prev1",
        "years_without_tax",
        "assessed_value_wan",
    ]
    .to_vec();
    let mut spent = 0;
    for (who, token) in [
        ("public", None),
        ("viewer", Some(it.token(Role::Viewer).await)),
        ("officer of another unit", Some(it.token_of(Role::Officer, Some(&[&unit])).await)),
    ] {
        let started = std::time::Instant::now();
        let is_officer = who.starts_with("officer");
        let mut attacker = Attacker::new(&it, token);
        attacker.read_the_map().await;
        let own: BTreeSet<String> = attacker.places["responsible_unit"]
            .iter()
            .filter(|(_, it)| is_officer && **it == unit)
            .map(|(code, _)| code.clone())
            .collect();
        let others: Vec<Target> = targets
            .iter()
            .filter(|it| !own.contains(&it.code))
            .take(if is_officer { 4 } else { 10 })
            .cloned()
            .collect();
        assert!(others.len() > 3, "{who} has targets: {} parcels are his own", own.len());
        if who != "public" {
            attacker.read_dossiers().await;
        }
        attacker.bisect(&others, &WAYS, &HIDDEN).await;
        if !is_officer {
            attacker.name_everything(&names).await;
            assert!(attacker.answered.is_empty(), "{who} was answered: {:#?}", attacker.answered);
        }
        attacker.add_up().await;
        let finds = attacker.finds(&truth, &own);
        let requests = attacker.spent.into_inner();
        eprintln!("{who}: {requests} requests in {:?}, {finds} found", started.elapsed());
        assert_eq!(finds, 0, "{who} knows what somebody pays");
        spent += requests;
    }
    assert!(spent >= 10_000, "{spent} requests");

    // The same means with the right to read: each finds every target.
    let officer = it.token(Role::Officer).await;
    for way in [Way::Hits, Way::Tile, Way::Count, Way::Histogram, Way::Html, Way::Csv] {
        let mut control = Attacker::new(&it, Some(officer.clone()));
        control.known = targets.iter().map(|it| (it.code.clone(), Range::ANY)).collect();
        control.bisect(&targets[..3], &[way], &[("yield_per_mu", "tax_wan")]).await;
        assert_eq!(
            control.finds(&truth, &BTreeSet::new()).min(3),
            3,
            "by {way:?}: {:?}",
            control.known
        );
    }
    let mut control = Attacker::new(&it, Some(officer));
    control.read_the_map().await;
    assert!(control.finds(&truth, &BTreeSet::new()) > 500, "an officer reads them off the map");
}
