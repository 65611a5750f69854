//! What there is to measure against: servers that do less.

mod bare;
mod echo;
mod native;

use std::{fs, path::PathBuf, time::Duration};

use clap::Subcommand;
use tokio::runtime::Runtime;

use crate::Failed;

pub use bare::{ARGUMENTS, Bare, Departure, spent_by};

#[derive(Clone, Subcommand)]
pub enum Floor {
    /// HTTP and JSON alone: axum parses what it gets and writes it back.
    Echo { port: u16 },
    /// HTTP, and a frame that is read without copying: axum and borrowed serde.
    Thin { port: u16 },
    /// HTTP alone: the bytes of a file, whatever is asked.
    Static { port: u16, file: PathBuf },
    /// The official Rust SDK with tools of its own, in no sandbox, at its best settings.
    Native { port: u16 },
    /// The same over standard input and output.
    NativeStdio,
    /// wasmtime alone, on one thread: prints what a fresh instance and a call cost, in nanoseconds.
    Alone { component: PathBuf, millis: u64 },
}

impl Floor {
    /// Serves until it is ended; alone, ends of itself.
    pub fn run(self) -> Result<(), Failed> {
        match self {
            Self::Echo { port } => on_a_runtime(echo::serve(port, echo::parsed())),
            Self::Thin { port } => on_a_runtime(echo::serve(port, echo::thin())),
            Self::Static { port, file } => on_a_runtime(echo::serve(port, echo::fixed(fs::read(file)?))),
            Self::Native { port } => on_a_runtime(native::http(port)),
            Self::NativeStdio => on_a_runtime(native::stdio()),
            Self::Alone { component, millis } => {
                let cost = Bare::new(&fs::read(component)?)?.cost(1, Duration::from_millis(millis))?;
                println!("{cost}");
                Ok(())
            }
        }
    }
}

fn on_a_runtime(served: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    Runtime::new()?.block_on(served)
}
