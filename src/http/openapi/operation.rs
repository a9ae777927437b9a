//! Operations of whoever has an account.

use schemars::JsonSchema;
use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use super::problems;

/// What one operation takes and answers.
pub(super) struct Operation {
    pub id: &'static str,
    pub summary: &'static str,
    pub parameters: Vec<Value>,
    pub body: Option<Value>,
    /// Status of success, with its schema where there is a body.
    pub success: (u16, Option<Value>),
    /// Besides those that everything with credentials may answer.
    pub refusals: &'static [u16],
}

impl Operation {
    pub fn document(self) -> Value {
        let (status, schema) = self.success;
        let mut answer = json!({"description": self.summary});
        if let Some(schema) = schema {
            answer["content"] = json!({"application/json": {"schema": schema}});
        }
        let mut responses = problems(&[&[401, 403, 429, 503], self.refusals].concat());
        responses[status.to_string()] = answer;
        let mut it = json!({
            "operationId": self.id,
            "summary": self.summary,
            "parameters": self.parameters,
            "responses": responses,
        });
        if let Some(schema) = self.body {
            it["requestBody"] =
                json!({"required": true, "content": {"application/json": {"schema": schema}}});
        }
        it
    }
}

pub(super) fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    json!(schemas.subschema_for::<T>())
}

pub(super) fn in_path(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

pub(super) fn in_query(name: &str, schema: &Value, description: &str) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema, "description": description})
}
