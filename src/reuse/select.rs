//! From what somebody chose to the codes of parcels.

use std::collections::BTreeSet;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::error::Result;
use crate::parcel;
use crate::scenario;

use super::CASES_MAX;
use super::Choice;
use super::queries;

/// Characters of a pasted column.
const PASTED_MAX: usize = 1_000_000;

/// The codes chosen, each once.
pub async fn codes(app: &App, scope: &Scope, choice: &Choice) -> Result<Vec<String>> {
    let wrong = |member: &str, why: String| Error::BadInput {
        at: format!("成员 / member `selection.{member}`"),
        why,
    };
    let given = [
        choice.layer.is_some(),
        choice.town_code.is_some(),
        choice.parcel_codes.is_some(),
        choice.scenario_id.is_some(),
        choice.thresholds.is_some(),
    ];
    if given.into_iter().filter(|it| *it).count() != 1 {
        let why = "请给出其一 / give exactly one of: `layer`, `town_code`, `parcel_codes`, `scenario_id`, `thresholds`";
        return Err(wrong("layer", why.to_owned()));
    }
    if choice.filter.is_some() && choice.layer.is_none() {
        return Err(wrong("filter", "须与 layer 同用 / takes a `layer`".to_owned()));
    }
    let found = if let Some(id) = &choice.layer {
        let layer = app.layer(scope, id)?;
        if layer.field_for(scope, "parcel_code").is_none() {
            let why = "该图层的要素不是宗地 / the rows of this layer name no parcels: it has no `parcel_code`";
            return Err(wrong("layer", why.to_owned()));
        }
        let filter = choice.filter.as_deref();
        let filter = filter.map(|it| catalog::filter::compile(layer, scope, it, 1)).transpose()?;
        let mut db = app.db.read(scope).await?;
        queries::codes(&mut db, layer, filter, CASES_MAX).await?
    } else if let Some(town) = &choice.town_code {
        let layer = app.layer(scope, parcel::LAYER)?;
        if layer.field_for(scope, "town_code").is_none() {
            return Err(Error::Forbidden("town_code".to_owned()));
        }
        let mut db = app.db.read(scope).await?;
        queries::codes_of_town(&mut db, layer, town.trim()).await?
    } else if let Some(id) = choice.scenario_id {
        scenario::low_of(app, scope, id).await?
    } else if let Some(thresholds) = &choice.thresholds {
        scenario::low(app, scope, thresholds).await?
    } else {
        let text = choice.parcel_codes.as_deref().unwrap_or_default();
        if text.len() > PASTED_MAX {
            return Err(wrong("parcel_codes", "内容过长 / too long".to_owned()));
        }
        pasted(text)
    };
    if found.len() > CASES_MAX {
        let why = format!("选中超过 {CASES_MAX} 宗 / more than {CASES_MAX} parcels: choose fewer");
        return Err(wrong("filter", why));
    }
    Ok(found)
}

/// The codes of a pasted column, in their order, each once. Excel parts cells by tabs and lines; people by commas.
fn pasted(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    text.split(['\n', '\r', '\t', ',', '，', '、', ';', '；'])
        .map(|it| it.trim().trim_matches(['"', '\'', '\u{feff}']).trim())
        .filter(|it| !it.is_empty() && seen.insert((*it).to_owned()))
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pasted;

    #[test]
    fn a_pasted_column_is_read_as_excel_and_people_write_it() {
        let text = "\u{feff}310114001\r\n\"310114002\"\t\r\n\r\n 310114001 \n'310114003，310114004";
        assert_eq!(pasted(text), ["310114001", "310114002", "310114003", "310114004"]);
        assert!(pasted(" \r\n,\t").is_empty());
    }
}
