//! Text files: which encoding one is in, and its text without its mark.

use std::fs;
use std::fs::File;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use encoding_rs::Encoding;
use encoding_rs::GB18030;
use encoding_rs::UTF_8;

/// What a file that is held in memory may have. A hundred thousand parcels of boundary points have a tenth of it.
const MOST: u64 = 512 * 1024 * 1024;

/// The whole text of a file.
pub(super) fn whole(path: &Path, encoding: &'static Encoding) -> anyhow::Result<String> {
    let shown = super::file_name(path);
    let length = fs::metadata(path)?.len();
    if length > MOST {
        bail!(
            "{shown} 有 {} MB，超过 {} MB 的上限，请分成几个文件 / is larger than the limit: split it",
            length >> 20,
            MOST >> 20
        );
    }
    let bytes =
        fs::read(path).with_context(|| format!("无法读取文件 / cannot read the file {shown}"))?;
    let (text, broken) = encoding.decode_with_bom_removal(&bytes);
    if broken {
        bail!(
            "{shown} 不是 {name} 编码，请用 --encoding 指定 / is not {name}: state --encoding",
            name = encoding.name()
        );
    }
    Ok(text.into_owned())
}

/// The beginning of a file as text, whatever can be read of it.
pub(super) fn head(path: &Path, encoding: &'static Encoding) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(16 * 1024).read_to_end(&mut bytes)?;
    Ok(encoding.decode_with_bom_removal(&bytes).0.into_owned())
}

/// A mark decides; else the whole file is either UTF-8 or it is GB18030.
pub(super) fn find_encoding(
    path: &Path,
    asked: Option<&'static Encoding>,
) -> anyhow::Result<(&'static Encoding, String)> {
    if let Some(it) = asked {
        return Ok((it, "--encoding".to_owned()));
    }
    let mut file = BufReader::with_capacity(256 * 1024, File::open(path)?);
    let mut buffer = vec![0; 256 * 1024];
    let mut kept = 0;
    let mut first = true;
    loop {
        let read = file.read(&mut buffer[kept..])?;
        let bytes = &buffer[..kept + read];
        if first {
            if let Some((it, _)) = Encoding::for_bom(bytes) {
                return Ok((it, "字节序标记 / byte order mark".to_owned()));
            }
            first = false;
        }
        if read == 0 {
            let whole = bytes.is_empty();
            let how = "内容判定 / by its bytes".to_owned();
            return Ok((if whole { UTF_8 } else { GB18030 }, how));
        }
        let end = bytes.len();
        match std::str::from_utf8(bytes) {
            Ok(_) => kept = 0,
            // A character may continue in the next piece.
            Err(error) if error.error_len().is_none() => {
                let from = error.valid_up_to();
                buffer.copy_within(from..end, 0);
                kept = end - from;
            }
            Err(_) => return Ok((GB18030, "内容判定 / by its bytes".to_owned())),
        }
    }
}
