//! Whose record is written where.
//!
//! Several servers may have one configuration: desktop clients each start their
//! own, and a new one begins while an older one drains. A record has one writer,
//! so each takes the first folder that nobody writes: `audit.dir` itself, then
//! `audit.dir/2` and so on. Each of them is a record of its own name.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use bulkhead_audit::{AuditError, Detail, KeyError, Keypair, LogName, Mode, NameError, PublicKey, Record, Settings};
use bulkhead_base::Digest;

use super::Recorder;
use crate::config::Audit;

/// Most servers that write beside one another. Answers "a client that starts
/// servers and leaves them".
pub(super) const MOST_WRITERS: u32 = 64;

/// How long a start waits for its record: longer than the last segment takes to
/// be read from a slow disk. Answers "a disk that hangs while the server starts".
const OPENING: Duration = Duration::from_secs(60);

/// What names begin with that are made of the key.
const NAMED: &str = "bulkhead";
/// Hex digits of the key's digest in such a name.
const KEY_DIGITS: usize = 16;

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Name(#[from] NameError),
    /// The disk says neither yes nor no.
    #[error("{}: the record was not opened within {patience:?}: its disk hangs; see audit.dir and audit.keyFile", folder.display())]
    Hangs { folder: PathBuf, patience: Duration },
    /// What read it panicked.
    #[error("{}: the record was not opened: reading it ended in a panic, which the log has", folder.display())]
    Broken { folder: PathBuf },
    #[error("no thread opens the record")]
    Thread(#[source] io::Error),
}

impl Recorder {
    /// Opens the record that `audit` describes. Blocks on the disk, but not for ever.
    ///
    /// # Errors
    /// It cannot be written, or does not hold, or its disk hangs.
    #[cfg(test)]
    pub(super) fn open(audit: &Audit) -> Result<Self, OpenError> {
        Self::begin_opening(audit)?.finish()
    }

    /// Begins to open the record that `audit` describes, while other things are
    /// made ready.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn begin_opening(audit: &Audit) -> Result<Opening, OpenError> {
        Self::begin_within(audit, OPENING)
    }

    /// The thread that waits for a disk that hangs is left behind, and if it is
    /// ever let go on, gives back what it took.
    fn begin_within(audit: &Audit, patience: Duration) -> Result<Opening, OpenError> {
        let (done, opened) = mpsc::sync_channel(1);
        let opening = Opening { opened, folder: audit.dir.clone(), patience };
        let own = audit.clone();
        let open = move || {
            let recorder = own.mode.map_or_else(|| Ok(Self::default()), |mode| open_first_free(&own, mode));
            drop(done.send(recorder));
        };
        thread::Builder::new().name("record-open".to_owned()).spawn(open).map_err(OpenError::Thread)?;
        Ok(opening)
    }
}

/// A record that is being opened.
pub struct Opening {
    opened: mpsc::Receiver<Result<Recorder, OpenError>>,
    folder: PathBuf,
    patience: Duration,
}

impl Opening {
    /// Waits for it. Blocks on the disk, but not for ever.
    ///
    /// # Errors
    /// It cannot be written, or does not hold, or its disk hangs.
    pub fn finish(self) -> Result<Recorder, OpenError> {
        let Self { opened, folder, patience } = self;
        opened.recv_timeout(patience).map_err(|why| match why {
            RecvTimeoutError::Timeout => OpenError::Hangs { folder, patience },
            RecvTimeoutError::Disconnected => OpenError::Broken { folder },
        })?
    }
}

fn open_first_free(audit: &Audit, mode: Mode) -> Result<Recorder, OpenError> {
    prepare(audit);
    let mut number = 1;
    loop {
        let signer = Keypair::read_or_make(&audit.key, &audit.public_key())?;
        let mut settings = settings(audit, signer.public(), number)?;
        settings.mode = mode;
        match Record::open(settings, signer) {
            Err(AuditError::Locked { folder, holder }) if number < MOST_WRITERS => {
                tracing::info!(folder = %folder.display(), holder, "another server writes this record");
                number += 1;
            }
            opened => {
                let detail = Detail { full: audit.full, redaction: audit.redaction() };
                return Ok(Recorder::new(opened?, detail, number == 1));
            }
        }
    }
}

/// What is said of the record of the server `number`.
pub(super) fn settings(audit: &Audit, key: &PublicKey, number: u32) -> Result<Settings, OpenError> {
    let mut settings = Settings::new(numbered(&audit.dir, number), name(audit, key, number)?);
    settings.retain = audit.retain.map(bulkhead_base::Span::duration);
    settings.max_bytes = audit.max_size;
    settings.checkpoint_to.clone_from(&audit.checkpoint_to);
    Ok(settings)
}

/// Makes the folders and the key that there are none of yet, before anything is
/// given up that this takes. What fails here fails again when it is opened,
/// which says why.
pub fn prepare(audit: &Audit) {
    if audit.mode.is_none() {
        return;
    }
    let private = |folder: &Path| DirBuilder::new().recursive(true).mode(0o700).create(folder);
    let _ = private(&audit.dir);
    let _ = audit.key.parent().map(private);
    let _ = audit.checkpoint_folder().map(private);
    let _ = Keypair::read_or_make(&audit.key, &audit.public_key());
}

/// Every folder in which one of the servers has written.
#[must_use]
pub fn folders(dir: &Path) -> Vec<PathBuf> {
    let others = (2..=MOST_WRITERS).map(|number| numbered(dir, number)).filter(|folder| folder.is_dir());
    std::iter::once(dir.to_owned()).chain(others).collect()
}

fn numbered(dir: &Path, number: u32) -> PathBuf {
    if number == 1 { dir.to_owned() } else { dir.join(number.to_string()) }
}

/// A name that is the same at every start, and another one's nowhere.
fn name(audit: &Audit, key: &PublicKey, number: u32) -> Result<LogName, OpenError> {
    let own = match &audit.name {
        Some(name) => name.as_str().to_owned(),
        None => {
            let verifier = bulkhead_audit::verifier(&NAMED.parse()?, key);
            format!("{NAMED}/{}", &Digest::of(verifier.as_bytes()).hex()[..KEY_DIGITS])
        }
    };
    Ok(if number == 1 { own.parse()? } else { format!("{own}/{number}").parse()? })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn audit(at: &Path) -> Audit {
        let config = crate::config::Config::for_dev(at, ([127, 0, 0, 1], 0).into());
        Audit { mode: Some(bulkhead_audit::Mode::Record), ..config.audit }
    }

    /// To open a FIFO that nobody writes takes as long as a disk that hangs.
    #[test]
    fn a_start_does_not_hang_with_the_disk() {
        let home = tempfile::tempdir().unwrap();
        let audit = audit(home.path());
        prepare(&audit);
        let segment = audit.dir.join("00000000000000000000.jsonl");
        rustix::fs::mkfifoat(rustix::fs::CWD, &segment, rustix::fs::Mode::RUSR).unwrap();
        let error = Recorder::begin_within(&audit, Duration::from_millis(200)).unwrap().finish().unwrap_err();
        let expected = "the record was not opened within 200ms: its disk hangs; see audit.dir and audit.keyFile";
        assert_eq!(error.to_string(), format!("{}: {expected}", audit.dir.display()));
        // What was taken is given back once the disk goes on.
        drop(std::fs::File::options().write(true).open(&segment).unwrap());
        let begun = std::time::Instant::now();
        std::fs::remove_file(&segment).unwrap();
        while !Recorder::open(&audit).is_ok_and(|own| own.0.is_some_and(|books| books.is_first)) {
            assert!(begun.elapsed() < Duration::from_secs(20), "the folder is not free again");
            let _ = std::fs::remove_dir_all(audit.dir.join("2"));
        }
    }

    #[test]
    fn servers_of_one_configuration_write_beside_one_another() {
        let home = tempfile::tempdir().unwrap();
        let audit = audit(home.path());
        let first = Recorder::open(&audit).unwrap();
        let second = Recorder::open(&audit).unwrap();
        assert!(first.is_on() && second.is_on());
        assert_eq!(folders(&audit.dir), [audit.dir.clone(), audit.dir.join("2")]);
        drop(first);
        let again = Recorder::open(&audit).unwrap();
        assert!(again.is_on());
        assert_eq!(folders(&audit.dir).len(), 2, "the first folder is free again");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&audit.dir), mode(&audit.key)), (0o700, 0o600));
    }
}
