//! Files of a case: agreements, photographs, records of acceptance. They lie in the database beside the case and are read
//! under the same row security; one that was given by mistake is withdrawn, and stays in the record with its hash.

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::catalog::time::today;
use crate::error::Error;
use crate::error::Result;

use super::desk;
use super::queries::attachment as queries;
use super::queries::write;
use super::queries::write::Event;

pub mod content;
pub mod routes;

pub use content::Kind;

/// A file of a case.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "CaseAttachment")]
pub struct Attachment {
    pub attachment_id: i64,
    pub case_code: String,
    pub name: String,
    /// `pdf`, `jpg`, `png`, `xlsx` or `docx`, as the content is.
    pub kind: String,
    #[sqlx(skip)]
    pub media_type: String,
    pub bytes: i64,
    /// SHA-256 of the content, hex.
    pub sha256: String,
    pub note: Option<String>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    /// Null: it is in force.
    pub withdrawn_by: Option<String>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawn_reason: Option<String>,
}

/// The files of a case.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseAttachments")]
pub struct Attachments {
    /// Newest first; those that were withdrawn among them.
    pub attachments: Vec<Attachment>,
    pub limits: Bounds,
}

/// What may be attached.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AttachmentLimits")]
pub struct Bounds {
    pub file_bytes: usize,
    /// Of all files of a case, those that were withdrawn among them.
    pub case_bytes: i64,
    pub kinds: [Kind; 5],
}

/// A file as it was sent.
#[derive(Debug)]
pub struct Given {
    pub name: String,
    pub content: Vec<u8>,
    pub note: Option<String>,
}

/// The files of a case that the scope may read.
pub async fn all(app: &App, scope: &Scope, case_code: &str) -> Result<Attachments> {
    desk::officer(scope)?;
    let case = desk::read(app, scope, case_code).await?;
    let mut db = app.db.read(scope).await?;
    let attachments = queries::all(&mut db, case.reuse_case_id).await?;
    let given = app.config.attachments;
    let limits =
        Bounds { file_bytes: given.file_bytes(), case_bytes: given.case_bytes(), kinds: Kind::ALL };
    Ok(Attachments { attachments, limits })
}

/// A file of a case with its content; one that was withdrawn is gone.
pub async fn find(
    app: &App,
    scope: &Scope,
    case_code: &str,
    attachment_id: i64,
) -> Result<(Attachment, Vec<u8>)> {
    desk::officer(scope)?;
    let case = desk::read(app, scope, case_code).await?;
    let mut db = app.db.read(scope).await?;
    let found = queries::find(&mut db, case.reuse_case_id, attachment_id).await?;
    let found = found.ok_or_else(|| none(attachment_id))?;
    if found.withdrawn_at.is_some() {
        return Err(Error::gone(
            "附件已撤回 / the file was withdrawn",
            json!({"attachment": found}),
        ));
    }
    let content = queries::content(&mut db, attachment_id).await?;
    Ok((found, content.ok_or_else(|| none(attachment_id))?))
}

fn none(attachment_id: i64) -> Error {
    Error::not_found("附件 attachment", attachment_id.to_string())
}

/// The kind of a file whose name and content agree, of those that are taken.
pub(super) fn kind_of(name: &str, content: &[u8]) -> Result<Kind> {
    let found = Kind::of_content(content);
    let claimed = Kind::of_name(name);
    match (found, claimed) {
        (Some(found), Some(claimed)) if found == claimed => Ok(found),
        (Some(found), _) => Err(Error::unsupported(format!(
            "文件“{name}”的内容为 {kind}，与扩展名不符 / `{name}` is a {kind} by its content, which its name does not say",
            kind = found.name()
        ))),
        (None, _) => Err(Error::unsupported(format!(
            "文件“{name}”的内容不属于可上传的类型（{all}，不含宏） / the content of `{name}` is none of what is taken: {all}, without macros",
            all = Kind::ALL.map(Kind::name).join(", ")
        ))),
    }
}

/// Takes a file into a case.
pub async fn add(app: &App, scope: &Scope, case_code: &str, given: &Given) -> Result<Attachment> {
    desk::officer(scope)?;
    desk::text(given.note.as_deref(), "note")?;
    let kind = kind_of(&given.name, &given.content)?;
    let limits = app.config.attachments;
    if given.content.len() > limits.file_bytes() {
        return Err(Error::TooLarge { most: limits.file_bytes() });
    }
    let digest = Sha256::digest(&given.content);
    let mut tx = app.db.write.begin().await?;
    let (stored, ..) = desk::take(&mut tx, scope, case_code).await?;
    // The list is held: nobody else adds to the case meanwhile.
    let kept = queries::kept(&mut tx, stored.reuse_case_id, &digest).await?;
    if let Some(attachment_id) = kept.same {
        return Err(Error::conflict(
            "already-attached",
            "同一文件已在本台账 / the case has this very file already",
            json!({"attachment_id": attachment_id}),
        ));
    }
    let bytes = i64::try_from(given.content.len()).unwrap_or(i64::MAX);
    if kept.bytes.saturating_add(bytes) > limits.case_bytes() {
        return Err(Error::Told {
            status: Error::TooLarge { most: 0 }.kind().0,
            kind: "too-large",
            why: format!(
                "本台账附件合计将超过 {most} MiB（含已撤回的） / all files of a case, withdrawn ones among them, have at most {most} MiB",
                most = limits.case_mb
            ),
            more: json!({"case_bytes": limits.case_bytes(), "kept_bytes": kept.bytes}),
        });
    }
    let by = scope.recorded_by();
    let (id, code) = (stored.reuse_case_id, stored.case_code.as_str());
    let added = queries::insert(&mut tx, (id, code), given, kind, &digest, by).await?;
    note(&mut tx, scope, &stored, "attached", given.note.as_deref(), &added).await?;
    let event = audit::Event::of(Action::FileAttached, case_code).with(summary(&added));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(added)
}

/// Withdraws a file: it is no longer given out, and stays in the record.
pub async fn withdraw(
    app: &App,
    scope: &Scope,
    case_code: &str,
    attachment_id: i64,
    reason: &str,
) -> Result<Attachment> {
    desk::officer(scope)?;
    desk::text(Some(reason), "reason")?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::parameter("reason", "须写明理由 / say why"));
    }
    let mut tx = app.db.write.begin().await?;
    let (stored, ..) = desk::take(&mut tx, scope, case_code).await?;
    let by = scope.recorded_by();
    let ended = queries::withdraw(&mut tx, stored.reuse_case_id, attachment_id, reason, by).await?;
    let Some(ended) = ended else {
        let known = queries::exists(&mut tx, stored.reuse_case_id, attachment_id).await?;
        return Err(if known {
            Error::not_now("附件已撤回 / the file was withdrawn already")
        } else {
            none(attachment_id)
        });
    };
    note(&mut tx, scope, &stored, "withdrawn", Some(reason), &ended).await?;
    let event = audit::Event::of(Action::FileWithdrawn, case_code).with(summary(&ended));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(ended)
}

fn summary(it: &Attachment) -> Value {
    json!({"attachment_id": it.attachment_id, "name": it.name, "sha256": it.sha256, "bytes": it.bytes})
}

/// The history of the case says it, too.
async fn note(
    db: &mut crate::db::Writer,
    scope: &Scope,
    stored: &write::Stored,
    kind: &str,
    reason: Option<&str>,
    of: &Attachment,
) -> Result<()> {
    let at = write::moment(db).await?;
    let event = Event {
        kind,
        state_after: Some(&stored.state),
        reason,
        after: Some(summary(of)),
        on: today(),
        ..Event::default()
    };
    write::insert_event(db, stored, event, at, scope.recorded_by()).await?;
    Ok(())
}
