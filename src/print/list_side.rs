//! What stands beside the map of a list: its sums, its parcels by path, north, scale, and what the map says of itself.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::judgement::workflow::Workflow;
use crate::render::Frame;

use super::column;
use super::list_map;
use super::list_map::Printing;
use super::list_table::exact;
use super::ornament;
use super::ornament::Bar;
use super::ornament::grouped;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::sheet;

impl Printing<'_> {
    /// The sums of the list as the API says them, one a line; where they end.
    pub fn sums(&self, pen: &mut Pen<'_>, [x, y, width]: [f64; 3], factor: f64) -> f64 {
        let it = &self.plan.total;
        let rows = [
            ("地块（宗）", "Parcels", Decimal::from(it.cases)),
            ("占地面积（亩）", "Area (mu)", it.area_mu),
            ("计划面积（亩）", "Planned (mu)", it.plan_area_mu),
            ("处置面积（亩）", "Disposed (mu)", it.disposed_mu),
            ("剩余面积（亩）", "Remaining (mu)", it.remaining_mu),
            ("验收面积（亩）", "Counted (mu)", it.counted_mu),
            ("计划投资（万元）", "Planned investment (10k CNY)", it.investment_plan_wan),
            ("实际投资（万元）", "Actual investment (10k CNY)", it.investment_actual_wan),
            ("腾出能耗（吨标准煤）", "Energy freed (tce)", it.energy_freed_tce),
            ("盘活厂房（处）", "Plants", it.plants_freed),
            ("盘活厂房（平方米）", "Plants (m²)", it.plant_freed_m2),
            ("整治关停企业（家）", "Enterprises closed", it.enterprises_cleared),
        ];
        let title = self.say("合计", "Totals");
        pen.text(x, y + 3.6 * factor, Type::of(3.8 * factor).bold(), title);
        let mut top = y + 5.4 * factor;
        for (zh, en, value) in rows {
            let base = top + 3.4 * factor;
            pen.text(x, base, Type::of(2.8 * factor), self.say(zh, en));
            let look = Type::of(2.9 * factor).bold().at(Anchor::End);
            pen.text(x + width, base, look, &exact(value));
            top += 4.7 * factor;
            pen.line((x, top), (x + width, top), "#d9dee3", 0.15);
        }
        top
    }

    /// The legend of the parcels: each path with its colour, how many take it, and their land; where it ends.
    pub fn paths(&self, pen: &mut Pen<'_>, [x, y, width]: [f64; 3], factor: f64) -> f64 {
        let mut all: BTreeMap<usize, (Option<&str>, u32, Decimal)> = BTreeMap::new();
        let ways = &Workflow::shipped().paths;
        for case in &self.plan.cases {
            let path = case.path.as_deref();
            let nth = path.and_then(|it| ways.iter().position(|way| way.id == it));
            let one = all.entry(nth.unwrap_or(usize::MAX)).or_insert((path, 0, Decimal::ZERO));
            one.1 += 1;
            one.2 += case.area_mu;
        }
        let title = self.say("处置路径", "Paths");
        pen.text(x, y + 3.6 * factor, Type::of(3.8 * factor).bold(), title);
        let mut top = y + 5.6 * factor;
        for (nth, (path, count, area)) in all {
            let name = ways.get(nth).map_or_else(
                || self.say("未定", "Not chosen yet").to_owned(),
                |it| if self.zh { it.title.zh.clone() } else { it.title.en.clone() },
            );
            let fill = list_map::color(path);
            pen.out += "<g fill-opacity=\"0.55\">";
            pen.rect([x, top + 0.4 * factor, 5.5 * factor, 3.0 * factor], fill, fill, 0.3 * factor);
            pen.out += "</g>\n";
            let base = top + 3.0 * factor;
            pen.text(x + 7.0 * factor, base, Type::of(2.8 * factor), &name);
            let counted = if self.zh {
                format!("{count} 宗 · {} 亩", exact(area))
            } else {
                format!("{count} · {} mu", exact(area))
            };
            let look = Type::of(2.5 * factor).grey().at(Anchor::End);
            pen.text(x + width, base, look, &counted);
            top += 4.6 * factor;
        }
        top
    }

    /// North, scale, scale bar, projection and dates; where they end.
    pub fn about(
        &self,
        pen: &mut Pen<'_>,
        [x, y, width]: [f64; 3],
        factor: f64,
        (frame, dates): (&Frame, Option<(String, String)>),
    ) -> f64 {
        pen.line((x, y), (x + width, y), pen::GREY, 0.2 * factor);
        let top = y + 17.0 * factor;
        ornament::north(pen, frame, x + 6.0 * factor, top - 2.0 * factor, 13.0 * factor);
        let scale = frame.scale();
        let look = Type::of(4.0 * factor).bold().at(Anchor::End);
        pen.text(x + width, top - 6.0 * factor, look, &format!("1:{}", grouped(scale)));
        Bar::new(scale, (width - 8.0 * factor).min(70.0 * factor)).draw(
            pen,
            x + 1.0 * factor,
            top,
            factor,
        );
        let mut lines = sheet::notes(frame.plane, dates, self.zh);
        // That counts are not of the extent is said of a map's own legend.
        lines.pop();
        lines.push(self.moment());
        column::notes(pen, [x, top + 7.5 * factor, width], 2.3 * factor, &lines)
    }
}
