//! The folder of prompts: read again as a whole, whatever changed in it.

use std::path::{Path, PathBuf};

use bulkhead_package::display::safe;
use bulkhead_prompts::{Fault, Library};
use bulkhead_registry::OwnPrompts;
use tokio::task::spawn_blocking;

use super::Loader;
use crate::prompts;

impl Loader {
    /// Serves what the folder of prompts holds now. What makes no sense stays
    /// as it was when it last did.
    pub(super) async fn read_prompts(&self) {
        let (folder, before) = {
            let desk = self.desk();
            (desk.config.prompts.clone(), desk.library.clone())
        };
        if folder.is_none() && before.is_empty() {
            return;
        }
        let read = spawn_blocking(move || read(folder.as_deref(), &before)).await;
        let Ok((library, faults)) = read else { return };
        let (folder, separator, told) = {
            let mut desk = self.desk();
            desk.library = library.clone();
            let told = std::mem::replace(&mut desk.prompt_faults, faults.clone());
            (desk.config.prompts.clone(), desk.config.separator, told)
        };
        if let Some(folder) = &folder {
            tell(folder, faults.into_iter().filter(|fault| !told.contains(fault)), &library);
        }
        let changed = self.house.registry.publish_prompts(OwnPrompts::new(library, separator));
        self.announce(changed);
    }
}

/// What `folder` holds, after `before`. Without a folder there is nothing.
fn read(folder: Option<&Path>, before: &Library) -> (Library, Vec<Fault>) {
    match folder.map(prompts::read) {
        None => (Library::default(), Vec::new()),
        Some(Ok(pages)) => Library::grow(before, pages),
        Some(Err(fault)) => (before.clone(), vec![fault]),
    }
}

/// What `check` says of the folder: how many prompts it holds, and its faults.
#[must_use]
pub fn rehearse(folder: &Path) -> (usize, Vec<String>) {
    let (library, faults) = read(Some(folder), &Library::default());
    (library.iter().count(), faults.iter().map(|fault| place(folder, fault)).collect())
}

fn tell(folder: &Path, faults: impl Iterator<Item = Fault>, library: &Library) {
    for fault in faults {
        let stays = library.iter().any(|prompt| prompt.page().path == fault.path);
        let still = if stays { "the last good one is still served" } else { "it is not served" };
        tracing::error!("a prompt is refused, and {still}: {}", safe(&place(folder, &fault)));
    }
}

/// The fault with the whole path, as an editor opens it.
fn place(folder: &Path, fault: &Fault) -> String {
    let path: PathBuf = if fault.path.is_empty() { folder.to_owned() } else { folder.join(&fault.path) };
    let told = Fault { path: path.display().to_string(), ..fault.clone() };
    told.to_string()
}
