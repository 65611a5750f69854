//! Which names of a tree become names of files.

use crate::error::{GitError, Result};
use crate::limits::MAX_PATH_BYTES;

/// Longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// `name` as the name of a file in the folder that is called `folder`.
///
/// Refused is what leads elsewhere or means more than a name on any system:
/// `.`, `..`, separators of all systems, `.git` in every spelling that a file
/// system takes for it, drives, streams and control characters.
pub(crate) fn file_name<'a>(folder: &str, name: &'a [u8], is_link: bool) -> Result<&'a str> {
    let refused = |why: &str| {
        let name = String::from_utf8_lossy(name);
        GitError::denied(format!("the tree holds {:?}, which is not written: {why}", format!("{folder}{name}")))
    };
    let text = std::str::from_utf8(name).map_err(|_| refused("its name is not UTF-8"))?;
    if text.len() > MAX_NAME_BYTES || folder.len() + text.len() > MAX_PATH_BYTES {
        return Err(refused("its path is too long"));
    }
    if text.contains('\\') || text.chars().any(char::is_control) {
        return Err(refused("its name holds a backslash or a control character"));
    }
    if text.as_bytes().get(1) == Some(&b':') {
        return Err(refused("its name begins like a drive"));
    }
    let options =
        gix_validate::path::component::Options { protect_windows: false, protect_hfs: true, protect_ntfs: true };
    let mode = is_link.then_some(gix_validate::path::component::Mode::Symlink);
    gix_validate::path::component(name.into(), mode, options).map_err(|error| refused(&error.to_string()))?;
    Ok(text)
}

/// A path that a caller writes, as the names it is made of.
pub(crate) fn parts(path: &str) -> Result<Vec<&str>> {
    if path.len() > MAX_PATH_BYTES {
        return Err(GitError::invalid(format!("the path has more than {MAX_PATH_BYTES} bytes")));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") || path.contains('\0') {
        return Err(GitError::invalid("expected a path in the repository, without `..`"));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_written() {
        for name in
            ["a", ".gitignore", ".gitmodules", ".github", "git", "git~2x", "ä", "a b", "aux.c", "xx:y", "...", "-rf"]
        {
            assert_eq!(file_name("", name.as_bytes(), false), Ok(name));
        }
    }

    #[test]
    fn names_that_are_more_than_a_name_are_refused() {
        let long = "x".repeat(256);
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "/etc",
            "a\\b",
            "..\\x",
            "\\\\server\\x",
            ".git",
            ".GIT",
            ".Git",
            ".git ",
            ".git.",
            ".git. .",
            ".git::$INDEX_ALLOCATION",
            ".git:x",
            "git~1",
            "GIT~1",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".gi\u{200d}T",
            "C:",
            "C:x",
            "a\nb",
            "a\0b",
            "a\x1bb",
            &long,
        ] {
            assert!(matches!(file_name("", name.as_bytes(), false), Err(GitError::Denied(_))), "{name:?}");
        }
        assert!(file_name("", b"\xff", false).is_err());
        for name in [".gitmodules", ".GITMODULES", "gitmod~1", ".gitmodules "] {
            assert!(file_name("", name.as_bytes(), true).is_err(), "{name:?}");
        }
    }
}
