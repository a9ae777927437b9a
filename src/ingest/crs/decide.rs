//! Which system a file is taken to be in: what was asked for, else what the file says unless its coordinates contradict it,
//! else the one reading that nothing speaks against. Where several are left a person is asked: a wrong place is worse than
//! a question.

use anyhow::Context;
use anyhow::bail;
use gdal::spatial_ref::SpatialRef;

use crate::ingest::question::Question;
use crate::ingest::read::Request;
use crate::layer::Text;

use super::Candidate;
use super::Choice;
use super::Confidence;
use super::Crs;
use super::detect;
use super::detect::Kind;
use super::detect::NEAR_KM;
use super::detect::Reading;
use super::offset;
use super::parse;
use super::shown;
use super::to_stored;

/// The answer to `source_crs` that means: as the file says, whatever its coordinates look like.
const AS_STATED: &str = "file";

/// What a file says of its coordinates, and where most of them are.
#[derive(Default)]
pub struct Stated {
    pub own: Option<SpatialRef>,
    /// The format says it, not the file: every GeoJSON is in WGS84 by its standard.
    pub by_format: bool,
    /// West, south, east, north as the file has them; without the few that lie far from the rest.
    pub extent: Option<[f64; 4]>,
    pub headers: Vec<String>,
}

/// Chooses the coordinate system.
///
/// # Errors
/// A [`Question`] for `source_crs` or `swap_axes` where only a person can tell; a system that PROJ does not know.
pub fn choose(stated: &Stated, request: &Request) -> anyhow::Result<Crs> {
    let local = match &request.local_grid {
        Some(_) => parse("local", request.local_grid.as_deref()).ok(),
        None => None,
    };
    let readings = stated
        .extent
        .map(|it| detect::readings(it, request.district, local.as_ref()))
        .unwrap_or_default();
    let mut warnings = Vec::new();
    let asked = request.source_crs.as_deref().filter(|it| it.trim() != AS_STATED);
    let insists = request.source_crs.is_some();
    let (source, how) = match (asked, &stated.own) {
        (Some(text), own) => {
            let asked = parse(text, request.local_grid.as_deref())?;
            if let Some(own) = own.as_ref().filter(|it| shown(it) != shown(&asked))
                && !stated.by_format
            {
                warnings.push(Text::new(
                    format!("按 --source-crs 读取，未用文件自带的坐标系 {}", shown(own)),
                    format!("--source-crs is used, not the file's own {}", shown(own)),
                ));
            }
            (asked, "--source-crs")
        }
        (None, Some(own)) => (own.clone(), "file"),
        (None, None) => return detected(stated, request, &readings),
    };
    let swapped = swapped(&source, stated, request, &readings, &mut warnings)?;
    let place = stated.extent.and_then(|it| detect::place(&source, it, swapped));
    let distance = place.map(|it| detect::distance_km(it, request.district));
    let near = distance.is_some_and(|it| it <= NEAR_KM);
    let mut confidence = if near { Confidence::Certain } else { Confidence::Likely };
    let allowed = |it: &&Reading| request.swap_axes.is_none_or(|swap| swap == it.swapped);
    if !near && let Some(other) = readings.iter().filter(allowed).find(|it| it.is_inside()) {
        if !insists {
            bail!(contradiction(&source, distance, other, &readings));
        }
        confidence = Confidence::Guess;
        warnings.push(Text::new(
            format!("坐标不像 {}，更像 {}（{}）", shown(&source), other.code, other.why.zh),
            format!(
                "the coordinates do not look like {} but like {} ({})",
                shown(&source),
                other.code,
                other.why.en
            ),
        ));
    }
    if stated.by_format
        && source.is_geographic()
        && let Some(it) = place.and_then(|it| offset::warning(it, &stated.headers))
    {
        warnings.push(it);
    }
    let reason = match (how, stated.by_format) {
        ("file", true) => Text::new("格式规定为 WGS84 经纬度", "the format means WGS84 degrees"),
        ("file", false) => Text::new("文件自带", "the file says so"),
        _ => Text::new("按 --source-crs 指定", "--source-crs says so"),
    };
    let mut reasons = vec![reason];
    reasons.extend(distance.map(|it| detect::whereabouts(Some(it))));
    Decision { source, how, confidence, reasons, swapped, warnings }.carry_out(&readings)
}

/// The system of a file that says nothing.
fn detected(stated: &Stated, request: &Request, readings: &[Reading]) -> anyhow::Result<Crs> {
    let allowed = |it: &&Reading| request.swap_axes.is_none_or(|swap| swap == it.swapped);
    let near: Vec<&Reading> = readings.iter().filter(allowed).filter(|it| it.is_near()).collect();
    // The six-digit readings are one family: which meridian is meant is a person's knowledge, however near one falls.
    let [only] = near[..] else { bail!(which(stated, readings)) };
    let confidence = match only.kind {
        Kind::Degrees if only.is_inside() => Confidence::Certain,
        Kind::Prefixed => Confidence::Certain,
        Kind::Mercator if only.is_inside() => Confidence::Likely,
        _ => bail!(which(stated, readings)),
    };
    let plain = |it: &Reading| it.kind == Kind::Degrees && !it.swapped;
    if only.swapped && request.swap_axes.is_none() && readings.iter().any(plain) {
        bail!(whether_turned());
    }
    let source = parse(&only.code, request.local_grid.as_deref())?;
    let mut warnings = Vec::new();
    match only.kind {
        Kind::Prefixed => warnings.push(Text::new(
            "文件未说明坐标基准，按 CGCS2000 读取；若为西安80或北京54，请用 --source-crs 指定",
            "the file states no datum and is read as CGCS2000: if it is Xian 80 or Beijing 54, say so with --source-crs",
        )),
        _ => warnings.extend(only.place.and_then(|it| offset::warning(it, &stated.headers))),
    }
    if only.swapped && request.swap_axes.is_none() {
        warnings.push(turned());
    }
    let reasons = vec![only.why.clone(), detect::whereabouts(only.distance_km)];
    Decision { source, how: "detected", confidence, reasons, swapped: only.swapped, warnings }
        .carry_out(readings)
}

fn turned() -> Text {
    Text::new(
        "文件的坐标轴为北坐标（纬度）在前，已对调",
        "the file has its northing (latitude) first: the axes were turned",
    )
}

/// Asks for the system of a file that says nothing.
fn which(stated: &Stated, readings: &[Reading]) -> Question {
    // Each system once; the far ones only where there are no near ones.
    let mut choices: Vec<String> = Vec::new();
    let mut told = Vec::new();
    for it in readings.iter().filter(|it| it.is_near() || !readings[0].is_near()) {
        if !choices.contains(&it.code) {
            choices.push(it.code.clone());
            let at = detect::whereabouts(it.distance_km);
            told.push(format!("{} {}，{} / {}, {}", it.code, it.why.zh, at.zh, it.why.en, at.en));
        }
    }
    let such = choices.first().cloned().unwrap_or_else(|| "EPSG:4549".to_owned());
    let mut message = format!(
        "文件没有坐标系，请用 --source-crs 指定，例如 --source-crs {such} / the file states no coordinate system: give it with --source-crs, such as --source-crs {such}"
    );
    if told.is_empty()
        && let Some([west, south, east, north]) = stated.extent
    {
        message.push_str(&format!(
            "\n  坐标范围 {west} {south} … {east} {north} 不像任何国家坐标系，可能是地方坐标系（local_grid） / these coordinates look like no national system: perhaps a local grid"
        ));
    }
    for it in told {
        message.push_str("\n  ");
        message.push_str(&it);
    }
    Question { parameter: "source_crs", choices, message }
}

/// Asks whether the file means what it says.
fn contradiction(
    source: &SpatialRef,
    distance: Option<f64>,
    other: &Reading,
    readings: &[Reading],
) -> Question {
    let name = shown(source);
    let at = detect::whereabouts(distance);
    let mut choices: Vec<String> = Vec::new();
    for it in readings.iter().filter(|it| it.is_inside()) {
        if !choices.contains(&it.code) {
            choices.push(it.code.clone());
        }
    }
    choices.push(AS_STATED.to_owned());
    let message = format!(
        "文件自带坐标系 {name} 与坐标不符（{}）；坐标更像 {code}（{}），请用 --source-crs 指定，或用 --source-crs file 按文件自带 / the file says {name}, which its coordinates contradict ({}); they look like {code} ({}): give it with --source-crs, or insist with --source-crs file",
        at.zh,
        other.why.zh,
        at.en,
        other.why.en,
        code = other.code,
    );
    Question { parameter: "source_crs", choices, message }
}

/// Whether the axes are the other way round; asks where it is only likely.
fn swapped(
    source: &SpatialRef,
    stated: &Stated,
    request: &Request,
    readings: &[Reading],
    warnings: &mut Vec<Text>,
) -> anyhow::Result<bool> {
    if let Some(it) = request.swap_axes {
        return Ok(it);
    }
    let Some(extent) = stated.extent else { return Ok(false) };
    let as_is = detect::place(source, extent, false);
    let other = detect::place(source, extent, true);
    let distance = |it: Option<[f64; 4]>| it.map(|it| detect::distance_km(it, request.district));
    let (here, there) = (distance(as_is), distance(other));
    let near = |it: Option<f64>| it.is_some_and(|it| it <= NEAR_KM);
    if near(here) || !near(there) {
        return Ok(false);
    }
    // A plain reading in the district says more than a turned one.
    if readings.iter().any(|it| !it.swapped && it.is_inside()) {
        return Ok(false);
    }
    let unambiguous = if source.is_geographic() {
        as_is.is_none()
    } else {
        readings.iter().any(|it| it.swapped && matches!(it.kind, Kind::Bare | Kind::Prefixed))
    };
    if unambiguous {
        warnings.push(turned());
        return Ok(true);
    }
    bail!(whether_turned())
}

fn whether_turned() -> Question {
    Question {
        parameter: "swap_axes",
        choices: vec!["true".to_owned(), "false".to_owned()],
        message: "坐标轴似颠倒：对调后落在辖区，不对调则在辖区之外；请用 --swap-axes 或 --swap-axes=false 指定 / the axes look swapped: turned they fall in the district, as they are outside it; say --swap-axes or --swap-axes=false".to_owned(),
    }
}

/// What was decided, before the way to EPSG:4490 is known.
struct Decision {
    source: SpatialRef,
    how: &'static str,
    confidence: Confidence,
    reasons: Vec<Text>,
    swapped: bool,
    warnings: Vec<Text>,
}

impl Decision {
    fn carry_out(mut self, readings: &[Reading]) -> anyhow::Result<Crs> {
        let name = shown(&self.source);
        let transform = to_stored(&self.source, &mut self.warnings)
            .with_context(|| format!("无法从 {name} 转换 / cannot transform from {name}"))?;
        let candidates = readings.iter().map(|it| Candidate {
            code: it.code.clone(),
            swapped: it.swapped,
            why: it.why.clone(),
            distance_km: it.distance_km,
        });
        let choice = Choice {
            name,
            how: self.how,
            reprojected: transform.is_some(),
            confidence: self.confidence,
            reasons: self.reasons,
            candidates: candidates.collect(),
            swapped: self.swapped,
            warnings: self.warnings,
        };
        Ok(Crs { choice, transform })
    }
}
