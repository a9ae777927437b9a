//! Archives before anything reads them: whole, of a bearable size when unpacked, and without names that lead elsewhere. Nothing is
//! unpacked to the disk.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use encoding_rs::Encoding;
use encoding_rs::UTF_8;
use zip::ZipArchive;

use crate::ingest::encoding;
use crate::ingest::encoding::Declared;

use super::file_name;

const MB: u64 = 1024 * 1024;
/// What an archive may hold when unpacked: a city's parcels with all their attributes are a tenth of it.
pub(super) const MAP_DATA: u64 = 4096 * MB;
/// The same of a workbook, whose sheets are held in memory.
pub(super) const WORKBOOK: u64 = 1024 * MB;
/// How often smaller a member may be packed than it is. A `.dbf` of blanks reaches 150; a bomb 1,000.
const RATIO: u64 = 400;
/// Below this no ratio is a danger.
const HARMLESS: u64 = 64 * MB;
const MEMBERS: usize = 10_000;

/// What an archive holds.
pub(super) struct Archive {
    /// Names of its files, decoded.
    pub names: Vec<String>,
    /// What the names that are not marked as UTF-8 are in.
    pub encoding: &'static Encoding,
}

/// Checks a whole archive: every member is unpacked to nowhere, for what an archive states of itself may be wrong.
///
/// # Errors
/// It is damaged, too large, encrypted, or has a name that leads out of it.
pub(super) fn check(path: &Path, limit: u64) -> anyhow::Result<Archive> {
    let shown = file_name(path);
    let file = BufReader::with_capacity(256 * 1024, File::open(path)?);
    let mut archive = ZipArchive::new(file).with_context(|| {
        format!("{shown} 不是可读取的压缩包，或不完整 / is not an archive that can be read, or is cut short")
    })?;
    if archive.len() > MEMBERS {
        bail!(
            "压缩包 {shown} 有 {} 个文件，上限为 {MEMBERS} / the archive has {} members, the limit is {MEMBERS}",
            archive.len(),
            archive.len()
        );
    }
    let mut raw = Vec::new();
    let mut all = 0;
    for at in 0..archive.len() {
        let (name, stated, packed) = {
            let member = archive.by_index_raw(at)?;
            let name = member.name_raw().to_vec();
            let lossy = String::from_utf8_lossy(&name).into_owned();
            if leads_out(&lossy) || member.is_symlink() {
                bail!(
                    "压缩包 {shown} 中的 `{lossy}` 指向压缩包之外，拒绝读取 / the archive has a name or a link that leads out of it: `{lossy}`"
                );
            }
            if member.encrypted() {
                bail!(
                    "压缩包 {shown} 有密码，请先解开 / the archive is encrypted: unpack it first"
                );
            }
            if member.is_dir() {
                continue;
            }
            (name, member.size(), member.compressed_size())
        };
        let lossy = || String::from_utf8_lossy(&name).into_owned();
        all += stated;
        let dense = stated > HARMLESS && stated / packed.max(1) > RATIO;
        if all > limit || dense {
            bail!(too_large(&shown, &lossy(), limit));
        }
        let mut member = archive.by_index(at).with_context(|| {
            format!("压缩包 {shown} 中的 `{}` 无法解开 / cannot be unpacked", lossy())
        })?;
        // One byte more than stated is enough to know that the statement is wrong.
        let real = io::copy(&mut (&mut member).take(stated + 1), &mut io::sink())
            .with_context(|| format!("压缩包 {shown} 中的 `{}` 已损坏 / is damaged", lossy()))?;
        if real != stated {
            bail!(
                "压缩包 {shown} 中的 `{}` 与其写明的大小不符 / is not of the size that the archive states",
                lossy()
            );
        }
        raw.push(name);
    }
    let (encoding, _) = encoding::choose(&Declared::default(), &raw);
    let names =
        raw.iter().map(|it| encoding.decode_without_bom_handling(it).0.into_owned()).collect();
    Ok(Archive { names, encoding })
}

fn too_large(shown: &str, member: &str, limit: u64) -> anyhow::Error {
    anyhow::anyhow!(
        "压缩包 {shown} 解开后过大（`{member}`）：上限为 {0} MB，压缩比不超过 {RATIO} / the archive is too large when unpacked (`{member}`): the limit is {0} MB, and {RATIO} times its packed size",
        limit / MB
    )
}

/// `/etc/passwd`, `C:\x`, `a/../../b`.
fn leads_out(name: &str) -> bool {
    let drive = name.chars().nth(1) == Some(':');
    name.starts_with(['/', '\\']) || drive || name.split(['/', '\\']).any(|it| it == "..")
}

/// Tells GDAL what the names in archives are in, for what this thread opens next.
pub(super) fn announce(encoding: &'static Encoding) -> anyhow::Result<()> {
    let name = if encoding == UTF_8 { "UTF-8" } else { encoding.name() };
    gdal::config::set_thread_local_config_option("CPL_ZIP_ENCODING", name)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_known() {
        for name in ["/etc/passwd", "../a.shp", "a/../../b.shp", "C:\\a.shp", "a\\..\\b.shp"] {
            assert!(leads_out(name), "{name}");
        }
        for name in ["a.shp", "宗地/宗地.shp", "a..b/c.shp"] {
            assert!(!leads_out(name), "{name}");
        }
    }
}
