//! One command, one table: Bulkhead beside what there is to measure it against,
//! in the same run, in turns.
//!
//! `cargo build --release && cargo run --release --manifest-path tests/bench/Cargo.toml -- [ROWS…]`
//!
//! **Invariant:** a figure is a ratio of two that were taken in turns, or it is
//! printed without one. What is missing fails; nothing is left out in silence.

mod floor;
mod house;
mod load;
mod pipe;
mod rows;
mod server;
mod table;

use std::{error::Error, path::PathBuf};

use clap::Parser;

/// Why there is no figure.
type Failed = Box<dyn Error + Send + Sync>;

/// Measures Bulkhead beside its floors.
#[derive(Parser)]
struct Args {
    /// What to measure; everything, if nothing is named.
    #[arg(value_enum)]
    rows: Vec<rows::Row>,
    /// How often each pair is measured, in turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each measurement takes, in milliseconds, after a fifth of it to warm up.
    #[arg(long, default_value_t = 3000)]
    millis: u64,
    /// The server that is measured.
    #[arg(long, default_value = "target/release/bulkhead")]
    bulkhead: PathBuf,
    /// Where servers have their folders: not on tmpfs, where a sync costs nothing.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Runs one of the floors instead: what the measurement starts.
    #[command(subcommand)]
    floor: Option<floor::Floor>,
}

fn main() -> Result<(), Failed> {
    let args = Args::parse();
    match args.floor {
        Some(floor) => floor.run(),
        None => rows::measure(&args),
    }
}
