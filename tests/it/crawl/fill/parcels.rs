//! The register: parcels of both units and of none, with their enterprises, buildings and figures.

use super::*;

impl Filler {
    /// Parcels, buildings, enterprises and their figures. Of each unit: a parcel with one occupant, one with two, one with
    /// figures of its own; of none: one with an occupant. And what nobody reads any more.
    pub async fn register(&mut self) -> Vec<String> {
        let viewer = || Rule::Must(Role::Viewer, Held::Everywhere);
        let batch = |column: &str| match column {
            "file" => Rule::Must(Role::Public, Held::Everywhere),
            _ => Rule::May(Role::Steward, Held::Everywhere),
        };
        let fixed = [("state", "'applied'".to_owned()), ("undoes", "null".to_owned())];
        self.row("mutu.import_batch", &fixed, batch).await;
        self.row("mutu.import_issue", &[("severity", "'error'".into())], batch).await;
        let mapping = |_: &str| Rule::May(Role::Steward, Held::Everywhere);
        let headers = [("headers", format!("array[{}]", self.quoted_text()))];
        self.row("mutu.import_mapping", &headers, mapping).await;
        // When a version was so is told with it; who recorded it, to those with an account.
        let access = self.it.app.layers.find("parcels").unwrap().access;
        let buildings = self.it.app.layers.find("buildings").unwrap().access;
        let unit_of = |place: usize| UNITS.get(place).map(|it| (*it).to_owned());
        let of_version =
            |place: usize, needed: Role| Rule::May(access.max(needed), Held::Unit(unit_of(place)));
        let of_past = |column: &str| match column {
            "valid_from" => of_version(0, Role::Public),
            "recorded_by" => of_version(0, Role::Viewer),
            _ => Rule::Nobody,
        };
        let mut codes = Vec::new();
        for (parcel_id, (place, west)) in (1..).zip([
            (0, 0.0),
            (0, 0.004),
            (0, 0.008),
            (1, 0.0),
            (1, 0.004),
            (1, 0.008),
            (2, 0.0),
        ]) {
            let code = self.quoted_text();
            let west = WEST[place] + west;
            let fixed = parcel(parcel_id, &code, place, west);
            let of_parcel = |column: &str| match column {
                "recorded_by" => viewer(),
                "valid_from" => of_version(place, Role::Public),
                _ => Rule::Nobody,
            };
            self.row("mutu.parcel", &fixed, of_parcel).await;
            let figures = [
                ("parcel_code", code.clone()),
                ("period", "'2025'".to_owned()),
                ("year", "2025".to_owned()),
            ];
            // The third is one that reports by itself.
            let occupants = [1, 2, 0]
                [usize::from(west > WEST[place] + 0.002) + usize::from(west > WEST[place] + 0.006)];
            if occupants == 0 {
                self.row("mutu.parcel_period", &figures, |_| Rule::Nobody).await;
            }
            for nth in 0..occupants {
                self.enterprise(&code, parcel_id * 10 + nth).await;
            }
            for nth in 0..2 {
                let fixed = [
                    ("building_id", format!("{parcel_id}{nth}")),
                    ("building_code", self.quoted_text()),
                    ("parcel_code", code.clone()),
                    ("area_geom_m2", format!("{}.37", 7_390_000 + parcel_id * 10 + nth)),
                    ("geom", square(west + 0.0006 * nth as f64, 0.0005)),
                ];
                let of_building = |column: &str| match column {
                    "valid_from" => Rule::May(buildings, Held::Unit(unit_of(place))),
                    _ => Rule::Nobody,
                };
                self.row("mutu.building", &fixed, of_building).await;
            }
            codes.push(code.trim_matches('\'').to_owned());
        }
        // Versions that were corrected, and a parcel that is no more.
        let code = format!("'{}'", codes[0]);
        let mut fixed = parcel(1, &code, 0, WEST[0]);
        fixed.push(("superseded_at", "now()".to_owned()));
        fixed.retain(|(name, _)| *name != "parcel_code");
        self.row("mutu.parcel", &fixed, of_past).await;
        let mut fixed = parcel(90, "''", 0, WEST[0]);
        fixed.retain(|(name, _)| *name != "parcel_code");
        fixed.push(("valid_to", "date '2020-01-01'".to_owned()));
        self.row("mutu.parcel", &fixed, of_past).await;
        codes
    }

    async fn enterprise(&mut self, parcel_code: &str, enterprise_id: i64) {
        let must = Rule::Must(Role::Viewer, Held::Everywhere);
        let known = Rule::May(Role::Viewer, Held::Everywhere);
        let fixed = [
            ("enterprise_id", enterprise_id.to_string()),
            // Without it nobody knows whom it is ranked with.
            ("is_scale", "true".to_owned()),
        ];
        let of_enterprise = |column: &str| match column {
            "uscc" | "name" | "industry_code" => must.clone(),
            "founded" | "in_production" | "town_code" => known.clone(),
            _ => Rule::Nobody,
        };
        let held = self.row("mutu.enterprise", &fixed, of_enterprise).await;
        let uscc = &held.iter().find(|(it, _)| it == "uscc").unwrap().1;
        let uscc = format!("'{uscc}'");
        let fixed = [
            ("parcel_code", parcel_code.to_owned()),
            ("uscc", uscc.clone()),
            ("to_date", format!("date '2973-03-07' + {enterprise_id}")),
            ("share", "null".to_owned()),
            // All users of a parcel together have less than it.
            ("land_m2", format!("{}.37", 2_310_000 + enterprise_id)),
        ];
        let of_occupancy = |column: &str| match column {
            "role" | "floor_m2" | "land_m2" => must.clone(),
            "from_date" => known.clone(),
            _ => Rule::Nobody,
        };
        self.row("mutu.occupancy", &fixed, of_occupancy).await;
        for year in [2025, 2024, 2023] {
            let fixed = [
                ("uscc", uscc.clone()),
                ("year", year.to_string()),
                ("period", format!("'{year}'")),
            ];
            self.row("mutu.enterprise_period", &fixed, |_| Rule::Nobody).await;
        }
        let marked = [("uscc", uscc.clone()), ("year", "2025".to_owned())];
        self.row("mutu.enterprise_mark", &marked, |_| Rule::Nobody).await;
        let guided = [("year", "2025".to_owned())];
        self.row("mutu.sector_guide", &guided, |_| Rule::Nobody).await;
        let fixed = [
            ("uscc", uscc),
            ("year", "2025".to_owned()),
            ("period", "'2025'".to_owned()),
            ("superseded_at", "now()".to_owned()),
        ];
        self.row("mutu.enterprise_period", &fixed, |_| Rule::Nobody).await;
    }
}

fn parcel(parcel_id: i64, code: &str, place: usize, west: f64) -> Vec<(&'static str, String)> {
    let unit = UNITS.get(place).map_or("null".to_owned(), |it| format!("'{it}'"));
    vec![
        ("parcel_id", parcel_id.to_string()),
        ("parcel_code", code.to_owned()),
        (UNIT_FIELD, unit),
        // Of the codes that there are; what a run makes of it is looked at elsewhere.
        ("block_class_override", "null".to_owned()),
        ("area_geom_m2", format!("{}.37", 7_300_000 + parcel_id)),
        ("geom", square(west, 0.002)),
    ]
}
