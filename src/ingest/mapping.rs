//! Which column of the file fills which field of the target, and by what factor. Headers are matched by name, title and
//! aliases (in that order of trust); a mapping file says it outright. What no field takes goes to `extra`, and is listed.

use anyhow::bail;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Unit;
use crate::layer::nearest;

use super::header::Header;
use super::header::name;
use super::header::normal;
use super::mapping_file::Combine;
use super::mapping_file::Detail;
use super::mapping_file::MappingFile;
use super::question::Question;
use super::target::Target;
use super::unit;
use super::unit::Factor;
use super::value::Cell;

/// How a column came to its field, most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Mapping,
    Name,
    Title,
    Alias,
}

/// Where a planned field takes its value from.
#[derive(Clone, Debug)]
pub enum Source {
    Column(usize),
    Constant(Cell),
}

/// One field that the file fills.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Position in the target's fields.
    pub field: usize,
    pub source: Source,
    pub header: String,
    pub how: How,
    /// The unit of the figures, where it was stated.
    pub unit: Option<String>,
    pub factor: Factor,
    /// Values of the file to values of the field, keys normalised.
    pub values: Vec<(String, String)>,
    pub combine: Option<Combine>,
}

/// The whole mapping of a file.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub fields: Vec<Planned>,
    /// Columns that no field takes: position and header.
    pub extra: Vec<(usize, String)>,
    /// Positions in `fields` whose values make rows one.
    pub group_by: Vec<usize>,
    /// What a person should know: columns refused, doubles.
    pub notes: Vec<String>,
}

/// How well headers fit a target: the number of fields they name. Finds the header row of a sheet.
pub fn score(target: &Target, file: &MappingFile, headers: &[String]) -> usize {
    let named: Vec<String> =
        file.columns.values().filter_map(|it| it.detail().header.map(|it| normal(&it))).collect();
    let mut found = vec![false; target.fields.len()];
    let mut others = 0;
    for header in headers.iter().filter(|it| !it.is_empty()) {
        let parsed = Header::parse(header);
        if named.contains(&parsed.whole) {
            others += 1;
        } else if let Some((field, ..)) = best_field(target, &parsed)
            && file.aliases
        {
            found[field] = true;
        }
    }
    others + found.iter().filter(|it| **it).count()
}

/// The field that a header among these fills.
pub fn fills(
    target: &Target,
    file: &MappingFile,
    headers: &[String],
    header: &str,
) -> Option<String> {
    let plan = plan(target, file, headers).ok()?;
    let planned = plan.fields.iter().find(|it| it.header == header)?;
    Some(target.name(planned.field).to_owned())
}

/// Plans the import of columns with these headers.
pub fn plan(target: &Target, file: &MappingFile, headers: &[String]) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    let parsed: Vec<Header> = headers.iter().map(|it| Header::parse(it)).collect();
    let mut taken = vec![false; headers.len()];
    for (field_name, column) in &file.columns {
        let planned = from_file(target, headers, &parsed, field_name, &column.detail())?;
        if let Source::Column(it) = planned.source {
            taken[it] = true;
        }
        plan.fields.push(planned);
    }
    if file.aliases {
        by_aliases(target, headers, &parsed, &mut taken, &mut plan);
    }
    plan.extra = headers
        .iter()
        .enumerate()
        .filter(|(index, header)| !taken[*index] && !header.is_empty())
        .map(|(index, header)| (index, header.clone()))
        .collect();
    missing(target, headers, &plan)?;
    for field_name in &file.rows.group_by {
        let found = plan.fields.iter().position(|it| target.name(it.field) == field_name);
        let Some(found) = found else {
            bail!(
                "映射文件 `rows.group_by`：`{field_name}` 没有对应的列 / mapping `rows.group_by`: no column fills `{field_name}`"
            );
        };
        plan.group_by.push(found);
    }
    Ok(plan)
}

fn from_file(
    target: &Target,
    headers: &[String],
    parsed: &[Header],
    field_name: &str,
    detail: &Detail,
) -> anyhow::Result<Planned> {
    let Some((index, _, field)) = target.fields.get_full(field_name) else {
        let near = nearest(field_name, target.fields.keys().map(String::as_str))
            .map(|it| format!("，是否 / did you mean `{it}`?"))
            .unwrap_or_default();
        bail!(
            "映射文件：`{}` 没有字段 `{field_name}` / mapping: `{}` has no field `{field_name}`{near}",
            target.id,
            target.id
        );
    };
    let (source, shown) = match (&detail.header, &detail.constant) {
        (_, Some(constant)) => {
            (Source::Constant(Cell::Text(constant.clone())), format!("= {constant}"))
        }
        (Some(header), None) => {
            let wanted = normal(header);
            let Some(at) = parsed.iter().position(|it| it.whole == wanted) else {
                bail!(
                    "映射文件：文件中没有列「{header}」/ mapping: the file has no column `{header}`\n  列 / columns: {}",
                    headers.join(", ")
                );
            };
            (Source::Column(at), headers[at].clone())
        }
        (None, None) => bail!("映射文件 `columns.{field_name}`: header?"),
    };
    let mut factor = Factor::ONE;
    if let Some(text) = &detail.unit {
        let own = field.unit;
        let Some(it) = own.and_then(|own| unit::factor(&normal(text), own)) else {
            bail!(
                "映射文件 `columns.{field_name}.unit`：不认识单位 `{text}` / unknown unit `{text}`; known: {}",
                own.map(unit::accepted).unwrap_or_default()
            );
        };
        factor = it;
    }
    if let Some(scale) = detail.factor()? {
        factor = factor.times(Factor::of(scale)).unwrap_or(factor);
    }
    Ok(Planned {
        field: index,
        source,
        header: shown,
        how: How::Mapping,
        unit: detail.unit.clone(),
        factor,
        values: detail.values.iter().map(|(from, to)| (normal(from), to.clone())).collect(),
        combine: detail.combine,
    })
}

/// A header that fits a field: which, how, and with what factor.
struct Fit {
    column: usize,
    field: usize,
    how: How,
    unit: Option<String>,
    factor: Factor,
}

fn by_aliases(
    target: &Target,
    headers: &[String],
    parsed: &[Header],
    taken: &mut [bool],
    plan: &mut Plan,
) {
    let mut fits = Vec::new();
    for (column, header) in parsed.iter().enumerate() {
        if taken[column] || header.whole.is_empty() {
            continue;
        }
        let Some((field, how)) = best_field(target, header) else { continue };
        match factor_of(target.field(field), header) {
            Ok((unit, factor)) => fits.push(Fit { column, field, how, unit, factor }),
            Err(known) => plan.notes.push(format!(
                "列「{shown}」的单位不认识，未导入为 {name}，已留存在 extra；可用单位：{known} / column `{shown}`: unknown unit, kept in extra; known: {known}",
                shown = headers[column],
                name = target.name(field),
            )),
        }
    }
    // The most trusted header first, then one in the field's own unit, then the leftmost.
    fits.sort_by_key(|it| (it.how, !it.factor.is_one(), it.column));
    for fit in fits {
        let mut field = fit.field;
        let mut factor = fit.factor;
        if plan.fields.iter().any(|it| it.field == field) {
            // 证载面积(亩) beside 证载面积(平方米): the figure as given has a field of its own.
            let given = as_given(target, field).filter(|(given, unit)| {
                is_mu(fit.unit.as_deref(), *unit)
                    && !plan.fields.iter().any(|it| it.field == *given)
            });
            let Some((given, _)) = given else {
                plan.notes.push(format!(
                    "列「{shown}」与另一列同指 {name}，未采用，已留存在 extra / column `{shown}` also means `{name}`: not used, kept in extra",
                    shown = headers[fit.column],
                    name = target.name(field),
                ));
                continue;
            };
            field = given;
            factor = Factor::ONE;
        }
        taken[fit.column] = true;
        plan.fields.push(Planned {
            field,
            source: Source::Column(fit.column),
            header: headers[fit.column].clone(),
            how: fit.how,
            unit: fit.unit.clone(),
            factor,
            values: Vec::new(),
            combine: None,
        });
        if let Some((given, unit)) = as_given(target, fit.field)
            && field == fit.field
            && is_mu(fit.unit.as_deref(), unit)
        {
            // Filled beside, unless another column turns out to hold it.
            let also = Planned {
                field: given,
                factor: Factor::ONE,
                ..plan.fields[plan.fields.len() - 1].clone()
            };
            plan.fields.push(also);
        }
    }
    drop_doubles(plan);
}

/// A field filled twice keeps the column that says so itself.
fn drop_doubles(plan: &mut Plan) {
    let mut kept: Vec<Planned> = Vec::new();
    for planned in plan.fields.drain(..) {
        if !kept.iter().any(|it| it.field == planned.field) {
            kept.push(planned);
        }
    }
    plan.fields = kept;
}

/// The field that keeps a figure as given in 亩, beside one in m²: `area_registered_mu` of `area_registered_m2`.
fn as_given(target: &Target, field: usize) -> Option<(usize, Unit)> {
    let stem = target.name(field).strip_suffix("_m2")?;
    let (index, _, it) = target.fields.get_full(&format!("{stem}_mu"))?;
    Some((index, it.unit?))
}

fn is_mu(unit: Option<&str>, field: Unit) -> bool {
    unit.is_some_and(|it| unit::factor(it, field) == Some(Factor::ONE))
}

/// The field that a header names best.
fn best_field(target: &Target, header: &Header) -> Option<(usize, How)> {
    let whole = name(&header.whole);
    let bare = header.bare.as_deref().map(name);
    let mut best: Option<(usize, How)> = None;
    for (index, (field_name, field)) in target.fields.iter().enumerate() {
        let spellings = std::iter::once((How::Name, field_name.as_str()))
            .chain([(How::Title, field.title.zh.as_str()), (How::Title, field.title.en.as_str())])
            .chain(field.aliases.iter().map(|it| (How::Alias, it.as_str())));
        for (how, spelling) in spellings {
            let spelled = Header::parse(spelling);
            let matches = name(&spelled.whole) == whole
                || bare.as_ref().is_some_and(|bare| {
                    name(&spelled.whole) == *bare
                        || spelled.bare.as_deref().map(name).as_ref() == Some(bare)
                            && spelled.unit() == header.unit()
                            && header.unit().is_some()
                });
            if matches && best.is_none_or(|(_, it)| how < it) {
                best = Some((index, how));
            }
        }
    }
    best
}

/// The unit a header states and the factor to the field's; an error names the units that are known.
fn factor_of(field: &Field, header: &Header) -> Result<(Option<String>, Factor), String> {
    let Some(own) = field.unit else { return Ok((None, Factor::ONE)) };
    let Some(bracket) = &header.bracket else { return Ok((None, Factor::ONE)) };
    match unit::factor(bracket, own) {
        Some(it) => Ok((Some(bracket.clone()), it)),
        // A title may have a bracket of its own that says no unit.
        None if spelled_out(field, &header.whole) => Ok((None, Factor::ONE)),
        None => Err(unit::accepted(own)),
    }
}

fn spelled_out(field: &Field, whole: &str) -> bool {
    let spellings = [&field.title.zh, &field.title.en].into_iter().chain(&field.aliases);
    spellings.into_iter().any(|it| normal(it) == whole)
}

fn missing(target: &Target, headers: &[String], plan: &Plan) -> anyhow::Result<()> {
    let filled = |name: &str| plan.fields.iter().any(|it| target.name(it.field) == name);
    // The year stands in the period, and the period is the year where nothing finer is given.
    let derived =
        |name: &str| name == "year" && target.fields.contains_key("period") && filled("period");
    let lacking: Vec<String> = target
        .fields
        .iter()
        .filter(|(name, it)| it.required && !filled(name) && !derived(name))
        .map(|(name, it)| {
            let known: Vec<&str> = std::iter::once(it.title.zh.as_str())
                .chain(it.aliases.iter().map(String::as_str))
                .collect();
            format!("{name}（{}）", known.join("、"))
        })
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let columns =
        if headers.is_empty() { "（无 / none）".to_owned() } else { headers.join(", ") };
    let message = format!(
        "缺少必填字段的列 / no column for a required field:\n  需要 / needed: {}\n  文件中的列 / columns found: {columns}\n  请改列名，或用 --mapping 指定 / rename the column, or name it with --mapping",
        lacking.join("; "),
    );
    let choices = headers.iter().filter(|it| !it.is_empty()).cloned().collect();
    bail!(Question { parameter: "mapping", choices, message })
}

impl Target {
    /// The name of a field by its position.
    pub fn name(&self, field: usize) -> &str {
        self.fields.get_index(field).map_or("", |(name, _)| name.as_str())
    }

    /// A field by its position.
    pub fn field(&self, field: usize) -> &Field {
        &self.fields[field]
    }
}

impl Planned {
    /// Whether rows that become one add this field up.
    pub fn sums(&self, field: &Field) -> bool {
        matches!(self.source, Source::Column(_))
            && matches!(field.kind, FieldType::Decimal | FieldType::Integer)
    }

    /// Decimal places of a converted figure that does not end: an area to 0.01 m², the rest finer than any use.
    fn places(field: &Field) -> u32 {
        if field.unit == Some(Unit::M2) { 2 } else { 10 }
    }

    /// The value converted to the field's unit.
    pub fn convert(&self, value: Decimal, field: &Field) -> Option<Decimal> {
        if self.factor.is_one() {
            Some(value)
        } else {
            self.factor.apply(value, Self::places(field))
        }
    }
}
