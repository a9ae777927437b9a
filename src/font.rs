//! The fonts that pictures and documents are written in: one Chinese family, found on the machine or named in the
//! configuration, read when the first picture is drawn. A sign that the family does not have is shown as 〓, the printers'
//! mark for a missing type, and never as an empty box.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use resvg::usvg::fontdb::Database;
use resvg::usvg::fontdb::Family;
use resvg::usvg::fontdb::ID;
use resvg::usvg::fontdb::Query;
use resvg::usvg::fontdb::Source;
use resvg::usvg::fontdb::Weight;

/// Families that are looked for, best first; any other that has [`PROBE`] serves as well.
const FAMILIES: [&str; 12] = [
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Droid Sans Fallback",
    "Noto Serif CJK SC",
    "SimSun",
];
/// What a Chinese font has.
const PROBE: &str = "亩图低效用地镇0A²";
/// The printers' mark for a missing type.
const MISSING: char = '〓';

/// The family that everything is written in.
#[derive(Clone, Debug)]
pub struct Fonts {
    pub db: Arc<Database>,
    pub family: String,
    /// Width of each sign that the family has, in thousandths of the size.
    widths: Arc<HashMap<char, u16>>,
}

impl Fonts {
    /// Reads the family: from `file` where the configuration names one, else the best that the system has.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut system = Database::new();
        match file {
            Some(file) => system
                .load_font_file(file)
                .with_context(|| format!("reading the font {}", file.display()))?,
            None => system.load_system_fonts(),
        }
        let Some((family, files)) = chosen(&system, file.is_some()) else {
            match file {
                Some(it) => anyhow::bail!("{} 不含中文 / has no Chinese", it.display()),
                None => anyhow::bail!(
                    "系统中没有中文字体：请安装 fonts-noto-cjk，或在配置中以 font 指明字体文件 / no Chinese font is \
                     installed: install fonts-noto-cjk, or name a file as `font` in the configuration"
                ),
            }
        };
        // Of all that was found only that family is kept, in memory: what it is drawn in does not hang on the rest.
        let mut db = Database::new();
        for it in files {
            let bytes = fs::read(&it).with_context(|| format!("reading {}", it.display()))?;
            db.load_font_source(Source::Binary(Arc::new(bytes)));
        }
        let others: Vec<ID> = db
            .faces()
            .filter(|it| it.families.iter().all(|it| it.0 != family))
            .map(|it| it.id)
            .collect();
        for it in others {
            db.remove_face(it);
        }
        let face = face(&db, &family).context("the font that was just read")?;
        let widths = db.with_face_data(face, widths).flatten().context("a font that was read")?;
        Ok(Self { db: Arc::new(db), family, widths: Arc::new(widths) })
    }

    /// The text with 〓 for signs that cannot be written.
    pub fn written<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.chars().all(|it| self.widths.contains_key(&it)) {
            return Cow::Borrowed(text);
        }
        let sign = |it: char| match it {
            it if self.widths.contains_key(&it) => it,
            it if it.is_whitespace() || it.is_control() => ' ',
            _ => MISSING,
        };
        Cow::Owned(text.chars().map(sign).collect())
    }

    /// How wide a text is at that size.
    pub fn width(&self, text: &str, size: f64) -> f64 {
        let one = |it: char| f64::from(self.widths.get(&it).copied().unwrap_or(1000));
        text.chars().map(one).sum::<f64>() / 1000.0 * size
    }

    /// The text in lines of at most that width, broken anywhere but within a word or number of Latin signs.
    pub fn lines(&self, text: &str, size: f64, width: f64) -> Vec<String> {
        let mut lines = vec![String::new()];
        let is_latin = |it: char| it.is_ascii_graphic();
        let mut pieces: Vec<String> = Vec::new();
        let mut before = None;
        for it in text.chars() {
            let goes_on = is_latin(it) && before.is_some_and(is_latin);
            match pieces.last_mut().filter(|_| goes_on) {
                Some(piece) => piece.push(it),
                None => pieces.push(it.to_string()),
            }
            before = Some(it);
        }
        for piece in pieces {
            let line = lines.last_mut().map(std::mem::take).unwrap_or_default();
            let longer = format!("{line}{piece}");
            let fits = self.width(&longer, size) <= width || line.is_empty();
            if let Some(last) = lines.last_mut() {
                *last = if fits { longer } else { line };
            }
            if !fits {
                lines.push(piece.trim_start().to_owned());
            }
        }
        lines
    }
}

/// The family to write in, with the files that have it.
fn chosen(db: &Database, is_named: bool) -> Option<(String, Vec<PathBuf>)> {
    let known = FAMILIES.into_iter().find(|it| face(db, it).is_some_and(|id| writes(db, id)));
    let family = if let Some(it) = known.filter(|_| !is_named) {
        it.to_owned()
    } else {
        let of_file = FAMILIES.into_iter().find(|it| face(db, it).is_some());
        let other = || {
            let mut others: Vec<&str> = db
                .faces()
                .filter(|it| writes(db, it.id))
                .filter_map(|it| Some(it.families.first()?.0.as_str()))
                .collect();
            others.sort_unstable();
            others.first().map(|it| (*it).to_owned())
        };
        of_file.map(ToOwned::to_owned).or_else(other)?
    };
    let is_wanted = |weight: Weight| weight == Weight::NORMAL || weight == Weight::BOLD;
    let faces = || db.faces().filter(|it| it.families.iter().any(|it| it.0 == family));
    let path = |it: &Source| match it {
        Source::File(path) | Source::SharedFile(path, _) => Some(path.clone()),
        Source::Binary(_) => None,
    };
    let mut files: Vec<PathBuf> =
        faces().filter(|it| is_wanted(it.weight)).filter_map(|it| path(&it.source)).collect();
    if files.is_empty() {
        files = faces().filter_map(|it| path(&it.source)).collect();
    }
    files.sort();
    files.dedup();
    Some((family, files))
}

fn face(db: &Database, family: &str) -> Option<ID> {
    db.query(&Query { families: &[Family::Name(family)], ..Query::default() })
}

/// Whether a face has what Chinese maps are written with.
fn writes(db: &Database, id: ID) -> bool {
    let has_all = |data: &[u8], index: u32| {
        let face = ttf_parser::Face::parse(data, index).ok();
        face.is_some_and(|face| PROBE.chars().all(|it| face.glyph_index(it).is_some()))
    };
    db.with_face_data(id, has_all).unwrap_or_default()
}

/// The width of every sign that a face has.
fn widths(data: &[u8], index: u32) -> Option<HashMap<char, u16>> {
    let face = ttf_parser::Face::parse(data, index).ok()?;
    let unit = u32::from(face.units_per_em().max(1));
    let mut widths = HashMap::new();
    for table in face.tables().cmap?.subtables {
        if !table.is_unicode() {
            continue;
        }
        table.codepoints(|code| {
            let Some(sign) = char::from_u32(code) else { return };
            let Some(glyph) = face.glyph_index(sign) else { return };
            let advance = u32::from(face.glyph_hor_advance(glyph).unwrap_or_default());
            let width = u16::try_from(advance * 1000 / unit).unwrap_or(u16::MAX);
            widths.insert(sign, width);
        });
    }
    (!widths.is_empty()).then_some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_has_a_chinese_font_and_what_it_lacks_is_marked() {
        let fonts = Fonts::load(None).unwrap();
        assert!(fonts.width("亩图", 10.0) > 19.0 && fonts.width("ab", 10.0) < 15.0);
        assert_eq!(fonts.written("马陆镇 3.5 m²"), "马陆镇 3.5 m²");
        assert_eq!(fonts.written("a\u{e123}b\n"), "a〓b ");
        let lines = fonts.lines("地块编码 JD-198-0417 一二三", 10.0, 60.0);
        assert!(lines.len() > 1 && lines.iter().any(|it| it.contains("JD-198-0417")), "{lines:?}");
    }

    #[test]
    fn a_font_without_chinese_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("none.ttf");
        fs::write(&file, b"no font").unwrap();
        let wrong = format!("{:#}", Fonts::load(Some(&file)).unwrap_err());
        assert!(wrong.contains("none.ttf"), "{wrong}");
        assert!(Fonts::load(Some(&folder.path().join("absent.ttf"))).is_err());
    }
}
