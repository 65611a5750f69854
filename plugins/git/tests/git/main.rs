//! What the plugin does with real repositories and real answers, natively.
//! The system's git makes the repositories and serves them.

mod cloning;
mod hostile;
mod made;
mod pack;
mod reading;
mod refused;
mod server;
