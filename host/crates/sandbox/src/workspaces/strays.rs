//! Folders whose root is no more: what a process left that died after it had
//! removed a root's row and before it had removed its folders.

use std::{collections::BTreeSet, io};

use super::{ASIDE, WORKSPACES, WorkspaceKey, Workspaces, found, is_id, remove};

/// Most folders without a root that are removed at one start. Answers "a state
/// folder with more of them than a start has memory for": the next goes on.
const MOST_STRAYS: usize = 1 << 16;

/// Folders that may be nobody's any more.
///
/// Who removes some has looked for them first, and asked for the open roots
/// after that: a root is opened before it has a folder, so one that had a
/// folder and is not open was closed, whatever other processes do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Strays(BTreeSet<WorkspaceKey>);

impl Strays {
    /// The folders of this root are no strays: it is open.
    pub fn spare(&mut self, principal: &str, root: &str) {
        if let Some(key) = WorkspaceKey::new(principal, root) {
            self.0.remove(&key);
        }
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Workspaces {
    /// The folders that are there, of whatever root. Blocks.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn strays(&self) -> io::Result<Strays> {
        let mut strays = Strays::default();
        let Some(all) = found(&self.state, WORKSPACES.as_ref())? else { return Ok(strays) };
        for principal in all.entries()? {
            let principal = principal?.file_name();
            let Some(name) = principal.to_str().filter(|name| *name != ASIDE) else { continue };
            let Ok(Some(own)) = found(&all, &principal) else { continue };
            for root in own.entries()? {
                let root = root?.file_name();
                let Some(root) = root.to_str().filter(|root| is_id(root)) else { continue };
                if strays.len() >= MOST_STRAYS {
                    return Ok(strays);
                }
                strays.0.insert(WorkspaceKey { principal: name.into(), root: root.into() });
            }
        }
        Ok(strays)
    }

    /// Removes `strays`. Blocks.
    ///
    /// # Errors
    /// Something of them is still there. Nobody is given it.
    pub fn remove(&self, strays: Strays) -> io::Result<()> {
        for key in strays.0 {
            if let Some((aside, name)) = self.set_aside(key)? {
                remove(&aside, name)?;
            }
        }
        Ok(())
    }
}
