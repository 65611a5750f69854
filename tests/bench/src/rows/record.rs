//! What the record costs: without one, with one that is on disk soon, and with
//! one that is on disk before the answer, beside what the disk allows.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;

use super::time;
use crate::{
    Args, Failed,
    house::{Built, House, KEY},
    load::{Question, load},
    server::Server,
    table::{Figure, Goal, against, heading, row},
};

const CONNECTIONS: usize = 32;
const MODES: [&str; 3] = ["off", "batch", "record"];

/// Of what the lesser of the disk and a server without a record gives.
const GOAL: Goal = Goal::AtLeast(0.85);

/// Two writes stand between a call and its answer, and all who wait share them.
const WRITES: f64 = 2.0;

/// Syncs that are timed, and what each of them writes.
const SYNCS: usize = 64;
const WRITTEN: [u8; 16 << 10] = [b'x'; 16 << 10];

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let serve = |mode: &str| {
        let more = format!("audit: {{mode: \"{mode}\"}}");
        let house = House::new(args, &built, &["add".to_owned()], &more, ", limits: {concurrency: 64}")?;
        let server = Server::bulkhead(&args.bulkhead, house.path())?;
        Ok::<_, Failed>((house, server))
    };
    let served = MODES.map(serve);
    let question = Question::call("add_add", &json!({"a": 2, "b": 3}), "\"5\"").with_key(KEY);
    let (mut rates, mut sync): ([Figure; MODES.len()], Figure) = Default::default();
    for _ in 0..args.rounds {
        sync.take(sync_latency(&args.folder)?.as_secs_f64() * 1e6);
        for (served, rate) in served.iter().zip(&mut rates) {
            let (_, server) = served.as_ref().map_err(ToString::to_string)?;
            rate.take(load(server.address, &question, CONNECTIONS, time(args))?.sound()?.rate());
        }
    }
    let allowed = CONNECTIONS as f64 / (WRITES * sync.median() / 1e6);
    let least = allowed.min(rates[0].median());
    heading(
        &format!("The record, {CONNECTIONS} connections, one write of 16 KiB and fdatasync in {sync} µs"),
        &["audit.mode", "calls/s", "of off", "of the lesser of off and disk", "goal"],
    );
    row(&["what the disk allows".into(), format!("{allowed:.0}"), String::new(), String::new(), String::new()]);
    for (mode, rate) in MODES.iter().zip(&rates) {
        let [of_off, _] = against(rate.median() / rates[0].median(), None);
        let [of_least, goal] = against(rate.median() / least, (*mode == "record").then_some(GOAL));
        row(&[(*mode).to_owned(), rate.to_string(), of_off, of_least, goal]);
    }
    Ok(())
}

/// How long the disk takes for a write and its sync, the middle one.
fn sync_latency(folder: &Path) -> Result<Duration, Failed> {
    let path = folder.join("probe");
    let mut file: File = OpenOptions::new().append(true).create(true).open(&path)?;
    let mut taken = Vec::new();
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&WRITTEN)?;
        file.sync_data()?;
        taken.push(began.elapsed());
    }
    std::fs::remove_file(path)?;
    taken.sort_unstable();
    Ok(taken[SYNCS / 2])
}
