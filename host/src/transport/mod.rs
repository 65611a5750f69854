//! Bytes to messages and back: standard input and output, and HTTP.
//!
//! **Invariant:** every size, count and wait that a peer controls has its
//! limit here, next to the threat it answers. **Absent:** method names, and
//! any wording beyond what HTTP itself has a status for.

pub mod http;
pub mod service;
pub mod slots;
pub mod stdio;
pub mod tls;
