//! What stands around the rows of a sheet when rows come in between: merged cells, filters, conditions, links and breaks.

use super::name::rows_of;
use super::refs;
use super::refs::Growth;

/// Has Excel compute every formula when the file opens.
pub fn calculated_anew(list: &str) -> String {
    const ANEW: &str = "<calcPr fullCalcOnLoad=\"1\"/>";
    if let Some(at) = list.find("<calcPr") {
        let end = list[at..].find("/>").map_or(at, |it| at + it + 2);
        return format!("{}{ANEW}{}", &list[..at], &list[end..]);
    }
    // It stands after names and before what is younger; sheets and names are all that is older here.
    for after in ["</definedNames>", "</sheets>"] {
        if let Some(at) = list.find(after) {
            let at = at + after.len();
            return format!("{}{ANEW}{}", &list[..at], &list[at..]);
        }
    }
    list.to_owned()
}

/// What is said of the sheet's extent is no longer so, and nobody needs it.
pub fn without_dimension(head: &str) -> String {
    match head.find("<dimension") {
        Some(at) => match head[at..].find("/>") {
            Some(end) => format!("{}{}", &head[..at], &head[at + end + 2..]),
            None => head.to_owned(),
        },
        None => head.to_owned(),
    }
}

/// What stands after the rows: merged cells, filters, conditions, links and breaks move with them; merged cells within the
/// repeated row are merged in each copy.
pub fn moved_tail(tail: &str, growth: Growth) -> String {
    let mut out = String::with_capacity(tail.len() + 256);
    let mut rest = tail;
    let mut copies = 0_u32;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map_or(rest.len(), |it| at + it + 1);
        out.push_str(&rest[..at]);
        let element = &rest[at..end];
        let name: String = element[1..].chars().take_while(char::is_ascii_alphabetic).collect();
        match name.as_str() {
            "mergeCell" => {
                let area = attribute(element, "ref").unwrap_or_default();
                let within = rows_of(&area) == Some((growth.row, growth.row));
                if within && growth.count > 0 {
                    for nth in 0..growth.count {
                        let row = growth.row + nth;
                        let columns: Vec<String> = area
                            .split(':')
                            .map(|it| it.replace(|it: char| it.is_ascii_digit(), ""))
                            .collect();
                        let copy: Vec<String> =
                            columns.iter().map(|it| format!("{it}{row}")).collect();
                        out.push_str(&format!("<mergeCell ref=\"{}\"/>", copy.join(":")));
                    }
                    copies += growth.added();
                } else {
                    out.push_str(&changed(element, "ref", |it| refs::areas(it, growth)));
                }
            }
            "autoFilter" | "hyperlink" | "protectedRange" => {
                let it = changed(element, "ref", |it| refs::areas(it, growth));
                out.push_str(&changed(&it, "sqref", |it| refs::areas(it, growth)));
            }
            "conditionalFormatting" | "dataValidation" | "ignoredError" => {
                out.push_str(&changed(element, "sqref", |it| refs::areas(it, growth)));
            }
            "brk" => out.push_str(&changed(element, "id", |it| {
                it.parse().map_or_else(|_| it.to_owned(), |row: u32| growth.moved(row).to_string())
            })),
            _ => out.push_str(element),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    if copies > 0
        && let Some(at) = out.find("<mergeCells")
    {
        let end = out[at..].find('>').map_or(out.len(), |it| at + it + 1);
        let counted = changed(&out[at..end], "count", |it| {
            it.parse::<u32>().map_or_else(|_| it.to_owned(), |it| (it + copies).to_string())
        });
        out.replace_range(at..end, &counted);
    }
    out
}

fn attribute(element: &str, name: &str) -> Option<String> {
    let (_, rest) = element.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn changed(element: &str, name: &str, change: impl FnOnce(&str) -> String) -> String {
    let Some(value) = attribute(element, name) else { return element.to_owned() };
    let old = format!(" {name}=\"{value}\"");
    element.replacen(&old, &format!(" {name}=\"{}\"", change(&value)), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_after_the_rows_moves_with_them() {
        let tail = "</sheetData><autoFilter ref=\"A4:F5\"/><mergeCells count=\"3\"><mergeCell ref=\"A1:F1\"/><mergeCell ref=\"C5:D5\"/><mergeCell ref=\"A7:B8\"/></mergeCells><conditionalFormatting sqref=\"E5\"><cfRule/></conditionalFormatting><rowBreaks><brk id=\"9\"/></rowBreaks>";
        let moved = moved_tail(tail, Growth { row: 5, count: 3 });
        for it in [
            "<autoFilter ref=\"A4:F7\"/>",
            "<mergeCells count=\"5\">",
            "<mergeCell ref=\"A1:F1\"/>",
            "<mergeCell ref=\"C5:D5\"/><mergeCell ref=\"C6:D6\"/><mergeCell ref=\"C7:D7\"/>",
            "<mergeCell ref=\"A9:B10\"/>",
            "<conditionalFormatting sqref=\"E5:E7\">",
            "<brk id=\"11\"/>",
        ] {
            assert!(moved.contains(it), "{it}: {moved}");
        }
    }
}
