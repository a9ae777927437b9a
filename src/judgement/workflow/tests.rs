//! Laws of the workflow and of counting.

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::account::Account;
use super::account::Refused;
use super::account::Shared;
use super::league::Light;
use super::league::Target;
use super::league::league;
use super::period::Period;
use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn standing(state: State) -> Standing<'static> {
    let account = Account { area_mu: dec("10"), ..Account::default() };
    Standing {
        state,
        held: false,
        path: Some("acquisition"),
        filled: ["path", "plan_area_mu", "responsible_unit", "person", "plan_finish", "nodes"]
            .into(),
        reached: ["cleared"].into(),
        account,
    }
}

fn allow(case: &Standing<'_>, id: &str, actor: Actor) -> Result<State, Refusal> {
    let step = Workflow::shipped().allow(case, id, actor, Some("因为"))?;
    Ok(step.leads(case.state))
}

#[test]
fn the_shipped_workflow_is_whole() {
    let it = Workflow::parse(include_str!("workflow.toml")).unwrap();
    let paths: Vec<&str> = it.paths.iter().map(|it| it.title.zh.as_str()).collect();
    assert_eq!(paths, ["收储招拍", "回购升级", "自主转型", "市场合作", "减量化"]);
    let stations: Vec<usize> = it.paths.iter().map(|it| it.milestones.len()).collect();
    assert_eq!(stations, [8, 5, 6, 4, 6]);
    assert!(it.paths.iter().all(|it| it.builds == (it.id != "reduction")));
    // Whatever leaves the work, or undoes some of it, says why.
    for step in &it.steps {
        let back = step.from.iter().any(|from| step.goes_back(*from));
        assert!(!back || step.reason, "{}", step.id);
    }
}

#[test]
fn the_whole_way_is_walked_by_who_may() {
    for (from, step, to, least) in [
        (State::Candidate, "verify", State::Verified, Actor::Unit),
        (State::Candidate, "reject", State::Removed, Actor::Unit),
        (State::Verified, "list", State::Listed, Actor::District),
        (State::Listed, "start", State::InProgress, Actor::Unit),
        (State::Accepted, "close", State::Closed, Actor::District),
        (State::Accepted, "continue", State::InProgress, Actor::Unit),
        (State::Verified, "return", State::Candidate, Actor::District),
        (State::Listed, "return", State::Verified, Actor::District),
        (State::InProgress, "return", State::Listed, Actor::District),
        (State::InProgress, "remove", State::Removed, Actor::District),
        (State::Removed, "restore", State::Candidate, Actor::District),
        (State::Listed, "hold", State::Listed, Actor::District),
    ] {
        let case = standing(from);
        assert_eq!(allow(&case, step, least), Ok(to), "{step}");
        assert_eq!(allow(&case, step, Actor::Steward), Ok(to), "{step}");
        let less = if least == Actor::District { Actor::Unit } else { Actor::Nobody };
        assert!(matches!(allow(&case, step, less), Err(Refusal::Role(..))), "{step}");
    }
}

#[test]
fn what_is_missing_is_said() {
    let workflow = Workflow::shipped();
    let mut case = standing(State::Verified);
    case.filled.remove("person");
    case.filled.remove("path");
    let missing = vec!["path".to_owned(), "person".to_owned()];
    assert_eq!(allow(&case, "list", Actor::District), Err(Refusal::Missing(missing)));
    for reason in [None, Some(""), Some("  ")] {
        let refused = workflow.allow(&standing(State::Listed), "remove", Actor::District, reason);
        assert_eq!(refused.err(), Some(Refusal::Reason));
    }
    let mut case = standing(State::InProgress);
    assert_eq!(allow(&case, "accept", Actor::District), Err(Refusal::NothingToCount));
    case.account.disposed_mu = dec("4");
    assert_eq!(allow(&case, "accept", Actor::District), Ok(State::Accepted));
    case.reached.clear();
    assert!(matches!(allow(&case, "accept", Actor::District), Err(Refusal::Milestone(..))));
    assert!(matches!(allow(&case, "close", Actor::District), Err(Refusal::NotFrom { .. })));
    assert!(matches!(allow(&case, "finish", Actor::District), Err(Refusal::Unknown(_))));
}

#[test]
fn what_is_on_hold_goes_on_only_when_resumed_and_may_go_back() {
    let held = Standing { held: true, ..standing(State::Listed) };
    assert_eq!(allow(&held, "start", Actor::District), Err(Refusal::Held));
    assert_eq!(allow(&held, "hold", Actor::District), Err(Refusal::Held));
    assert_eq!(allow(&held, "remove", Actor::District), Ok(State::Removed));
    assert_eq!(allow(&held, "resume", Actor::District), Ok(State::Listed));
    assert_eq!(allow(&standing(State::Listed), "resume", Actor::District), Err(Refusal::NotHeld));
}

#[test]
fn what_was_counted_is_taken_back_before_a_case_goes_back() {
    let mut case = standing(State::InProgress);
    (case.account.disposed_mu, case.account.counted_mu) = (dec("4"), dec("4"));
    for step in ["return", "remove"] {
        assert_eq!(allow(&case, step, Actor::District), Err(Refusal::Counted), "{step}");
    }
    assert_eq!(allow(&case, "revoke", Actor::District), Ok(State::InProgress));
    case.account.counted_mu = Decimal::ZERO;
    assert_eq!(allow(&case, "revoke", Actor::District), Err(Refusal::NothingCounted));
}

#[test]
fn a_disposal_leaves_a_remainder_that_later_ones_share() {
    let whole = Account { area_mu: dec("36.42"), ..Account::default() };
    let (part, counted) = whole.dispose(dec("20.4")).unwrap().accept(Shared::default());
    assert_eq!((counted, part.remaining_mu()), (dec("20.4"), dec("16.02")));
    let over = part.dispose(dec("16.020001"));
    assert_eq!(
        over,
        Err(Refused::OverRemainder { asked: dec("16.020001"), remaining: dec("16.02") })
    );
    assert_eq!(whole.dispose(Decimal::ZERO), Err(Refused::Nothing));
    assert_eq!(whole.dispose(dec("-1")), Err(Refused::Nothing));
    let (all, counted) = part.dispose(dec("16.02")).unwrap().accept(Shared::default());
    assert_eq!((counted, all.counted_mu), (dec("16.02"), dec("36.42")));
    let (back, counted) = all.take_back();
    assert_eq!(
        (counted, back.counted_mu, back.disposed_mu),
        (dec("-36.42"), dec("0"), dec("36.42"))
    );
}

#[test]
fn a_parcel_in_two_lists_counts_its_remainder_in_the_second() {
    let case = Account { area_mu: dec("10"), ..Account::default() };
    let case = case.dispose(dec("10")).unwrap();
    let shared = Shared { overlap_mu: dec("10"), counted_mu: dec("3") };
    assert_eq!(case.accept(shared).1, dec("7"));
    let shared = Shared { overlap_mu: dec("0.5"), counted_mu: dec("8") };
    assert_eq!(case.accept(shared).1, dec("9.5"));
    // What was counted stays, whoever came later.
    let (counted, _) = case.accept(Shared::default());
    assert_eq!(counted.accept(Shared { overlap_mu: dec("10"), counted_mu: dec("9") }).1, dec("0"));
}

#[test]
fn periods_are_read_as_they_are_written() {
    for (text, first, last) in [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026Q2", "2026-04-01", "2026-06-30"),
        ("2026Q4", "2026-10-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
    ] {
        let it = Period::parse(text).unwrap();
        assert_eq!((it.name().as_str(), it.first(), it.last()), (text, day(first), day(last)));
    }
    for text in ["26", "2026Q5", "2026-13", "2026-1", "2026Q", "", "二〇二六", "99999", "+026"]
    {
        assert_eq!(Period::parse(text), None, "{text}");
    }
    assert_eq!(Period::quarter_of(day("2026-09-30")).name(), "2026Q3");
}

fn lights() -> Lights {
    Workflow::shipped().lights
}

fn target(unit: &str, period: &str, quantity: &str) -> Target {
    let period = Period::parse(period).unwrap();
    Target { unit: unit.to_owned(), period, quantity: dec(quantity) }
}

#[test]
fn units_that_tie_share_the_better_rank_and_no_target_has_none() {
    let targets = [
        target("安亭镇", "2026", "600"),
        target("马陆镇", "2026", "300"),
        target("南翔镇", "2026", "100"),
        target("外冈镇", "2026", "100"),
    ];
    let counted = [("安亭镇", "200"), ("马陆镇", "100"), ("南翔镇", "50"), ("徐行镇", "7.5")];
    let counted = counted.map(|(unit, it)| (Some(unit.to_owned()), dec(it)));
    let it = league(Period::Year(2026), day("2026-06-30"), &targets, &counted, lights());
    let ranks: Vec<(&str, Option<usize>)> =
        it.rows.iter().map(|it| (it.unit.as_deref().unwrap_or_default(), it.rank)).collect();
    // 200/600 and 100/300 are the same third, though neither is a decimal.
    assert_eq!(
        ranks,
        [
            ("南翔镇", Some(1)),
            ("安亭镇", Some(2)),
            ("马陆镇", Some(2)),
            ("外冈镇", Some(4)),
            ("徐行镇", None)
        ]
    );
    assert_eq!(it.total.counted, dec("357.5"));
    assert_eq!((it.total.target, it.total.gap), (Some(dec("1100")), Some(dec("742.5"))));
    assert_eq!(it.rows[4].light, Light::Unknown);
}

#[test]
fn a_phased_target_follows_months_then_quarters_then_days() {
    let one = |targets: &[Target], on: &str| {
        let it = league(Period::Year(2026), day(on), targets, &[], lights());
        it.rows[0].phased_target.unwrap()
    };
    // Evenly: 181 of 365 days.
    assert_eq!(one(&[target("A", "2026", "365")], "2026-06-30"), dec("181"));
    let mut quarters: Vec<Target> = [("1", "10"), ("2", "20"), ("3", "30"), ("4", "40")]
        .map(|(it, quantity)| target("A", &format!("2026Q{it}"), quantity))
        .into();
    assert_eq!(one(&quarters, "2026-06-30"), dec("30"));
    assert_eq!(one(&quarters, "2025-12-31"), dec("0"));
    assert_eq!(one(&quarters, "2027-03-01"), dec("100"));
    quarters.push(target("A", "2026", "120"));
    let it = league(Period::Year(2026), day("2026-06-30"), &quarters, &[], lights());
    assert_eq!((it.rows[0].target, it.uneven), (Some(dec("120")), vec!["A".to_owned()]));
    let counted = |it: &str| [(Some("A".to_owned()), dec(it))];
    for (done, light) in [("30", Light::Green), ("24", Light::Amber), ("23.99", Light::Red)] {
        let it = league(Period::Year(2026), day("2026-06-30"), &quarters, &counted(done), lights());
        assert_eq!(it.rows[0].light, light, "{done}");
    }
}

/// Ground as twelve cells of one 亩, and cases as sets of them.
const CELLS: u16 = 1 << 12;

#[derive(Clone, Debug)]
enum Act {
    Dispose(usize, u32),
    Accept(usize),
    TakeBack(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let cases = 0..5_usize;
    prop_oneof![
        3 => (cases.clone(), 0..80_u32).prop_map(|(it, tenths)| Act::Dispose(it, tenths)),
        3 => cases.clone().prop_map(Act::Accept),
        1 => cases.prop_map(Act::TakeBack),
    ]
}

proptest! {
    #[test]
    fn no_sequence_of_events_counts_ground_twice(
        outlines in prop::collection::vec(1..CELLS, 5),
        acts in prop::collection::vec(act(), 0..60),
    ) {
        let size = |cells: u16| Decimal::from(cells.count_ones());
        let mut cases: Vec<Account> = outlines
            .iter()
            .map(|it| Account { area_mu: size(*it), ..Account::default() })
            .collect();
        let mut told = Decimal::ZERO;
        for act in acts {
            match act {
                Act::Dispose(nth, tenths) => {
                    let before = cases[nth];
                    let area = Decimal::new(tenths.into(), 1);
                    match before.dispose(area) {
                        Ok(after) => cases[nth] = after,
                        Err(_) => prop_assert!(tenths == 0 || area > before.remaining_mu()),
                    }
                }
                Act::Accept(nth) => {
                    let others = (0..5).filter(|it| {
                        *it != nth
                            && !cases[*it].counted_mu.is_zero()
                            && outlines[*it] & outlines[nth] != 0
                    });
                    let others: Vec<usize> = others.collect();
                    let union = others.iter().fold(0, |all, it| all | outlines[*it]);
                    let shared = Shared {
                        overlap_mu: size(union & outlines[nth]),
                        counted_mu: others.iter().map(|it| cases[*it].counted_mu).sum(),
                    };
                    let (after, counted) = cases[nth].accept(shared);
                    prop_assert!(counted >= Decimal::ZERO);
                    told += counted;
                    cases[nth] = after;
                }
                Act::TakeBack(nth) => {
                    let (after, counted) = cases[nth].take_back();
                    prop_assert!(counted <= Decimal::ZERO);
                    told += counted;
                    cases[nth] = after;
                }
            }
            for it in &cases {
                prop_assert!(it.counted_mu <= it.disposed_mu && it.disposed_mu <= it.area_mu);
            }
            // What the events say in sum is what the accounts hold, and of any ground at most the ground.
            prop_assert_eq!(told, cases.iter().map(|it| it.counted_mu).sum::<Decimal>());
            for some in 1..32_usize {
                let chosen = (0..5).filter(|it| some >> it & 1 == 1);
                let (mut ground, mut counted) = (0, Decimal::ZERO);
                for it in chosen {
                    ground |= outlines[it];
                    counted += cases[it].counted_mu;
                }
                prop_assert!(counted <= size(ground), "{} of {}", counted, size(ground));
            }
        }
    }

    #[test]
    fn units_and_district_reconcile_exactly(
        targets in prop::collection::vec(("[a-d]", 0..17_usize, 0..1_000_000_i64), 0..30),
        counted in prop::collection::vec((prop::option::of("[a-f]"), -500_000..1_000_000_i64), 0..30),
        gone in 0..400_u64,
    ) {
        let mut periods = vec![Period::Year(2026)];
        periods.extend(Period::Year(2026).in_quarters());
        periods.extend(Period::Year(2026).in_months());
        let targets: Vec<Target> = targets
            .into_iter()
            .map(|(unit, nth, it)| Target { unit, period: periods[nth], quantity: Decimal::new(it, 6) })
            .collect();
        let counted: Vec<(Option<String>, Decimal)> =
            counted.into_iter().map(|(unit, it)| (unit, Decimal::new(it, 6))).collect();
        let on = day("2026-01-01") + chrono::Days::new(gone);
        let it = league(Period::Year(2026), on, &targets, &counted, lights());
        let all: Decimal = counted.iter().map(|it| it.1).sum();
        prop_assert_eq!(it.total.counted, all);
        prop_assert_eq!(it.rows.iter().map(|it| it.counted).sum::<Decimal>(), all);
        let wanted: Decimal = it.rows.iter().filter_map(|it| it.target).sum();
        prop_assert_eq!(it.total.target.unwrap_or_default(), wanted);
        // Every unit is there once, and the better rate has the better rank.
        let names: BTreeSet<&Option<String>> = it.rows.iter().map(|it| &it.unit).collect();
        prop_assert_eq!(names.len(), it.rows.len());
        for one in &it.rows {
            for other in &it.rows {
                if let (Some(a), Some(b)) = (one.rank, other.rank) {
                    let first = one.counted * other.target.unwrap();
                    let second = other.counted * one.target.unwrap();
                    prop_assert_eq!(a.cmp(&b), second.cmp(&first));
                }
            }
        }
        // More days ask for more.
        let later = league(Period::Year(2026), on + chrono::Days::new(40), &targets, &counted, lights());
        prop_assert!(later.total.phased_target >= it.total.phased_target);
    }

    #[test]
    fn steps_stay_among_the_states_and_nothing_is_removed_while_it_counts(
        steps in prop::collection::vec(0..13_usize, 0..80),
    ) {
        let workflow = Workflow::shipped();
        let mut case = standing(State::Candidate);
        let mut history = Vec::new();
        for nth in steps {
            let id = workflow.steps[nth].id.as_str();
            if case.state == State::InProgress
                && !case.held
                && let Ok(it) = case.account.dispose(dec("1.5"))
            {
                case.account = it;
            }
            let Ok(step) = workflow.allow(&case, id, Actor::District, Some("因为")) else { continue };
            prop_assert!(workflow.open_steps(case.state, case.held, Actor::District).contains(&id));
            case.held = step.holds(case.state, case.held);
            case.state = step.leads(case.state);
            match step.effect {
                Effect::Count => case.account = case.account.accept(Shared::default()).0,
                Effect::TakeBack => case.account = case.account.take_back().0,
                _ => {}
            }
            // There is always a way on, but after the end.
            let open = workflow.open_steps(case.state, case.held, Actor::District);
            prop_assert!(!open.is_empty(), "stuck in {:?}", case.state);
            history.push((id, case.state));
            let counted = case.account.counted_mu;
            prop_assert!(counted <= dec("10"));
            prop_assert!(
                counted.is_zero()
                    || [State::InProgress, State::Accepted, State::Closed].contains(&case.state),
                "{:?}", history
            );
        }
    }
}
