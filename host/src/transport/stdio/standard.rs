//! The process's own streams.
//!
//! Where they are pipes or sockets, as every client makes them that starts a
//! server, they are waited for like any connection: a thread between would
//! cost a small call a third of its time. Of anything else (a terminal, a file)
//! a thread reads and writes.

use std::{
    fs::{File, Metadata},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            fs::{FileTypeExt as _, MetadataExt as _},
            net::UnixStream as Blocking,
        },
    },
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{
        UnixStream,
        unix::pipe::{OpenOptions, Receiver, Sender},
    },
};
use tokio_util::either::Either;

/// A pipe is opened again: what is set on the one that was handed down (not to
/// block) would hold for whoever else holds it.
const INPUT: &str = "/proc/self/fd/0";
const OUTPUT: &str = "/proc/self/fd/1";

/// Standard input. Inside a runtime.
pub fn input() -> impl AsyncRead + Unpin + Send + 'static {
    match pipe_in() {
        Ok(pipe) => Either::Left(Either::Left(pipe)),
        Err(_) => match socket(&io::stdin()) {
            Ok(socket) => Either::Left(Either::Right(socket)),
            Err(why) => {
                tracing::debug!(%why, "a thread reads standard input");
                Either::Right(tokio::io::stdin())
            }
        },
    }
}

/// Standard output. Inside a runtime.
pub fn output() -> impl AsyncWrite + Unpin + Send + 'static {
    match pipe_out() {
        Ok(pipe) => Either::Left(Either::Left(pipe)),
        Err(_) => match socket(&io::stdout()) {
            Ok(socket) => Either::Left(Either::Right(socket)),
            Err(why) => {
                tracing::debug!(%why, "a thread writes standard output");
                Either::Right(tokio::io::stdout())
            }
        },
    }
}

fn pipe_in() -> io::Result<Receiver> {
    OpenOptions::new().open_receiver(INPUT)
}

fn pipe_out() -> io::Result<Sender> {
    OpenOptions::new().open_sender(OUTPUT)
}

/// The stream as a socket of its own. One that standard error goes to as well
/// stays as it is: a log line must not be lost because a client reads slowly.
fn socket(stream: &impl AsFd) -> io::Result<UnixStream> {
    let own = facts(stream)?;
    if !own.file_type().is_socket() {
        return Err(io::Error::other("it is neither a pipe nor a socket"));
    }
    let errors = facts(&io::stderr())?;
    if (errors.dev(), errors.ino()) == (own.dev(), own.ino()) {
        return Err(io::Error::other("standard error is the same socket"));
    }
    let socket = Blocking::from(handle(stream)?);
    socket.peer_addr()?;
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}

fn handle(stream: &impl AsFd) -> io::Result<OwnedFd> {
    stream.as_fd().try_clone_to_owned()
}

fn facts(stream: &impl AsFd) -> io::Result<Metadata> {
    File::from(handle(stream)?).metadata()
}
