//! What a statement may do, asked by SQLite while it is compiled. What is not
//! named here is refused.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// What statements may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    Read,
    Write,
}

/// Pragmas that only tell, also with an argument: the name of what they tell of.
const TELLING: [&str; 8] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "data_version",
];

/// Pragmas that only tell as long as they have no argument.
const TELLING_BARE: [&str; 10] = [
    "application_id",
    "auto_vacuum",
    "collation_list",
    "encoding",
    "freelist_count",
    "journal_mode",
    "page_count",
    "page_size",
    "schema_version",
    "user_version",
];

/// Functions that reach beyond the database.
const REFUSED_FUNCTIONS: [&str; 3] = ["load_extension", "fts3_tokenizer", "sqlite_log"];

/// Modules whose virtual tables may be made.
const MODULES: [&str; 4] = ["fts5", "fts4", "rtree", "rtree_i32"];

/// Refuses what `rights` do not cover, and remembers what that was.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    rights: Rights,
    refused: Arc<Mutex<Option<String>>>,
}

impl Guard {
    pub(crate) fn new(rights: Rights) -> Self {
        Self { rights, refused: Arc::default() }
    }

    /// What was refused first.
    pub(crate) fn refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn decide(&self, context: &AuthContext<'_>) -> Authorization {
        match self.why_not(&context.action) {
            None => Authorization::Allow,
            Some(what) => {
                self.refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
                Authorization::Deny
            }
        }
    }

    /// What about `action` is not covered.
    fn why_not(&self, action: &AuthAction<'_>) -> Option<String> {
        match *action {
            AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => None,
            AuthAction::Function { function_name } => {
                let refused = REFUSED_FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(function_name));
                refused.then(|| format!("the function {function_name}"))
            }
            AuthAction::Pragma { pragma_name, pragma_value } => {
                let is = |name: &&str| name.eq_ignore_ascii_case(pragma_name);
                let tells = TELLING.iter().any(is) || (pragma_value.is_none() && TELLING_BARE.iter().any(is));
                (!tells).then(|| format!("PRAGMA {pragma_name}"))
            }
            _ => self.why_not_write(action),
        }
    }

    fn why_not_write(&self, action: &AuthAction<'_>) -> Option<String> {
        let what = match *action {
            AuthAction::Insert { .. }
            | AuthAction::Update { .. }
            | AuthAction::Delete { .. }
            | AuthAction::CreateTable { .. }
            | AuthAction::CreateIndex { .. }
            | AuthAction::CreateView { .. }
            | AuthAction::CreateTrigger { .. }
            | AuthAction::DropTable { .. }
            | AuthAction::DropIndex { .. }
            | AuthAction::DropView { .. }
            | AuthAction::DropTrigger { .. }
            | AuthAction::DropVtable { .. }
            | AuthAction::AlterTable { .. }
            | AuthAction::Reindex { .. }
            | AuthAction::Analyze { .. } => {
                return (self.rights == Rights::Read).then(|| "writing".to_owned());
            }
            AuthAction::CreateVtable { module_name, .. } => {
                if self.rights == Rights::Write && MODULES.iter().any(|name| name.eq_ignore_ascii_case(module_name)) {
                    return None;
                }
                format!("a virtual table of {module_name}")
            }
            AuthAction::Attach { .. } => "ATTACH, and VACUUM, which attaches".to_owned(),
            AuthAction::Detach { .. } => "DETACH".to_owned(),
            AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
                "a transaction: every statement is one of its own".to_owned()
            }
            _ => "what outlives no call, such as a temporary table".to_owned(),
        };
        Some(what)
    }
}
