//! The end that asks.

use std::{
    io::{self, BufReader, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use bulkhead_package::MAX_FILE_BYTES;

use super::{
    super::{BuildError, Built, Made, Signer, Source, Step, describe::own_program, pack},
    Order, Word, receive, send,
};

/// A process that builds, started before this one gave up starting any.
#[derive(Debug)]
pub struct Builder {
    sources: Vec<PathBuf>,
    pipes: Mutex<Pipes>,
}

#[derive(Debug)]
struct Pipes {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Builder {
    /// Starts it, for the sources in these folders and maybe for the inspector.
    /// It ends when this is dropped.
    ///
    /// # Errors
    /// This program cannot start itself.
    #[expect(clippy::disallowed_methods, reason = "what starts compilers is to be another process than what serves")]
    pub fn start(sources: Vec<PathBuf>, inspects: bool) -> io::Result<Self> {
        let mut child = Command::new(own_program()?)
            .arg("builder")
            .args(inspects.then_some("--inspect"))
            .arg("--")
            .args(&sources)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the child has no pipes"));
        };
        let answers = BufReader::new(answers);
        Ok(Self { sources, pipes: Mutex::new(Pipes { orders, answers }) })
    }

    /// Builds a source there; packs and signs it here. Blocks for as long as
    /// the toolchain takes.
    ///
    /// # Errors
    /// What is missing or wrong, with the next step.
    pub fn build(
        &self,
        source: &Source,
        signer: Option<Signer<'_>>,
        progress: &mut dyn FnMut(Step),
    ) -> Result<Built, BuildError> {
        let made = self.made(source.dir(), progress)?;
        progress(Step::Packing);
        pack(made, source.plugin(), signer)
    }

    /// Opens the inspector for the endpoint at `address`.
    ///
    /// # Errors
    /// It does not start, with the reason.
    pub fn inspect(&self, address: SocketAddr) -> Result<(), BuildError> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        match pipes.ask(&Order::Inspect(address))? {
            Word::Started => Ok(()),
            Word::Failed(why) => Err(BuildError::Apart(why)),
            word => Err(unexpected(&word)),
        }
    }

    fn made(&self, dir: &Path, progress: &mut dyn FnMut(Step)) -> Result<Made, BuildError> {
        let number = self.sources.iter().position(|source| source == dir);
        let number = number.ok_or_else(|| BuildError::NoSource(dir.to_owned()))?;
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut word = pipes.ask(&Order::Build(number))?;
        loop {
            match word {
                Word::Compiling(line) => progress(Step::Compiling(line)),
                Word::Describing => progress(Step::Describing),
                Word::Made { component, version, description, contract } => {
                    let component = pipes.bytes(component)?;
                    return Ok(Made { component, version, description, contract });
                }
                Word::Failed(why) => return Err(BuildError::Apart(why)),
                Word::Started => return Err(unexpected(&word)),
            }
            word = pipes.hear()?;
        }
    }
}

impl Pipes {
    fn ask(&mut self, order: &Order) -> Result<Word, BuildError> {
        send(&mut self.orders, order).map_err(|_| gone())?;
        self.hear()
    }

    fn hear(&mut self) -> Result<Word, BuildError> {
        receive(&mut self.answers).ok().flatten().ok_or_else(gone)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, BuildError> {
        if length > MAX_FILE_BYTES {
            return Err(BuildError::Apart(format!("the component is larger than {MAX_FILE_BYTES} bytes")));
        }
        let mut bytes = vec![0; length];
        self.answers.read_exact(&mut bytes).map_err(|_| gone())?;
        Ok(bytes)
    }
}

fn gone() -> BuildError {
    BuildError::Apart("the process that builds has ended; start `bulkhead dev` again".to_owned())
}

fn unexpected(word: &Word) -> BuildError {
    BuildError::Apart(format!("the process that builds says something else than expected: {word:?}"))
}
