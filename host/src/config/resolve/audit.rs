use std::path::{Path, PathBuf};

use bulkhead_audit::{Mode, Redaction};
use bulkhead_base::{ByteSize, Span};

use super::Folder;
use crate::config::{
    Audit,
    de::At,
    error::Fault,
    raw::{RawArguments, RawAudit, RawAuditMode},
};

/// Shortest that a record is kept. Answers "a record that forgets before
/// anybody looks".
const LEAST_RETAIN: Span = Span::secs(60 * 60);
/// Smallest that a record is kept. Answers the same: some dozens of large calls.
const LEAST_SIZE: ByteSize = ByteSize::mib(16);
/// `retain` for a record of which nothing is deleted.
const FOREVER: &str = "forever";

pub(super) fn resolve(raw: Option<RawAudit>, folder: &Folder, state_dir: &Path) -> Result<Audit, Fault> {
    let usual = Audit::default_in(&folder.path, state_dir);
    let Some(raw) = raw else { return Ok(usual) };
    Ok(Audit {
        mode: raw.mode.map_or(usual.mode, |mode| match mode {
            RawAuditMode::Off => None,
            RawAuditMode::Batch => Some(Mode::Batch),
            RawAuditMode::Record => Some(Mode::Record),
        }),
        dir: raw.dir.map_or(usual.dir, |dir| folder.join(&dir)),
        full: raw.arguments == Some(RawArguments::Full),
        redact: raw.redact.map_or(Ok(usual.redact), redact)?,
        retain: raw.retain.map_or(Ok(usual.retain), |written| retain(&written))?,
        max_size: raw.max_size.map(|written| max_size(&written)).transpose()?,
        key: raw.key_file.map_or(usual.key, |key| folder.join(&key)),
        checkpoint_to: raw.checkpoint_to.map(|to| checkpoint_to(&to, folder)),
        name: raw.name.map(|name| name.0),
    })
}

fn redact(At { at, value }: At<Vec<String>>) -> Result<Vec<String>, Fault> {
    match Redaction::new(value.iter().map(String::as_str)) {
        Ok(_) => Ok(value),
        Err(error) => Err(Fault::at(at, error.to_string()).under("redact").under("audit")),
    }
}

fn retain(written: &At<String>) -> Result<Option<Span>, Fault> {
    let fault = |text: String| Fault::at(written.at, text).under("retain").under("audit");
    if written.value == FOREVER {
        return Ok(None);
    }
    let span: Span = written.value.parse().map_err(|error| fault(format!("{error}, or {FOREVER}")))?;
    if span < LEAST_RETAIN {
        return Err(fault(format!("expected {LEAST_RETAIN} or more, or {FOREVER}, found {span}")));
    }
    Ok(Some(span))
}

fn max_size(written: &At<ByteSize>) -> Result<ByteSize, Fault> {
    if written.value < LEAST_SIZE {
        let text = format!("expected {LEAST_SIZE} or more, found {}", written.value);
        return Err(Fault::at(written.at, text).under("maxSize").under("audit"));
    }
    Ok(written.value)
}

/// A path that ends with a slash is a folder, whether it is there yet or not.
fn checkpoint_to(to: &str, folder: &Folder) -> PathBuf {
    let path = folder.join(to);
    if to.ends_with('/') { path.join("") } else { path }
}
