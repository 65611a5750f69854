//! Changing `mcp.yaml` for its owner: by lines, so that comments and order
//! stay.
//!
//! **Invariant:** what is written was read back first, and says exactly what the
//! old file said, and the one change; anything else refuses the edit.

mod entry;
mod lines;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use bulkhead_base::PluginName;
use bulkhead_package::Pattern;

use super::{
    Config, ConfigError, expand, resolve,
    tree::{self, Node, Value},
};

pub use entry::{EntryText, KeyText};

/// An edit that is not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("{}: {key} is written in braces on one line; write it as a block, one entry a line, and try again", path.display())]
    Flow { path: PathBuf, key: String },
    #[error("{}: there is no plugin {name:?}", path.display())]
    NoPlugin { path: PathBuf, name: PluginName },
    #[error("{}: there is a plugin {name:?} already; give the new one another name with --as, or remove the old one", path.display())]
    Taken { path: PathBuf, name: PluginName },
    #[error("{}: the edit would have changed more than it should; change the file by hand: {wanted}", path.display())]
    Unproven { path: PathBuf, wanted: String },
    #[error("{}: the file was changed meanwhile; try again", path.display())]
    Changed { path: PathBuf },
    #[error("{}: cannot be written", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A configuration that is being edited.
#[derive(Debug)]
pub struct Editor {
    path: PathBuf,
    before: String,
    text: String,
    config: Config,
}

/// Variables that are set; others are stood in for, since an edit needs no
/// secrets.
fn lenient(name: &str) -> Option<String> {
    expand::process_environment(name).or_else(|| Some(expand::stand_in(name)))
}

impl Editor {
    /// Opens the file at `path`. Unset variables are no error here.
    ///
    /// # Errors
    /// The configuration is refused.
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let text = resolve::read(&path)?;
        let config = resolve::from_text(&path, &text, &lenient)?;
        Ok(Self { path, before: text.clone(), text, config })
    }

    /// The configuration as it stands after the edits so far.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Adds a plugin's entry.
    ///
    /// # Errors
    /// There is one of that name, or the file is laid out so that lines cannot
    /// be added.
    pub fn add_plugin(&mut self, entry: &EntryText) -> Result<(), EditError> {
        let name = entry.name();
        if self.config.plugins.iter().any(|known| known.name == *name) {
            return Err(EditError::Taken { path: self.path.clone(), name: name.clone() });
        }
        let written = entry.lines();
        let text = lines::into_map(&self.text, "plugins", &written).ok_or_else(|| self.flow("plugins"))?;
        self.prove(text, &["plugins", name.as_str()], &written)
    }

    /// Takes a plugin's entry out.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn remove_plugin(&mut self, name: &PluginName) -> Result<(), EditError> {
        if !self.config.plugins.iter().any(|known| known.name == *name) {
            return Err(EditError::NoPlugin { path: self.path.clone(), name: name.clone() });
        }
        let text = lines::out_of_map(&self.text, "plugins", name.as_str()).ok_or_else(|| self.flow("plugins"))?;
        self.prove(text, &["plugins", name.as_str()], &[format!("(without plugins.{name})")])
    }

    /// Trusts a key.
    ///
    /// # Errors
    /// The file is laid out so that lines cannot be added, or the key is
    /// trusted already.
    pub fn add_key(&mut self, key: &KeyText) -> Result<(), EditError> {
        let written = key.line();
        let text = lines::into_list(&self.text, "trust", "keys", &written).ok_or_else(|| self.flow("trust.keys"))?;
        self.prove(text, &["trust", "keys"], &[written])
    }

    /// Lets the trusted key `id` sign plugins that fit `patterns` too.
    ///
    /// # Errors
    /// There is no such key, or its list of plugins cannot be added to.
    pub fn widen_key(&mut self, id: &str, patterns: &[Pattern]) -> Result<(), EditError> {
        let wanted: Vec<String> = patterns.iter().map(|pattern| entry::quoted(&pattern.to_string())).collect();
        let position = self.config.trusted_keys.iter().position(|key| *key.id == *id);
        let widened = position.and_then(|position| lines::into_patterns(&self.text, position, &wanted));
        let text = widened.ok_or_else(|| self.flow("trust.keys"))?;
        self.prove(text, &["trust", "keys", "[]"], &wanted)
    }

    fn flow(&self, key: &str) -> EditError {
        EditError::Flow { path: self.path.clone(), key: key.to_owned() }
    }

    /// Takes `text` over if it reads, and differs only below `changed`.
    fn prove(&mut self, text: String, changed: &[&str], wanted: &[String]) -> Result<(), EditError> {
        let unproven = || EditError::Unproven { path: self.path.clone(), wanted: wanted.join("\n") };
        let (before, after) = (tree::parse(&self.text), tree::parse(&text));
        let (Ok(before), Ok(after)) = (before, after) else { return Err(unproven()) };
        if !same_but(&before, &after, changed) {
            return Err(unproven());
        }
        self.config = resolve::from_text(&self.path, &text, &lenient)?;
        self.text = text;
        Ok(())
    }

    /// Writes the edits, whole or not at all, unless somebody changed the file
    /// meanwhile.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn save(self) -> Result<Config, EditError> {
        if resolve::read(&self.path)? != self.before {
            return Err(EditError::Changed { path: self.path });
        }
        let failed = |source| EditError::Write { path: self.path.clone(), source };
        replace(&self.path, self.text.as_bytes()).map_err(failed)?;
        Ok(self.config)
    }
}

/// Whether two trees say the same except below the keys `changed`; a list there
/// may only have grown at its end.
fn same_but(before: &Node, after: &Node, changed: &[&str]) -> bool {
    let Some((key, rest)) = changed.split_first() else { return grew(before, after) };
    if *key == "[]" {
        return widened(before, after);
    }
    let others_are_same = keys(before).chain(keys(after)).filter(|other| other != key).all(|other| {
        let (one, two) = (before.get(other), after.get(other));
        one.is_some() == two.is_some() && one.zip(two).is_none_or(|((_, one), (_, two))| same(one, two))
    });
    let inside = match (before.get(key), after.get(key)) {
        (Some((_, one)), Some((_, two))) => same_but(one, two, rest),
        _ => true,
    };
    others_are_same && inside
}

fn grew(before: &Node, after: &Node) -> bool {
    match (&before.value, &after.value) {
        (Value::List { items: old, .. }, Value::List { items: new, .. }) => {
            new.len() >= old.len() && old.iter().zip(new).all(|(one, two)| same(one, two))
        }
        _ => true,
    }
}

/// Whether each item is the same but for its `plugins`, which may have grown.
fn widened(before: &Node, after: &Node) -> bool {
    match (&before.value, &after.value) {
        (Value::List { items: old, .. }, Value::List { items: new, .. }) => {
            old.len() == new.len() && old.iter().zip(new).all(|(one, two)| same_but(one, two, &["plugins"]))
        }
        _ => false,
    }
}

fn keys(node: &Node) -> impl Iterator<Item = &str> {
    let entries = match &node.value {
        Value::Map { entries, .. } => entries.as_slice(),
        _ => &[],
    };
    entries.iter().map(|(key, _)| key.text.as_str())
}

/// The same, wherever it is written.
fn same(one: &Node, two: &Node) -> bool {
    match (&one.value, &two.value) {
        (Value::List { items: one, .. }, Value::List { items: two, .. }) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
        }
        (Value::Map { entries: one, .. }, Value::Map { entries: two, .. }) => {
            let pair =
                |((k1, one), (k2, two)): (&(tree::Key, Node), &(tree::Key, Node))| k1.text == k2.text && same(one, two);
            one.len() == two.len() && one.iter().zip(two).all(pair)
        }
        (Value::Scalar(one), Value::Scalar(two)) => one == two,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

/// Writes beside the file and renames into place, with the old file's mode.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = folder.join(name);
    let write = || {
        let mut file = File::create(&beside)?;
        if let Ok(about) = fs::metadata(&path) {
            file.set_permissions(about.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(folder)?.sync_all()
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
