//! The branches and tags of a server.

use super::line::{DELIMITER, FLUSH, Line, Lines, push};
use super::{AGENT, Server, Transport, pack, told};
use crate::error::{GitError, Result};
use crate::limits::MAX_REFS;
use crate::oid::Oid;
use crate::refs::ref_name;

/// A branch or tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteRef {
    /// Begins with `refs/heads/` or `refs/tags/`.
    pub(crate) name: String,
    pub(crate) id: Oid,
    /// What an annotated tag points to.
    pub(crate) peeled: Option<Oid>,
}

/// What a server has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The name of the branch that it suggests, without `refs/heads/`.
    pub(crate) head_branch: Option<String>,
    /// Its head, where that is on no branch.
    pub(crate) head: Option<Oid>,
    pub(crate) refs: Vec<RemoteRef>,
}

impl Listing {
    pub(crate) fn ask(transport: &dyn Transport, server: &Server) -> Result<Self> {
        let mut body = Vec::new();
        push(&mut body, "command=ls-refs");
        push(&mut body, &format!("agent={AGENT}"));
        body.extend_from_slice(DELIMITER);
        for argument in ["peel", "symrefs", "ref-prefix HEAD", "ref-prefix refs/heads/", "ref-prefix refs/tags/"] {
            push(&mut body, argument);
        }
        body.extend_from_slice(FLUSH);
        Self::read(&mut Lines::new(pack::post(transport, &server.remote, &body)?))
    }

    fn read(lines: &mut Lines<impl std::io::Read>) -> Result<Self> {
        let mut listing = Self::default();
        for _ in 0..=MAX_REFS {
            match lines.next()? {
                Line::Flush => return Ok(listing),
                line => listing.add(line.text().unwrap_or_default())?,
            }
        }
        Err(GitError::failed(format!("the repository has more than {MAX_REFS} branches and tags")))
    }

    /// Reads `id name[ symref-target:name][ peeled:id]`. Names that no ref may
    /// have are left out.
    fn add(&mut self, line: &[u8]) -> Result<()> {
        let mut words = line.split(|byte| *byte == b' ');
        let id = words.next().and_then(Oid::from_hex);
        let (Some(id), Some(name)) = (id, words.next()) else {
            return Err(GitError::failed(format!("the server lists something else than refs: {}", told(line))));
        };
        let (mut target, mut peeled) = (None, None);
        for word in words {
            target = word.strip_prefix(b"symref-target:").or(target);
            peeled = word.strip_prefix(b"peeled:").and_then(Oid::from_hex).or(peeled);
        }
        if name == b"HEAD" {
            self.head = Some(id);
            let branch = target.and_then(ref_name).and_then(|name| name.strip_prefix("refs/heads/"));
            self.head_branch = branch.map(str::to_owned);
        } else if let Some(name) = ref_name(name)
            && (name.starts_with("refs/heads/") || name.starts_with("refs/tags/"))
        {
            self.refs.push(RemoteRef { name: name.to_owned(), id, peeled });
        }
        Ok(())
    }

    /// What the branch or tag `name` points to, and whether it is a branch.
    pub(crate) fn find(&self, name: &str) -> Option<(Oid, bool)> {
        let find = |prefix: &str| {
            self.refs.iter().find(|known| known.name.strip_prefix(prefix) == Some(name)).map(|known| known.id)
        };
        find("refs/heads/").map(|id| (id, true)).or_else(|| find("refs/tags/").map(|id| (id, false)))
    }
}
