//! Folders of servers that ended, which nobody writes and whose time passes all
//! the same: the server that writes the first folder looks after them.
//!
//! **Invariant:** whoever deletes from a record holds its lock, and says so on it.

use std::{thread, time::Duration};

use bulkhead_audit::{AuditError, Keypair, Record, overdue};
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{
    OpenError, Recorder,
    open::{MOST_WRITERS, settings},
};
use crate::config::Audit;

/// How often they are looked at.
const SWEEP: Duration = Duration::from_secs(60 * 60);

impl Recorder {
    /// Looks after them, until the house closes.
    pub async fn tend(&self, audit: Audit, closing: CancellationToken) {
        if !self.0.as_ref().is_some_and(|books| books.is_first) {
            return;
        }
        let mut due = interval(SWEEP);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                _ = due.tick() => {}
            }
            tokio::select! {
                () = closing.cancelled() => return,
                () = aside(audit.clone()) => {}
            }
        }
    }
}

/// On a thread that nobody waits for at the stop: a disk may hang.
async fn aside(audit: Audit) {
    let (done, swept) = oneshot::channel::<()>();
    let work = move || {
        sweep(&audit);
        drop(done);
    };
    match thread::Builder::new().name("record-sweep".to_owned()).spawn(work) {
        Ok(_) => drop(swept.await),
        Err(error) => tracing::warn!(%error, "older records were not looked at"),
    }
}

fn sweep(audit: &Audit) {
    for number in 2..=MOST_WRITERS {
        if let Err(error) = forget(audit, number) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, number, "an older record is not looked after");
        }
    }
}

/// Lets go what is over in one of them, unless somebody writes it.
fn forget(audit: &Audit, number: u32) -> Result<(), OpenError> {
    let key = Keypair::read_or_make(&audit.key, &audit.public_key())?;
    let settings = settings(audit, key.public(), number)?;
    if !settings.folder.is_dir() || !overdue(&settings) {
        return Ok(());
    }
    let folder = settings.folder.clone();
    match Record::open(settings, key) {
        Ok(record) => {
            drop(record);
            tracing::info!(folder = %folder.display(), "what was over was removed from an older record");
            Ok(())
        }
        Err(AuditError::Locked { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::Path,
        time::{Duration, SystemTime},
    };

    use bulkhead_audit::{Clock, Entry, Kind, verify};
    use bulkhead_base::Span;

    use super::*;
    use crate::config::Config;

    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    fn audit(at: &Path) -> Audit {
        let config = Config::for_dev(at, ([127, 0, 0, 1], 0).into());
        Audit { mode: Some(bulkhead_audit::Mode::Record), retain: Some(Span::secs(60 * 60)), ..config.audit }
    }

    /// What a server wrote a year ago beside others, and left.
    fn left(audit: &Audit, number: u32) {
        super::super::prepare(audit);
        let key = Keypair::read_or_make(&audit.key, &audit.public_key()).unwrap();
        let mut settings = settings(audit, key.public(), number).unwrap();
        settings.clock = Clock::new(|| SystemTime::now() - YEAR);
        let record = Record::open(settings, key).unwrap();
        record.append_blocking(Entry::new(Kind::Alert, SystemTime::now() - YEAR).text("what", "long ago")).unwrap();
        record.close().unwrap();
    }

    /// What the segments say, but for those that the sweep removes while they are read.
    fn text(folder: &Path) -> String {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let segments = files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        let read = |path| match fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.unwrap(),
        };
        segments.map(read).collect()
    }

    #[test]
    fn whoever_holds_the_first_folder_looks_after_those_that_nobody_holds() {
        let home = tempfile::tempdir().unwrap();
        let audit = audit(home.path());
        left(&audit, 3);
        left(&audit, 4);
        let (third, fourth) = (audit.dir.join("3"), audit.dir.join("4"));
        let key = Keypair::read_or_make(&audit.key, &audit.public_key()).unwrap();
        // One of them is held, by somebody who keeps everything.
        let keeping = settings(&Audit { retain: None, ..audit.clone() }, key.public(), 4).unwrap();
        let held = Record::open(keeping, key).unwrap();
        sweep(&audit);
        assert!(!text(&third).contains("long ago") && text(&third).contains("\"why\":\"time\""), "{}", text(&third));
        assert!(text(&fourth).contains("long ago"), "somebody writes it");
        held.close().unwrap();
        sweep(&audit);
        assert!(!text(&fourth).contains("long ago"));
        for folder in [third, fourth] {
            let key = Keypair::read_or_make(&audit.key, &audit.public_key()).unwrap();
            let report = verify(&folder, key.public(), &[]).unwrap();
            assert_eq!(report.finding, None, "{report}");
        }
        // Nothing is made where there is nothing.
        assert!(!audit.dir.join("2").exists());
    }

    #[tokio::test]
    async fn only_who_holds_the_first_folder_does() {
        let home = tempfile::tempdir().unwrap();
        let audit = audit(home.path());
        left(&audit, 3);
        let first = Recorder::open(&audit).unwrap();
        let second = Recorder::open(&audit).unwrap();
        let closing = CancellationToken::new();
        second.tend(audit.clone(), closing.clone()).await;
        assert!(text(&audit.dir.join("3")).contains("long ago"));
        let tended = tokio::spawn({
            let (audit, closing) = (audit.clone(), closing.clone());
            async move { first.tend(audit, closing).await }
        });
        let begun = std::time::Instant::now();
        while text(&audit.dir.join("3")).contains("long ago") {
            assert!(begun.elapsed() < Duration::from_secs(20), "it is not looked after");
            tokio::task::yield_now().await;
        }
        closing.cancel();
        tended.await.unwrap();
    }
}
