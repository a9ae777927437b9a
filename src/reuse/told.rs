//! What a unit is told of its cases without asking: notices, written with what they tell of.

use serde_json::json;

use crate::judgement::workflow::State;
use crate::layer::Text;
use crate::notice::Kind;
use crate::notice::New;

use super::CaseEvent;
use super::queries::write::Stored;

/// That a case was sent back a state, with the reason; to the unit that answers for it.
pub(super) fn returned(stored: &Stored, event: &CaseEvent) -> New {
    let code = &stored.case_code;
    let state = |name: &str| State::parse(name).map_or(name.to_owned(), |it| it.zh().to_owned());
    let from = stored.state.as_str();
    let to = event.state_after.as_deref().unwrap_or_default();
    let reason = event.reason.as_deref().unwrap_or_default();
    New {
        kind: Kind::CaseReturned,
        responsible_unit: stored.responsible_unit.clone(),
        title: Text::new(
            format!("{code} 被退回：{} → {}", state(from), state(to)),
            format!("{code} was returned: {from} → {to}"),
        ),
        text: Text::new(format!("理由：{reason}"), format!("Reason: {reason}")),
        detail: json!({"case_code": code, "list_id": stored.list_id, "from": from, "to": to}),
    }
}
