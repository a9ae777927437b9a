//! From the conditions of a file to trees that can be decided: parameters filled in, groups put together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::cql;
use crate::cql::Expr;
use crate::cql::Fields;
use crate::cql::Kind;
use crate::cql::PARAMETER;
use crate::cql::Span;
use crate::layer::nearest;

use super::Fault;
use super::file::RuleFile;
use super::parameter;

/// A condition and the parameters it was filled with.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub expr: Expr,
    pub thresholds: IndexMap<String, String>,
}

/// The literals that names with a colon stand for.
pub(super) type Literals = BTreeMap<String, Kind>;

/// Reads the condition of every rule, groups after their parts. What cannot be read is told and left out.
pub(super) fn read(
    rules: &[RuleFile],
    literals: &Literals,
    fields: &dyn Fields,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, Condition> {
    let mut read = BTreeMap::new();
    for rule in rules {
        let fault = |why: String| Fault { rule: rule.id.clone(), why };
        let groups = usize::from(!rule.all.is_empty()) + usize::from(!rule.any.is_empty());
        match (&rule.when, groups) {
            (Some(when), 0) => match own(when, literals, fields) {
                Ok(it) => {
                    read.insert(rule.id.clone(), it);
                }
                Err(why) => faults.push(fault(why)),
            },
            (None, 1) => {}
            _ => faults.push(fault(
                "应有 when、all、any 之一 / one of `when`, `all` and `any` is needed".to_owned(),
            )),
        }
    }
    let by_id: BTreeMap<&str, &RuleFile> = rules.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut told = BTreeSet::new();
    for rule in rules.iter().filter(|it| it.when.is_none()) {
        let mut path = Vec::new();
        if let Err(it) = group(rule, &by_id, &mut read, &mut path) {
            // Every rule on a circle would say the same.
            if told.insert(it.why.clone()) {
                faults.push(it);
            }
        }
    }
    read
}

fn own(when: &str, literals: &Literals, fields: &dyn Fields) -> Result<Condition, String> {
    let parsed = cql::parse(when).map_err(|it| it.to_string())?;
    let mut thresholds = IndexMap::new();
    for name in cql::properties(&parsed) {
        let Some(bare) = name.strip_prefix(PARAMETER) else { continue };
        match literals.get(bare) {
            Some(it) => {
                thresholds.insert(bare.to_owned(), parameter::text(it).unwrap_or_default());
            }
            None => return Err(unknown(bare, literals)),
        }
    }
    let expr = cql::fill(&parsed, &|name| literals.get(name).cloned());
    cql::check(&expr, fields).map_err(|it| it.within(when).to_string())?;
    if cql::is_spatial(&expr) {
        return Err("规则不能含空间条件 / a rule may not have a spatial condition".to_owned());
    }
    Ok(Condition { expr, thresholds })
}

pub(super) fn unknown(name: &str, literals: &Literals) -> String {
    let near = nearest(name, literals.keys().map(String::as_str));
    let zh = near.map(|it| format!("；是否为 `:{it}`？")).unwrap_or_default();
    let en = near.map(|it| format!("; did you mean `:{it}`?")).unwrap_or_default();
    format!("没有参数 `:{name}`{zh} / there is no parameter `:{name}`{en}")
}

/// Puts a group together, and whatever groups are in it.
fn group(
    rule: &RuleFile,
    by_id: &BTreeMap<&str, &RuleFile>,
    read: &mut BTreeMap<String, Condition>,
    path: &mut Vec<String>,
) -> Result<(), Fault> {
    let fault = |why: String| Fault { rule: rule.id.clone(), why };
    path.push(rule.id.clone());
    let is_all = !rule.all.is_empty();
    let mut exprs = Vec::new();
    let mut thresholds = IndexMap::new();
    for id in if is_all { &rule.all } else { &rule.any } {
        if let Some(at) = path.iter().position(|it| it == id) {
            let circle = [&path[at..], std::slice::from_ref(id)].concat().join(" → ");
            return Err(fault(format!(
                "规则组循环引用：{circle} / the groups run in a circle: {circle}"
            )));
        }
        let Some(part) = by_id.get(id.as_str()) else {
            let near = nearest(id, by_id.keys().copied());
            return Err(fault(format!(
                "没有规则 `{id}`{} / there is no rule `{id}`{}",
                near.map(|it| format!("；是否为 `{it}`？")).unwrap_or_default(),
                near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default(),
            )));
        };
        if part.when.is_none() && !read.contains_key(id) {
            group(part, by_id, read, path)?;
        }
        // One whose own condition is at fault has been told.
        let Some(it) = read.get(id) else { continue };
        exprs.push(it.expr.clone());
        thresholds.extend(it.thresholds.clone());
    }
    path.pop();
    if exprs.is_empty() {
        return Ok(());
    }
    let kind = match exprs.len() {
        1 => exprs.swap_remove(0).kind,
        _ if is_all => Kind::And(exprs),
        _ => Kind::Or(exprs),
    };
    let expr = Expr::new(kind, Span::default());
    if expr.depth() > cql::MAX_DEPTH {
        return Err(fault(format!(
            "规则组层次超过 {most} / the group is deeper than {most} levels",
            most = cql::MAX_DEPTH
        )));
    }
    if size(&expr) > cql::MAX_NODES {
        return Err(fault(too_large()));
    }
    read.insert(rule.id.clone(), Condition { expr, thresholds });
    Ok(())
}

/// How many parts an expression has.
pub(super) fn size(expr: &Expr) -> usize {
    let mut parts = 0;
    expr.visit(&mut |_| parts += 1);
    parts
}

pub(super) fn too_large() -> String {
    format!(
        "条件过大，合计至多 {most} 个部分 / the conditions are too large: at most {most} parts in all",
        most = cql::MAX_NODES
    )
}
