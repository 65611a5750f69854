//! Objects, and what stands in them.

use std::rc::Rc;

use crate::error::{GitError, Result};
use crate::oid::Oid;

/// The four kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What was done, when and by whom.
    Commit,
    /// A folder.
    Tree,
    /// A file.
    Blob,
    /// A tag with a message.
    Tag,
}

/// A whole object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) data: Rc<Vec<u8>>,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag].into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) name: String,
    pub(crate) email: String,
    /// Seconds since 1970.
    pub(crate) seconds: i64,
    /// East of Greenwich, in minutes.
    pub(crate) offset: i32,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) id: Oid,
    pub(crate) tree: Oid,
    pub(crate) parents: Vec<Oid>,
    pub(crate) author: Signature,
    pub(crate) committer: Signature,
    pub(crate) message: String,
}

impl Commit {
    /// Reads a commit. Headers that it does not need, signatures among them,
    /// are passed over.
    pub(crate) fn parse(id: Oid, data: &[u8]) -> Result<Self> {
        let (headers, message) = split_headers(data);
        let mut commit = Self {
            id,
            tree: Oid::default(),
            parents: Vec::new(),
            author: Signature::default(),
            committer: Signature::default(),
            message: String::from_utf8_lossy(message).into_owned(),
        };
        let mut has_tree = false;
        for line in headers.split(|byte| *byte == b'\n') {
            let (key, value) = cut(line, b' ');
            match key {
                b"tree" => {
                    commit.tree = Oid::from_hex(value).ok_or_else(|| broken(id, Kind::Commit))?;
                    has_tree = true;
                }
                b"parent" => commit.parents.push(Oid::from_hex(value).ok_or_else(|| broken(id, Kind::Commit))?),
                b"author" => commit.author = Signature::parse(value),
                b"committer" => commit.committer = Signature::parse(value),
                _ => {}
            }
        }
        if has_tree { Ok(commit) } else { Err(broken(id, Kind::Commit)) }
    }

    /// The first line of its message.
    pub(crate) fn subject(&self) -> &str {
        self.message.trim_start().lines().next().unwrap_or_default()
    }
}

/// What a tag points to.
pub(crate) fn tagged(id: Oid, data: &[u8]) -> Result<Oid> {
    let (headers, _) = split_headers(data);
    let target = headers.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"object "));
    target.and_then(Oid::from_hex).ok_or_else(|| broken(id, Kind::Tag))
}

impl Signature {
    /// Reads `Name <email> seconds +hhmm`; what cannot be read is left empty.
    fn parse(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let (name, rest) = text.split_once('<').unwrap_or((&text, ""));
        let (email, time) = rest.rsplit_once('>').unwrap_or((rest, ""));
        let mut time = time.split_ascii_whitespace();
        let seconds = time.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
        let offset = time.next().and_then(offset).unwrap_or(0);
        Self { name: name.trim().to_owned(), email: email.to_owned(), seconds, offset }
    }
}

/// `+0130` in minutes.
fn offset(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    let minutes = number / 100 * 60 + number % 100;
    (minutes.abs() < 24 * 60).then_some(minutes)
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Folder,
    File,
    Program,
    Link,
    Submodule,
}

impl Mode {
    fn parse(digits: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(digits).ok()?;
        let mode = u32::from_str_radix(text, 8).ok()?;
        Some(match mode & 0o170_000 {
            0o040_000 => Self::Folder,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            0o100_000 if mode & 0o111 != 0 => Self::Program,
            0o100_000 => Self::File,
            _ => return None,
        })
    }

    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Folder => 0o040_000,
            Self::File => 0o100_644,
            Self::Program => 0o100_755,
            Self::Link => 0o120_000,
            Self::Submodule => 0o160_000,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::File => "file",
            Self::Program => "program",
            Self::Link => "link",
            Self::Submodule => "submodule",
        }
    }
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) mode: Mode,
    pub(crate) id: Oid,
}

/// The entries of a tree, as they stand there.
pub(crate) fn entries(id: Oid, data: &[u8]) -> Result<Vec<Entry>> {
    let mut rest = data;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (digits, after) = cut(rest, b' ');
        let (name, after) = cut(after, b'\0');
        let (Some(mode), Some(entry)) = (Mode::parse(digits), Oid::read(after)) else {
            return Err(broken(id, Kind::Tree));
        };
        entries.push(Entry { name: name.to_vec(), mode, id: entry });
        rest = &after[crate::oid::OID_BYTES..];
    }
    Ok(entries)
}

fn broken(id: Oid, kind: Kind) -> GitError {
    GitError::failed(format!("object {id} is no {}: the repository is damaged", kind.name()))
}

/// What stands before and after the first empty line.
fn split_headers(data: &[u8]) -> (&[u8], &[u8]) {
    match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (data, &[]),
    }
}

/// What stands before and after the first `at`.
pub(crate) fn cut(data: &[u8], at: u8) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == at) {
        Some(place) => (&data[..place], &data[place + 1..]),
        None => (data, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_commit_is_read_past_its_signature() {
        let text = format!(
            "tree {ID}\nparent {ID}\nauthor A <a@b> 10 +0130\ncommitter B <c> x\ngpgsig -----BEGIN\n tree of lies\n -----END\n\nSubject\n\nBody\n"
        );
        let commit = Commit::parse(Oid::default(), text.as_bytes()).unwrap();
        assert_eq!((commit.parents.len(), commit.subject()), (1, "Subject"));
        assert_eq!((commit.author.seconds, commit.author.offset), (10, 90));
        assert_eq!((commit.committer.name.as_str(), commit.committer.seconds), ("B", 0));
        assert!(Commit::parse(Oid::default(), b"author A <a> 1 +0000\n\n").is_err());
    }

    #[test]
    fn a_tree_that_is_cut_short_is_refused() {
        let mut tree = b"100644 a\0".to_vec();
        tree.extend([7; 20]);
        assert_eq!(entries(Oid::default(), &tree).unwrap()[0].name, b"a");
        for length in 1..tree.len() {
            assert!(entries(Oid::default(), &tree[..length]).is_err(), "{length}");
        }
        assert!(entries(Oid::default(), b"7 a\0aaaaaaaaaaaaaaaaaaaa").is_err());
    }
}
