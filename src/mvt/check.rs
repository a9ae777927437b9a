//! Every rule of the specification, held strictly: what it calls SHOULD counts as MUST, so that no client has to be lenient.

use std::collections::HashSet;
use std::fmt;

use super::Feature;
use super::Kind;
use super::Layer;
use super::read;

mod ring;

/// What a tile can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// It cannot be read: protocol buffer, UTF-8, one member to a value.
    Bytes,
    /// §4.1: version 2, a name of its own, an extent, at least one feature.
    Layer,
    /// §4.1, §4.4: keys are not repeated, a number is one.
    Dictionary,
    /// §4.2: ids are not repeated.
    Id,
    /// §4.4: pairs that lead to a key and a value, no key twice in a feature.
    Tags,
    /// §4.3: commands that fit the kind, with their counts, none without a way.
    Commands,
    /// §4.3.4.4: outlines clockwise, holes the other way, none without an area, an outline first.
    Winding,
    /// §4.3.4.4: rings do not cross themselves or each other, holes lie in their outline.
    Crossing,
}

/// One break of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: Rule,
    /// Layer and feature, and what is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

/// Everything that is wrong with a tile; nothing for one without bytes.
pub fn check(bytes: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    match read(bytes) {
        Err(it) => found.push(Finding { rule: Rule::Bytes, what: it.to_string() }),
        Ok(tile) => {
            let mut names = HashSet::new();
            for it in &tile.layers {
                if !names.insert(it.name.as_str()) {
                    let what = format!("`{}` is the name of two layers", it.name);
                    found.push(Finding { rule: Rule::Layer, what });
                }
                layer(it, &mut found);
            }
        }
    }
    found
}

fn layer(it: &Layer, found: &mut Vec<Finding>) {
    let mut say = |rule, what: String| {
        found.push(Finding { rule, what: format!("layer `{}`: {what}", it.name) });
    };
    if it.version != 2 {
        say(Rule::Layer, format!("version {}", it.version));
    }
    if it.name.is_empty() || it.extent == 0 || it.features.is_empty() {
        say(Rule::Layer, format!("extent {}, {} features", it.extent, it.features.len()));
    }
    let mut keys = HashSet::new();
    for key in it.keys.iter().filter(|key| !keys.insert(key.as_str())) {
        say(Rule::Dictionary, format!("key `{key}` stands twice"));
    }
    for value in &it.values {
        let is_number = match value {
            super::Owned::Float(it) => it.is_finite(),
            super::Owned::Double(it) => it.is_finite(),
            _ => true,
        };
        if !is_number {
            say(Rule::Dictionary, format!("{value:?} is no number"));
        }
    }
    let mut ids = HashSet::new();
    for (at, feature) in it.features.iter().enumerate() {
        if feature.id.is_some_and(|it| !ids.insert(it)) {
            say(Rule::Id, format!("id {:?} stands twice", feature.id));
        }
        tags(it, feature, &mut |what| say(Rule::Tags, format!("feature {at}: {what}")));
        geometry(feature, &mut |rule, what| say(rule, format!("feature {at}: {what}")));
    }
}

fn tags(layer: &Layer, feature: &Feature, say: &mut dyn FnMut(String)) {
    if !feature.tags.len().is_multiple_of(2) {
        say("a key without a value".to_owned());
    }
    let mut keys = HashSet::new();
    for pair in feature.tags.chunks_exact(2) {
        if pair[0] as usize >= layer.keys.len() || pair[1] as usize >= layer.values.len() {
            say(format!("no key {} or no value {}", pair[0], pair[1]));
        }
        if !keys.insert(pair[0]) {
            say(format!("key {} stands twice", pair[0]));
        }
    }
}

fn geometry(feature: &Feature, say: &mut dyn FnMut(Rule, String)) {
    let Some(kind) = feature.kind() else {
        return say(Rule::Commands, format!("geometry of kind {}", feature.kind));
    };
    if let Err(what) = commands(kind, &feature.commands) {
        return say(Rule::Commands, what);
    }
    let paths = match feature.paths() {
        Ok(it) => it,
        Err(it) => return say(Rule::Commands, it.to_string()),
    };
    if kind == Kind::Polygon {
        let rings: Vec<_> = paths.into_iter().map(|it| it.0).collect();
        ring::check(&rings, say);
    }
}

/// §4.3.4: the order and the counts of commands.
fn commands(kind: Kind, commands: &[u32]) -> Result<(), String> {
    let mut at = 0;
    let mut paths = 0;
    let mut next = |wanted: u32| -> Result<Vec<(u32, u32)>, String> {
        let Some(command) = commands.get(at) else {
            return Err(format!("it ends where command {wanted} should be"));
        };
        let (id, count) = (command & 7, (command >> 3) as usize);
        if id != wanted || count == 0 {
            return Err(format!("command {id} x {count} instead of {wanted}"));
        }
        let pairs = if id == 7 { 0 } else { count };
        let parameters = commands.get(at + 1..at + 1 + 2 * pairs);
        let Some(parameters) = parameters else { return Err("parameters are missing".to_owned()) };
        at += 1 + 2 * pairs;
        if id == 7 && count != 1 {
            return Err(format!("ClosePath x {count}"));
        }
        Ok(parameters.chunks_exact(2).map(|it| (it[0], it[1])).collect())
    };
    let mut done = 0;
    while paths == 0 || done < commands.len() {
        paths += 1;
        let moves = next(1)?;
        done += 1 + 2 * moves.len();
        if kind == Kind::Point {
            break;
        }
        if moves.len() != 1 {
            return Err(format!("MoveTo x {}", moves.len()));
        }
        let lines = next(2)?;
        done += 1 + 2 * lines.len();
        if lines.contains(&(0, 0)) {
            return Err("LineTo where it stands".to_owned());
        }
        if kind == Kind::Polygon {
            if lines.len() < 2 {
                return Err("a ring of two places".to_owned());
            }
            next(7)?;
            done += 1;
        }
    }
    if done < commands.len() { Err("more commands than one MoveTo".to_owned()) } else { Ok(()) }
}
