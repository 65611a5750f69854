//! One pack: whole objects and deltas, read where they stand.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use super::delta;
use super::entry::{Form, Head};
use super::index::Index;
use crate::error::{GitError, Result};
use crate::inflate::Inflater;
use crate::limits::{MAX_CACHED_BYTES, MAX_CHAIN, MAX_OBJECT_BYTES};
use crate::object::{Kind, Object};
use crate::oid::Oid;

/// What is read ahead: most objects are smaller.
const READ_BYTES: usize = 4 * 1024;

pub(crate) struct Pack {
    file: BufReader<File>,
    index: Index,
    cache: Cache,
}

/// A delta, and where it stands.
struct Link {
    offset: u64,
    data_at: u64,
    size: usize,
}

impl Pack {
    /// Opens the pack beside the index at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let index = Index::open(path)?;
        let file = File::open(path.with_extension("pack"))
            .map_err(|_| GitError::failed("an index of a pack has no pack beside it"))?;
        Ok(Self { file: BufReader::with_capacity(READ_BYTES, file), index, cache: Cache::default() })
    }

    pub(crate) fn find(&mut self, id: &Oid, inflater: &mut Inflater) -> Result<Option<Object>> {
        match self.index.find(id)? {
            Some(offset) => self.object(offset, inflater).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn has(&mut self, id: &Oid) -> Result<bool> {
        self.index.find(id).map(|found| found.is_some())
    }

    pub(crate) fn beginning(&mut self, prefix: &str) -> Result<Vec<Oid>> {
        self.index.beginning(prefix)
    }

    /// The object at `offset`: back to a whole one, and from there through
    /// every delta, so that no more than two versions are held.
    fn object(&mut self, offset: u64, inflater: &mut Inflater) -> Result<Object> {
        let mut chain = Vec::new();
        let mut at = offset;
        let mut object = loop {
            if let Some(object) = self.cache.get(at) {
                break object;
            }
            let (head, data_at) = self.head(at)?;
            let size = usize::try_from(head.size).ok().filter(|size| *size <= MAX_OBJECT_BYTES);
            let size = size.ok_or_else(|| delta::too_large(usize::try_from(head.size).unwrap_or(usize::MAX)))?;
            let base = match head.form {
                Form::Whole(kind) => break self.whole(at, data_at, kind, size, inflater)?,
                Form::DeltaAt(base) => base,
                Form::DeltaOf(id) => self
                    .index
                    .find(&id)?
                    .ok_or_else(|| GitError::failed(format!("the base {id} of a delta is not in its pack")))?,
            };
            chain.push(Link { offset: at, data_at, size });
            if chain.len() > MAX_CHAIN {
                return Err(GitError::failed(format!("a chain of deltas is longer than {MAX_CHAIN}")));
            }
            at = base;
        };
        for link in chain.into_iter().rev() {
            let delta = self.inflate(link.data_at, link.size, inflater)?;
            let data = Rc::new(delta::apply(&object.data, &delta)?);
            object = Object { kind: object.kind, data };
            self.cache.keep(link.offset, &object);
        }
        Ok(object)
    }

    fn head(&mut self, offset: u64) -> Result<(Head, u64)> {
        self.seek(offset)?;
        let head = Head::read(&mut self.file, offset)?;
        let data_at = self.file.stream_position().map_err(|_| unreadable())?;
        Ok((head, data_at))
    }

    fn whole(&mut self, at: u64, data_at: u64, kind: Kind, size: usize, inflater: &mut Inflater) -> Result<Object> {
        let object = Object { kind, data: Rc::new(self.inflate(data_at, size, inflater)?) };
        self.cache.keep(at, &object);
        Ok(object)
    }

    fn inflate(&mut self, data_at: u64, size: usize, inflater: &mut Inflater) -> Result<Vec<u8>> {
        self.seek(data_at)?;
        inflater.whole(&mut self.file, size)
    }

    /// Goes to `offset`, without reading again what is read ahead already.
    fn seek(&mut self, offset: u64) -> Result<()> {
        let now = self.file.stream_position().map_err(|_| unreadable())?;
        let distance = i64::try_from(offset).ok().zip(i64::try_from(now).ok()).map(|(to, from)| to - from);
        let moved = match distance {
            Some(distance) => self.file.seek_relative(distance),
            None => self.file.seek(SeekFrom::Start(offset)).map(|_| ()),
        };
        moved.map_err(|_| unreadable())
    }
}

fn unreadable() -> GitError {
    GitError::failed("a pack cannot be read")
}

/// Objects that others may be deltas of, the newest ones.
#[derive(Default)]
struct Cache {
    objects: HashMap<u64, Object>,
    order: VecDeque<u64>,
    bytes: usize,
}

impl Cache {
    fn get(&self, offset: u64) -> Option<Object> {
        self.objects.get(&offset).cloned()
    }

    fn keep(&mut self, offset: u64, object: &Object) {
        if object.data.len() > MAX_CACHED_BYTES / 4 || self.objects.insert(offset, object.clone()).is_some() {
            return;
        }
        self.order.push_back(offset);
        self.bytes += object.data.len();
        while self.bytes > MAX_CACHED_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= self.objects.remove(&oldest).map_or(0, |object| object.data.len());
        }
    }
}
