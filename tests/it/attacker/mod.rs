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

use mutu::access::Role;
use serde_json::Value;

use crate::support;
use crate::support::TestApp;

mod asking;
mod evidence;
mod grades;
mod reading;
mod runs;
mod sums;
mod truth;
mod ways;

use truth::Truth;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_recover_no_enterprises_tax() {
    // He has all the time that he needs: a request that is told to wait would be none.
    let patient = "[limits]\nlookups_per_second = 100000
        [limits.public]\nburst = 100000\n[limits.viewer]\nburst = 100000\n[limits.officer]\nburst = 100000";
    let mut it = TestApp::with(toml::from_str(patient).unwrap()).await;
    support::fill(&it.app, PARCELS, 7, SPARSE).await;
    it.serve();
    let truth = truth::read(&it).await;
    assert!(truth.tax.len() > 500 && truth.enterprises.len() > 500);
    let targets = truth::targets(&it, 10).await;
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
    for way in [
        Way::Hits,
        Way::Tile,
        Way::Count,
        Way::Histogram,
        Way::Html,
        Way::Csv,
        Way::Wfs,
        Way::ArcGis,
        Way::Preview,
    ] {
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
