//! The smart protocol, version 2, over HTTP: what a server has, and a pack of it.

mod advertisement;
mod line;
mod listing;
mod pack;
mod remote;
mod transport;
mod wire;

pub(crate) use advertisement::Server;
pub(crate) use listing::Listing;
pub(crate) use pack::Wish;
pub use remote::Remote;
pub use transport::{Answer, Ask, Transport};
pub(crate) use wire::Wire;

use crate::error::{GitError, Result};

/// What the client calls itself. Servers tell git from browsers by it.
pub(crate) const AGENT: &str = "git/2.0-bulkhead";

/// Words of a server, short and in one line.
pub(crate) fn told(text: &[u8]) -> String {
    const MAX_TOLD: usize = 200;
    let text = String::from_utf8_lossy(text);
    let plain = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    plain.take(MAX_TOLD).collect::<String>().trim().to_owned()
}

fn odd(host: &str, what: &str) -> GitError {
    GitError::failed(format!("{host} does not speak git's smart protocol, version 2: {what}"))
}

/// Asks for what a status other than 200 means.
fn status(host: &str, status: u16) -> Result<()> {
    match status {
        200 => Ok(()),
        401 | 403 => Err(GitError::denied(format!(
            "{host} answered {status}: the repository is private or does not exist; the operator can configure a secret for {host}"
        ))),
        404 | 410 => Err(GitError::not_found(format!("{host} answered {status}: there is no such repository"))),
        _ => Err(GitError::failed(format!("{host} answered with status {status}"))),
    }
}
