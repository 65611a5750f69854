//! A process of its own that writes a record, for a parent that kills it or
//! takes its disk away.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use bulkhead_audit::{Mode, Record, Settings};
use bulkhead_base::ByteSize;

use super::{Place, crash, full, name, signer};

const FOLDER: &str = "BULKHEAD_AUDIT_TEST_FOLDER";
const WHAT: &str = "BULKHEAD_AUDIT_TEST_WHAT";

/// Opens the record and does what its parent says.
#[test]
fn child() {
    #[expect(clippy::disallowed_methods, reason = "the parent says so")]
    let [Some(home), Some(what)] = [FOLDER, WHAT].map(std::env::var_os) else { return };
    let home = PathBuf::from(home);
    let mut settings = Settings::new(home.join("audit"), name());
    settings.mode = Mode::Record;
    settings.segment_bytes = ByteSize::kib(512);
    let record = Record::open(settings, signer(&home)).unwrap();
    match what.to_str() {
        Some("press") => crash::press(&record),
        Some("fill") => full::fill(&record),
        other => panic!("{other:?}"),
    }
    record.close().unwrap();
}

/// That process, started by a shell script that ends with `exec "$0"`.
#[expect(clippy::disallowed_methods, reason = "a test starts a process of its own")]
pub(super) fn command(place: &Place, what: &str, script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{script} --exact child::child --nocapture --test-threads=1")]);
    command.arg(std::env::current_exe().unwrap()).env(FOLDER, place.home.path()).env(WHAT, what);
    command.stdout(Stdio::piped());
    command
}
