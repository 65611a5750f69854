//! Whether a signed statement is about the file that it came with.

use super::Refusal;
use crate::{
    package::Package,
    statement::{PREDICATE_TYPE, STATEMENT_TYPE, Statement},
};

/// Step 4.
pub(super) fn read_statement(payload: &[u8]) -> Result<Statement, Refusal> {
    let unreadable = |error: serde_json::Error| Refusal::Statement { problem: error.to_string() };
    let kinds: Kinds = serde_json::from_slice(payload).map_err(unreadable)?;
    if kinds.kind != STATEMENT_TYPE {
        return Err(Refusal::StatementType { found: kinds.kind });
    }
    if kinds.predicate_type != PREDICATE_TYPE {
        return Err(Refusal::PredicateType { found: kinds.predicate_type });
    }
    serde_json::from_slice(payload).map_err(unreadable)
}

/// The two types alone, so that a statement of another kind is called so.
#[derive(serde::Deserialize)]
struct Kinds {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
}

/// Step 5.
pub(super) fn check_subject(statement: &Statement, package: &Package) -> Result<(), Refusal> {
    let found = package.digest();
    let subject = match statement.subject.as_slice() {
        [one] => one,
        several => return Err(Refusal::Subject { stated: format!("{} files", several.len()), found }),
    };
    if subject.digest.sha256 != found.hex() {
        return Err(Refusal::Subject { stated: format!("sha256:{}", subject.digest.sha256), found });
    }
    repeats("subject", &subject.name, package.manifest().name.as_str())
}

/// Step 6.
pub(super) fn check_predicate(statement: &Statement, package: &Package) -> Result<(), Refusal> {
    let (stated, manifest) = (&statement.predicate, package.manifest());
    repeats("name", stated.name.as_str(), manifest.name.as_str())?;
    repeats("version", &stated.version.to_string(), &manifest.version.to_string())?;
    repeats("manifest digest", &stated.manifest.to_string(), &package.manifest_digest().to_string())
}

fn repeats(what: &'static str, stated: &str, found: &str) -> Result<(), Refusal> {
    if stated == found {
        return Ok(());
    }
    Err(Refusal::Predicate { what, stated: stated.to_owned(), found: found.to_owned() })
}
