//! `mcp.revoked`: keys and files that count for nothing any more.
//!
//! One line each: `key:HEX` or `digest:HEX`, when, and why; `#` begins a
//! comment. **Invariant:** a line that cannot be read is an error, never
//! skipped, and lines are only ever added.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use bulkhead_base::Digest;
use bulkhead_keys::KeyId;
use jiff::Timestamp;

use crate::limits::MAX_REVOCATION_BYTES;

/// What is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revocation {
    /// Everything that this key ever signed.
    Key(KeyId),
    /// One file.
    Digest(Digest),
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key:{}", id.hex()),
            Self::Digest(digest) => write!(f, "digest:{}", digest.hex()),
        }
    }
}

impl FromStr for Revocation {
    type Err = RevocationError;

    fn from_str(text: &str) -> Result<Self, RevocationError> {
        let error = || RevocationError::Name(text.to_owned());
        let (kind, hex) = text.split_once(':').ok_or_else(error)?;
        let digest: Digest = format!("sha256:{hex}").parse().map_err(|_| error())?;
        match kind {
            "key" => Ok(Self::Key(digest)),
            "digest" => Ok(Self::Digest(digest)),
            _ => Err(error()),
        }
    }
}

/// Revocations that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    #[error("{0:?} names nothing that can be revoked: expected key: or digest:, and 64 lower-case hexadecimal digits")]
    Name(String),
    #[error("{}:{line}: expected `key:HEX TIME REASON` or `digest:HEX TIME REASON`; mend the line, for nothing is loaded while it stands", path.display())]
    Line { path: PathBuf, line: usize },
    #[error("{}: {missing} of the revocations that were obeyed before are missing, the first {first}; put them back, they stand in {}. What is meant to be trusted again has to be taken out of that file too", path.display(), seen.display())]
    Missing { path: PathBuf, seen: PathBuf, missing: usize, first: Revocation },
    #[error("{}: larger than {MAX_REVOCATION_BYTES} bytes", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    pub what: Revocation,
    pub at: Timestamp,
    pub reason: String,
}

/// Everything that is revoked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revocations {
    revoked: BTreeMap<Revocation, Revoked>,
}

impl Revocations {
    /// Reads the file at `path`. One that does not exist revokes nothing.
    ///
    /// # Errors
    /// It is unreadable, too large, or one of its lines makes no sense.
    pub fn read(path: &Path) -> Result<Self, RevocationError> {
        let failed = |source| RevocationError::File { path: path.into(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(failed(source)),
        };
        let mut text = String::new();
        file.take(MAX_REVOCATION_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MAX_REVOCATION_BYTES {
            return Err(RevocationError::TooLarge { path: path.into() });
        }
        Self::parse(&text).map_err(|line| RevocationError::Line { path: path.into(), line })
    }

    /// Reads the file at `path`, and believes it if it still has everything that
    /// [`Self::remember`] wrote to `seen`.
    ///
    /// # Errors
    /// One of the files cannot be read, or something is missing: a list that was
    /// emptied or cut off is as likely lost as meant.
    pub fn believed(path: &Path, seen: &Path) -> Result<Self, RevocationError> {
        let (listed, obeyed) = (Self::read(path)?, Self::read(seen)?);
        let missing: Vec<_> = obeyed.revoked.keys().filter(|what| !listed.revoked.contains_key(what)).collect();
        match missing.first() {
            None => Ok(listed),
            Some(&&first) => {
                Err(RevocationError::Missing { path: path.into(), seen: seen.into(), missing: missing.len(), first })
            }
        }
    }

    /// Adds to `seen` what is not there yet.
    ///
    /// # Errors
    /// The file is unreadable, makes no sense, or cannot be written.
    pub fn remember(&self, seen: &Path) -> Result<(), RevocationError> {
        let known = Self::read(seen)?;
        let new = self.iter().filter(|one| !known.revoked.contains_key(&one.what));
        new.into_iter().try_for_each(|one| Self::append(seen, one).map(drop))
    }

    fn parse(text: &str) -> Result<Self, usize> {
        let mut revoked = BTreeMap::new();
        for (position, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let one = read_line(line).ok_or(position + 1)?;
            revoked.entry(one.what).or_insert(one);
        }
        Ok(Self { revoked })
    }

    /// Adds a line to the file at `path`, which is made if need be, and waits
    /// until it is on disk. False if the same thing was revoked before.
    ///
    /// # Errors
    /// The file is unreadable, makes no sense, or cannot be written.
    pub fn append(path: &Path, revoked: &Revoked) -> Result<bool, RevocationError> {
        if Self::read(path)?.revoked.contains_key(&revoked.what) {
            return Ok(false);
        }
        let reason: String = revoked.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = format!("{}  {}  {}", revoked.what, revoked.at, reason);
        add_line(path, line.trim_end()).map_err(|source| RevocationError::File { path: path.into(), source })?;
        Ok(true)
    }

    /// Why `what` is revoked; nothing if it is not.
    #[must_use]
    pub fn reason(&self, what: &Revocation) -> Option<&str> {
        self.revoked.get(what).map(|revoked| revoked.reason.as_str())
    }

    /// Takes over what `read` revokes besides. Returns what it no longer has:
    /// that stays revoked, for a shortened list is as likely lost as meant.
    pub fn extend(&mut self, read: Self) -> Vec<Revocation> {
        let missing = self.revoked.keys().filter(|what| !read.revoked.contains_key(what)).copied().collect();
        self.revoked.extend(read.revoked);
        missing
    }

    /// Every revocation, keys first.
    pub fn iter(&self) -> impl Iterator<Item = &Revoked> {
        self.revoked.values()
    }
}

impl FromIterator<Revoked> for Revocations {
    fn from_iter<I: IntoIterator<Item = Revoked>>(revoked: I) -> Self {
        Self { revoked: revoked.into_iter().map(|one| (one.what, one)).collect() }
    }
}

fn read_line(line: &str) -> Option<Revoked> {
    let mut words = line.split_whitespace();
    let what = words.next()?.parse().ok()?;
    let at = words.next()?.parse().ok()?;
    Some(Revoked { what, at, reason: words.collect::<Vec<_>>().join(" ") })
}

fn add_line(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let mut text = format!("{line}\n");
    if file.seek(SeekFrom::End(-1)).is_ok() {
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.insert(0, '\n');
        }
    }
    let before = file.metadata()?.len();
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a line would make the whole file unreadable.
        let _ = file.set_len(before);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revoked(what: Revocation, reason: &str) -> Revoked {
        Revoked { what, at: "2026-03-01T12:00:00Z".parse().unwrap(), reason: reason.to_owned() }
    }

    #[test]
    fn what_is_appended_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.revoked");
        assert_eq!(Revocations::read(&path).unwrap(), Revocations::default());
        let key = revoked(Revocation::Key(Digest::of(b"k")), "laptop stolen");
        let digest = revoked(Revocation::Digest(Digest::of(b"d")), "");
        assert!(Revocations::append(&path, &key).unwrap());
        assert!(!Revocations::append(&path, &key).unwrap());
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap().trim_end()).unwrap();
        assert!(Revocations::append(&path, &digest).unwrap(), "a file without a last line feed");
        let read = Revocations::read(&path).unwrap();
        assert_eq!(read, [key.clone(), digest].into_iter().collect());
        assert_eq!(read.reason(&key.what), Some("laptop stolen"));
    }

    #[test]
    fn a_shorter_list_takes_nothing_back() {
        let [old, kept, new] = [b"o", b"k", b"n"].map(|name| revoked(Revocation::Key(Digest::of(name)), "why"));
        let mut held: Revocations = [old.clone(), kept.clone()].into_iter().collect();
        assert_eq!(held.extend([kept.clone(), new.clone()].into_iter().collect()), [old.what]);
        assert_eq!(held, [old.clone(), kept.clone(), new].into_iter().collect());
        assert_eq!(held.extend(Revocations::default()).len(), 3);
        assert_eq!(held.reason(&old.what), Some("why"));
        assert_eq!(held.clone().extend(held), []);
    }

    #[test]
    fn a_list_is_believed_while_it_has_what_was_obeyed() {
        let folder = tempfile::tempdir().unwrap();
        let [list, seen] = ["mcp.revoked", "revoked.seen"].map(|name| folder.path().join(name));
        let [one, two] = [b"1", b"2"].map(|name| revoked(Revocation::Key(Digest::of(name)), "why"));
        Revocations::append(&list, &one).unwrap();
        Revocations::append(&list, &two).unwrap();
        Revocations::believed(&list, &seen).unwrap().remember(&seen).unwrap();
        let believed = Revocations::believed(&list, &seen).unwrap();
        believed.remember(&seen).unwrap();
        assert_eq!(std::fs::read_to_string(&seen).unwrap().lines().count(), 2, "each is remembered once");
        let text = std::fs::read_to_string(&list).unwrap();
        let cut = text.lines().next().unwrap();
        for (text, missing) in [("", 2), (cut, 1)] {
            std::fs::write(&list, text).unwrap();
            let refused = Revocations::believed(&list, &seen).unwrap_err();
            assert!(
                matches!(refused, RevocationError::Missing { missing: found, .. } if found == missing),
                "{refused}"
            );
        }
        std::fs::remove_file(&list).unwrap();
        assert!(Revocations::believed(&list, &seen).is_err());
    }

    #[test]
    fn a_reason_cannot_revoke_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.revoked");
        let other = Revocation::Key(Digest::of(b"other"));
        let sly = revoked(Revocation::Key(Digest::of(b"k")), &format!("x\n{other} 2026-03-01T12:00:00Z"));
        Revocations::append(&path, &sly).unwrap();
        assert_eq!(Revocations::read(&path).unwrap().iter().count(), 1);
    }

    #[test]
    fn a_line_that_makes_no_sense_is_an_error_with_its_number() {
        let good = format!("# comment\n\nkey:{} 2026-03-01T12:00:00Z why not\n", Digest::of(b"k").hex());
        assert!(Revocations::parse(&good).is_ok());
        for bad in ["key:abc 2026-03-01T12:00:00Z", &format!("digest:{}", Digest::of(b"d").hex()), "everything"] {
            assert_eq!(Revocations::parse(&format!("{good}{bad}\n")), Err(4), "{bad}");
        }
    }
}
