//! The files of the folder in a fixed order, without those that its
//! `.gitignore` and `.ignore` files leave out. Links are never followed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bulkhead_sdk::{Error, Result};
use ignore::{
    DirEntry, WalkBuilder,
    overrides::{Override, OverrideBuilder},
};

use crate::{
    cursor::Cursor,
    limits::{MAX_DEPTH, MAX_FILES, MAX_GLOBS, MAX_IGNORE_BYTES, MAX_PATTERN_BYTES, MAX_VISITED},
    pace::Pace,
    root::{GIT, Place, Root},
};

/// Files with rules about other files, beside the one in `.git`.
const IGNORE_FILES: [&str; 3] = [".gitignore", ".ignore", ".git/info/exclude"];

/// Which files are meant.
#[derive(Clone, Debug)]
pub struct Scope {
    start: Place,
    globs: Override,
    hidden: bool,
    after: Option<Cursor>,
}

/// How a walk ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Where to go on, if it was stopped.
    pub cursor: Option<Cursor>,
    /// Whether a folder was passed over: too deep, unreadable, or with a
    /// `.gitignore` that is too large.
    pub passed_over: bool,
}

impl Scope {
    /// The files at or below `path`, whose paths fit `globs`: `*.rs` takes
    /// files in, `!vendor/**` leaves them out.
    ///
    /// # Errors
    /// There is no such path, or a glob is none.
    pub fn new(root: &Root, path: Option<&str>, globs: &[String]) -> Result<Self> {
        let start = root.place(path.unwrap_or_default())?;
        Ok(Self { start, globs: parse(root, globs)?, hidden: false, after: None })
    }

    /// Whether names that begin with a dot are taken in. `.git` never is.
    #[must_use]
    pub fn hidden(self, hidden: bool) -> Self {
        Self { hidden, ..self }
    }

    /// Only what comes after `cursor`.
    #[must_use]
    pub fn after(self, after: Option<Cursor>) -> Self {
        Self { after, ..self }
    }

    /// The last line of `path` that an earlier answer covered.
    pub(crate) fn covered(&self, path: &str) -> u64 {
        self.after.as_ref().filter(|after| after.path == path).and_then(|after| after.line).unwrap_or(0)
    }
}

fn parse(root: &Root, globs: &[String]) -> Result<Override> {
    if globs.len() > MAX_GLOBS || globs.iter().any(|glob| glob.len() > MAX_PATTERN_BYTES) {
        return Err(Error::invalid(format!("at most {MAX_GLOBS} globs of {MAX_PATTERN_BYTES} bytes each")));
    }
    let mut parsed = OverrideBuilder::new(root.dir());
    let bad = |glob: &str| Error::invalid(format!("`{glob}` is no glob; expected one such as `src/**/*.rs`"));
    for glob in globs {
        parsed.add(glob).map_err(|_| bad(glob))?;
    }
    parsed.build().map_err(|_| bad(&globs.join(" ")))
}

/// Shows each file of `scope` to `look`, until it answers where to stop.
///
/// # Errors
/// Those of `look`, and that the caller has given up.
pub fn walk(
    root: &Root,
    scope: &Scope,
    pace: &mut Pace<'_>,
    look: &mut dyn FnMut(&Place) -> Result<Option<Cursor>>,
) -> Result<Walked> {
    // One file that is named is looked at, whatever ignores it.
    if scope.start.real.is_file() {
        return Ok(Walked { cursor: look(&scope.start)?, passed_over: false });
    }
    // The walk asks about each folder but the first.
    if has_large_rules(root.dir()) {
        return Ok(Walked { cursor: None, passed_over: true });
    }
    let passed_over = Arc::new(AtomicBool::new(false));
    let mut seen = 0;
    for entry in entries(root, scope, &passed_over) {
        let Ok(entry) = entry else {
            passed_over.store(true, Ordering::Relaxed);
            continue;
        };
        let Some(place) = wanted(root, scope, &entry) else { continue };
        seen += 1;
        let stop = match look(&place)? {
            None if !pace.step(&place.path)? || seen >= MAX_FILES => Some(Cursor::after(&place.path)),
            stop => stop,
        };
        if stop.is_some() {
            return Ok(Walked { cursor: stop, passed_over: passed_over.load(Ordering::Relaxed) });
        }
    }
    Ok(Walked { cursor: None, passed_over: passed_over.load(Ordering::Relaxed) })
}

/// The place of `entry`, if it is a file that is meant.
fn wanted(root: &Root, scope: &Scope, entry: &DirEntry) -> Option<Place> {
    if !entry.file_type()?.is_file() || scope.globs.matched(entry.path(), false).is_ignore() {
        return None;
    }
    let path = root.path_of(entry.path())?;
    // What is not told cannot be asked for: a name that is not UTF-8, or holds a backslash.
    (!path.contains('\\')).then(|| Place { path, real: entry.path().to_owned() })
}

fn entries(root: &Root, scope: &Scope, passed_over: &Arc<AtomicBool>) -> ignore::Walk {
    let descent = Descent {
        start: scope.start.real.clone(),
        after: scope.after.as_ref().map(|after| root.dir().join(&after.path)),
        whole: scope.after.as_ref().is_some_and(|after| after.line.is_none()),
        globs: scope.globs.clone(),
        visited: AtomicUsize::new(0),
        passed_over: Arc::clone(passed_over),
    };
    // From the folder itself, wherever the search begins: the rules of every folder on the way hold.
    WalkBuilder::new(root.dir())
        .current_dir(root.dir())
        .follow_links(false)
        .max_depth(Some(MAX_DEPTH))
        .hidden(!scope.hidden)
        .parents(false)
        .git_global(false)
        .require_git(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| descent.goes_to(entry))
        .build()
}

/// Which entries are worth a look at all.
struct Descent {
    start: PathBuf,
    after: Option<PathBuf>,
    /// Whether the file at `after` is done.
    whole: bool,
    globs: Override,
    visited: AtomicUsize,
    passed_over: Arc<AtomicBool>,
}

impl Descent {
    fn goes_to(&self, entry: &DirEntry) -> bool {
        let path = entry.path();
        if self.visited.fetch_add(1, Ordering::Relaxed) >= MAX_VISITED {
            return self.passes_over();
        }
        if entry.file_name() == GIT || self.is_before(path) || !self.is_on_the_way(path) {
            return false;
        }
        if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        // Globs that leave a folder out; one that takes files in says nothing about folders.
        if self.globs.matched(path, true).is_ignore() {
            return false;
        }
        if entry.depth() >= MAX_DEPTH || has_large_rules(path) {
            return self.passes_over();
        }
        true
    }

    fn passes_over(&self) -> bool {
        self.passed_over.store(true, Ordering::Relaxed);
        false
    }

    fn is_before(&self, path: &Path) -> bool {
        let Some(after) = &self.after else { return false };
        if path == after { self.whole } else { path < after && !after.starts_with(path) }
    }

    fn is_on_the_way(&self, path: &Path) -> bool {
        path.starts_with(&self.start) || self.start.starts_with(path)
    }
}

/// Whether the rules of `folder` are too large to be compiled, or are no
/// ordinary file: a link may lead anywhere.
fn has_large_rules(folder: &Path) -> bool {
    let is_large = |name| {
        let found = fs::symlink_metadata(folder.join(name));
        found.is_ok_and(|found| !found.is_file() || found.len() > MAX_IGNORE_BYTES)
    };
    IGNORE_FILES.iter().any(is_large)
}
