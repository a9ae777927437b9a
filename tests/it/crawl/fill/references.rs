//! Reference layers, what is assembled of parcels, and what follows from a run.

use super::*;

impl Filler {
    /// Two rows of every reference layer in force, one that is not, and the name of a file.
    pub async fn references(&mut self) {
        let layers = self.it.app.layers.clone();
        for layer in layers.of_kind(Kind::Reference) {
            // Rows of no unit only where rows have units.
            let units = if layer.field.contains_key(UNIT_FIELD) { 3 } else { 2 };
            for (place, west) in WEST.into_iter().enumerate().take(units) {
                let unit = UNITS.get(place).map_or("null".to_owned(), |it| format!("'{it}'"));
                let shape = match layer.geometry {
                    Geometry::Point => format!(
                        "st_multi(st_setsrid(st_makepoint({}, {SOUTH}), 4490))",
                        west + 0.001
                    ),
                    Geometry::Line => format!(
                        "st_multi(st_setsrid(st_makeline(st_makepoint({0}, {SOUTH}), st_makepoint({0} + 0.01, {SOUTH} + 0.001)), 4490))",
                        west
                    ),
                    Geometry::Polygon | Geometry::None => square(west - 0.001, 0.014),
                };
                for superseded in [false, true] {
                    let mut fixed = vec![
                        ("id", (place + 1).to_string()),
                        ("geom", shape.clone()),
                        (UNIT_FIELD, unit.clone()),
                    ];
                    if superseded {
                        fixed.push(("superseded_at", "now()".to_owned()));
                    }
                    // From when on a row is so is told with it.
                    let own = UNITS.get(place).filter(|_| units == 3).map(|it| (*it).to_owned());
                    let of_row = |column: &str| match column {
                        "valid_from" if !superseded => {
                            Rule::May(layer.access, Held::Unit(own.clone()))
                        }
                        _ => Rule::Nobody,
                    };
                    self.row(&format!("layer.{}", layer.id), &fixed, of_row).await;
                }
            }
        }
        // Parcels lie in towns.
        self.it
            .sql("update mutu.parcel p set town_code = t.code from layer.towns t where t.superseded_at is null and st_intersects(t.geom, p.geom)")
            .await;
        let mut db = self.it.app.db.owner().acquire().await.unwrap();
        for layer in layers.layers.values().filter(|it| it.kind != Kind::Derived) {
            let file = self.ledger.text();
            let all = if layer.access > Role::Viewer { Held::Unit(None) } else { Held::Everywhere };
            let rule = match layer.geometry {
                Geometry::None => Rule::May(layer.access, all),
                _ => Rule::Must(layer.access, all),
            };
            self.ledger.note(&file, &format!("mutu.layer_revision.file of {}", layer.id), rule);
            catalog::queries::bump(&mut db, &layers, layer, None, Some(&file)).await.unwrap();
        }
    }

    /// What a run put together: a piece of each unit, and one of several.
    pub async fn assemblies(&mut self) {
        for (place, west) in (0..).zip(WEST) {
            let unit = UNITS.get(place).map_or("null".to_owned(), |it| format!("'{it}'"));
            let run = "(select run_id from mutu.current_run)".to_owned();
            let fixed = [
                ("run_id", run.clone()),
                ("layer", "'assembly'".to_owned()),
                ("assembly_id", (place + 1).to_string()),
                (UNIT_FIELD, unit),
                ("geom", square(west, 0.002)),
            ];
            self.row("mutu.assembly", &fixed, |_| Rule::Nobody).await;
            let fixed = [
                ("run_id", run),
                ("layer", "'assembly'".to_owned()),
                ("assembly_id", (place + 1).to_string()),
                ("parcel_id", (place * 3 + 1).to_string()),
            ];
            self.row("mutu.assembly_member", &fixed, |_| Rule::Nobody).await;
        }
        let layers = self.it.app.layers.clone();
        let layer = layers.find("assembly").unwrap();
        let mut db = self.it.app.db.owner().acquire().await.unwrap();
        catalog::queries::bump(&mut db, &layers, layer, None, None).await.unwrap();
    }

    /// What a run newly found, and what the units were told of it.
    pub async fn sequel(&mut self) {
        for (nth, unit) in (1..).zip(UNITS) {
            let own = Rule::May(Role::Officer, Held::Unit(Some(unit.to_owned())));
            let fixed = [
                ("run_id", "2".to_owned()),
                ("layer", "'low_efficiency'".to_owned()),
                ("parcel_id", nth.to_string()),
                ("change", "'entered'".to_owned()),
                ("verdict", "'low'".to_owned()),
                (UNIT_FIELD, format!("'{unit}'")),
            ];
            self.row("mutu.run_hit", &fixed, |_| own.clone()).await;
            let mut words = || {
                let text = self.ledger.text();
                self.ledger.note(&text, "mutu.notice, in words", own.clone());
                format!("'{{\"zh\": \"{text}\", \"en\": \"{text}\"}}'")
            };
            let fixed = [
                ("kind", "'run_final'".to_owned()),
                ("title", words()),
                ("text", words()),
                (UNIT_FIELD, format!("'{unit}'")),
            ];
            self.row("mutu.notice", &fixed, |_| own.clone()).await;
            let fixed = [("notice_id", nth.to_string())];
            self.row("mutu.notice_read", &fixed, |_| Rule::Nobody).await;
        }
        let fixed = [
            ("run_id", "2".to_owned()),
            ("layer", "'low_efficiency'".to_owned()),
            ("against_run_id", "1".to_owned()),
        ];
        self.row("mutu.run_sequel", &fixed, |_| Rule::Nobody).await;
    }
}
