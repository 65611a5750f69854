//! One root, and all of one principal.

use std::{collections::BTreeMap, sync::Arc};

use bulkhead_base::Sampling;
use bulkhead_protocol::{
    json::{Compact, Json, compact},
    read_sampling, write_sampling,
};
use bulkhead_state::{OWN_ROOT, RootRow};

/// One root.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    pub id: Arc<str>,
    pub name: Option<String>,
    /// An object.
    pub metadata: Option<Compact>,
    /// The prompt that it is at, by its dotted name.
    pub prompt: Option<String>,
    pub sampling: Sampling,
    /// Milliseconds since 1970.
    pub created: i64,
    pub used: i64,
}

impl Root {
    pub(super) fn is_own(&self) -> bool {
        &*self.id == OWN_ROOT
    }
}

/// A root that is to be opened.
#[derive(Clone, Debug, Default)]
pub struct RootDraft {
    pub name: Option<String>,
    pub metadata: Option<Compact>,
    pub prompt: Option<String>,
    pub sampling: Sampling,
}

impl RootDraft {
    /// With an id that nobody guesses.
    pub(super) fn row(self, now: i64) -> Result<RootRow, getrandom::Error> {
        let mut id = [0; 16];
        getrandom::fill(&mut id)?;
        Ok(RootRow {
            id: hex::encode(id),
            name: self.name,
            metadata: self.metadata.map(Compact::into_string),
            prompt: self.prompt,
            sampling: write_sampling(&self.sampling).into_string(),
            created: now,
            used: now,
        })
    }
}

impl From<RootRow> for Root {
    fn from(row: RootRow) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            metadata: row.metadata.and_then(|text| compact(&text, usize::MAX).ok()),
            prompt: row.prompt,
            sampling: read(&row.sampling),
            created: row.created,
            used: row.used,
        }
    }
}

/// Parameters as they were written. A parameter that this version does not
/// know takes the others with it: it was written by another one.
pub(super) fn read(text: &str) -> Sampling {
    let read = Json::parse(text).ok().and_then(|json| read_sampling(json, "sampling", &[]).ok());
    read.unwrap_or_default().applied(Sampling::default())
}

/// The roots of one principal.
#[derive(Clone, Debug, Default)]
pub struct Held {
    by_id: BTreeMap<Arc<str>, usize>,
    /// Oldest first.
    roots: Vec<Arc<Root>>,
}

impl Held {
    pub(super) fn of(rows: Vec<RootRow>) -> Self {
        let roots: Vec<Arc<Root>> = rows.into_iter().map(|row| Arc::new(Root::from(row))).collect();
        let by_id = roots.iter().enumerate().map(|(place, root)| (root.id.clone(), place)).collect();
        Self { by_id, roots }
    }

    /// The root of this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Arc<Root>> {
        self.roots.get(*self.by_id.get(id)?).cloned()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Root>> {
        self.roots.iter()
    }
}
