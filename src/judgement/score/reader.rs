//! What is wrong with the parts of a scheme's file: names, weights, bases, bands, conditions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::cql;
use crate::judgement::enterprise::MEASURES;
use crate::layer::nearest;

use super::Base;
use super::Fault;
use super::Item;
use super::Method;
use super::file::Band;
use super::file::Condition;

/// Reads a file's parts and notes what is wrong with them.
pub(super) struct Reader {
    pub fields: BTreeMap<String, cql::Field>,
    pub faults: Vec<Fault>,
}

impl Reader {
    pub fn fault(&mut self, at: &str, why: impl Into<String>) {
        self.faults.push(Fault { at: at.to_owned(), why: why.into() });
    }

    pub fn condition(&mut self, at: &str, text: String) -> Option<Condition> {
        match cql::parse_checked(&text, &self.fields) {
            Ok(condition) if cql::is_spatial(&condition) => {
                self.fault(
                    at,
                    "计分方案不能含空间条件 / a scheme may not have a spatial condition",
                );
                None
            }
            Ok(condition) => Some(Condition { text, condition }),
            Err(error) => {
                self.fault(at, error.to_string());
                None
            }
        }
    }

    /// A condition whose outcome is told with the grades: it may not rest on what nobody else may read.
    pub fn open_condition(&mut self, at: &str, text: String) -> Option<Condition> {
        let it = self.condition(at, text)?;
        for name in cql::properties(&it.condition) {
            if name != "land_mu" && MEASURES.iter().any(|it| it.name == name) {
                self.fault(at, format!("分组与单列的条件随等级公开，用 `{name}` 会透露数值：改用企业字段 / cohorts and classes apart are told with the grades, so `{name}` would be: use a field of the enterprise"));
            }
        }
        Some(it)
    }

    pub fn items(&mut self, at: &str, items: &[Item], total: Decimal) {
        if items.is_empty() {
            self.fault(at, "没有指标：添加 [[item]] / there is no [[item]]: add one");
            return;
        }
        let mut seen = BTreeSet::new();
        for (nth, item) in items.iter().enumerate() {
            let place = format!("{at}, item {} `{}`", nth + 1, item.measure);
            let place = place.trim_start_matches(", ");
            self.item(place, item);
            if !seen.insert(&item.measure) {
                self.fault(place, "同一指标出现两次 / the same measure twice");
            }
        }
        let sum = items.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(it.weight));
        if sum != Some(total) {
            let sum = sum.map_or_else(|| "?".to_owned(), |it| it.normalize().to_string());
            self.fault(at, format!("权重合计 {sum}，应为 {total}：调整权重，或写明 total = {sum} / the weights sum to {sum}, not {total}: change them, or say `total = {sum}`"));
        }
    }

    fn item(&mut self, at: &str, item: &Item) {
        if !MEASURES.iter().any(|it| it.name == item.measure) {
            let near = nearest(&item.measure, MEASURES.iter().map(|it| it.name));
            let hint = near.map(|it| format!("；是否 / did you mean `{it}`?")).unwrap_or_default();
            self.fault(at, format!("没有这个指标 / there is no such measure{hint}"));
        }
        if item.weight <= Decimal::ZERO {
            self.fault(at, "权重应大于 0 / the weight must be above 0");
        }
        let positive = match item.base {
            Some(Base::Published(it) | Base::Computed { times: it, .. }) => {
                Some(it > Decimal::ZERO)
            }
            None => None,
        };
        match (item.method, positive) {
            (Method::Ratio, None) => self.fault(
                at,
                "ratio 需要 base：公布的基准值，或 { times = 2, of = \"prior_year_mean\" } / ratio takes a base: a published value, or { times = 2, of = \"prior_year_mean\" }",
            ),
            (Method::Ratio, Some(false)) => {
                self.fault(at, "基准应大于 0 / the base must be above 0");
            }
            (Method::MinMax, Some(_)) => {
                self.fault(at, "min_max 不要 base / min_max takes no base");
            }
            _ => {}
        }
        if item.cap.is_some_and(|it| it <= Decimal::ZERO) {
            self.fault(
                at,
                "cap 应大于 0（权重的倍数） / the cap must be above 0: times the weight",
            );
        }
        let most = item.cap.and_then(|it| it.checked_mul(item.weight));
        if item.floor.zip(most).is_some_and(|(floor, most)| floor > most) {
            self.fault(at, "floor 高于 cap / the floor is above the cap");
        }
    }

    pub fn bands(&mut self, at: &str, bands: &[Band]) {
        let bounds: Vec<Decimal> = bands.iter().map(|it| it.up_to).collect();
        let rising = bounds.windows(2).all(|it| it[0] < it[1]);
        let within = bounds.first().is_none_or(|it| *it > Decimal::ZERO);
        if !rising || !within || bounds.last().is_some_and(|it| *it != Decimal::ONE) {
            self.fault(
                at,
                "档次的 up_to 应从大于 0 递增到 1 / the bands' up_to must rise from above 0 to 1",
            );
        }
        let grades: BTreeSet<&str> = bands.iter().map(|it| it.grade.as_str()).collect();
        if grades.len() < bands.len() {
            self.fault(at, "同一档次出现两次 / the same grade twice");
        }
    }

    /// That a grade is one of the scheme's.
    pub fn grade(&mut self, at: &str, grade: &str, known: &[String]) {
        if !known.iter().any(|it| it == grade) {
            let list = known.join(", ");
            self.fault(at, format!("没有档次 `{grade}`，有：{list} / there is no grade `{grade}`; there are: {list}"));
        }
    }
}
