//! What is measured, a file for each heading.

mod change;
mod crowd;
mod first;
mod growth;
mod http;
mod list;
mod record;
mod sandbox;
mod settings;
mod start;
mod stdio;

use std::time::Duration;

use clap::ValueEnum;

use crate::{
    Args, Failed,
    load::{Question, load},
    server::Server,
};

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Row {
    /// `tools/call` over HTTP, and the processor time of each.
    Http,
    /// One caller over standard input and output.
    Stdio,
    /// An instance and a call inside the sandbox, beside wasmtime alone.
    Sandbox,
    /// What each setting of the engine is worth.
    Settings,
    /// `tools/list` of 200 tools.
    List,
    /// What the record costs, beside what the disk allows.
    Record,
    /// More callers than there is room for, and neighbours that never end.
    Crowd,
    /// What a call costs among more plugins, tools and streams, and with more bytes.
    Growth,
    /// From the start to the first answer, and memory, with 1, 50 and 1,000 plugins.
    Start,
    /// The first call of a plugin whose compiled code is kept.
    First,
    /// From the save of a file, or of a source, to the answer of what was saved.
    Change,
}

const ALL: [Row; 11] = [
    Row::Http,
    Row::Record,
    Row::Sandbox,
    Row::Settings,
    Row::Stdio,
    Row::Crowd,
    Row::Growth,
    Row::List,
    Row::Start,
    Row::First,
    Row::Change,
];

/// Measures what is asked for, and prints it as Markdown.
pub fn measure(args: &Args) -> Result<(), Failed> {
    let rows = if args.rows.is_empty() { &ALL[..] } else { &args.rows };
    println!("Medians of {} rounds (least–most), {} ms each, in turns.", args.rounds, args.millis);
    for row in rows {
        match row {
            Row::Http => http::measure(args)?,
            Row::Stdio => stdio::measure(args)?,
            Row::Sandbox => sandbox::measure(args)?,
            Row::Settings => settings::measure(args)?,
            Row::Record => record::measure(args)?,
            Row::Crowd => crowd::measure(args)?,
            Row::Growth => growth::measure(args)?,
            Row::List => list::measure(args)?,
            Row::Start => start::measure(args)?,
            Row::First => first::measure(args)?,
            Row::Change => change::measure(args)?,
        }
    }
    Ok(())
}

fn time(args: &Args) -> Duration {
    Duration::from_millis(args.millis)
}

/// Answers a second, and what each costs the server's processors, in microseconds.
fn priced(args: &Args, server: &Server, question: &Question, connections: usize) -> Result<(f64, f64), Failed> {
    let before = server.cpu()?;
    let seen = load(server.address, question, connections, time(args))?.sound()?;
    // The warm-up is in the time and not among the answers.
    let spent = (server.cpu()? - before).as_secs_f64() / 1.2;
    Ok((seen.rate(), spent * 1e6 / seen.latencies.len() as f64))
}
