//! Building in a process of its own, for a server that has given up starting
//! programs.
//!
//! **Invariant:** that process builds the folders that it was started with,
//! asked for by their number, and starts the inspector once if it was started
//! for that; it runs nothing else. Whoever takes over the process that asks
//! cannot have it run another program.

mod builder;
mod work;

use std::{
    io::{self, BufRead, Read as _, Write},
    net::SocketAddr,
};

use semver::Version;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use builder::Builder;
pub use work::work;

/// Longest line between the two: a contract and what a compiler complains of
/// are shorter. Answers "the other end went mad".
const MAX_LINE_BYTES: u64 = 8 << 20;

/// What is asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Order {
    /// The folder of this number.
    Build(usize),
    /// The inspector, for the endpoint at this address.
    Inspect(SocketAddr),
}

/// What is answered: any number of steps, then how it ended.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Word {
    Compiling(String),
    Describing,
    /// The component follows, of that many bytes.
    Made {
        component: usize,
        version: Option<Version>,
        description: Option<String>,
        contract: String,
    },
    Started,
    Failed(String),
}

fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, message)?;
    to.write_all(b"\n")?;
    to.flush()
}

/// The next message; `None` at the end.
fn receive<M: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<M>> {
    let mut line = Vec::new();
    if from.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}
