//! What a plugin is built against, out of the binary: the SDK of each language
//! and the WIT package.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{BuildError, Language};

/// Files by their paths.
pub(super) type Files = &'static [(&'static str, &'static str)];

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/kit.rs"));
}

pub(super) use embedded::{TEMPLATES, WIT};

/// The SDK of a language, by its paths below `vendor/`.
pub(super) const fn sdk(language: Language) -> Files {
    match language {
        Language::Rust => embedded::SDK_RUST,
        Language::JavaScript => embedded::SDK_JS,
        Language::Python => embedded::SDK_PYTHON,
        Language::Go => embedded::SDK_GO,
        Language::C => embedded::SDK_C,
    }
}

/// Writes `files` below `dir`. One that is there already as it should be stays
/// untouched, so that a compiler does not take it for new.
pub(super) fn unpack(files: Files, dir: &Path) -> Result<(), BuildError> {
    files.iter().try_for_each(|(path, text)| {
        let path = dir.join(path);
        write(&path, text).map_err(|source| BuildError::File { path, source })
    })
}

/// Writes one file, with the folders that it lies in.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)
}

/// The folder that holds a source's WIT: its own, as `bulkhead new` wrote it, or
/// this binary's, unpacked into `scratch`.
pub(super) fn wit(source: &Path, scratch: &Path) -> Result<PathBuf, BuildError> {
    let own = source.join("vendor/wit/0.1.0");
    if own.is_dir() {
        return Ok(own);
    }
    unpack(WIT, scratch)?;
    Ok(scratch.join("wit/0.1.0"))
}

/// The folder that holds a source's SDK: `vendor/` if the SDK's `folder` is in
/// there, or `scratch`, into which this binary's is unpacked.
pub(super) fn vendor(source: &Path, scratch: &Path, language: Language, folder: &str) -> Result<PathBuf, BuildError> {
    let own = source.join("vendor");
    if own.join(folder).is_dir() {
        return Ok(own);
    }
    unpack(sdk(language), scratch)?;
    Ok(scratch.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(files: Files, wanted: &str) -> &'static str {
        files.iter().find(|(path, _)| *path == wanted).map(|(_, text)| *text).unwrap()
    }

    #[test]
    fn the_rust_sdk_stands_alone() {
        let sdk = sdk(Language::Rust);
        for manifest in ["bulkhead-sdk/Cargo.toml", "bulkhead-sdk/macros/Cargo.toml"] {
            assert!(!text(sdk, manifest).contains("workspace"), "{}", text(sdk, manifest));
            assert!(text(sdk, manifest).contains("edition = \"2024\""));
        }
        assert!(text(sdk, "bulkhead-sdk/Cargo.toml").contains("path = \"macros\""));
    }

    #[test]
    fn the_wit_package_is_whole() {
        assert!(text(WIT, "wit/0.1.0/types.wit").contains("package bulkhead:plugin"));
        assert!(WIT.iter().any(|(path, _)| path.starts_with("wit/0.1.0/deps/")));
    }

    #[test]
    fn what_is_unpacked_already_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        unpack(WIT, folder.path()).unwrap();
        let file = folder.path().join("wit/0.1.0/types.wit");
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        unpack(WIT, folder.path()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    }
}
