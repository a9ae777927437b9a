//! Yearly figures of an enterprise: skewed by sector and size, alike from year to year, with gaps.

use chrono::Datelike;
use rand::Rng;

use super::building::cents;
use super::enterprise::Enterprise;
use super::enterprise::Trade;
use super::noise;
use super::noise::Stream;
use super::row::Row;

pub const YEARS: [i32; 3] = [2023, 2024, 2025];

/// Kilowatt hours in a tonne of standard coal (当量).
const KWH_PER_TCE: f64 = 8136.7;

/// The figures of one enterprise for one year; `None` is not reported.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub year: i32,
    pub output_wan: Option<f64>,
    pub revenue_wan: Option<f64>,
    pub value_added_wan: Option<f64>,
    pub tax_paid_wan: Option<f64>,
    pub tax_policy_adj_wan: Option<f64>,
    pub tax_wan: Option<f64>,
    pub energy_tce: Option<f64>,
    pub electricity_kwh: Option<f64>,
    pub water_m3: Option<f64>,
    pub emission_t: Option<f64>,
    pub rd_wan: Option<f64>,
    pub employees: Option<i64>,
    pub investment_wan: Option<f64>,
}

impl Figures {
    /// The row of `header::ENTERPRISE_YEARS`.
    pub fn row(&self, enterprise: &Enterprise) -> Row {
        Row::of(vec![
            enterprise.uscc.as_str().into(),
            enterprise.name.as_str().into(),
            i64::from(self.year).into(),
            self.output_wan.into(),
            self.revenue_wan.into(),
            self.value_added_wan.into(),
            self.tax_paid_wan.into(),
            self.tax_policy_adj_wan.into(),
            self.tax_wan.into(),
            self.energy_tce.into(),
            self.electricity_kwh.into(),
            self.water_m3.into(),
            self.emission_t.into(),
            self.rd_wan.into(),
            self.employees.into(),
            self.investment_wan.into(),
        ])
    }
}

/// All years that an enterprise reports; sets its size class.
pub fn report(enterprise: &mut Enterprise, random: &mut Stream) -> Vec<Figures> {
    let mut tax_wan = enterprise.tax_wan;
    let tax_of_revenue = noise::log_normal(random, 0.046, 0.35).clamp(0.008, 0.2);
    let habits = Habits {
        tax_of_revenue,
        value_added: (enterprise.sector.value_added * noise::log_normal(random, 1.0, 0.15))
            .min(0.6),
        energy_tce: enterprise.sector.energy_tce * noise::log_normal(random, 1.0, 0.4),
        per_head_wan: noise::log_normal(random, 24.0, 0.35),
        rd: if enterprise.is_hightech {
            random.random_range(0.035..0.08)
        } else {
            noise::log_normal(random, 0.008, 0.8).min(0.05)
        },
        adjusted: (enterprise.is_hightech || random.random::<f64>() < 0.1)
            .then(|| random.random_range(0.03..0.15)),
        emits: enterprise.sector.energy_tce > 0.08,
    };
    enterprise.is_scale = enterprise.trade == Trade::Producing && tax_wan / tax_of_revenue > 2000.0;
    enterprise.is_key = enterprise.is_scale && tax_wan > 1500.0;
    let mut out = Vec::with_capacity(YEARS.len());
    for year in YEARS {
        tax_wan *= (0.02 + 0.2 * noise::normal(random)).exp();
        let missing = random.random::<f64>() < 0.06;
        let started = match (enterprise.trade, enterprise.in_production) {
            (Trade::Building, _) => false,
            (_, Some(start)) => start.year() <= year,
            (_, None) => true,
        };
        if started && !missing {
            let told = one_year(enterprise, year, tax_wan, &habits, random);
            let is_asleep = asleep_since(&enterprise.uscc).is_some_and(|it| it <= year);
            out.push(if is_asleep { asleep(&told) } else { told });
        }
    }
    out
}

/// The year in which a firm stopped producing, of about one in forty: land without tax for years running is what a rule of
/// its own looks for. Told by the code alone, so that all other figures of a seed stay as they are.
fn asleep_since(uscc: &str) -> Option<i32> {
    let mixed = uscc.bytes().fold(0_u32, |sum, it| sum.wrapping_mul(31).wrapping_add(it.into()));
    match mixed % 80 {
        0 => Some(YEARS[0]),
        1 => Some(YEARS[1]),
        _ => None,
    }
}

/// A year in which nothing was produced; what is not reported stays so, but for the tax, which the office knows.
fn asleep(it: &Figures) -> Figures {
    let none = |value: Option<f64>| value.map(|_| 0.0);
    Figures {
        year: it.year,
        output_wan: none(it.output_wan),
        revenue_wan: none(it.revenue_wan),
        value_added_wan: none(it.value_added_wan),
        tax_paid_wan: Some(0.0),
        tax_policy_adj_wan: Some(0.0),
        tax_wan: Some(0.0),
        energy_tce: none(it.energy_tce),
        electricity_kwh: it.electricity_kwh.map(|kwh| (kwh * 0.01).round()),
        water_m3: it.water_m3.map(|m3| (m3 * 0.01).round()),
        emission_t: none(it.emission_t),
        rd_wan: none(it.rd_wan),
        employees: it.employees.map(|heads| heads.min(2)),
        investment_wan: none(it.investment_wan),
    }
}

struct Habits {
    tax_of_revenue: f64,
    value_added: f64,
    energy_tce: f64,
    per_head_wan: f64,
    rd: f64,
    adjusted: Option<f64>,
    emits: bool,
}

fn one_year(
    enterprise: &Enterprise,
    year: i32,
    tax_wan: f64,
    habits: &Habits,
    random: &mut Stream,
) -> Figures {
    if enterprise.trade != Trade::Producing {
        // Who only holds land pays tax on it and produces nothing.
        let tax = cents(tax_wan);
        let revenue_wan =
            if enterprise.trade == Trade::Letting { cents(tax_wan * 7.0) } else { 0.0 };
        return Figures {
            year,
            output_wan: Some(0.0),
            revenue_wan: Some(revenue_wan),
            tax_paid_wan: Some(tax),
            tax_policy_adj_wan: Some(0.0),
            tax_wan: Some(tax),
            employees: Some(random.random_range(0..12)),
            ..Figures::default()
        };
    }
    let revenue = tax_wan / habits.tax_of_revenue * noise::log_normal(random, 1.0, 0.06);
    let output = revenue * random.random_range(0.95..1.06);
    let added = output * habits.value_added * noise::log_normal(random, 1.0, 0.05);
    let energy = output * habits.energy_tce * noise::log_normal(random, 1.0, 0.08);
    let nothing = random.random::<f64>() < 0.015;
    let tax_wan = if nothing { 0.0 } else { cents(tax_wan) };
    let adjusted = cents(tax_wan * habits.adjusted.unwrap_or(0.0));
    let invested =
        if random.random::<f64>() < 0.35 { output * random.random_range(0.01..0.2) } else { 0.0 };
    let mut told = |value: f64, gaps: f64| (random.random::<f64>() >= gaps).then_some(value);
    Figures {
        year,
        output_wan: told(cents(output), 0.01),
        revenue_wan: told(cents(revenue), 0.01),
        value_added_wan: told(cents(added), 0.03),
        tax_paid_wan: Some(cents(tax_wan - adjusted)),
        tax_policy_adj_wan: told(adjusted, 0.02),
        tax_wan: told(tax_wan, 0.01),
        energy_tce: told(cents(energy), 0.05),
        electricity_kwh: told((energy * 0.62 * KWH_PER_TCE).round(), 0.04),
        water_m3: told((output * 1.4 + 800.0).round(), 0.06),
        emission_t: if habits.emits { told((output * 0.13).round() / 1000.0, 0.1) } else { None },
        rd_wan: if enterprise.is_scale || enterprise.is_hightech {
            told(cents(revenue * habits.rd), 0.05)
        } else {
            None
        },
        employees: told((added / habits.per_head_wan).ceil().max(2.0), 0.02).map(whole),
        investment_wan: told(cents(invested), 0.05),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "heads of one firm")]
fn whole(value: f64) -> i64 {
    value as i64
}
