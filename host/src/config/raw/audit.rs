use bulkhead_audit::LogName;
use bulkhead_base::ByteSize;
use serde::Deserialize;

use super::Text;
use crate::config::de::At;

/// `audit:`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RawAudit {
    pub(in crate::config) dir: Option<String>,
    pub(in crate::config) mode: Option<RawAuditMode>,
    pub(in crate::config) arguments: Option<RawArguments>,
    pub(in crate::config) redact: Option<At<Vec<String>>>,
    pub(in crate::config) retain: Option<At<String>>,
    pub(in crate::config) max_size: Option<At<ByteSize>>,
    pub(in crate::config) key_file: Option<String>,
    pub(in crate::config) checkpoint_to: Option<String>,
    pub(in crate::config) name: Option<Text<LogName>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawAuditMode {
    Off,
    Batch,
    Record,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawArguments {
    Digest,
    Full,
}
