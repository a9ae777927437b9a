//! What the sections `[conformity]` and `[assembly]` may say, by themselves and of other folders.

use std::collections::BTreeSet;

use super::super::Conformity;
use super::super::Declaration;
use super::super::FieldType;
use super::super::Geometry;
use super::super::Kind;
use super::super::Layer;
use super::super::Layers;
use super::super::MapRole;
use super::Finding;
use super::Findings;
use super::did_you_mean;
use super::is_plain_name;

pub(super) fn check(it: &Declaration, found: &mut Findings) {
    for (key, there) in
        [("conformity", it.conformity.is_some()), ("assembly", it.assembly.is_some())]
    {
        if there && (it.kind != Kind::Derived || it.geometry != Geometry::Polygon) {
            found.say(key, "只有面状派生图层可写 / only a derived layer of polygons may have it");
        }
    }
    if it.conformity.is_some() && it.assembly.is_some() {
        found.say("assembly", "与 `conformity` 二者取一 / a layer has either this or `conformity`");
    }
    if it.assembly.is_some() && it.overlay.is_some() {
        found.say(
            "overlay",
            "连片图层的行不是宗地，不做叠加 / the rows of an assembly layer are no parcels and take no overlay",
        );
    }
    if let Some(conformity) = &it.conformity {
        of_conformity(conformity, found);
    }
    if let Some(assembly) = &it.assembly {
        positive(found, "assembly.gap_m", assembly.gap_m, 0.0, 1_000.0);
        positive(found, "assembly.mu_at_least", assembly.mu_at_least, 0.0, 1e6);
        if assembly.rank_by.is_empty() {
            found.say("assembly.rank_by", "至少写一项 / name at least one");
        }
        if it.identify.is_some() {
            found.say(
                "identify",
                "连片的一行是多宗宗地，不指一宗 / a row stands for several parcels and identifies none",
            );
        }
    }
}

fn of_conformity(it: &Conformity, found: &mut Findings) {
    positive(found, "conformity.tolerance_m2", it.tolerance_m2, 0.0, 1e6);
    positive(found, "conformity.drawn_reach_m", it.drawn_reach_m, 1.0, 1e6);
    for (key, share) in [
        ("conformity.tolerance_share", it.tolerance_share),
        ("conformity.boundary.inside_at_least", it.boundary.inside_at_least),
        ("conformity.control.covered_at_least", it.control.covered_at_least),
        ("conformity.layout.inside_at_least", it.layout.inside_at_least),
    ] {
        positive(found, key, share, 0.0, 1.0);
    }
    positive(found, "conformity.reduction.quota_per_mu", it.reduction.quota_per_mu, 0.0, 100.0);
    positive(found, "conformity.sites.pool", f64::from(it.sites.pool), 1.0, 2_000.0);
    let named = [
        ("conformity.uses", it.uses.iter().map(|it| &it.id).collect::<Vec<_>>()),
        ("conformity.paths", it.paths.iter().map(|it| &it.id).collect()),
    ];
    for (key, ids) in named {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !is_plain_name(id) || !seen.insert(id) {
                found.say(
                    key,
                    &format!("编号须为 snake_case 且不重复 / `{id}`: ids are snake_case, and each only once"),
                );
            }
        }
    }
    for of in &it.uses {
        let codes = || of.codes.iter().chain(&of.allowed_on);
        if of.allowed_on.is_empty() || codes().any(|it| it.trim_end_matches('*').is_empty()) {
            found.say(
                "conformity.uses",
                &format!("`allowed_on` 不能为空，代码不能只写 * / `{}` needs codes in `allowed_on`, and none that is only `*`", of.id),
            );
        }
    }
    if !it.paths.iter().any(|path| path.id == it.reduction.path) {
        let near = did_you_mean(&it.reduction.path, it.paths.iter().map(|it| it.id.as_str()));
        found.say(
            "conformity.reduction.path",
            &format!("没有该路径 / no path `{}`{near}", it.reduction.path),
        );
    }
    if it.protected.is_empty() {
        found.say("conformity.protected", "至少写一个图层 / name at least one layer");
    }
}

fn positive(found: &mut Findings, key: &str, value: f64, least: f64, most: f64) {
    if !(least..=most).contains(&value) {
        found.say(
            key,
            &format!("应在 {least} 与 {most} 之间 / should lie between {least} and {most}"),
        );
    }
}

/// What only shows when all folders are known.
pub(super) fn across(layers: &Layers, layer: &Layer, findings: &mut Vec<Finding>) {
    let mut say = |what: String| {
        findings.push(Finding { file: format!("layers/{}/layer.toml", layer.id), what });
    };
    if let Some(it) = &layer.conformity {
        for id in it.layers() {
            if let Some(what) = no_plan(layers, id) {
                say(format!("`conformity`: {what}"));
            }
        }
        if let Some(plan) = layers.find(&it.control.layer) {
            let fields = [
                (&it.control.code_field, FieldType::Text),
                (&it.control.far_field, FieldType::Decimal),
            ];
            for (name, kind) in fields {
                if plan.field.get(name).is_none_or(|it| it.kind != kind) {
                    let near = did_you_mean(name, plan.field.keys().map(String::as_str));
                    say(format!(
                        "`conformity.control`: 图层没有该 {kind} 字段 / layer `{}` has no {kind} field `{name}`{near}",
                        plan.id,
                        kind = kind.name(),
                    ));
                }
            }
        }
        let classes = layers.find(&it.reduction.layer).and_then(|it| it.overlay.as_ref());
        let known = classes.is_some_and(|of| {
            of.remainder == it.reduction.class
                || of.officer_classes.contains(&it.reduction.class)
                || of.classes.iter().any(|of| {
                    of.class_field.is_some() || of.class.as_ref() == Some(&it.reduction.class)
                })
        });
        if !known {
            say(format!(
                "`conformity.reduction`: 没有做叠加的图层或其中没有该类 / no layer `{}` with an `[overlay]`, or no class `{}` in it",
                it.reduction.layer, it.reduction.class
            ));
        }
    }
    if let Some(it) = &layer.assembly {
        let judging =
            |of: &Layer| of.field.values().any(|it| it.column.as_deref() == Some("result.verdict"));
        if !layers.find(&it.verdicts).is_some_and(judging) {
            say(format!(
                "`assembly.verdicts`: 不是有判定的派生图层 / `{}` is no derived layer with a field of `result.verdict`",
                it.verdicts
            ));
        }
        if layers.find(&it.conformity).is_none_or(|it| it.conformity.is_none()) {
            say(format!(
                "`assembly.conformity`: 不是有 `[conformity]` 的图层 / `{}` is no layer with `[conformity]`",
                it.conformity
            ));
        }
        for id in &it.barriers {
            let fits = |it: &Layer| {
                it.kind == Kind::Reference
                    && matches!(it.geometry, Geometry::Line | Geometry::Polygon)
            };
            if !layers.find(id).is_some_and(fits) {
                let near = did_you_mean(id, layers.layers.keys().map(String::as_str));
                say(format!(
                    "`assembly.barriers`: 不是线状或面状参考图层 / `{id}` is no reference layer of lines or polygons{near}"
                ));
            }
        }
    }
}

/// Why a layer is no plan, if it is none.
fn no_plan(layers: &Layers, id: &str) -> Option<String> {
    match layers.find(id) {
        Some(it)
            if it.kind == Kind::Reference
                && it.geometry == Geometry::Polygon
                && it.role != MapRole::Base =>
        {
            None
        }
        Some(_) => Some(format!(
            "不是规划图层 / `{id}` is no reference layer of polygons (and no base map)"
        )),
        None => {
            let near = did_you_mean(id, layers.layers.keys().map(String::as_str));
            Some(format!("没有图层 / no layer `{id}`{near}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Assembly;

    /// What is found once a shipped section says something else.
    fn of_conformity(change: impl FnOnce(&mut Conformity)) -> String {
        let mut layers = Layers::load(None).unwrap();
        change(layers.layers["conformity"].declaration.conformity.as_mut().unwrap());
        findings(&layers, "conformity")
    }

    fn of_assembly(change: impl FnOnce(&mut Assembly)) -> String {
        let mut layers = Layers::load(None).unwrap();
        change(layers.layers["assembly"].declaration.assembly.as_mut().unwrap());
        findings(&layers, "assembly")
    }

    fn findings(layers: &Layers, id: &str) -> String {
        let layer = layers.find(id).unwrap();
        let mut own = Findings::of("layer.toml");
        check(layer, &mut own);
        let mut all = own.list;
        across(layers, layer, &mut all);
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_shipped_sections_are_right() {
        assert_eq!(of_conformity(|_| {}), "");
        assert_eq!(of_assembly(|_| {}), "");
    }

    #[test]
    fn what_is_wrong_is_found_with_its_key() {
        let text = |it: &str| it.to_owned();
        for (said, key, words) in [
            (of_conformity(|it| it.tolerance_m2 = -1.0), "tolerance_m2", "between 0"),
            (of_conformity(|it| it.tolerance_share = f64::NAN), "tolerance_share", "between 0"),
            (of_conformity(|it| it.boundary.inside_at_least = 90.0), "inside_at_least", "and 1"),
            (of_conformity(|it| it.protected.clear()), "protected", "at least one"),
            (
                of_conformity(|it| it.boundary.layer = text("growth_bounary")),
                "conformity",
                "did you mean `growth_boundary`",
            ),
            (
                of_conformity(|it| it.layout.layer = text("water")),
                "conformity",
                "no reference layer",
            ),
            (
                of_conformity(|it| it.control.far_field = text("far")),
                "control",
                "no decimal field `far`",
            ),
            (of_conformity(|it| it.reduction.class = text("199")), "reduction", "no class `199`"),
            (
                of_conformity(|it| it.reduction.path = text("reducton")),
                "reduction.path",
                "did you mean `reduction`",
            ),
            (of_conformity(|it| it.uses[0].allowed_on = vec![text("*")]), "uses", "only `*`"),
            (of_conformity(|it| it.paths[0].id = it.paths[1].id.clone()), "paths", "only once"),
            (of_conformity(|it| it.sites.pool = 0), "sites.pool", "between 1"),
            (of_assembly(|it| it.gap_m = f64::INFINITY), "gap_m", "between 0"),
            (of_assembly(|it| it.rank_by.clear()), "rank_by", "at least one"),
            (
                of_assembly(|it| it.barriers = vec![text("road")]),
                "barriers",
                "did you mean `roads`",
            ),
            (of_assembly(|it| it.verdicts = text("block_class")), "verdicts", "`block_class`"),
            (
                of_assembly(|it| it.conformity = text("low_efficiency")),
                "conformity",
                "no layer with",
            ),
        ] {
            assert!(said.contains(key) && said.contains(words), "{key}, {words}: {said}");
        }
    }
}
