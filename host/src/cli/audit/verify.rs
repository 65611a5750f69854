use std::{
    fs,
    path::{Path, PathBuf},
};

use bulkhead_audit::{AuditError, Checkpoint, PublicKey, Report, verify};
use serde_json::{Value, json};

use super::{Place, no_record, unread};
use crate::cli::{
    exit::{Exit, Failure},
    terminal::{Terminal, Tone},
};

/// Largest file of checkpoints: 30 years of one a minute take more. Answers
/// "the file is a device".
const MOST_BYTES: u64 = 256 << 20;
/// How copies of checkpoints are called in a folder of them.
const COPY: &str = "checkpoint";

/// Says whether the record is what was written, and up to where.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The record's public key: a PEM file, or SPKI in base64. Default: the file beside audit.keyFile.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A checkpoint kept elsewhere, a file of them, or a folder. Default: what audit.checkpointTo names.
    #[arg(long, value_name = "CHECKPOINT", num_args = 1..)]
    pub against: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, place: &Place, terminal: &Terminal) -> Result<(), Failure> {
    let key = key(args, place)?;
    let against = checkpoints(args, place, &key)?;
    let mut left = against.clone();
    let mut reports = Vec::new();
    for folder in place.folders()? {
        match one(&folder, &key, &against) {
            Ok(report) => {
                left.retain(|checkpoint| report.name.as_ref() != Some(checkpoint.name()));
                reports.push((folder, report));
            }
            // One of several servers that has never written.
            Err(AuditError::NoRecord { .. }) => {}
            Err(error) => return Err(unread(error)),
        }
    }
    if reports.is_empty() && left.is_empty() {
        return Err(no_record(place.folders()?.first().map_or(Path::new(""), PathBuf::as_path)));
    }
    tell(&reports, &left, terminal)?;
    let broken = reports.iter().any(|(_, report)| report.finding.is_some()) || !left.is_empty();
    if broken { Err(Failure::new(Exit::RECORD, "the record does not hold")) } else { Ok(()) }
}

/// Compares one folder with those checkpoints that are of its record.
fn one(folder: &Path, key: &PublicKey, against: &[Checkpoint]) -> Result<Report, AuditError> {
    let report = verify(folder, key, &[])?;
    let own: Vec<Checkpoint> =
        against.iter().filter(|checkpoint| Some(checkpoint.name()) == report.name.as_ref()).cloned().collect();
    if own.is_empty() || report.finding.is_some() { Ok(report) } else { verify(folder, key, &own) }
}

fn tell(reports: &[(PathBuf, Report)], left: &[Checkpoint], terminal: &Terminal) -> Result<(), Failure> {
    if terminal.json {
        let records: Vec<Value> = reports.iter().map(|(folder, report)| as_json(folder, report)).collect();
        let missing: Vec<&str> = left.iter().map(|checkpoint| checkpoint.name().as_str()).collect();
        let holds = left.is_empty() && reports.iter().all(|(_, report)| report.finding.is_none());
        return Ok(terminal.print(&json!({"holds": holds, "records": records, "missing": missing}).to_string())?);
    }
    for (folder, report) in reports {
        let tone = if report.finding.is_none() { Tone::Good } else { Tone::Bad };
        terminal.print(&format!("{}: {report}", folder.display()))?;
        if report.too_old > 0 {
            let told = "a checkpoint is older than what is kept: whether that was deleted in time, it cannot say";
            terminal.say(&terminal.paint(Tone::Warning, told));
        }
        if let Some(checkpoint) = report.checkpoint.as_ref().filter(|_| report.finding.is_none()) {
            terminal.say(&terminal.paint(tone, "keep this checkpoint elsewhere, to see a tail that is cut off later:"));
            terminal.say(&checkpoint.to_string());
        }
    }
    for checkpoint in left {
        terminal.print(&format!("{}: a checkpoint was kept, and there is no such record", checkpoint.name()))?;
    }
    Ok(())
}

fn as_json(folder: &Path, report: &Report) -> Value {
    let finding = report.finding.as_ref().map(|finding| {
        json!({
            "record": finding.sequence,
            "file": finding.segment(),
            "line": finding.line(),
            "text": finding.to_string(),
        })
    });
    json!({
        "folder": folder.display().to_string(),
        "name": report.name.as_ref().map(|name| name.as_str()),
        "holds": report.finding.is_none(),
        "first": report.first,
        "vouched": report.vouched,
        "segments": report.segments,
        "tooOld": report.too_old,
        "finding": finding,
        "checkpoint": report.checkpoint.as_ref().map(ToString::to_string),
    })
}

fn key(args: &Args, place: &Place) -> Result<PublicKey, Failure> {
    let file = match &args.key {
        Some(key) if !Path::new(key).exists() => {
            return PublicKey::parse(key)
                .map_err(|error| Failure::new(Exit::USAGE, format!("--key: {error}; and there is no such file")));
        }
        Some(key) => PathBuf::from(key),
        None => place.config()?.audit.public_key(),
    };
    let text = read(&file)?;
    PublicKey::parse(&text).map_err(|error| Failure::new(Exit::USAGE, format!("{}: {error}", file.display())))
}

fn checkpoints(args: &Args, place: &Place, key: &PublicKey) -> Result<Vec<Checkpoint>, Failure> {
    let mut paths = args.against.clone();
    if paths.is_empty() && place.dir.is_none() {
        paths.extend(place.config()?.audit.checkpoint_to.filter(|to| to.exists()));
    }
    let mut found = Vec::new();
    for path in paths {
        for file in files(&path)? {
            let read = Checkpoint::parse_all(&read(&file)?, key);
            found.extend(read.map_err(|error| Failure::new(Exit::RECORD, format!("{}: {error}", file.display())))?);
        }
    }
    Ok(found)
}

/// A file, or the copies in a folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == COPY));
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<String, Failure> {
    use std::io::Read as _;
    let failed = |error: std::io::Error| Failure::new(Exit::FAILED, format!("{}: {error}", file.display()));
    let mut text = Vec::new();
    fs::File::open(file).map_err(failed)?.take(MOST_BYTES).read_to_end(&mut text).map_err(failed)?;
    // What a crash cut off may end in the middle of a letter.
    Ok(String::from_utf8_lossy(&text).into_owned())
}
