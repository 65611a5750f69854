use std::{collections::BTreeMap, path::PathBuf, thread, time::Duration};

use bulkhead_audit::{AuditError, MOST_LINES, Seen, Tail};
use bulkhead_package::display::safe;

use super::{Place, unread};
use crate::{
    cli::{exit::Failure, terminal::Terminal},
    record,
};

/// How often it is looked for what is new.
const LOOK: Duration = Duration::from_millis(100);

/// Shows the newest entries, and then those that come.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many of the newest.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=MOST_LINES as u64))]
    pub lines: u64,
    /// End once they are shown.
    #[arg(long)]
    pub once: bool,
}

pub(super) fn run(args: &Args, place: &Place, terminal: &Terminal) -> Result<(), Failure> {
    let folders = place.folders()?;
    let lines = usize::try_from(args.lines).unwrap_or(MOST_LINES);
    let mut tails: BTreeMap<PathBuf, Tail> = BTreeMap::new();
    let mut first = true;
    loop {
        // A server that starts beside others begins a folder of its own.
        for folder in folders.iter().flat_map(|dir| record::folders(dir)).filter(|folder| folder.is_dir()) {
            let from = if first { lines } else { MOST_LINES };
            tails.entry(folder).or_insert_with_key(|folder| Tail::new(folder, from));
        }
        for tail in tails.values_mut() {
            show(tail, terminal)?;
        }
        if args.once {
            return Ok(());
        }
        first = false;
        thread::sleep(LOOK);
    }
}

fn show(tail: &mut Tail, terminal: &Terminal) -> Result<(), Failure> {
    let mut printed = Ok(());
    let read = tail.next_lines(|line| {
        if printed.is_ok() {
            printed = print(line, terminal);
        }
    });
    match read {
        Ok(()) | Err(AuditError::NoRecord { .. }) => printed,
        Err(error) => Err(unread(error)),
    }
}

/// A line for people; as it stands with `--json`.
fn print(line: &[u8], terminal: &Terminal) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(line);
    if terminal.json {
        return Ok(terminal.print(&text)?);
    }
    let Ok(seen) = serde_json::from_slice::<Seen<'_>>(line) else { return Ok(terminal.print(&safe(&text))?) };
    // The record's own lines are for whoever verifies.
    let Some(time) = &seen.time else { return Ok(()) };
    let allowed = seen.allowed.map(|allowed| if allowed { "allowed" } else { "denied" });
    let said = [
        Some(&*seen.kind),
        allowed,
        seen.outcome.as_deref(),
        seen.principal.as_deref(),
        seen.operation.as_deref(),
        seen.item.as_deref().or(seen.plugin.as_deref()),
        seen.reason.as_deref(),
    ];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    Ok(terminal.print(&safe(&format!("{} {time} {}", seen.seq, said.join(" "))))?)
}
