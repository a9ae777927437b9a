//! The golden cases of the shipped schemes, degenerate cohorts, and faults.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn shipped(id: &str) -> Scheme {
    let layers = crate::layer::Layers::load(None).unwrap();
    let schemes = layers.layers.values().find_map(|it| it.schemes.get(id)).unwrap().clone();
    Scheme::parse(&schemes).unwrap()
}

fn member(measures: &[(&str, &str)]) -> Member {
    let measures = measures.iter().map(|(name, it)| ((*name).to_owned(), dec(it))).collect();
    Member { measures, ..Member::default() }
}

fn with(mut it: Member, name: &str, value: impl Into<Value<'static>>) -> Member {
    it.fields.insert(name.to_owned(), value.into());
    it
}

fn scale(measures: &[(&str, &str)]) -> Member {
    with(member(measures), "is_scale", true)
}

/// 台州黄岩 2022: the published base of each item.
const HUANGYAN: [(&str, &str); 6] = [
    ("tax_wan_per_mu", "24.097"),
    ("value_added_wan_per_mu", "136.16"),
    ("value_added_wan_per_tce", "2.694"),
    ("value_added_wan_per_t", "4929.81"),
    ("value_added_wan_per_person", "18.14"),
    ("rd_ratio", "0.0302"),
];

const HEAD: &str = "title = { zh = '一', en = 'one' }\n";
const BANDS: &str = "[[band]]\ngrade = 'A'\nup_to = 0.20\n[[band]]\ngrade = 'B'\nup_to = 0.60\n\
                     [[band]]\ngrade = 'C'\nup_to = 0.95\n[[band]]\ngrade = 'D'\nup_to = 1\n";

/// One item of `tax_wan_per_mu`, 100 points at 10.
fn plain(top: &str, rest: &str) -> Scheme {
    Scheme::parse(&plain_text(top, rest)).unwrap_or_else(|it| panic!("{it:?}"))
}

fn plain_text(top: &str, rest: &str) -> String {
    format!(
        "{HEAD}{top}\n[[item]]\nmeasure = 'tax_wan_per_mu'\nmethod = 'ratio'\nbase = 10\nweight = 100\n{BANDS}{rest}"
    )
}

/// So many with the taxes 1, 2, 3, ...
fn many(count: usize) -> Vec<Member> {
    (1..=count).map(|it| member(&[("tax_wan_per_mu", &it.to_string())])).collect()
}

fn grades(outcomes: &[Outcome]) -> String {
    outcomes.iter().map(|it| it.grade.as_deref().unwrap_or("-")).collect()
}

#[test]
fn golden_huangyan_base_enterprise_has_100_points() {
    let it = run(&shipped("huangyan-2022"), &[scale(&HUANGYAN)]);
    assert_eq!(it[0].score, Some(dec("100")));
    assert_eq!(it[0].cohort.as_deref(), Some("scale"));
    let small = with(
        member(&[("tax_wan_per_mu", "11.5932"), ("tax_yuan_per_kwh", "0.2352")]),
        "is_scale",
        false,
    );
    let it = run(&shipped("huangyan-2022"), &[small]);
    assert_eq!((it[0].score, it[0].cohort.as_deref()), (Some(dec("100")), Some("below_scale")));
}

#[test]
fn golden_huangyan_imputes_a_missing_emission_on_the_score() {
    let mut twice = scale(&HUANGYAN);
    twice.measures.insert("value_added_wan_per_t".to_owned(), dec("9859.62"));
    let mut without = scale(&HUANGYAN);
    without.measures.remove("value_added_wan_per_t");
    let it = run(&shipped("huangyan-2022"), &[scale(&HUANGYAN), twice, without]);
    let scores: Vec<Decimal> = it.iter().map(|it| it.score.unwrap()).collect();
    assert_eq!(scores, [dec("100"), dec("110"), dec("105")], "the mean of 10 and 20 is 15");
    assert_eq!(it.iter().map(|it| it.rank.unwrap()).collect::<Vec<_>>(), [3, 1, 2]);
    // The imputed one tells of others, and says what was missing and from whom it is had.
    assert_eq!(it.iter().map(|it| it.relative).collect::<Vec<_>>(), [false, false, true]);
    assert!(it[2].items[3].imputed && it[2].items[3].value.is_none());
    assert!(
        it[2]
            .evidence
            .iter()
            .any(|it| it.kind == Kind::Missing && it.reason.zh.contains("生态环境部门"))
    );
    // Below the designated size emissions are nobody's item, and are not averaged with those above it.
    assert_eq!(it[0].ranked, Some(3));
}

#[test]
fn golden_huaian_grades_by_rank_on_twice_the_mean_of_the_year_before() {
    let members: Vec<Member> = (1..=20)
        .map(|it| {
            let it = it.to_string();
            let own = [
                ("tax_wan_per_mu", it.as_str()),
                ("revenue_wan_per_mu", &it),
                ("tax_wan_per_tce", &it),
            ];
            let mut one = with(member(&own), "industry_code", "3311");
            one.measures.insert("land_mu".to_owned(), dec("10"));
            one.fields.insert("years_in_production".to_owned(), Value::Number(dec("5")));
            one.fields.insert("marks".to_owned(), Value::TextList(Vec::new()));
            one.previous =
                [("tax_wan_per_mu", "5"), ("revenue_wan_per_mu", "5"), ("tax_wan_per_tce", "5")]
                    .map(|(name, it)| (name.to_owned(), dec(it)))
                    .into();
            one.previous.extend(
                [("land_mu", "10"), ("energy_tce", "7")]
                    .map(|(name, it)| (name.to_owned(), dec(it))),
            );
            one
        })
        .collect();
    let it = run(&shipped("huaian-2024"), &members);
    // A mean of 5 the year before makes a base of 10: 20 of everything are 200 points.
    assert_eq!(it[19].items[0].base, Some(dec("10")));
    assert_eq!((it[19].score, it[0].score), (Some(dec("200")), Some(dec("10"))));
    assert_eq!(grades(&it), "DCCCCCCCBBBBBBBBAAAA", "4, 8, 7 and 1 of 20");
    // T: a utility, one that is new; left out: one of less than 3 mu. They are not counted in the bands.
    let mut others = members.clone();
    others.push(with(members[19].clone(), "industry_code", "4411"));
    others.push(with(members[19].clone(), "years_in_production", dec("1")));
    let mut small = members[19].clone();
    small.measures.insert("land_mu".to_owned(), dec("2.999999"));
    others.push(small);
    let it = run(&shipped("huaian-2024"), &others);
    assert_eq!(grades(&it), "DCCCCCCCBBBBBBBBAAAATT-");
    assert_eq!(it[19].ranked, Some(20));
    assert!(it[20].score.is_none() && it[20].rank.is_none());
    assert_eq!(it[22].evidence[0].kind, Kind::Small);
    // A veto takes the best one to the last grade, quotes its document, and leaves the ranks of others as they are.
    let mut accident = members;
    accident[19].fields.insert("marks".to_owned(), Value::TextList(vec!["重大安全事故".into()]));
    accident[19].references.insert("重大安全事故".to_owned(), vec!["安监〔2025〕1号".to_owned()]);
    let it = run(&shipped("huaian-2024"), &accident);
    assert_eq!(grades(&it), "DCCCCCCCBBBBBBBBAAAD");
    let veto = it[19].evidence.iter().find(|it| it.kind == Kind::Veto).unwrap();
    assert_eq!(
        (veto.best.as_deref(), &veto.references[..]),
        (Some("D"), &["安监〔2025〕1号".to_owned()][..])
    );
    assert_eq!(it[19].rank, Some(1));
}

#[test]
fn golden_jingde_runs_from_a_fifth_to_the_whole_weight() {
    let of = |it: &str| {
        let names = shipped("jingde-2022").cohorts[0]
            .items
            .iter()
            .map(|it| it.measure.clone())
            .collect::<Vec<_>>();
        let own: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), it)).collect();
        with(scale(&own), "is_hightech", false)
    };
    let it = run(&shipped("jingde-2022"), &["0", "50", "100"].map(of));
    let scores: Vec<_> = it.iter().map(|it| it.score.unwrap()).collect();
    assert_eq!(scores, [dec("20"), dec("60"), dec("100")]);
    assert!(it.iter().all(|it| it.relative), "the ends of the cohort are others' figures");
    let hightech = run(&shipped("jingde-2022"), &[with(of("1"), "is_hightech", true)]);
    assert_eq!(hightech[0].score, Some(dec("102")), "a bonus of 2");
}

#[test]
fn bands_include_their_upper_bound_and_ties_share_the_better_rank() {
    let it = run(&plain("", ""), &many(20));
    assert_eq!(grades(&it), "DCCCCCCCBBBBBBBBAAAA");
    let tied = ["9", "9", "5", "5", "1"].map(|it| member(&[("tax_wan_per_mu", it)]));
    let it = run(&plain("", ""), &tied);
    assert_eq!(it.iter().map(|it| it.rank.unwrap()).collect::<Vec<_>>(), [1, 1, 3, 3, 5]);
    assert_eq!(grades(&it), "AABBD", "two are A where one in five would be: they are equal");
}

#[test]
fn degenerate_cohorts_have_a_defined_answer() {
    let scheme = plain("", "");
    assert!(run(&scheme, &[]).is_empty());
    // Fewer than five: scores and ranks, no grades, and that is said.
    let few = run(&scheme, &many(4));
    assert_eq!((grades(&few), few[3].rank), ("----".to_owned(), Some(1)));
    assert!(few.iter().all(|it| it.evidence[0].kind == Kind::SmallCohort));
    assert_eq!(grades(&run(&plain("smallest_cohort = 1", ""), &many(4))), "DCBB");
    // All equal: all share rank 1, so all are A.
    let equal = run(&scheme, &vec![member(&[("tax_wan_per_mu", "7")]); 5]);
    assert!(equal.iter().all(|it| it.rank == Some(1) && it.grade.as_deref() == Some("A")));
    // All missing: nobody has a score, a rank or a grade, and each is told what is missing.
    let missing = run(&scheme, &vec![member(&[]); 6]);
    assert!(missing.iter().all(|it| it.score.is_none() && it.rank.is_none() && it.grade.is_none()));
    assert!(missing.iter().all(|it| it.evidence[0].kind == Kind::Missing));
    // Nobody is imputed from nobody.
    let imputed =
        plain_text("", "").replace("weight = 100", "weight = 100\nmissing = 'mean_score'");
    let it = run(&Scheme::parse(&imputed).unwrap(), &vec![member(&[]); 6]);
    assert!(it.iter().all(|it| it.score.is_none() && !it.items[0].imputed));
    // A min–max item of equal figures gives the full weight.
    let text =
        format!("{HEAD}[[item]]\nmeasure = 'rd_ratio'\nmethod = 'min_max'\nweight = 100\n{BANDS}");
    let it = run(&Scheme::parse(&text).unwrap(), &vec![member(&[("rd_ratio", "0.1")]); 5]);
    assert!(it.iter().all(|it| it.score == Some(dec("100"))));
    // A base computed from nobody is none.
    let text =
        plain_text("", "").replace("base = 10", "base = { times = 2, of = 'prior_year_mean' }");
    let it = run(&Scheme::parse(&text).unwrap(), &many(5));
    assert!(it.iter().all(|it| it.score.is_none() && it.items[0].base.is_none()));
}

#[test]
fn caps_and_floors_are_off_until_they_are_asked_for() {
    let scores = |more: &str| -> Vec<Decimal> {
        let text = plain_text("", "").replace("weight = 100", &format!("weight = 100\n{more}"));
        let members = ["90", "-3"].map(|it| member(&[("tax_wan_per_mu", it)]));
        run(&Scheme::parse(&text).unwrap(), &members).iter().map(|it| it.score.unwrap()).collect()
    };
    assert_eq!(scores(""), [dec("900"), dec("-30")]);
    assert_eq!(scores("cap = 1.5\nfloor = 0"), [dec("150"), dec("0")]);
}

#[test]
fn bonus_and_malus_hold_up_to_their_most_and_unknown_adds_nothing() {
    let rest = "[[bonus]]\nid = 'a'\nwhen = 'is_hightech = TRUE'\npoints = 4\nsentence = { zh = '高新', en = 'high-tech' }\n\
                [[bonus]]\nid = 'b'\nwhen = 'is_key = TRUE'\npoints = 4\nsentence = { zh = '重点', en = 'key' }\n\
                [[bonus]]\nid = 'c'\nwhen = 'energy_tce > 100'\npoints = -3\nsentence = { zh = '能耗', en = 'energy' }\n";
    let scheme = plain("bonus_at_most = 5\nmalus_at_most = 2", rest);
    let it = with(
        with(member(&[("tax_wan_per_mu", "1"), ("energy_tce", "200")]), "is_hightech", true),
        "is_key",
        true,
    );
    let it = run(&scheme, &[it]);
    assert_eq!(
        (it[0].points, it[0].score),
        (dec("3"), Some(dec("13"))),
        "5 up at most, 2 down at most"
    );
    let it = run(&scheme, &many(1));
    assert_eq!(it[0].points, Decimal::ZERO);
    assert_eq!(it[0].evidence.iter().filter(|it| it.to_verify).count(), 3);
}

#[test]
fn a_cohort_that_is_not_known_is_none() {
    let scheme = shipped("huangyan-2022");
    let it = run(&scheme, &[member(&HUANGYAN)]);
    assert_eq!((&it[0].cohort, it[0].score), (&None, None));
    assert_eq!(it[0].evidence[0].kind, Kind::Unplaced);
    assert_eq!(it[0].evidence[0].inputs["is_scale"], None);
}

#[test]
fn a_veto_never_makes_a_grade_better() {
    let veto = |best: &str| {
        let rest = format!(
            "[[veto]]\nid = 'v'\nwhen = 'is_key = TRUE'\nbest = '{best}'\nsentence = {{ zh = '否决', en = 'veto' }}\n"
        );
        let members: Vec<Member> =
            many(20).into_iter().map(|it| with(it, "is_key", true)).collect();
        grades(&run(&plain("", &rest), &members))
    };
    assert_eq!(veto("C"), "DCCCCCCCCCCCCCCCCCCC");
    assert_eq!(veto("A"), "DCCCCCCCBBBBBBBBAAAA");
    // Without a rank a veto to the last grade still holds, one to another says nothing.
    let rest = "[[veto]]\nid = 'v'\nwhen = 'is_key = TRUE'\nbest = 'D'\nsentence = { zh = '否决', en = 'veto' }\n";
    assert_eq!(grades(&run(&plain("", rest), &[with(member(&[]), "is_key", true)])), "D");
}

#[test]
fn new_enterprises_are_apart_unless_their_contract_has_run_out() {
    let scheme = plain("", "[new]\nbelow_years = 2\nunless_past_contract = true\n");
    let mut members = many(5);
    members[0] = with(members[0].clone(), "years_in_production", dec("1"));
    members[1] = with(
        with(members[1].clone(), "years_in_production", dec("0")),
        "past_contract_finish",
        true,
    );
    members[2] = with(
        members[2].clone(),
        "in_production",
        Value::Date(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap()),
    );
    let it = run(&scheme, &members);
    assert_eq!(it[0].grade.as_deref(), Some("T"));
    assert_eq!(it[1].rank, Some(4));
    assert!(
        it[2].rank.is_some() && it[2].evidence[0].to_verify,
        "when it began is not known: it is said"
    );
}

#[test]
fn faults_have_a_place_and_a_mend() {
    let faults = |text: &str| -> Vec<String> {
        Scheme::parse(text).unwrap_err().iter().map(ToString::to_string).collect()
    };
    let text = plain_text("", "");
    let misspelt = faults(&text.replace("tax_wan_per_mu", "tax_wan_per_mv"));
    assert!(
        misspelt[0].contains("item 1") && misspelt[0].contains("did you mean `tax_wan_per_mu`?"),
        "{misspelt:?}"
    );
    let sum = faults(&text.replace("weight = 100", "weight = 90"));
    assert!(sum[0].contains("sum to 90, not 100") && sum[0].contains("total = 90"), "{sum:?}");
    assert!(
        Scheme::parse(
            &text
                .replace("weight = 100", "weight = 90")
                .replace(HEAD, &format!("{HEAD}total = 90\n"))
        )
        .is_ok()
    );
    assert!(faults(&text.replace("up_to = 1", "up_to = 0.99"))[0].contains("rise"));
    assert!(faults(&text.replace("base = 10", ""))[0].contains("takes a base"));
    assert!(faults(&text.replace("base = 10", "base = 0"))[0].contains("above 0"));
    let key = faults(&text.replace("weight", "wieght"));
    assert!(key[0].contains("line ") && key[0].contains("wieght"), "{key:?}");
    let veto =
        "[[veto]]\nid = 'v'\nwhen = 'is_kei = TRUE'\nbest = 'E'\nsentence = { zh = '', en = '' }\n";
    let veto = faults(&plain_text("", veto));
    assert!(veto.len() == 2 && veto[0].contains("`E`") && veto[1].contains("is_key"), "{veto:?}");
    let typed =
        "[[bonus]]\nid = 'b'\nwhen = 'is_key > 3'\npoints = 1\nsentence = { zh = '', en = '' }\n";
    assert!(faults(&plain_text("", typed))[0].contains("bonus b"));
    assert!(faults(&plain_text("", "[policy.E]\n"))[0].contains("policy.E"));
    // All at once.
    let many = faults(
        &text
            .replace("tax_wan_per_mu", "x")
            .replace("weight = 100", "weight = 0")
            .replace("up_to = 1", "up_to = 2"),
    );
    assert_eq!(many.len(), 4, "{many:?}");
}

#[test]
fn quarters_are_told_of_five_figures_and_more() {
    let scheme = plain("", "");
    let quarters = |count: usize| -> Vec<Option<u8>> {
        let members = many(count);
        let all = quarters(&scheme, &members, &run(&scheme, &members));
        all.iter().map(|it| it.get("tax_wan_per_mu").copied()).collect()
    };
    assert_eq!(quarters(4), [None; 4]);
    assert_eq!(quarters(8), [4, 4, 3, 3, 2, 2, 1, 1].map(Some));
}

#[test]
fn what_is_told_with_the_grades_rests_on_no_figure() {
    let apart = "[[apart]]\nid = 'a'\nwhen = 'tax_wan < 5'\nsentence = { zh = '', en = '' }\n";
    let faults = Scheme::parse(&plain_text("", apart)).unwrap_err();
    assert!(faults[0].why.contains("`tax_wan`"), "{faults:?}");
}

#[test]
fn every_shipped_scheme_reads() {
    for (id, cohorts) in [("huangyan-2022", 2), ("huaian-2024", 1), ("jingde-2022", 2)] {
        assert_eq!(shipped(id).cohorts.len(), cohorts, "{id}");
    }
}

proptest! {
    /// Whoever has more is never ranked or graded below who has less; the order of the members does not matter.
    #[test]
    fn ranks_follow_scores_and_not_the_order_of_rows(taxes in prop::collection::vec(0_i64..40, 0..40), turn in 0_usize..40) {
        let scheme = plain("", "");
        let members: Vec<Member> =
            taxes.iter().map(|it| member(&[("tax_wan_per_mu", &it.to_string())])).collect();
        let it = run(&scheme, &members);
        for (one, left) in it.iter().zip(&taxes) {
            for (other, right) in it.iter().zip(&taxes) {
                prop_assert_eq!(one.rank.cmp(&other.rank), right.cmp(left));
                if left > right {
                    prop_assert!(one.grade <= other.grade, "A before D");
                }
            }
        }
        let mut turned = members;
        let turn = if turned.is_empty() { 0 } else { turn % turned.len() };
        turned.rotate_left(turn);
        let mut again = run(&scheme, &turned);
        again.rotate_right(turn);
        prop_assert_eq!(it, again);
    }

    /// Hostile figures never panic, and are never made up.
    #[test]
    fn any_figures_score_or_do_not(figures in prop::collection::vec((any::<i64>(), 0_u32..20), 5..12)) {
        for id in ["huangyan-2022", "jingde-2022", "huaian-2024"] {
            let scheme = shipped(id);
            let members: Vec<Member> = figures
                .iter()
                .map(|(it, places)| {
                    let it = Decimal::new(*it, *places).to_string();
                    let own: Vec<(&str, &str)> =
                        crate::judgement::enterprise::MEASURES.iter().map(|m| (m.name, it.as_str())).collect();
                    scale(&own)
                })
                .collect();
            let it = run(&scheme, &members);
            prop_assert_eq!(it.len(), members.len());
        }
    }
}

#[test]
fn an_enterprises_fields_are_kept_apart_from_its_measures() {
    let it = Member {
        fields: BTreeMap::from([("tax_wan".to_owned(), Value::Bool(true))]),
        ..member(&[("tax_wan", "1")])
    };
    assert_eq!(it.get("tax_wan"), Value::Number(dec("1")));
}
