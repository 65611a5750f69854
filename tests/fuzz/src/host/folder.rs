use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt as _, symlink},
    path::{Path, PathBuf},
    sync::Mutex,
};

use bulkhead_base::ByteSize;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::HIDDEN;

/// The granted folders, and what lies beside them.
pub(super) struct Folder {
    home: tempfile::TempDir,
    /// What lies in the one that may be written, as it was laid out.
    fresh: Mutex<Seen>,
    /// Everything else, contents included.
    beside: Vec<(PathBuf, Vec<u8>)>,
}

/// Every name below a folder: inode, size, last change.
type Seen = BTreeMap<PathBuf, (u64, u64, i64, i64)>;

impl Folder {
    pub(super) const QUOTA: ByteSize = ByteSize::kib(64);
    pub(super) const INODES: u64 = 32;

    /// What is put back after a call, which the ledger learns of only when it
    /// walks again.
    const PUT_BACK_BYTES: u64 = 16 << 10;
    const PUT_BACK_INODES: usize = 16;

    pub(super) fn lay_out() -> Self {
        // In memory, where there is such a folder: a `sync` of the guest's is then no wait.
        let memory = Path::new("/dev/shm");
        let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder");
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("data")).expect("a folder");
        fs::create_dir(at("old")).expect("a folder");
        fs::write(at("secret"), HIDDEN).expect("a file");
        fs::write(at("twice"), "a name inside and one outside").expect("a file");
        fs::write(at("old/old"), "to be read").expect("a file");
        symlink("/proc/self", at("old/proc")).expect("a link");
        symlink("../secret", at("old/way-out")).expect("a link");
        let mut folder = Self { home, fresh: Mutex::default(), beside: Vec::new() };
        folder.fill();
        folder.beside = folder.beside();
        folder
    }

    pub(super) fn place(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.place().join("data")
    }

    pub(super) fn old(&self) -> PathBuf {
        self.place().join("old")
    }

    /// Everything that makes a path worth a try.
    fn fill(&self) {
        let at = |name: &str| self.data().join(name);
        fs::create_dir(at("sub")).expect("a folder");
        fs::write(at("file"), "inside").expect("a file");
        fs::write(at("sub/deep"), "deep inside").expect("a file");
        for (target, name) in [("..", "way-out"), ("../..", "way-up"), ("/proc/self", "proc"), ("sub/deep", "b")] {
            symlink(target, at(name)).expect("a link");
        }
        fs::hard_link(self.place().join("twice"), at("twice")).expect("a second name");
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
        *self.fresh.lock().expect("one thread") = self.seen();
    }

    fn seen(&self) -> Seen {
        let mut seen = Seen::new();
        look(&self.data(), &mut seen);
        seen
    }

    fn beside(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let names = ["secret", "twice", "old/old"].map(|name| self.place().join(name));
        let contents = names.map(|path| (fs::read(&path).unwrap_or_default(), path));
        let mut beside: Vec<_> = contents.into_iter().map(|(bytes, path)| (path, bytes)).collect();
        // The store's own files come and go.
        for folder in [self.place(), &self.old()] {
            let names =
                fs::read_dir(folder).expect("it is still there").map_while(Result::ok).map(|entry| entry.path());
            let names = names.filter(|path| !path.to_string_lossy().contains("state.db"));
            beside.extend(names.map(|path| (path, Vec::new())));
        }
        beside.sort();
        beside
    }

    /// Looks whether the quota held and nothing beside was touched, and lays out
    /// anew what was.
    pub(super) fn clear(&self) {
        assert_eq!(self.beside(), self.beside, "something beside the granted folder was touched");
        let seen = self.seen();
        if seen == *self.fresh.lock().expect("one thread") {
            return;
        }
        let bytes: u64 = seen.values().map(|(_, bytes, ..)| bytes).sum();
        assert!(bytes <= Self::QUOTA.get() + Self::PUT_BACK_BYTES, "{bytes} bytes lie there: {seen:?}");
        assert!(seen.len() <= Self::INODES as usize + Self::PUT_BACK_INODES, "{} names lie there", seen.len());
        for entry in fs::read_dir(self.data()).expect("it is still there").map_while(Result::ok) {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.expect("what a guest made");
        }
        self.fill();
    }
}

fn look(folder: &Path, seen: &mut Seen) {
    for entry in fs::read_dir(folder).expect("a folder").map_while(Result::ok) {
        let (path, about) = (entry.path(), entry.metadata().expect("what lies there"));
        if about.is_dir() {
            look(&path, seen);
        }
        seen.insert(path, (about.ino(), about.len(), about.mtime(), about.mtime_nsec()));
    }
}
