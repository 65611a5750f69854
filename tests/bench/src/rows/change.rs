//! From a save to the answer of what was saved.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    Args, Failed,
    floor::Bare,
    house::{Built, House, KEY},
    load::{Question, answer},
    server::Server,
    table::{Figure, Goal, heading, row},
};

/// Milliseconds: a saved component above what its compilation takes, and a saved source.
const SAVED: Goal = Goal::AtMost(50.0);
const BUILT: Goal = Goal::AtMost(1500.0);

/// How long a change may take at all.
const PATIENCE: Duration = Duration::from_secs(300);

/// Between two questions whether it is there yet.
const LOOK: Duration = Duration::from_millis(2);

/// Before a save: whoever saves does so in a quiet moment.
const REST: Duration = Duration::from_millis(500);

pub fn measure(args: &Args) -> Result<(), Failed> {
    heading(
        "From a save to the answer of what was saved, ms",
        &["saved", "took", "compilation alone", "above", "goal"],
    );
    component(args)?;
    source(args)
}

/// A newer version of a plugin file, renamed into place.
fn component(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let house = House::new(args, &built, &["add".to_owned()], "", ", update: compatible")?;
    let bare = Bare::new(built.component())?;
    let server = Server::bulkhead(&args.bulkhead, house.path())?;
    let (mut took, mut compiling) = (Figure::default(), Figure::default());
    for round in 0..=args.rounds as u64 {
        let file = built.later("add", round + 1, house.key())?;
        // Signed later than it was saved is nothing that counts.
        let expect = format!("\"version\":\"{}\"", built.version(round + 1));
        let beside = house.file("add.part");
        fs::write(&beside, &file)?;
        thread::sleep(REST);
        let saved = Instant::now();
        fs::rename(&beside, house.file("add.wasm"))?;
        let seen = until(&server, &Question::list(&expect).with_key(KEY), saved)?;
        let alone = bare.compiling(built.component())?;
        // The first finds nothing in any cache.
        if round > 0 {
            took.take(seen.as_secs_f64() * 1e3);
            compiling.take(alone.as_secs_f64() * 1e3);
        }
    }
    let above = took.median() - compiling.median();
    row(&[built.told(), took.to_string(), compiling.to_string(), format!("{above:.0}"), SAVED.told(above)]);
    Ok(())
}

/// A source of the calculator, while `dev` watches it.
fn source(args: &Args) -> Result<(), Failed> {
    let workshop = Workshop::new(args)?;
    let server = Server::start(workshop.dev(&args.bulkhead)?)?;
    let text = fs::read_to_string(workshop.source())?;
    let mut took = Figure::default();
    until(&server, &Question::call("calc_evaluate", &json!({"expression": "6*7"}), "42"), Instant::now())?;
    for round in 0..=args.rounds {
        let told = format!("Calculates, the {round}th");
        thread::sleep(REST);
        let saved = Instant::now();
        fs::write(workshop.source(), text.replace(TITLE, &format!("title = \"{told}\"")))?;
        let seen = until(&server, &Question::list(&told), saved)?;
        if round > 0 {
            took.take(seen.as_secs_f64() * 1e3);
        }
    }
    let goal = BUILT.told(took.median());
    row(&["source of calc, under dev".into(), took.to_string(), String::new(), String::new(), goal]);
    Ok(())
}

/// How long after `since` the question has its answer.
fn until(server: &Server, question: &Question, since: Instant) -> Result<Duration, Failed> {
    loop {
        match answer(server.address, question) {
            Ok(_) => return Ok(since.elapsed()),
            Err(error) if since.elapsed() > PATIENCE => return Err(error),
            Err(_) => thread::sleep(LOOK),
        }
    }
}

/// What is changed in the source.
const TITLE: &str = "title = \"Calculate\"";

/// What the calculator depends on, in the versions of the workspace.
fn needs() -> String {
    let all = include_str!("../../../../Cargo.toml").lines();
    all.filter(|line| line.starts_with("dashu-") || line.starts_with("thiserror ")).collect::<Vec<_>>().join("\n")
}

/// The calculator's source in a folder of its own, as `bulkhead new` makes one.
struct Workshop(TempDir);

impl Workshop {
    fn new(args: &Args) -> Result<Self, Failed> {
        let workshop = Self(TempDir::new_in(&args.folder)?);
        let mut new = Command::new(args.bulkhead.canonicalize()?);
        let made = new.args(["new", "calc"]).current_dir(workshop.0.path()).stdin(Stdio::null()).output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into());
        }
        let ours = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/calc"));
        let folder = workshop.folder();
        fs::remove_dir_all(folder.join("src"))?;
        fs::create_dir(folder.join("src"))?;
        for file in fs::read_dir(ours.join("src"))? {
            let file = file?;
            fs::copy(file.path(), folder.join("src").join(file.file_name()))?;
        }
        let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
        let needs = format!("[dependencies]\n{}\n", needs());
        fs::write(folder.join("Cargo.toml"), manifest.replace("[dependencies]\n", &needs))?;
        Ok(workshop)
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("calc")
    }

    fn source(&self) -> PathBuf {
        self.folder().join("src/lib.rs")
    }

    fn dev(&self, bulkhead: &Path) -> Result<Command, Failed> {
        let mut dev = Command::new(bulkhead.canonicalize()?);
        dev.args(["dev", "calc", "--yes", "--listen", "127.0.0.1:0"]).current_dir(self.0.path());
        Ok(dev)
    }
}
