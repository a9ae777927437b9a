//! What is wrong with a list before it is submitted, and what will stop its cases.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::today;
use crate::error::Result;
use crate::judgement::workflow::State;
use crate::judgement::workflow::Workflow;
use crate::judgement::workflow::period::Period;
use crate::layer::Text;
use crate::measure::shown;

use super::Case;
use super::Checks;
use super::Finding;
use super::conformity;
use super::conformity::Conformity;
use super::conformity::Verdict;
use super::lists;
use super::queries;
use super::queries::Selection;
use super::queries::check::Beside;
use super::queries::check::Parcels;

/// Checks the cases that the scope sees.
pub async fn check(app: &App, scope: &Scope, list_id: i64) -> Result<Checks> {
    lists::find(app, scope, list_id).await?;
    let selection = Selection { list_id: Some(list_id), ..Selection::default() };
    let mut db = app.db.read(scope).await?;
    let mut cases = queries::cases(&mut db, scope, &app.layers, &selection).await?;
    let parcels = app.layers.register("parcel").and_then(|it| it.field_for(scope, "area_mu"));
    let parcels = if parcels.is_some() { Parcels::Open } else { Parcels::Closed };
    let beside = queries::check::beside(&mut db, list_id, parcels).await?;
    drop(db);
    let beside: BTreeMap<i64, Beside> =
        beside.into_iter().map(|it| (it.reuse_case_id, it)).collect();
    cases.retain(|it| ![State::Removed.name(), State::Closed.name()].contains(&it.state.as_str()));
    let ids: Vec<i64> = cases.iter().map(|it| it.reuse_case_id).collect();
    let mut writer = app.db.write.acquire().await?;
    let conform = conformity::look(app, &mut writer, &ids).await?;
    drop(writer);
    let mut findings = Vec::new();
    for case in &cases {
        let mut of_case = Sheet { case, findings: &mut findings };
        of_case.area(beside.get(&case.reuse_case_id));
        of_case.members();
        of_case.nodes();
        if let Some(it) = conform.get(&case.reuse_case_id) {
            of_case.plan(it, scope, app);
        }
    }
    let checked = i64::try_from(cases.len()).unwrap_or(i64::MAX);
    Ok(Checks { list_id, checked, findings })
}

struct Sheet<'a> {
    case: &'a Case,
    findings: &'a mut Vec<Finding>,
}

impl Sheet<'_> {
    fn finds(&mut self, rule: &'static str, severity: &'static str, zh: String, en: String) {
        self.findings.push(Finding {
            case_code: self.case.case_code.clone(),
            parcel_code: self.case.parcel_code.clone(),
            rule,
            severity,
            text: Text::new(zh, en),
        });
    }

    /// Area, other lists, the parcel itself.
    fn area(&mut self, beside: Option<&Beside>) {
        let Some(beside) = beside else { return };
        let case = self.case;
        let Some(now) = beside.area_mu_now else {
            let zh = "宗地已不在册（注销、分割或合并），请核对";
            let en = "the parcel is no longer in the register: retired, split or merged";
            self.finds("parcel_gone", "warning", zh.to_owned(), en.to_owned());
            return self.elsewhere(beside);
        };
        let mu = |it: Decimal| shown(it, 2);
        let figures = [
            ("计划面积", "planned", case.plan_area_mu),
            ("处置面积", "disposed", Some(case.disposed_mu)),
        ];
        for (zh, en, area) in figures {
            if let Some(area) = area.filter(|it| *it > now) {
                self.finds(
                    "area_over_parcel",
                    "error",
                    format!("{zh} {} 亩超过宗地面积 {} 亩", mu(area), mu(now)),
                    format!("{} mu {en} are more than the parcel's {}", mu(area), mu(now)),
                );
            }
        }
        self.elsewhere(beside);
    }

    fn elsewhere(&mut self, beside: &Beside) {
        if !beside.others.is_empty() {
            let others = beside.others.join("；");
            let zh = format!("同一宗地还在：{others}（面积只计一次）");
            let en = format!("the parcel is in other lists, too: {others}; its area counts once");
            self.finds("in_two_lists", "warning", zh, en);
        }
    }

    /// What listing needs; of a case that is listed already, an error.
    fn members(&mut self) {
        let case = self.case;
        let filled = |name: &str| match name {
            "path" => case.path.is_some(),
            "plan_area_mu" => case.plan_area_mu.is_some(),
            "responsible_unit" => case.responsible_unit.is_some(),
            "person" => case.person.is_some(),
            "plan_finish" => case.plan_finish.is_some(),
            _ => true,
        };
        let needs = Workflow::shipped().step("list").map(|it| it.needs.as_slice());
        let missing = needs.unwrap_or_default().iter().filter(|it| !filled(it));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        if !missing.is_empty() {
            let early = ["candidate", "verified"].contains(&case.state.as_str());
            let names = missing.iter().map(|it| match *it {
                "path" => "处置路径",
                "plan_area_mu" => "计划面积",
                "responsible_unit" => "责任单位",
                "person" => "责任人",
                "plan_finish" => "计划完成",
                other => other,
            });
            self.finds(
                "missing_member",
                if early { "warning" } else { "error" },
                format!("缺少：{}", names.collect::<Vec<_>>().join("、")),
                format!("still missing: {}", missing.join(", ")),
            );
        }
    }

    /// Stations without a quarter, and quarters that have passed.
    fn nodes(&mut self) {
        let case = self.case;
        let Some(way) = case.path.as_deref().and_then(|it| Workflow::shipped().path(it)) else {
            return;
        };
        let now = Period::quarter_of(today());
        let (mut without, mut late) = (Vec::new(), Vec::new());
        for it in &way.milestones {
            if !case.reached[&it.id].is_null() {
                continue;
            }
            match case.nodes[&it.id].as_str().and_then(Period::parse) {
                None => without.push(it),
                Some(quarter) if quarter.last() < now.first() => late.push(it),
                Some(_) => {}
            }
        }
        for (found, rule, zh, en) in [
            (without, "missing_node", "未排节点", "no quarter is planned for"),
            (late, "overdue", "节点逾期", "overdue"),
        ] {
            if !found.is_empty() {
                let names = |of: fn(&crate::judgement::workflow::Milestone) -> &str| {
                    found.iter().map(|it| of(it)).collect::<Vec<_>>().join("、")
                };
                let zh = format!("{zh}：{}", names(|it| &it.zh));
                let en = format!("{en}: {}", names(|it| &it.id));
                self.finds(rule, "warning", zh, en);
            }
        }
    }

    /// Red lines and boundary, as far as the scope may know their layers.
    fn plan(&mut self, found: &Conformity, scope: &Scope, app: &App) {
        let way = self.case.path.as_deref().and_then(|it| Workflow::shipped().path(it));
        // What does not build is not stopped; what has no path yet may still be told.
        let severity = match way {
            Some(it) if !it.builds => return,
            Some(_) => "error",
            None => "warning",
        };
        let boundary = &Workflow::shipped().conformity.boundary;
        for it in &found.grounds {
            if app.layers.find(&it.layer).is_some_and(|layer| !layer.readable(scope)) {
                continue;
            }
            let area = shown(it.area_m2.unwrap_or_default(), 2);
            let (zh, en) = (&it.title.zh, &it.title.en);
            match it.verdict {
                Verdict::Pass => {}
                Verdict::Unknown => self.finds(
                    "conformity_unknown",
                    severity,
                    format!("“{zh}”没有数据，无法判断"),
                    format!("`{en}` has no data: nobody knows"),
                ),
                Verdict::Fail if it.layer == *boundary => self.finds(
                    "outside_boundary",
                    severity,
                    format!("有 {area} 平方米在{zh}之外"),
                    format!("{area} m² are outside of: {en}"),
                ),
                Verdict::Fail => self.finds(
                    "red_line",
                    severity,
                    format!("占用{zh} {area} 平方米"),
                    format!("{area} m² lie on: {en}"),
                ),
            }
        }
    }
}
