//! A verdict as one sentence that can be checked: what was found and why, in figures and thresholds, by which clause of which
//! version of which rules, in which run. Pure; what the reader may not know has been taken out of the evidence before.

use serde_json::Value;

use crate::layer::Text;

use super::verdict::Judging;

/// What a sentence is made of.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub verdict: &'a str,
    pub year: i64,
    /// Ids of the rules that led to the verdict.
    pub reasons: &'a [String],
    /// Rule by rule, as the reader may know it.
    pub evidence: &'a Value,
    pub rules: &'a Text,
    pub version: Option<i64>,
    pub run: &'a Judging,
}

/// The sentence in both languages.
pub(super) fn of(it: &Said<'_>) -> Text {
    let why: Vec<&Value> = it
        .reasons
        .iter()
        .filter_map(|id| {
            let rules = it.evidence.as_array()?;
            rules.iter().find(|rule| rule["rule"].as_str() == Some(id))
        })
        .collect();
    let mut basis: Vec<&str> = why.iter().filter_map(|rule| rule["basis"].as_str()).collect();
    for text in &mut basis {
        *text = text.trim_end_matches(['。', '.']);
    }
    basis.retain(|text| !text.is_empty());
    basis.dedup();
    let zh = |rule: &&Value| clause(rule, "zh", "：");
    let en = |rule: &&Value| clause(rule, "en", ": ");
    let found = match (it.verdict, why.is_empty()) {
        ("low", true) => {
            ("认定为低效用地".to_owned(), "found to be low-efficiency land".to_owned())
        }
        ("low", false) => (
            format!("认定为低效用地：{}", list(&why, zh, "；")),
            format!("found to be low-efficiency land: {}", list(&why, en, "; ")),
        ),
        ("ok", true) => (
            "未认定为低效用地，各条低效规则均不满足".to_owned(),
            "not found to be low-efficiency land: no rule is met".to_owned(),
        ),
        ("ok", false) => (
            format!("未认定为低效用地：{}", list(&why, zh, "；")),
            format!("not found to be low-efficiency land: {}", list(&why, en, "; ")),
        ),
        (_, true) => ("待核实".to_owned(), "to be verified".to_owned()),
        (_, false) => (
            format!("待核实：{}", list(&why, zh, "；")),
            format!("to be verified: {}", list(&why, en, "; ")),
        ),
    };
    let (clauses_zh, clauses_en) = if basis.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("依据：{}。", basis.join("；")), format!(" Basis: {}.", basis.join("; ")))
    };
    let (version_zh, version_en) = it
        .version
        .map_or_else(Default::default, |nth| (format!("第 {nth} 版"), format!(", version {nth}")));
    let (state_zh, state_en) = match it.run.state.as_str() {
        "final" => ("已定稿", "final"),
        "published" => ("公示中", "published for objection"),
        _ => ("草稿", "draft"),
    };
    let day = it.run.finalised_at.or(it.run.published_at).or(it.run.finished_at);
    let day = day.map(|at| format!("{}", at.format("%Y-%m-%d"))).unwrap_or_default();
    let run = it.run.run_id;
    Text {
        zh: format!(
            "{year} 年度{found}。{clauses_zh}规则集“{rules}”{version_zh}，第 {run} 次评价（{state_zh}，{day}）。",
            year = it.year,
            found = found.0,
            rules = it.rules.zh,
        ),
        en: format!(
            "{year}: {found}.{clauses_en} Rule set \"{rules}\"{version_en}; evaluation {run} ({state_en}, {day}).",
            year = it.year,
            found = found.1,
            rules = it.rules.en,
        ),
    }
}

/// What one rule says: its title with its figures. What cannot be decided names itself.
fn clause(rule: &Value, language: &str, between: &str) -> String {
    let said = rule["sentence"][language].as_str().unwrap_or_default();
    let title = rule["title"][language].as_str().unwrap_or_default();
    let said = said.trim_end_matches(['。', '.']);
    if said.contains(title) {
        return said.to_owned();
    }
    format!("{title}{between}{said}")
}

fn list(why: &[&Value], say: impl Fn(&&Value) -> String, between: &str) -> String {
    why.iter().map(say).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(state: &str) -> Judging {
        Judging {
            run_id: 7,
            state: state.to_owned(),
            finished_at: "2026-03-01T08:00:00Z".parse().ok(),
            published_at: None,
            finalised_at: None,
        }
    }

    fn said(verdict: &str, reasons: &[&str], version: Option<i64>) -> Text {
        let evidence = json!([
            {"rule": "tax", "result": "true", "basis": "第三条", "title": {"zh": "亩均税收偏低", "en": "Low tax"},
             "sentence": {"zh": "亩均税收 1.1 万元，低于 5 万元。", "en": "tax of 1.1, below 5."}},
            {"rule": "far", "result": "unknown", "basis": "第四条", "title": {"zh": "容积率", "en": "FAR"},
             "sentence": {"zh": "“容积率”待核实：缺少容积率（自然资源和规划部门提供）", "en": "\"FAR\" is to be verified"}},
        ]);
        let reasons: Vec<String> = reasons.iter().map(|it| (*it).to_owned()).collect();
        of(&Said {
            verdict,
            year: 2025,
            reasons: &reasons,
            evidence: &evidence,
            rules: &Text::new("一般规则", "General"),
            version,
            run: &run("draft"),
        })
    }

    #[test]
    fn a_low_parcel_is_told_with_figures_threshold_clause_version_and_run() {
        let it = said("low", &["tax"], Some(2));
        assert_eq!(
            it.zh,
            "2025 年度认定为低效用地：亩均税收偏低：亩均税收 1.1 万元，低于 5 万元。依据：第三条。规则集“一般规则”第 2 版，第 7 次评价（草稿，2026-03-01）。"
        );
        assert_eq!(
            it.en,
            "2025: found to be low-efficiency land: Low tax: tax of 1.1, below 5. Basis: 第三条. Rule set \"General\", version 2; evaluation 7 (draft, 2026-03-01)."
        );
    }

    #[test]
    fn what_is_missing_is_told_with_who_supplies_it() {
        let it = said("unknown", &["far"], None);
        assert!(
            it.zh.contains(
                "待核实：“容积率”待核实：缺少容积率（自然资源和规划部门提供）。依据：第四条。"
            ),
            "{}",
            it.zh
        );
        assert!(!it.zh.contains("版"), "{}", it.zh);
    }

    #[test]
    fn without_reasons_only_the_verdict_is_told() {
        assert!(said("low", &[], None).zh.starts_with("2025 年度认定为低效用地。规则集"));
        assert!(said("ok", &[], None).zh.contains("各条低效规则均不满足"));
    }
}
