//! The files of the folder, read through one handle on it.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use bulkhead_prompts::{Fault, Page};
use cap_std::{
    ambient_authority,
    fs::{Dir, File, MetadataExt as _},
};

use super::front;
use crate::config::doubtful;

/// Most files. Answers "a folder that is really somebody's home": the rest is
/// not read, and that is told.
const MOST_FILES: usize = 512;

/// Most folders, and most entries of one folder that are looked at. Answers "a
/// tree of empty folders", which costs as much as one of files.
const MOST_FOLDERS: usize = 256;
const MOST_ENTRIES: usize = 4096;

/// Largest file, and most bytes of all together. Answers "a book where a
/// prompt was expected".
const LARGEST_FILE: u64 = 64 << 10;
const MOST_BYTES: u64 = 4 << 20;

/// Deepest tree of prompts.
pub const DEEPEST: usize = 6;

/// Whether a file is a prompt, by name. Temporary names of editors are not.
#[must_use]
pub fn is_prompt_file(name: &str) -> bool {
    name.ends_with(".md") && !name.starts_with(['.', '#', '~'])
}

/// Every prompt file below `folder`, read or told of.
///
/// # Errors
/// The folder itself cannot be opened.
pub fn read(folder: &Path) -> Result<Vec<Result<Page, Fault>>, Fault> {
    let whole = |text: String| Fault { path: String::new(), line: None, text };
    let dir = Dir::open_ambient_dir(folder, ambient_authority());
    let dir = dir.map_err(|error| whole(format!("{} cannot be read: {error}", folder.display())))?;
    let server = rustix::process::geteuid().as_raw();
    let mut reading = Reading { folder, dir: &dir, server, bytes: 0, folders: 0, pages: Vec::new(), full: None };
    reading.below(Path::new(""), 0);
    if let Some(full) = reading.full {
        reading.pages.push(Err(whole(format!("more than {full}; the rest is not read"))));
    }
    Ok(reading.pages)
}

struct Reading<'a> {
    folder: &'a Path,
    dir: &'a Dir,
    server: u32,
    bytes: u64,
    folders: usize,
    pages: Vec<Result<Page, Fault>>,
    /// What there was more of than is read.
    full: Option<String>,
}

impl Reading<'_> {
    fn below(&mut self, place: &Path, depth: usize) {
        if self.folders >= MOST_FOLDERS {
            self.full = Some(format!("{MOST_FOLDERS} folders"));
        }
        if self.full.is_some() {
            return;
        }
        self.folders += 1;
        let listed = self.list(place, depth);
        let (files, folders) = match listed {
            Ok(listed) => listed,
            Err(text) => {
                self.pages.push(Err(Fault { path: shown(place), line: None, text }));
                return;
            }
        };
        for path in files {
            if self.pages.len() >= MOST_FILES || self.bytes >= MOST_BYTES {
                self.full = Some(format!("{MOST_FILES} files or {MOST_BYTES} bytes"));
                return;
            }
            let page = self.page(&path);
            self.pages.push(page);
        }
        folders.iter().for_each(|path| self.below(path, depth + 1));
    }

    /// Files and folders right below `place`, each in order of names. Links to
    /// folders are not followed: they could go round in a circle.
    fn list(&mut self, place: &Path, depth: usize) -> Result<(Vec<PathBuf>, Vec<PathBuf>), String> {
        if depth > DEEPEST {
            return Err(format!("deeper than {DEEPEST} levels, which is not read"));
        }
        let here = if place.as_os_str().is_empty() { Path::new(".") } else { place };
        let told = |error: std::io::Error| format!("cannot be read: {error}");
        self.believe(&self.dir.metadata(here).map_err(told)?, place)?;
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for (number, entry) in self.dir.read_dir(here).map_err(told)?.enumerate() {
            if number >= MOST_ENTRIES {
                self.full = Some(format!("{MOST_ENTRIES} entries in one folder, {}", shown(here)));
                break;
            }
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !name.starts_with('.') {
                folders.push(place.join(name));
            } else if !is_folder && is_prompt_file(name) {
                files.push(place.join(name));
            }
        }
        files.sort();
        folders.sort();
        Ok((files, folders))
    }

    fn believe(&self, about: &cap_std::fs::Metadata, path: &Path) -> Result<(), String> {
        doubtful(&self.folder.join(path), about.uid(), about.mode(), self.server, false).map_or(Ok(()), Err)
    }

    fn page(&mut self, path: &Path) -> Result<Page, Fault> {
        let name = shown(path);
        match self.read(path) {
            Ok(bytes) => {
                self.bytes += bytes.len() as u64;
                front::page(&name, &bytes)
            }
            Err(text) => Err(Fault { path: name, line: None, text }),
        }
    }

    /// The file's bytes. What was checked is what is read: both go through one
    /// handle, and no link leads out of the folder.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let told = |error: std::io::Error| format!("cannot be read: {error}");
        // A pipe would keep whoever opens it waiting.
        if !self.dir.metadata(path).map_err(told)?.is_file() {
            return Err("is no file".to_owned());
        }
        let file: File = self.dir.open(path).map_err(told)?;
        let about = file.metadata().map_err(told)?;
        self.believe(&about, path)?;
        if !about.is_file() {
            return Err("is no file".to_owned());
        }
        let mut bytes = Vec::new();
        file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(told)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(format!("larger than {LARGEST_FILE} bytes"));
        }
        Ok(bytes)
    }
}

/// A path below the folder with slashes, as logs and prompts have it.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt as _, symlink},
    };

    use super::*;

    fn told(folder: &Path) -> Vec<String> {
        let pages = read(folder).unwrap_or_else(|fault| vec![Err(fault)]);
        pages.into_iter().map(|page| page.map_or_else(|fault| fault.to_string(), |page| page.path)).collect()
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "text").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        folder
    }

    #[test]
    fn prompts_are_found_and_other_files_left_alone() {
        let folder = folder(&["b.md", "a.md", "a/c.md", ".git/x.md", ".a.md.swp", "#a.md#", "notes.txt", "a.md~"]);
        fs::create_dir(folder.path().join("d.md")).unwrap();
        assert_eq!(told(folder.path()), ["a.md", "b.md", "a/c.md"]);
    }

    #[test]
    fn a_link_leads_nowhere_outside() {
        let outside = folder(&["secret.md", "sub/secret.md"]);
        let folder = folder(&["..data/real.md"]);
        symlink(outside.path().join("secret.md"), folder.path().join("absolute.md")).unwrap();
        symlink("../secret.md", folder.path().join("relative.md")).unwrap();
        symlink(outside.path().join("sub"), folder.path().join("sub")).unwrap();
        symlink("..data/real.md", folder.path().join("good.md")).unwrap();
        let told = told(folder.path());
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("absolute.md: cannot be read"), "{told:?}");
        assert_eq!(told[1], "good.md");
        assert!(told[2].starts_with("relative.md: cannot be read"), "{told:?}");
    }

    #[test]
    fn what_others_could_change_is_not_believed() {
        let folder = folder(&["a.md", "b/c.md"]);
        let mode = |name: &str, mode| {
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        mode("a.md", 0o666);
        mode("b", 0o777);
        let told = told(folder.path());
        assert!(told[0].starts_with("a.md: ") && told[0].contains("chmod go-w"), "{told:?}");
        assert!(told[1].starts_with("b: ") && told[1].contains("chmod go-w"), "{told:?}");
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn a_folder_without_end_is_read_up_to_a_point() {
        let names: Vec<String> = (0..MOST_FILES + 5).map(|number| format!("p{number:04}.md")).collect();
        let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let all = told(folder.path());
        assert_eq!(all.len(), MOST_FILES + 1);
        assert!(all[MOST_FILES].contains("the rest is not read"), "{}", all[MOST_FILES]);
        fs::write(folder.path().join("p0000.md"), "x".repeat(70_000)).unwrap();
        assert_eq!(told(folder.path())[0], "p0000.md: larger than 65536 bytes");
        assert!(told(&folder.path().join("none"))[0].contains("cannot be read"));
    }

    #[test]
    fn a_tree_of_folders_without_end_is_read_up_to_a_point() {
        let names: Vec<String> = (0..MOST_FOLDERS + 5).map(|number| format!("p{number:04}/a.md")).collect();
        let wide = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let all = told(wide.path());
        // The folder itself is one of them.
        assert_eq!(all.len(), MOST_FOLDERS);
        assert_eq!(all[MOST_FOLDERS - 1], ": more than 256 folders; the rest is not read");
        let deep = folder(&["1/2/3/4/5/6/a.md", "1/2/3/4/5/6/7/b.md"]);
        assert_eq!(told(deep.path()), ["1/2/3/4/5/6/a.md", "1/2/3/4/5/6/7: deeper than 6 levels, which is not read"]);
    }

    #[test]
    fn a_folder_of_other_things_is_looked_at_up_to_a_point() {
        let folder = folder(&[]);
        for number in 0..=MOST_ENTRIES {
            fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
        }
        assert_eq!(told(folder.path()), [": more than 4096 entries in one folder, .; the rest is not read"]);
    }

    #[test]
    fn a_pipe_is_no_file() {
        let folder = folder(&[]);
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.path().join("a.md"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        assert_eq!(told(folder.path()), ["a.md: is no file"]);
    }
}
