//! What there is to measure against: servers that do less.

mod bare;
mod echo;
mod native;

use clap::Subcommand;
use tokio::runtime::Runtime;

use crate::Failed;

pub use bare::Bare;

#[derive(Clone, Subcommand)]
pub enum Floor {
    /// HTTP and JSON alone: axum parses what it gets and writes it back.
    Echo { port: u16 },
    /// HTTP alone: the bytes of a file, whatever is asked.
    Static { port: u16, file: std::path::PathBuf },
    /// The official Rust SDK with tools of its own, in no sandbox, at its best settings.
    Native { port: u16 },
    /// The same over standard input and output.
    NativeStdio,
}

impl Floor {
    /// Serves until it is ended.
    pub fn serve(self) -> Result<(), Failed> {
        Runtime::new()?.block_on(async {
            match self {
                Self::Echo { port } => echo::serve(port, echo::parsed()).await,
                Self::Static { port, file } => echo::serve(port, echo::fixed(std::fs::read(file)?)).await,
                Self::Native { port } => native::http(port).await,
                Self::NativeStdio => native::stdio().await,
            }
        })
    }
}
