//! CQL2 JSON, rewritten as CQL2 text: what may be said, and how much of it, is the text's parser's to judge, so that both
//! encodings mean the same and have the same limits.

use std::fmt::Write;

use serde_json::Map;
use serde_json::Value;

use crate::cql::display::quoted;

/// Levels of nesting; the parser's own limit is below it.
const DEEPEST: usize = 100;

/// The text of a filter in JSON. Fails with a sentence that names the place as a JSON pointer.
pub fn to_text(json: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(json).map_err(|it| {
        format!("不是 JSON（第 {} 行第 {} 列） / this is no JSON: {it}", it.line(), it.column())
    })?;
    let mut text = String::new();
    Writer { out: &mut text, place: Vec::new() }.write(&value)?;
    Ok(text)
}

struct Writer<'a> {
    out: &'a mut String,
    place: Vec<String>,
}

impl Writer<'_> {
    fn fail<T>(&self, zh: &str, en: &str) -> Result<T, String> {
        let place = if self.place.is_empty() {
            "/".to_owned()
        } else {
            format!("/{}", self.place.join("/"))
        };
        Err(format!("`{place}`：{zh} / {en}"))
    }

    fn text(&mut self, it: &str) {
        // Writing to a string does not fail.
        let _ = quoted(it, self.out);
    }

    fn inside(&mut self, step: usize, it: &Value) -> Result<(), String> {
        self.place.push(step.to_string());
        if self.place.len() > DEEPEST {
            return self.fail("嵌套过深", "nested too deeply");
        }
        self.write(it)?;
        self.place.pop();
        Ok(())
    }

    fn write(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Bool(it) => self.out.push_str(if *it { "TRUE" } else { "FALSE" }),
            Value::Number(it) => {
                let _ = write!(self.out, "{it}");
            }
            Value::String(it) => self.text(it),
            Value::Array(list) => self.listed(list)?,
            Value::Object(it) => return self.object(it),
            Value::Null => {
                return self.fail("null 不是值；用 isNull", "null is no value; use isNull");
            }
        }
        Ok(())
    }

    /// `(a,b)`.
    fn listed(&mut self, list: &[Value]) -> Result<(), String> {
        self.out.push('(');
        for (nth, it) in list.iter().enumerate() {
            if nth > 0 {
                self.out.push(',');
            }
            self.inside(nth, it)?;
        }
        self.out.push(')');
        Ok(())
    }

    fn object(&mut self, it: &Map<String, Value>) -> Result<(), String> {
        if let Some(op) = it.get("op") {
            let (Some(op), Some(Value::Array(args))) = (op.as_str(), it.get("args")) else {
                return self
                    .fail("需要 op 与 args", "an operation has a text `op` and a list `args`");
            };
            self.place.push("args".to_owned());
            self.operation(op, args)?;
            self.place.pop();
            return Ok(());
        }
        let text = |name: &str| it.get(name).and_then(Value::as_str);
        if let Some(name) = text("property") {
            let _ = write!(self.out, "\"{}\"", name.replace('"', "\"\""));
        } else if let Some(day) = text("date") {
            self.out.push_str("DATE(");
            self.text(day);
            self.out.push(')');
        } else if let Some(moment) = text("timestamp") {
            self.out.push_str("TIMESTAMP(");
            self.text(moment);
            self.out.push(')');
        } else if let Some(Value::Array(ends)) = it.get("interval") {
            self.out.push_str("INTERVAL");
            self.listed(ends)?;
        } else if let Some(Value::Array(edges)) =
            it.get("bbox").filter(|_| !it.contains_key("type"))
        {
            self.out.push_str("BBOX");
            self.listed(edges)?;
        } else if text("type").is_some() {
            self.geometry(it)?;
        } else {
            return self.fail(
                "应有 op、property、date、timestamp、interval、bbox 或 GeoJSON 几何",
                "an object is an operation, a property, a date, a timestamp, an interval, a bbox or a GeoJSON geometry",
            );
        }
        Ok(())
    }

    fn operation(&mut self, op: &str, args: &[Value]) -> Result<(), String> {
        let counts = |most: usize, zh: &str, en: &str| {
            if args.len() == most { Ok(()) } else { self.fail(zh, en) }
        };
        match op {
            "and" | "or" if args.len() < 2 => {
                self.fail("and、or 至少两项", "`and` and `or` take at least two arguments")
            }
            "and" => self.joined(args, " AND "),
            "or" => self.joined(args, " OR "),
            "not" => {
                counts(1, "not 只有一项", "`not` takes one argument")?;
                self.out.push_str("(NOT ");
                self.inside(0, &args[0])?;
                self.out.push(')');
                Ok(())
            }
            "=" | "<>" | "<" | ">" | "<=" | ">=" | "+" | "-" | "*" | "/" | "^" | "%" => {
                counts(2, "需要两项", "this operator takes two arguments")?;
                self.joined(args, &format!(" {op} "))
            }
            "div" | "like" => {
                counts(2, "需要两项", "this operator takes two arguments")?;
                self.joined(args, if op == "div" { " DIV " } else { " LIKE " })
            }
            "between" => {
                counts(
                    3,
                    "between 需要三项",
                    "`between` takes a value, the least and the greatest",
                )?;
                self.out.push('(');
                for (nth, between) in ["", " BETWEEN ", " AND "].into_iter().enumerate() {
                    self.out.push_str(between);
                    self.inside(nth, &args[nth])?;
                }
                self.out.push(')');
                Ok(())
            }
            "in" => {
                counts(2, "in 需要值与列表", "`in` takes a value and a list")?;
                if !args[1].is_array() {
                    return self.fail("in 需要值与列表", "`in` takes a value and a list");
                }
                self.joined(args, " IN ")
            }
            "isNull" => {
                counts(1, "isNull 只有一项", "`isNull` takes one argument")?;
                self.out.push('(');
                self.inside(0, &args[0])?;
                self.out.push_str(" IS NULL)");
                Ok(())
            }
            name => {
                let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic())
                    && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
                if !is_name {
                    return self.fail("没有此运算", "there is no such operator");
                }
                self.out.push_str(&name.to_ascii_uppercase());
                self.listed(args)
            }
        }
    }

    fn joined(&mut self, args: &[Value], between: &str) -> Result<(), String> {
        self.out.push('(');
        for (nth, it) in args.iter().enumerate() {
            if nth > 0 {
                self.out.push_str(between);
            }
            self.inside(nth, it)?;
        }
        self.out.push(')');
        Ok(())
    }

    /// A `GeoJSON` geometry as WKT.
    fn geometry(&mut self, it: &Map<String, Value>) -> Result<(), String> {
        let kind = it.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind == "GeometryCollection" {
            let Some(Value::Array(parts)) = it.get("geometries") else {
                return self.fail("缺 geometries", "a collection has `geometries`");
            };
            self.out.push_str("GEOMETRYCOLLECTION");
            return self.listed(parts);
        }
        // How many lists are around a position.
        let depth = match kind {
            "Point" => 0,
            "MultiPoint" | "LineString" => 1,
            "Polygon" | "MultiLineString" => 2,
            "MultiPolygon" => 3,
            _ => return self.fail("没有此几何类型", "there is no such type of geometry"),
        };
        self.out.push_str(&kind.to_ascii_uppercase());
        let Some(coordinates) = it.get("coordinates") else {
            return self.fail("缺 coordinates", "a geometry has `coordinates`");
        };
        if depth == 0 {
            self.out.push('(');
            self.position(coordinates)?;
            self.out.push(')');
            return Ok(());
        }
        self.positions(coordinates, depth)
    }

    fn positions(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        if depth == 0 {
            return self.position(value);
        }
        let Value::Array(parts) = value else {
            return self
                .fail("坐标的嵌套层数不对", "coordinates are not nested as this type has them");
        };
        self.out.push('(');
        for (nth, it) in parts.iter().enumerate() {
            if nth > 0 {
                self.out.push(',');
            }
            self.positions(it, depth - 1)?;
        }
        self.out.push(')');
        Ok(())
    }

    /// Two numbers; heights are dropped, as they are in text.
    fn position(&mut self, value: &Value) -> Result<(), String> {
        match value.as_array().map(Vec::as_slice) {
            Some(
                [Value::Number(x), Value::Number(y)]
                | [Value::Number(x), Value::Number(y), Value::Number(_)],
            ) => {
                let _ = write!(self.out, "{x} {y}");
                Ok(())
            }
            _ => self.fail("位置应为两个数", "a position is two numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cql::parse;

    /// Both parse to the same expression, wherever its parts stand.
    fn same(json: &str, text: &str) {
        let written = to_text(json).unwrap();
        let (one, other) = (parse(&written).unwrap(), parse(text).unwrap());
        assert_eq!(one.to_string(), other.to_string(), "{json}");
    }

    #[test]
    fn json_means_what_its_text_means() {
        for (json, text) in [
            (r#"{"op":"=","args":[{"property":"town_code"},"310114"]}"#, "town_code = '310114'"),
            (
                r#"{"op":"and","args":[{"op":">","args":[{"property":"area_mu"},3.5]},{"op":"not","args":[{"op":"isNull","args":[{"property":"name"}]}]}]}"#,
                "area_mu > 3.5 AND NOT (name IS NULL)",
            ),
            (
                r#"{"op":"like","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["%o'b%"]}]}"#,
                "CASEI(name) LIKE CASEI('%o''b%')",
            ),
            (r#"{"op":"between","args":[{"property":"x"},-1,2]}"#, "x BETWEEN -1 AND 2"),
            (r#"{"op":"in","args":[{"property":"x"},[1,2,3]]}"#, "x IN (1,2,3)"),
            (
                r#"{"op":"<","args":[{"op":"+","args":[{"property":"a"},{"op":"*","args":[2,{"property":"b"}]}]},10]}"#,
                "a + 2 * b < 10",
            ),
            (
                r#"{"op":"s_intersects","args":[{"property":"geom"},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]}"#,
                "S_INTERSECTS(geom, POLYGON((0 0,1 0,1 1,0 0)))",
            ),
            (
                r#"{"op":"s_within","args":[{"property":"geom"},{"bbox":[121,31,121.5,31.5]}]}"#,
                "S_WITHIN(geom, BBOX(121,31,121.5,31.5))",
            ),
            (
                r#"{"op":"s_touches","args":[{"property":"geom"},{"type":"Point","coordinates":[121.5,31,7]}]}"#,
                "S_TOUCHES(geom, POINT(121.5 31))",
            ),
            (
                r#"{"op":"t_during","args":[{"property":"day"},{"interval":["2024-01-01",".."]}]}"#,
                "T_DURING(day, INTERVAL('2024-01-01','..'))",
            ),
            (
                r#"{"op":"t_after","args":[{"property":"day"},{"date":"2024-01-01"}]}"#,
                "T_AFTER(day, DATE('2024-01-01'))",
            ),
        ] {
            same(json, text);
        }
    }

    #[test]
    fn what_is_no_expression_is_told_with_its_place() {
        for (json, place) in [
            ("{", "JSON"),
            ("null", "`/`"),
            (r#"{"op":"and","args":[true]}"#, "`/args`"),
            (r#"{"op":"and","args":[true,null]}"#, "`/args/1`"),
            (r#"{"op":"=","args":[1]}"#, "`/args`"),
            (r#"{"op":"=","args":[{"properties":"x"},1]}"#, "`/args/0`"),
            (r#"{"op":"; drop","args":[1]}"#, "`/args`"),
            (r#"{"op":"in","args":[1,2]}"#, "`/args`"),
            (r#"{"type":"Circle","coordinates":[0,0]}"#, "`/`"),
            (r#"{"type":"Polygon","coordinates":[0,0]}"#, "`/`"),
        ] {
            let told = to_text(json).unwrap_err();
            assert!(told.contains(place), "{json}: {told}");
        }
        let deep = format!("{}1{}", r#"{"op":"not","args":["#.repeat(60), "]}".repeat(60));
        assert!(to_text(&deep).is_err() || parse(&to_text(&deep).unwrap()).is_err());
    }

    #[test]
    fn quotes_stay_inside() {
        same(
            r#"{"op":"=","args":[{"property":"a\"b"},"x' OR 'a'='a"]}"#,
            "\"a\"\"b\" = 'x'' OR ''a''=''a'",
        );
        for text in ["a\\", "\\", "\\'", "a\\' OR TRUE OR 'b", "\\\\", "'\\"] {
            let json = serde_json::json!({"op": "=", "args": [text, text]}).to_string();
            let read = parse(&to_text(&json).unwrap()).unwrap();
            let crate::cql::Kind::Compare(_, left, right) = read.kind else { panic!("{text}") };
            let wanted = crate::cql::Kind::Text(text.to_owned());
            assert!(left.kind == wanted && right.kind == wanted, "{text}");
        }
    }
}
