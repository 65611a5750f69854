//! `wasi:filesystem/types`: the library's functions behind our checks.
//!
//! Every function of the interface stands here, so a new one does not link
//! until somebody has thought about it.

use wasmtime::component::Resource;
use wasmtime_wasi::{
    filesystem::WasiFilesystemCtxView,
    p2::{
        DynInputStream, DynOutputStream, FsError, FsResult,
        bindings::filesystem::types::{
            Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream, ErrorCode,
            Filesize, Host, HostDescriptor, HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags,
            PathFlags,
        },
        pipe::ClosedInputStream,
    },
};

use super::{
    Fd, LISTINGS, metadata,
    open::{Wish, has_several_names},
    stream::{Counted, Place, growth},
};
use crate::{
    state::CallState,
    undefended::{Defence, switched_off},
};

/// Largest folder, by the bytes that its names take, that is listed: the
/// library reads a listing whole. Answers "a folder of ten million files".
const LISTING_BYTES: u64 = 16 << 20;

type Library<'a> = WasiFilesystemCtxView<'a>;

impl Host for CallState {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.library_files().filesystem_error_code(error)
    }
}

impl CallState {
    fn files(&mut self) -> Library<'_> {
        self.library_files()
    }
}

impl HostDescriptor for CallState {
    async fn open_at(
        &mut self,
        fd: Fd,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        let folder = self.folder(&fd)?;
        let wish = Wish::new(path_flags, open_flags, flags, folder.perms).inspect_err(|error| {
            if *error == ErrorCode::NotPermitted {
                self.deny_write(&fd);
            }
        })?;
        let Some(mount) = self.descriptors.mount(&fd) else { return Err(ErrorCode::BadDescriptor.into()) };
        let held = self.shared.take_descriptor().map_err(|_| ErrorCode::InsufficientMemory)?;
        let opened = match wish.of_what_exists() {
            Some(modest) => modest.open(&folder, &path).await,
            None => Err(ErrorCode::NoEntry),
        };
        let opened = match opened {
            Err(ErrorCode::NoEntry) if wish.creates() => {
                self.take(&fd, 0, 1).await?;
                wish.open(&folder, &path).await?
            }
            opened => opened?,
        };
        if wish.truncates() {
            self.shrunk(&fd);
        }
        let opened = self.table.push(opened)?;
        self.descriptors.insert(&opened, mount, Some(held));
        if let (Some(ledger), Ok(file)) = (self.ledger(&opened), self.file(&opened)) {
            ledger.opened(&file);
        }
        Ok(opened)
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        self.descriptors.remove(&fd);
        HostDescriptor::drop(&mut self.files(), fd)
    }

    async fn set_size(&mut self, fd: Fd, size: Filesize) -> FsResult<()> {
        let now = metadata(self.file(&fd)?).await?.len();
        let _on_its_way = if size > now {
            self.reserve(&fd, size - now).await?
        } else {
            self.shrunk(&fd);
            None
        };
        self.files().set_size(fd, size).await
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        let size = metadata(self.file(&fd)?).await?.len();
        let cost = growth(size, offset, bytes.len() as u64);
        let _on_its_way = self.reserve(&fd, cost).await?;
        self.files().write(fd, bytes, offset).await
    }

    fn write_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynOutputStream>> {
        let borrowed = Resource::new_borrow(fd.rep());
        let stream = self.files().write_via_stream(fd, offset)?;
        self.charge(&borrowed, stream, Place::At(offset))
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        let borrowed = Resource::new_borrow(fd.rep());
        let stream = self.files().append_via_stream(fd)?;
        self.charge(&borrowed, stream, Place::End)
    }

    fn read_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        let holding = (self.hold_stream().map_err(FsError::trap)?, self.descriptors.held(&fd));
        let stream = self.files().read_via_stream(fd, offset)?;
        let slot = self.table.get_mut(&stream)?;
        let inner = std::mem::replace(slot, Box::new(ClosedInputStream));
        *slot = Box::new(Counted::new(inner, holding));
        Ok(stream)
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.take(&fd, 0, 1).await?;
        self.files().create_directory_at(fd, path).await
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.shrunk(&fd);
        self.files().unlink_file_at(fd, path).await
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.shrunk(&fd);
        self.files().remove_directory_at(fd, path).await
    }

    /// Inside one mount only: between two, it would carry bytes past a quota.
    async fn rename_at(&mut self, fd: Fd, path: String, new_fd: Fd, new_path: String) -> FsResult<()> {
        if self.descriptors.mount(&fd) != self.descriptors.mount(&new_fd) && !switched_off(Defence::Mounts) {
            return Err(ErrorCode::CrossDevice.into());
        }
        self.shrunk(&fd);
        self.files().rename_at(fd, path, new_fd, new_path).await
    }

    /// Refused: a second name would outlive what the operator sees of the first.
    async fn link_at(&mut self, fd: Fd, flags: PathFlags, path: String, to: Fd, name: String) -> FsResult<()> {
        if switched_off(Defence::Links) {
            return self.files().link_at(fd, flags, path, to, name).await;
        }
        Err(ErrorCode::NotPermitted.into())
    }

    /// Refused: whoever reads the folder without care would follow it outside.
    async fn symlink_at(&mut self, fd: Fd, target: String, name: String) -> FsResult<()> {
        if switched_off(Defence::Links) {
            return self.files().symlink_at(fd, target, name).await;
        }
        Err(ErrorCode::NotPermitted.into())
    }

    async fn set_times(&mut self, fd: Fd, access: NewTimestamp, change: NewTimestamp) -> FsResult<()> {
        if let Ok(file) = self.file(&fd)
            && metadata(file).await.is_ok_and(|found| has_several_names(&found))
        {
            return Err(ErrorCode::NotPermitted.into());
        }
        self.files().set_times(fd, access, change).await
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        access: NewTimestamp,
        change: NewTimestamp,
    ) -> FsResult<()> {
        let found = self.files().stat_at(Resource::new_borrow(fd.rep()), flags, path.clone()).await?;
        if found.type_ == DescriptorType::RegularFile && found.link_count > 1 {
            return Err(ErrorCode::NotPermitted.into());
        }
        self.files().set_times_at(fd, flags, path, access, change).await
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<DirectoryEntryStream>> {
        if metadata(self.folder(&fd)?.dir).await?.len() > LISTING_BYTES {
            return Err(ErrorCode::InsufficientMemory.into());
        }
        if self.descriptors.listings >= LISTINGS && !switched_off(Defence::Listings) {
            return Err(ErrorCode::InsufficientMemory.into());
        }
        let listing = self.files().read_directory(fd).await?;
        self.descriptors.listings += 1;
        Ok(listing)
    }

    async fn read(&mut self, fd: Fd, len: Filesize, offset: Filesize) -> FsResult<(Vec<u8>, bool)> {
        self.files().read(fd, len, offset).await
    }

    async fn advise(&mut self, fd: Fd, offset: Filesize, len: Filesize, advice: Advice) -> FsResult<()> {
        self.files().advise(fd, offset, len, advice).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.files().sync_data(fd).await
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.files().sync(fd).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        self.files().get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        self.files().get_type(fd).await
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        self.files().stat(fd).await
    }

    async fn stat_at(&mut self, fd: Fd, flags: PathFlags, path: String) -> FsResult<DescriptorStat> {
        self.files().stat_at(fd, flags, path).await
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.files().readlink_at(fd, path).await
    }

    async fn is_same_object(&mut self, one: Fd, other: Fd) -> wasmtime::Result<bool> {
        self.files().is_same_object(one, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        self.files().metadata_hash(fd).await
    }

    async fn metadata_hash_at(&mut self, fd: Fd, flags: PathFlags, path: String) -> FsResult<MetadataHashValue> {
        self.files().metadata_hash_at(fd, flags, path).await
    }
}

impl HostDirectoryEntryStream for CallState {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.files().read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        HostDirectoryEntryStream::drop(&mut self.files(), stream)?;
        self.descriptors.listings = self.descriptors.listings.saturating_sub(1);
        Ok(())
    }
}
