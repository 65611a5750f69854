//! The objects of a repository: in packs, and loose.

pub(crate) mod delta;
pub(crate) mod entry;
pub(crate) mod index;
mod loose;
mod pack;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{GitError, Result};
use crate::inflate::Inflater;
use crate::limits::MAX_PACKS;
use crate::object::{self, Commit, Entry, Kind, Object};
use crate::oid::Oid;
use pack::Pack;

/// Most tags that point to one another.
const MAX_TAGS: usize = 8;

/// The objects of one repository. Alternates, which lead elsewhere, are not
/// followed.
pub(crate) struct Store {
    objects: PathBuf,
    packs: Vec<Pack>,
    inflater: Inflater,
}

impl Store {
    /// The objects below `objects`.
    pub(crate) fn open(objects: &Path) -> Result<Self> {
        let mut packs = Vec::new();
        for path in indexes(&objects.join("pack"))? {
            packs.push(Pack::open(&path)?);
        }
        Ok(Self { objects: objects.to_owned(), packs, inflater: Inflater::new() })
    }

    /// The object `id`.
    pub(crate) fn get(&mut self, id: &Oid) -> Result<Object> {
        for pack in &mut self.packs {
            if let Some(object) = pack.find(id, &mut self.inflater)? {
                return Ok(object);
            }
        }
        loose::read(&self.objects, id, &mut self.inflater)?.ok_or_else(|| {
            GitError::not_found(format!("object {id} is not in the repository; a shallow clone lacks older ones"))
        })
    }

    /// Whether there is an object `id`.
    pub(crate) fn has(&mut self, id: &Oid) -> Result<bool> {
        for pack in &mut self.packs {
            if pack.has(id)? {
                return Ok(true);
            }
        }
        Ok(loose::exists(&self.objects, id))
    }

    /// Every id that begins with these hex digits, two at least.
    pub(crate) fn beginning(&mut self, prefix: &str) -> Result<Vec<Oid>> {
        let mut ids = loose::beginning(&self.objects, prefix);
        for pack in &mut self.packs {
            ids.extend(pack.beginning(prefix)?);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// The commit `id`.
    pub(crate) fn commit(&mut self, id: &Oid) -> Result<Commit> {
        let object = self.expect(id, Kind::Commit)?;
        Commit::parse(*id, &object.data)
    }

    /// The entries of the tree `id`.
    pub(crate) fn tree(&mut self, id: &Oid) -> Result<Vec<Entry>> {
        let object = self.expect(id, Kind::Tree)?;
        object::entries(*id, &object.data)
    }

    /// The contents of the file `id`.
    pub(crate) fn blob(&mut self, id: &Oid) -> Result<Object> {
        self.expect(id, Kind::Blob)
    }

    /// What `id` is, past every tag.
    pub(crate) fn untagged(&mut self, id: &Oid) -> Result<(Oid, Kind)> {
        let mut id = *id;
        for _ in 0..MAX_TAGS {
            let object = self.get(&id)?;
            if object.kind != Kind::Tag {
                return Ok((id, object.kind));
            }
            id = object::tagged(id, &object.data)?;
        }
        Err(GitError::failed(format!("more than {MAX_TAGS} tags point to one another")))
    }

    fn expect(&mut self, id: &Oid, kind: Kind) -> Result<Object> {
        let object = self.get(id)?;
        if object.kind == kind {
            return Ok(object);
        }
        Err(GitError::invalid(format!("{id} is a {}, and a {} was expected", object.kind.name(), kind.name())))
    }
}

/// The indexes of packs, the newest names first.
fn indexes(folder: &Path) -> Result<Vec<PathBuf>> {
    let Ok(found) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let paths = found.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "idx")).take(MAX_PACKS + 1).collect();
    if paths.len() > MAX_PACKS {
        return Err(GitError::failed(format!(
            "the repository has more than {MAX_PACKS} packs; `git gc` makes one of them"
        )));
    }
    paths.sort_unstable();
    Ok(paths)
}
