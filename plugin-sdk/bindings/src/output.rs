//! A folder of generated files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::repository;

/// What a folder of the repository has to hold.
pub struct Folder {
    path: &'static str,
    files: BTreeMap<String, String>,
}

impl Folder {
    pub fn new(path: &'static str) -> Self {
        Self { path, files: BTreeMap::new() }
    }

    pub fn add(&mut self, name: String, text: String) {
        self.files.insert(name, text);
    }

    pub fn write(&self) -> Result<()> {
        self.files.iter().try_for_each(|(name, text)| {
            let path = repository(self.path).join(name);
            write(&path, text).with_context(|| format!("{}/{name}", self.path))
        })
    }

    /// The files that are missing or hold something else.
    pub fn stale(&self) -> Vec<String> {
        let differs = |name: &str, text: &str| match fs::read(repository(self.path).join(name)) {
            Ok(found) => found != text.as_bytes(),
            Err(_) => true,
        };
        let stale = self.files.iter().filter(|(name, text)| differs(name, text));
        stale.map(|(name, _)| format!("{}/{name}", self.path)).collect()
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}
