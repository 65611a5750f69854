//! The files of every skill, by URI, and the folders that they make.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use bulkhead_base::Digest;
use bulkhead_package::SkillFile;
use bulkhead_protocol::json::Compact;
use bulkhead_sandbox::CompiledPlugin;

/// Folders of a URI that are looked at. Answers "a URI of slashes".
const DEEPEST: usize = 64;

/// One file of a skill.
pub struct FileEntry {
    pub plugin: Arc<CompiledPlugin>,
    /// As it was signed.
    pub contract: SkillFile,
    /// What a directory says of it.
    pub listing: Compact,
}

/// What lies directly in a folder.
#[derive(Clone, Copy)]
pub enum Child<'a> {
    File(&'a FileEntry),
    /// A folder, by its URI.
    Folder(&'a str),
}

/// Every file of every skill that is shown.
#[derive(Default)]
pub struct SkillFiles(BTreeMap<Box<str>, Arc<FileEntry>>);

impl FileEntry {
    /// Whether these bytes are those that were signed.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.contract.size && Digest::of(bytes) == self.contract.digest
    }
}

impl<'a> Child<'a> {
    /// Its URI.
    #[must_use]
    pub fn uri(self) -> &'a str {
        match self {
            Self::File(file) => &file.contract.uri,
            Self::Folder(uri) => uri,
        }
    }
}

impl SkillFiles {
    /// Adds those of `files` that lie in one of the `shown` folders.
    pub(crate) fn add(&mut self, files: &[Arc<FileEntry>], shown: &[&str]) {
        let is_in = |uri: &str, root: &str| uri.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
        let shown = files.iter().filter(|file| shown.iter().any(|root| is_in(&file.contract.uri, root)));
        self.0.extend(shown.map(|file| (file.contract.uri.as_str().into(), file.clone())));
    }

    /// The file at `uri`.
    #[must_use]
    pub fn find(&self, uri: &str) -> Option<&Arc<FileEntry>> {
        self.0.get(uri)
    }

    /// Whether `uri` lies in the folder of a skill, be it listed there or not.
    #[must_use]
    pub fn is_inside(&self, uri: &str) -> bool {
        let folders = uri.match_indices('/').take(DEEPEST).map(|(at, _)| &uri[..at]);
        self.find(uri).is_some() || folders.into_iter().any(|folder| self.find(&format!("{folder}/SKILL.md")).is_some())
    }

    /// Who holds a file in the folder `root`, or a skill around it.
    pub(crate) fn meets(&self, root: &str) -> Option<&CompiledPlugin> {
        let around = root.match_indices('/').filter_map(|(at, _)| self.find(&format!("{}/SKILL.md", &root[..at])));
        around.map(|file| &*file.plugin).next().or_else(|| self.below(root).map(|file| &*file.plugin).next())
    }

    /// Every file in the folder `root` and in folders below, by URI.
    fn below(&self, root: &str) -> impl Iterator<Item = &FileEntry> {
        let begin = format!("{root}/");
        let from = (Excluded(begin.as_str()), Unbounded);
        let files = self.0.range::<str, _>(from);
        files.take_while(move |(uri, _)| uri.starts_with(&begin)).map(|(_, file)| &**file)
    }

    /// What lies directly in the folder `root`, of the files that `may` be
    /// seen, by URI. Nothing: there is no such folder for whoever asks.
    pub fn children<'a>(&'a self, root: &str, may: impl Fn(&FileEntry) -> bool) -> Vec<Child<'a>> {
        let mut children: Vec<Child<'a>> = Vec::new();
        for file in self.below(root).filter(|file| may(file)) {
            let uri = file.contract.uri.as_str();
            let begins = root.len() + 1;
            let child = match uri.get(begins..).and_then(|rest| rest.find('/')) {
                Some(end) => Child::Folder(&uri[..begins + end]),
                None => Child::File(file),
            };
            children.push(child);
        }
        children.sort_by(|one, other| one.uri().cmp(other.uri()));
        children.dedup_by(|one, other| one.uri() == other.uri());
        children
    }
}
