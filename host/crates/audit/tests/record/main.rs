//! The record as its users have it: real files, real threads, real kills.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and its child speaks"
)]

mod child;
mod copies;
mod crash;
mod durable;
mod full;
mod keeping;
mod random;
mod reading;
mod tamper;

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use bulkhead_audit::{Entry, Keypair, Kind, LogName, Mode, PublicKey, Record, Report, Settings, verify};
use tempfile::TempDir;

/// A folder with a key and a record in it, on a disk and not in memory.
struct Place {
    home: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { home: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("audit")
    }

    fn settings(&self, mode: Mode) -> Settings {
        let mut settings = Settings::new(self.folder(), name());
        settings.mode = mode;
        settings
    }

    fn signer(&self) -> Keypair {
        signer(self.home.path())
    }

    fn key(&self) -> PublicKey {
        self.signer().public().clone()
    }

    fn open(&self) -> Record {
        Record::open(self.settings(Mode::Record), self.signer()).unwrap()
    }

    fn verify(&self) -> Report {
        verify(&self.folder(), &self.key(), &[]).unwrap()
    }

    /// The record holds, to its end.
    fn assert_holds(&self) -> Report {
        let report = self.verify();
        assert_eq!(report.finding, None, "{report}");
        report
    }

    /// The segments' files.
    fn segments(&self) -> Vec<PathBuf> {
        segments(&self.folder())
    }

    /// The text of the only segment.
    fn text(&self) -> String {
        let [segment] = &self.segments()[..] else { panic!("one segment") };
        fs::read_to_string(segment).unwrap()
    }
}

fn name() -> LogName {
    "tools.example.com/audit".parse().unwrap()
}

fn signer(home: &Path) -> Keypair {
    Keypair::read_or_make(&home.join("audit.key"), &home.join("audit.key.pub")).unwrap()
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    paths
}

fn alert(what: &str) -> Entry {
    Entry::new(Kind::Alert, SystemTime::now()).text("what", what)
}

/// The same folder with other contents in its only segment.
fn copy_with(place: &Place, bytes: &[u8]) -> TempDir {
    let copy = tempfile::tempdir_in(place.home.path()).unwrap();
    let folder = copy.path().join("audit");
    DirBuilder::new().mode(0o700).create(&folder).unwrap();
    let name = place.segments()[0].file_name().unwrap().to_owned();
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(name)).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    copy
}
