//! Entries a second in each mode, beside what the disk takes to sync.
//!
//! `cargo run --release -p bulkhead-audit --example audit_bench [FOLDER]`

#![allow(clippy::print_stdout, reason = "an example speaks")]

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use bulkhead_audit::{Call, Cost, Counts, Detail, Intent, Keypair, Mode, Outcome, Record, Settings, verify};
use bulkhead_base::{CallId, Digest, Operation, OperationKind};
use tokio::{runtime::Runtime, task::JoinSet};

const MEASURED: Duration = Duration::from_secs(3);
const ARGUMENTS: &str = r#"{"latitude":46.948,"longitude":7.4474,"days":3,"units":"metric"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/bench-audit".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let sync = sync_latency(&folder.join("probe"))?;
    println!("one write of 1 KiB and fdatasync: {sync:?} ({:.0}/s)", 1.0 / sync.as_secs_f64());
    println!(
        "{:>8} {:>12} {:>12} {:>12} {:>14} {:>12}",
        "mode", "connections", "entries/s", "calls/s", "entries/write", "MiB/s"
    );
    let runtime = Runtime::new()?;
    for mode in [Mode::Record, Mode::Batch] {
        for connections in [1, 8, 32, 256] {
            measure(&runtime, folder, mode, connections)?;
        }
    }
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// The median of a write that grows a file, and its sync.
fn sync_latency(path: &Path) -> Result<Duration, Box<dyn Error>> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let mut taken = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        file.write_all(&[b'x'; 1024])?;
        file.sync_data()?;
        taken.push(begun.elapsed());
    }
    taken.sort();
    Ok(taken[taken.len() / 2])
}

fn measure(runtime: &Runtime, folder: &Path, mode: Mode, connections: usize) -> Result<(), Box<dyn Error>> {
    let home = folder.join(format!("{mode:?}-{connections}"));
    let signer = Keypair::generate()?;
    let key = signer.public().clone();
    let mut settings = Settings::new(&home, "bench.example.com/audit".parse()?);
    settings.mode = mode;
    let record = Arc::new(Record::open(settings, signer)?);
    let begun = Instant::now();
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            tasks.spawn(calls(record.clone(), begun + MEASURED));
        }
        while let Some(done) = tasks.join_next().await {
            done?.map_err(|error| error.to_string())?;
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let Counts { entries, writes, bytes } = record.counts();
    let seconds = begun.elapsed().as_secs_f64();
    drop(record);
    let [entries_f, writes_f, bytes_f] = [entries, writes, bytes]
        .map(|count| u32::try_from(count >> 4).map_or(f64::MAX, |count| f64::from(count) * 16.0));
    println!(
        "{:>8} {connections:>12} {:>12.0} {:>12.0} {:>14.1} {:>12.1}",
        format!("{mode:?}").to_lowercase(),
        entries_f / seconds,
        entries_f / 2.0 / seconds,
        entries_f / writes_f.max(1.0),
        bytes_f / f64::from(1 << 20) / seconds,
    );
    let begun = Instant::now();
    let report = verify(&home, &key, &[])?;
    println!("{:>8} {report}: verified in {:?}", "", begun.elapsed());
    Ok(())
}

/// One connection: call after call, each an intent and an outcome.
async fn calls(record: Arc<Record>, until: Instant) -> Result<(), Box<dyn Error + Send + Sync>> {
    let detail = Detail::default();
    let digest = Digest::of(b"plugin");
    let operation =
        Operation { kind: OperationKind::CallTool, plugin: "weather".parse()?, item: "weather.forecast".into() };
    while Instant::now() < until {
        let id = CallId::fresh()?;
        let call =
            Call { id, principal: "alice", operation: &operation, digest: Some(&digest), contract: Some(&digest) };
        record.append(Intent { call, arguments: ARGUMENTS }.entry(SystemTime::now(), &detail)).await?;
        let outcome = Outcome {
            call,
            outcome: "ok",
            reason: None,
            result: Some(ARGUMENTS),
            flagged: &[],
            screen: "flag",
            cost: Cost::default(),
        };
        record.append(outcome.entry(SystemTime::now(), &detail)).await?;
        // A connection of its own waits for its client; this one lets others run.
        tokio::task::yield_now().await;
    }
    Ok(())
}
