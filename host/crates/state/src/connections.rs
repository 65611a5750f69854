//! Connections to the database, used off the I/O threads, a few at a time.
//!
//! **Invariant:** a permit is held for as long as its thread is busy, also when
//! whoever asked has given up: a dropped future does not stop a system call.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use crate::{StateError, schema};

/// Threads that plugins' stores may keep busy together.
const CONNECTIONS: usize = 4;

/// How long a statement waits for another process's lock, a backup for instance.
const BUSY: Duration = Duration::from_secs(5);

/// Most pages of 4 KiB that the database may have (8 GiB): whatever plugins
/// and principals there are, they do not fill the disk.
const PAGES: u32 = 2 << 20;

#[derive(Debug)]
pub(crate) struct Connections {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    /// SQLite has one writer at a time: waiting here is in order and costs no thread.
    writer: Arc<Semaphore>,
}

impl Connections {
    pub(crate) fn open(path: &Path) -> Result<Self, StateError> {
        let path = prepare_file(path).map_err(|source| StateError::File { path: path.to_owned(), source })?;
        let mut first = connect(&path)?;
        schema::bring_up_to_date(&mut first)?;
        Ok(Self {
            path,
            idle: Mutex::new(vec![first]),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
            writer: Arc::new(Semaphore::new(1)),
        })
    }

    /// Runs `work` on a connection, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Connection) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        self.run(None, work).await
    }

    /// As [`Connections::read`], while nobody else writes.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Connection) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let turn = take(&self.writer).await?;
        self.run(Some(turn), work).await
    }

    /// As [`Connections::write`]; what was committed is on the disk before this
    /// returns, and outlives a power failure.
    pub(crate) async fn write_through<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Connection) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        self.write(move |connection| {
            connection.pragma_update(None, "synchronous", "full")?;
            let result = work(connection);
            connection.pragma_update(None, "synchronous", "normal")?;
            result
        })
        .await
    }

    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        turn: Option<OwnedSemaphorePermit>,
        work: impl FnOnce(&mut Connection) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let permit = take(&self.permits).await?;
        let this = Arc::clone(self);
        let done = spawn_blocking(move || {
            let _held = (permit, turn);
            let mut connection = this.connection()?;
            let result = work(&mut connection);
            this.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        });
        done.await.map_err(|_| StateError::ShuttingDown)?
    }

    fn connection(&self) -> Result<Connection, StateError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| connect(&self.path), Ok)
    }
}

async fn take(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StateError> {
    Arc::clone(semaphore).acquire_owned().await.map_err(|_| StateError::ShuttingDown)
}

/// Creates the file for its owner alone, before SQLite would with the process's
/// umask, and takes other people's access to an existing one away. SQLite gives
/// its side files the same mode.
fn prepare_file(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = fs::canonicalize(folder)?.join(name);
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::other("not a regular file"));
        }
        options.mode(0o600).open(&path)?.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    options.open(&path)?;
    Ok(path)
}

fn connect(path: &Path) -> Result<Connection, StateError> {
    // No symbolic link anywhere: the folder was resolved when the store was opened.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "max_page_count", PAGES)?;
    Ok(connection)
}
