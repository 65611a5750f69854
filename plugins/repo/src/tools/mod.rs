//! The tools.

pub(crate) mod definition;
pub(crate) mod file;
pub(crate) mod text;

use bulkhead_sdk::Result;

use crate::Cursor;

fn cursor(text: Option<String>) -> Result<Option<Cursor>> {
    text.map(|text| text.parse()).transpose()
}
