//! Does with files what it is told, and says how each step went.

use std::{fs, io};

use bulkhead_sdk::prelude::*;

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Op {
    Read,
    Write,
    Append,
    Truncate,
    List,
    Stat,
    MakeFolder,
    Remove,
    Rename,
    HardLink,
    Symlink,
    ReadLink,
}

#[derive(Deserialize, JsonSchema)]
struct Step {
    op: Op,
    path: String,
    /// The other path, where an operation has two.
    to: Option<String>,
    /// What to write.
    text: Option<String>,
    /// How many bytes to write or to cut to.
    bytes: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
struct Steps {
    steps: Vec<Step>,
}

#[derive(Serialize, JsonSchema)]
struct Went {
    ok: bool,
    /// What was read, or why not.
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Report {
    steps: Vec<Went>,
}

/// Does these steps in order.
#[tool]
fn run(args: Steps) -> Json<Report> {
    let went = |step: &Step| match perform(step) {
        Ok(text) => Went { ok: true, text },
        Err(error) => Went { ok: false, text: format!("{:?}: {error}", error.kind()) },
    };
    Json(Report { steps: args.steps.iter().map(went).collect() })
}

fn perform(step: &Step) -> io::Result<String> {
    let path = step.path.as_str();
    let to = step.to.as_deref().unwrap_or_default();
    let done = |()| "done".to_owned();
    match step.op {
        Op::Read => fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        Op::Write => fs::write(path, body(step)).map(done),
        Op::Append => {
            use io::Write as _;
            let mut file = fs::OpenOptions::new().append(true).create(true).open(path)?;
            file.write_all(&body(step)).map(done)
        }
        Op::Truncate => fs::OpenOptions::new().write(true).open(path)?.set_len(step.bytes.unwrap_or(0)).map(done),
        Op::List => {
            let mut names = Vec::new();
            for entry in fs::read_dir(path)? {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            Ok(names.join("\n"))
        }
        Op::Stat => fs::metadata(path).map(|found| found.len().to_string()),
        Op::MakeFolder => fs::create_dir(path).map(done),
        Op::Remove => fs::remove_file(path).map(done),
        Op::Rename => fs::rename(path, to).map(done),
        Op::HardLink => fs::hard_link(path, to).map(done),
        Op::Symlink => symlink(path, to).map(done),
        Op::ReadLink => fs::read_link(path).map(|target| target.to_string_lossy().into_owned()),
    }
}

/// The standard library has no symbolic links here.
fn symlink(target: &str, at: &str) -> io::Result<()> {
    for (folder, mounted) in wasip2::filesystem::preopens::get_directories() {
        if let Some(inside) = at.strip_prefix(&mounted).and_then(|rest| rest.strip_prefix('/')) {
            return folder.symlink_at(target, inside).map_err(|code| io::Error::other(code.message()));
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

fn body(step: &Step) -> Vec<u8> {
    match step.bytes {
        Some(bytes) => vec![b'z'; usize::try_from(bytes).unwrap_or(0)],
        None => step.text.clone().unwrap_or_default().into_bytes(),
    }
}

plugin!(run);
