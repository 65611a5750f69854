//! What a start would find of the record.

use bulkhead_audit::Rehearsal;
use serde_json::{Value, json};

use crate::{
    cli::exit::{Exit, Failure},
    config::Config,
    record::{OpenError, rehearse},
};

/// The record, tried once.
pub(super) struct Tried<'c> {
    config: &'c Config,
    found: Result<Option<Rehearsal>, OpenError>,
}

impl<'c> Tried<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        Self { config, found: rehearse(&config.audit) }
    }

    /// Why `serve` would refuse to go on with it.
    pub(super) fn problem(&self) -> Option<String> {
        self.found.as_ref().err().map(|error| Failure::from_error(Exit::CONFIG, error).text)
    }

    pub(super) fn line(&self) -> String {
        let dir = self.config.audit.dir.display();
        match &self.found {
            Ok(None) => "nothing is recorded: audit.mode is off".to_owned(),
            Ok(Some(Rehearsal { size: None, .. })) => format!("the record begins with the first start: {dir}"),
            Ok(Some(Rehearsal { size: Some(size), is_written })) => {
                let written = if *is_written { "; a server writes it now" } else { "" };
                format!("the record goes on behind {size} lines, the last file of which holds: {dir}{written}")
            }
            Err(_) => format!("the record cannot go on: {dir}"),
        }
    }

    pub(super) fn json(&self) -> Value {
        let Ok(Some(Rehearsal { size, is_written })) = &self.found else { return Value::Null };
        json!({"dir": self.config.audit.dir, "size": size, "written": is_written})
    }
}
