//! The one way out: every connection that leaves the process is made here.
//!
//! A name is resolved once, every address it has is classified, and exactly an
//! address that was classified is dialled. There is no second look-up between
//! the check and the connection, so a name that changes its answers gains
//! nothing.
//!
//! **Invariant:** no socket is connected without [`Reach`] having admitted its
//! address. A name with one refused address among its answers is refused
//! whole: whoever mixes a public with a loopback address is not trusted for the
//! public one either.
//!
//! Absent on purpose: proxies (`HTTP_PROXY` and its kin are never read),
//! connection reuse, and any way to skip certificate checks.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod address;
mod dialler;
mod error;
pub mod fetch;
mod resolve;
mod roots;
#[cfg(test)]
mod testing;

pub use address::{AddressClass, Reach, classify};
pub use dialler::{Dialler, Duplex, Stream};
pub use error::DialError;
pub use resolve::host_of;
pub use roots::{Roots, RootsError};
pub use rustls::pki_types::CertificateDer;
