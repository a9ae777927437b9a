//! Times what-if previews over a run of a million parcels beside the same question in SQL:
//! `cargo bench --bench whatif -- 1000000`. It starts a PostGIS of its own in a temporary folder, fills a register and a run
//! with made-up figures, asks both ways, and fails where one answer differs.

#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::ensure;
use mutu::access::Scope;
use mutu::app::App;
use mutu::catalog;
use mutu::config::Config;
use mutu::cql;
use mutu::cql::Value;
use mutu::db::Cluster;
use mutu::db::Db;
use mutu::db::Statement;
use mutu::evaluation::ruleset;
use mutu::judgement::rule::Effect;
use mutu::judgement::rule::changed;
use mutu::layer::Layers;
use mutu::scenario;
use mutu::scenario::Question;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::Row;

/// Questions that are timed in memory, and how many of them are asked of SQL as well.
const RUNS: usize = 201;
const IN_SQL: usize = 12;

fn main() -> anyhow::Result<()> {
    let rows = std::env::args().skip(1).find_map(|it| it.parse().ok()).unwrap_or(1_000_000_u32);
    tokio::runtime::Runtime::new()?.block_on(run(rows))
}

async fn run(rows: u32) -> anyhow::Result<()> {
    let dir = tempfile::Builder::new().prefix("mutu-bench-").tempdir()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))?;
    }
    let at = dir.path().to_owned();
    let cluster = tokio::task::spawn_blocking(move || Cluster::join_or_start(&at)).await??;
    let done = bench(&cluster, rows).await;
    tokio::task::spawn_blocking(move || drop(cluster)).await?;
    done
}

async fn bench(cluster: &Cluster, rows: u32) -> anyhow::Result<()> {
    cluster.create_database("whatif").await?;
    let config = Config::default();
    let layers = Layers::load(None)?;
    let db = Db::connect(cluster.options("whatif"), None, config.timeouts).await?;
    catalog::sync(db.owner(), &layers).await?;
    let begun = Instant::now();
    let text =
        layers.find("low_efficiency").context("the judging layer")?.rules["general-2025"].clone();
    fill(&db, rows, &text).await?;
    println!("{rows} parcels, filled in {:.0} s", begun.elapsed().as_secs_f64());
    let app = App::new(config, db, layers);
    let scope = Scope::console();

    let begun = Instant::now();
    scenario::preview(&app, &scope, &question(0)).await?;
    println!("first answer, columns read: {:.2} s", begun.elapsed().as_secs_f64());
    // Those that a filter, a box or another rule takes besides.
    for nth in 0..KINDS {
        scenario::preview(&app, &scope, &question(nth)).await?;
    }
    let mut memory = Vec::new();
    for nth in 0..RUNS {
        let question = question(nth);
        let begun = Instant::now();
        scenario::preview(&app, &scope, &question).await?;
        memory.push(begun.elapsed());
    }
    let mut sql = Vec::new();
    for nth in 0..IN_SQL {
        let question = question(nth);
        let begun = Instant::now();
        let found = in_sql(&app, &text, &question).await?;
        sql.push(begun.elapsed());
        ensure!(found == in_memory(&app, &scope, &question).await?, "answers differ: {question:?}");
    }
    print("in memory", &mut memory);
    print("in SQL", &mut sql);
    println!("answers of {IN_SQL} questions are equal");
    app.close().await
}

fn print(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!("{name:>10}: p50 {:.1} ms, p99 {:.1} ms, of {}", at(50), at(99), times.len());
}

/// Kinds of questions, which follow one another.
const KINDS: usize = 6;

/// What somebody asks who moves sliders, filters and draws boxes.
fn question(nth: usize) -> Question {
    let floor = 3.0 + f64::from(u32::try_from(nth % 40).unwrap_or(0)) * 0.25;
    let parameters = json!({"tax_floor": floor});
    let asked = match nth % KINDS {
        0 | 1 => json!({"parameters": parameters}),
        2 => json!({"parameters": {"tax_floor": floor, "far_floor": 1.2, "tax_modest": 15}}),
        3 => json!({"parameters": parameters, "filter": "block_class = '195' AND area_mu > 10"}),
        4 => json!({"parameters": parameters, "bbox": [121.25, 31.25, 121.30, 31.30]}),
        _ => json!({
            "parameters": {"contract_share": 0.8},
            "rules": {"by_energy": {"when": "output_wan < 2 * energy_tce + 100", "effect": "low"}},
        }),
    };
    serde_json::from_value(asked).unwrap_or_default()
}

/// By unit, class, verdict before and after: parcels, sums of area, tax, energy and enterprises.
type Answer = BTreeMap<(String, String), (i64, [String; 4])>;

fn figures(name: &str, it: &scenario::Verdicts, into: &mut Answer) {
    for (verdict, it) in [("low", &it.low), ("ok", &it.ok), ("unknown", &it.unknown)] {
        let sums = [&it.area_mu, &it.tax_wan, &it.energy_tce, &it.enterprises];
        let sums = sums.map(|it| it.clone().unwrap_or_default());
        if it.parcels > 0 {
            let parcels = i64::try_from(it.parcels).unwrap_or(i64::MAX);
            into.insert((name.to_owned(), verdict.to_owned()), (parcels, sums));
        }
    }
}

async fn in_memory(app: &App, scope: &Scope, question: &Question) -> anyhow::Result<Answer> {
    let preview =
        scenario::preview(app, scope, question).await.map_err(|it| anyhow::anyhow!("{it}"))?;
    let mut all = Answer::new();
    figures("all", &preview.after, &mut all);
    figures("before", &preview.before, &mut all);
    for it in &preview.units {
        figures(&format!("unit {}", it.key.as_deref().unwrap_or("-")), &it.after, &mut all);
    }
    for it in &preview.classes {
        figures(&format!("class {}", it.key.as_deref().unwrap_or("-")), &it.after, &mut all);
    }
    Ok(all)
}

/// The same in one statement over the tables.
async fn in_sql(app: &App, text: &str, question: &Question) -> anyhow::Result<Answer> {
    let changes = serde_json::from_value(
        json!({"parameters": question.parameters, "rules": question.rules}),
    )?;
    let text = changed(text, &changes, None).map_err(|it| anyhow::anyhow!("{it:?}"))?;
    let set = ruleset::read(&app.layers, &text, 2025).map_err(|it| anyhow::anyhow!("{it:?}"))?;
    let fields = ruleset::fields(&app.layers);
    let mut values: Vec<Value<'static>> = Vec::new();
    let mut write = |expr: &cql::Expr| {
        let it = cql::sql::to_sql(expr, &fields, values.len() + 1)?;
        values.extend(it.values);
        Ok::<_, cql::Error>(it.sql)
    };
    let (low, exempt) = (write(&set.any(Effect::Low))?, write(&set.any(Effect::Exempt))?);
    let filter = match &question.filter {
        Some(it) => write(&cql::parse_checked(it, &fields)?)?,
        None => "true".to_owned(),
    };
    let sql = format!(
        "with t as (
             select m.*, v.status, v.contract_finish, v.contract_tax_wan_per_mu, v.industry_code,
                    p.responsible_unit, k.class as block_class, r.verdict as before
             from mutu.current_run
             join mutu.parcel_measure m using (run_id)
             join mutu.parcel v on v.row_id = m.parcel_row_id
             join mutu.parcel_current p on p.parcel_id = m.parcel_id
             left join mutu.parcel_class k
                 on k.run_id = m.run_id and k.parcel_id = m.parcel_id and k.layer = 'block_class'
             left join mutu.parcel_result r
                 on r.run_id = m.run_id and r.parcel_id = m.parcel_id and r.layer = 'low_efficiency'
         ), judged as (
             select *, {low} as low, {exempt} as exempt from t where {filter}
         ), named as (
             select *, case when low and not exempt then 'low' when not (low and not exempt) then 'ok' else 'unknown' end as after
             from judged
         )
         select case when grouping(before) = 0 then 'before' when grouping(responsible_unit) = 0 then 'unit ' || coalesce(responsible_unit, '-')
                     when grouping(block_class) = 0 then 'class ' || coalesce(block_class, '-') else 'all' end as name,
                coalesce(before, after) as verdict, count(*) as parcels,
                coalesce(trim_scale(sum(area_mu))::text, '') as area, coalesce(trim_scale(sum(tax_wan))::text, '') as tax,
                coalesce(trim_scale(sum(energy_tce))::text, '') as energy,
                coalesce(trim_scale(sum(enterprise_count))::text, '') as enterprises
         from named
         group by grouping sets ((after), (before), (responsible_unit, after), (block_class, after))"
    );
    let rows = Statement { sql, values }.query()?.fetch_all(app.db.owner()).await?;
    let mut all = Answer::new();
    for it in rows {
        let sums = [it.get("area"), it.get("tax"), it.get("energy"), it.get("enterprises")];
        all.insert((it.get("name"), it.get("verdict")), (it.get("parcels"), sums));
    }
    Ok(all)
}

/// Square parcels in rows, a run over them, and what it measured: about a tenth of the figures are missing.
async fn fill(db: &Db, rows: u32, text: &str) -> anyhow::Result<()> {
    let config = json!({"rulesets": {"low_efficiency": {"id": "general-2025", "text": text}}});
    let quoted = config.to_string().replace('\'', "''");
    let sql = format!(
        "set synchronous_commit = off;
         set work_mem = '256MB';
         insert into mutu.evaluation_run (year, ruleset, config, layer_revisions, projection, area_basis, recorded_by, finished_at)
         values (2025, 'general-2025', '{quoted}', '{{}}', '', 'registered', 'bench', now());
         insert into mutu.current_run (run_id) select max(run_id) from mutu.evaluation_run;
         select setseed(0.4490);
         insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, status, contract_finish,
             contract_tax_wan_per_mu, industry_code, geom, recorded_by)
         select n, 'B' || n, '镇 ' || n * 17::bigint / {rows}, 1000 + random() * 50000, 1000,
                case when random() < 0.9 then (array['在用', '在用', '在用', '闲置', '在建'])[1 + floor(random() * 5)] end,
                case when random() < 0.5 then '2023-01-01'::date + (random() * 1500)::int end,
                case when random() < 0.3 then round((random() * 40)::numeric, 2) end,
                case when random() < 0.9 then (array['C1353', 'C2511', 'C3670', 'D4412', 'C1713'])[1 + floor(random() * 5)] end,
                st_multi(st_makeenvelope(121 + n % 1000 * 0.0007, 31 + n / 1000 * 0.0007, 121.0006 + n % 1000 * 0.0007, 31.0006 + n / 1000 * 0.0007, 4490)),
                'bench'
         from generate_series(1, {rows}) n;
         insert into mutu.parcel_measure (run_id, parcel_id, parcel_row_id, area_mu, tax_wan, output_wan, energy_tce, enterprise_count,
             tax_wan_per_mu, far, years_without_tax)
         select (select run_id from mutu.current_run), parcel_id, row_id, mu, tax, output, energy, round((random() * 3)::numeric),
                round(tax / mu, 6), case when random() < 0.9 then round((random() * 2.5)::numeric, 6) end,
                case when random() < 0.9 then floor(random() * random() * 4) end
         from (
             select parcel_id, row_id, round(area_mu, 6) as mu,
                    case when random() < 0.9 then round((random() * random() * 40)::numeric, 4) * round(area_mu, 2) end as tax,
                    case when random() < 0.9 then round((random() * 20000)::numeric, 2) end as output,
                    case when random() < 0.9 then round((random() * 3000)::numeric, 3) end as energy
             from mutu.parcel) it;
         insert into mutu.parcel_class (run_id, layer, parcel_id, class, straddle, source)
         select run_id, 'block_class', parcel_id, (array['104', '195', '198'])[1 + parcel_id % 3], false, 'overlay'
         from mutu.parcel_measure;
         insert into mutu.parcel_result (run_id, layer, parcel_id, verdict)
         select run_id, 'low_efficiency', parcel_id,
                case when tax_wan_per_mu < 5 then 'low' when tax_wan_per_mu is null then 'unknown' else 'ok' end
         from mutu.parcel_measure;
         analyze mutu.parcel, mutu.parcel_measure, mutu.parcel_class, mutu.parcel_result"
    );
    // One statement after another, or the whole would be one transaction and analyze could not see it.
    let mut connection = db.owner().acquire().await?;
    for it in sql.split(";\n") {
        sqlx::raw_sql(AssertSqlSafe(it.to_owned())).execute(&mut *connection).await?;
    }
    Ok(())
}
