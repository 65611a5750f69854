//! Branches and tags: in files, and packed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use crate::error::{GitError, Result};
use crate::limits::{MAX_REF_BYTES, MAX_REFS};
use crate::object::cut;
use crate::oid::Oid;

/// Most refs that point to one another by name.
const MAX_LINKS: usize = 5;
/// Deepest folder of refs.
const MAX_REF_DEPTH: usize = 16;
/// Largest file of packed refs.
const MAX_PACKED_BYTES: u64 = 8 * 1024 * 1024;

/// What a ref points to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Object(Oid),
    Ref(String),
}

/// All refs of a repository.
#[derive(Debug, Default)]
pub(crate) struct Refs {
    head: Option<Target>,
    targets: BTreeMap<String, Target>,
}

impl Refs {
    pub(crate) fn read(git_dir: &Path) -> Result<Self> {
        if git_dir.join("reftable").exists() {
            return Err(GitError::failed("the repository keeps its refs in a reftable, which is not read"));
        }
        let mut refs = Self { head: target(&git_dir.join("HEAD"))?, targets: BTreeMap::new() };
        refs.add_packed(&git_dir.join("packed-refs"))?;
        refs.add_loose(&git_dir.join("refs"), "refs", 0)?;
        Ok(refs)
    }

    /// The branch that is checked out.
    pub(crate) fn head_branch(&self) -> Option<&str> {
        match &self.head {
            Some(Target::Ref(name)) => Some(name.strip_prefix("refs/heads/").unwrap_or(name)),
            _ => None,
        }
    }

    /// What `name`, which is `HEAD` or begins with `refs/`, points to.
    pub(crate) fn get(&self, name: &str) -> Option<Oid> {
        let mut target = if name == "HEAD" { self.head.as_ref()? } else { self.targets.get(name)? };
        for _ in 0..MAX_LINKS {
            match target {
                Target::Object(id) => return Some(*id),
                Target::Ref(next) => target = self.targets.get(next)?,
            }
        }
        None
    }

    /// Every ref below `refs/` that leads to an object, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Oid)> {
        self.targets.keys().filter_map(|name| Some((name.as_str(), self.get(name)?)))
    }

    fn add_packed(&mut self, path: &Path) -> Result<()> {
        let Some(bytes) = read_at_most(path, MAX_PACKED_BYTES)? else { return Ok(()) };
        for line in bytes.split(|byte| *byte == b'\n') {
            if line.starts_with(b"#") || line.starts_with(b"^") || line.is_empty() {
                continue;
            }
            let (id, name) = cut(line, b' ');
            let id = Oid::from_hex(id).ok_or_else(other_hash)?;
            if let Some(name) = ref_name(name) {
                self.add(name.to_owned(), Target::Object(id))?;
            }
        }
        Ok(())
    }

    fn add_loose(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<()> {
        let Ok(found) = fs::read_dir(folder) else { return Ok(()) };
        for entry in found.filter_map(|entry| entry.ok()) {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
            let name = format!("{prefix}/{name}");
            if kind.is_dir() && depth < MAX_REF_DEPTH {
                self.add_loose(&entry.path(), &name, depth + 1)?;
            } else if kind.is_file()
                && ref_name(name.as_bytes()).is_some()
                && let Some(target) = target(&entry.path())?
            {
                self.add(name, target)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: String, target: Target) -> Result<()> {
        self.targets.insert(name, target);
        if self.targets.len() > MAX_REFS {
            return Err(GitError::failed(format!("the repository has more than {MAX_REFS} branches and tags")));
        }
        Ok(())
    }
}

/// `name` if it is one that a ref below `refs/` may have.
pub(crate) fn ref_name(name: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(name).ok()?;
    let fits = text.len() <= MAX_REF_BYTES && text.starts_with("refs/");
    (fits && gix_validate::reference::name(name.into()).is_ok()).then_some(text)
}

/// What the file of a ref says; nothing if there is none.
fn target(path: &Path) -> Result<Option<Target>> {
    let Some(bytes) = read_at_most(path, 1024)? else { return Ok(None) };
    let line = bytes.trim_ascii();
    if let Some(name) = line.strip_prefix(b"ref:") {
        return Ok(ref_name(name.trim_ascii()).map(|name| Target::Ref(name.to_owned())));
    }
    Oid::from_hex(line).map(|id| Some(Target::Object(id))).ok_or_else(other_hash)
}

/// The bytes of an ordinary file; nothing if there is none. Links are not followed.
pub(crate) fn read_at_most(path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| GitError::io("refs", &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(GitError::failed(format!("a file of refs has more than {most} bytes")));
    }
    Ok(Some(bytes))
}

fn other_hash() -> GitError {
    GitError::failed(
        "a ref names no object by 40 hex digits: it is damaged, or the repository is one of SHA-256, which is not read",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_or_lie_are_no_names() {
        assert_eq!(ref_name(b"refs/heads/a/b-c"), Some("refs/heads/a/b-c"));
        for name in [
            "refs/heads/../../config",
            "refs/heads/a.lock",
            "refs//heads",
            "refs/heads/.x",
            "heads/a",
            "HEAD",
            "refs/heads/a b",
            "refs/heads/a\nb",
            "refs/heads/a\\b",
            "refs/heads/a:b",
            "/refs/heads/a",
            "refs/heads/",
        ] {
            assert_eq!(ref_name(name.as_bytes()), None, "{name}");
        }
    }
}
