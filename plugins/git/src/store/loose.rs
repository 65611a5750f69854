//! Objects in files of their own.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::delta::too_large;
use crate::error::{GitError, Result};
use crate::inflate::Inflater;
use crate::limits::MAX_OBJECT_BYTES;
use crate::object::{Kind, Object, cut};
use crate::oid::Oid;

/// Longest `kind size\0`.
const HEAD_BYTES: usize = 32;

pub(super) fn exists(objects: &Path, id: &Oid) -> bool {
    path(objects, id).is_file()
}

/// Every id that begins with these hex digits, two at least.
pub(super) fn beginning(objects: &Path, prefix: &str) -> Vec<Oid> {
    let Ok(found) = fs::read_dir(objects.join(&prefix[..2])) else { return Vec::new() };
    let names = found.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ids = names.filter_map(|name| Oid::from_hex(format!("{}{name}", &prefix[..2]).as_bytes()));
    ids.filter(|id| id.to_string().starts_with(prefix)).collect()
}

pub(super) fn read(objects: &Path, id: &Oid, inflater: &mut Inflater) -> Result<Option<Object>> {
    let damaged = || GitError::failed(format!("object {id} is damaged"));
    let Ok(file) = File::open(path(objects, id)) else { return Ok(None) };
    let mut head = [0; HEAD_BYTES];
    let filled = inflater.head(&mut BufReader::new(&file), &mut head)?;
    let (said, _) = cut(&head[..filled], b'\0');
    let (kind, size) = cut(said, b' ');
    let kind = Kind::from_name(kind).ok_or_else(damaged)?;
    let size: usize = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok()).ok_or_else(damaged)?;
    if size > MAX_OBJECT_BYTES {
        return Err(too_large(size));
    }
    let behind_head = said.len() + 1;
    let file = File::open(path(objects, id)).map_err(|_| damaged())?;
    let mut data = inflater.whole(&mut BufReader::new(file), behind_head + size)?;
    data.drain(..behind_head);
    Ok(Some(Object { kind, data: Rc::new(data) }))
}

fn path(objects: &Path, id: &Oid) -> PathBuf {
    let name = id.to_string();
    objects.join(&name[..2]).join(&name[2..])
}
