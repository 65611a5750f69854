//! Opens files and folders.

use std::{fs, path::Path, sync::Arc};

use cap_std::fs::{Dir, OpenOptions};
use wasmtime_wasi::{
    FsPerms, OpenMode,
    filesystem::{Descriptor, Dir as LibraryDir, File as LibraryFile},
    p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags},
};

use crate::undefended::{Defence, switched_off};

/// What a guest wants to open, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    follow: bool,
    create: bool,
    exclusive: bool,
    truncate: bool,
    folder: bool,
    read: bool,
    write: bool,
    /// What the folder allows that it is opened beneath.
    perms: FsPerms,
}

impl Wish {
    pub(super) fn new(
        path: PathFlags,
        open: OpenFlags,
        flags: DescriptorFlags,
        perms: FsPerms,
    ) -> Result<Self, ErrorCode> {
        let synchronised = DescriptorFlags::FILE_INTEGRITY_SYNC
            | DescriptorFlags::DATA_INTEGRITY_SYNC
            | DescriptorFlags::REQUESTED_WRITE_SYNC;
        if flags.intersects(synchronised) {
            return Err(ErrorCode::Unsupported);
        }
        let create = open.contains(OpenFlags::CREATE);
        let truncate = open.contains(OpenFlags::TRUNCATE);
        let exclusive = open.contains(OpenFlags::EXCLUSIVE);
        let folder = open.contains(OpenFlags::DIRECTORY);
        if folder && (create || truncate || exclusive) {
            return Err(ErrorCode::Invalid);
        }
        let asks_to_write = flags.contains(DescriptorFlags::WRITE);
        let wish = Self {
            follow: path.contains(PathFlags::SYMLINK_FOLLOW),
            create,
            exclusive: create && exclusive,
            truncate,
            folder,
            // Whoever does not write reads: the system wants one of the two.
            read: flags.contains(DescriptorFlags::READ) || !asks_to_write,
            write: asks_to_write || create || truncate,
            perms,
        };
        if wish.write && perms.write_not_permitted() { Err(ErrorCode::NotPermitted) } else { Ok(wish) }
    }

    /// Whether a new file may come of it.
    pub(super) const fn creates(self) -> bool {
        self.create
    }

    /// Whether a file may become shorter.
    pub(super) const fn truncates(self) -> bool {
        self.truncate
    }

    /// The same wish as far as it needs no new file; none, if it is for a new file alone.
    pub(super) const fn of_what_exists(self) -> Option<Self> {
        if self.exclusive { None } else { Some(Self { create: false, ..self }) }
    }

    /// Opens, on a thread that may block.
    pub(super) async fn open(self, beneath: &LibraryDir, path: &str) -> Result<Descriptor, ErrorCode> {
        let (beneath, path) = (Arc::clone(&beneath.dir), path.to_owned());
        let open = move || self.open_now(&beneath, Path::new(&path));
        tokio::task::spawn_blocking(open).await.unwrap_or(Err(ErrorCode::Interrupted))
    }

    fn open_now(self, beneath: &fs::File, path: &Path) -> Result<Descriptor, ErrorCode> {
        let beneath = Dir::from_std_file(beneath.try_clone()?);
        // Opening a device can already do something.
        let before = if self.follow { beneath.metadata(path) } else { beneath.symlink_metadata(path) };
        let special = before.is_ok_and(|found| !found.is_file() && !found.is_dir() && !found.is_symlink());
        if special && !switched_off(Defence::Special) {
            return Err(ErrorCode::NotPermitted);
        }
        let opened = self.reach(beneath, path)?;
        // Once more, for what was opened: the name may have changed its meaning.
        let found = opened.metadata()?;
        if found.is_dir() {
            return Ok(Descriptor::Dir(LibraryDir::new(opened, self.perms, self.mode(), false)));
        }
        if !found.is_file() && !switched_off(Defence::Special) {
            return Err(ErrorCode::NotPermitted);
        }
        if self.folder {
            return Err(ErrorCode::NotDirectory);
        }
        let several_names = has_several_names(&found);
        if self.write && several_names {
            return Err(ErrorCode::NotPermitted);
        }
        if self.truncate {
            opened.set_len(0)?;
        }
        let perms = if several_names { FsPerms::ReadOnly } else { self.perms };
        Ok(Descriptor::File(LibraryFile::new(opened, perms, self.mode(), false)))
    }

    /// Opens `path` beneath the folder and nowhere else.
    #[cfg(not(feature = "undefended"))]
    fn reach(self, beneath: Dir, path: &Path) -> std::io::Result<fs::File> {
        Ok(beneath.open_with(path, &self.options())?.into_std())
    }

    /// The same, or wherever `path` leads.
    #[cfg(feature = "undefended")]
    fn reach(self, beneath: Dir, path: &Path) -> std::io::Result<fs::File> {
        use std::os::fd::AsRawFd as _;
        if !switched_off(Defence::Beneath) {
            return Ok(beneath.open_with(path, &self.options())?.into_std());
        }
        let folder = beneath.into_std_file();
        let path = Path::new(&format!("/proc/self/fd/{}", folder.as_raw_fd())).join(path);
        fs::OpenOptions::new().read(self.read).write(self.write).create(self.create).open(path)
    }

    fn mode(self) -> OpenMode {
        let mut mode = OpenMode::empty();
        mode.set(OpenMode::READ, self.read);
        mode.set(OpenMode::WRITE, self.write);
        mode
    }

    /// Truncation is left out: it comes after the checks.
    fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(self.read).write(self.write).create(self.create && !self.exclusive).create_new(self.exclusive);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt as _;
            use rustix::fs::OFlags;
            // A FIFO without a writer would hold the thread for ever.
            let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
            flags.set(OFlags::NOFOLLOW, !self.follow);
            options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
        }
        options
    }
}

/// Whether the file has names besides the one it was reached by.
#[cfg(unix)]
pub(super) fn has_several_names(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.is_file() && found.nlink() > 1 && !switched_off(Defence::Names)
}

/// Where the number of links is not to be had, files count as having one.
#[cfg(not(unix))]
pub(super) fn has_several_names(_: &fs::Metadata) -> bool {
    false
}
