//! The granted folder, and the repositories in it by name.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{GitError, Result};

/// Where the granted folder is for callers, and for the component.
pub const REPOS: &str = "/repos";
/// Longest name of a repository, in bytes.
const MAX_NAME_BYTES: usize = 100;
/// Most repositories that are listed.
const MAX_LISTED: usize = 1_000;

/// The granted folder.
#[derive(Clone, Debug)]
pub struct Repos(PathBuf);

impl Repos {
    /// The folder at `dir`.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The folder that the host granted.
    ///
    /// # Errors
    /// None is granted at [`REPOS`].
    pub fn granted() -> Result<Self> {
        #[cfg(target_arch = "wasm32")]
        if wasip2::filesystem::preopens::get_directories().iter().any(|(_, at)| at == REPOS) {
            return Ok(Self::at(REPOS));
        }
        Err(GitError::denied(format!("no folder is granted to this plugin at {REPOS}; the operator can grant one")))
    }

    /// Where it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.0
    }

    /// Where the repository `name` is or would be.
    ///
    /// # Errors
    /// It is no name of a folder in the granted one.
    pub(crate) fn place(&self, name: &str) -> Result<PathBuf> {
        check_name(name)?;
        Ok(self.0.join(name))
    }

    /// The names of all repositories, sorted.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let told = |error: std::io::Error| GitError::io(REPOS, &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(told)? {
            let Ok(name) = entry.map_err(told)?.file_name().into_string() else { continue };
            if check_name(&name).is_ok() && git_dir(&self.0.join(&name)).is_some() {
                names.push(name);
            }
            if names.len() == MAX_LISTED {
                break;
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The folder that holds the objects of the repository at `place`: `.git` in
/// it, or itself if it has no working tree. Links and files that lead
/// elsewhere are not followed.
pub(crate) fn git_dir(place: &Path) -> Option<PathBuf> {
    [place.join(".git"), place.to_owned()]
        .into_iter()
        .find(|dir| [place, dir, &dir.join("objects")].into_iter().all(is_real_folder) && dir.join("HEAD").is_file())
}

fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Letters, digits, `.`, `_` and `-`, the first a letter, a digit or `_`.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.starts_with(['.', '-']) || !name.bytes().all(plain) {
        return Err(GitError::invalid(format!(
            "{name:?} is no name of a repository: expected at most {MAX_NAME_BYTES} letters, digits, `.`, `_`, `-`, beginning with a letter, a digit or `_`"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_the_folder() {
        let repos = Repos::at("/real");
        assert_eq!(repos.place("a-b_c.d").unwrap(), Path::new("/real/a-b_c.d"));
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for name in ["", ".", "..", ".git", "a/b", "/etc", "a\\b", "-c", "--upload-pack=x", "a b", "a\0", "ä", &long] {
            assert!(matches!(repos.place(name), Err(GitError::Invalid(_))), "{name}");
        }
    }
}
