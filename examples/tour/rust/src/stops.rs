//! Resources.

use bulkhead_sdk::prelude::*;

const STOPS: u32 = 5;

/// How long the tour is.
#[resource("tour://facts", mime_type = "text/plain")]
pub fn facts() -> &'static str {
    "The tour has five stops."
}

#[derive(Deserialize)]
pub struct At {
    pub n: String,
}

/// One stop of the tour.
#[template("tour://stops/{n}", mime_type = "text/plain")]
pub fn stop(at: At) -> Result<String> {
    match at.n.parse() {
        Ok(n @ 1..=STOPS) => Ok(format!("Stop {n} of {STOPS}.")),
        _ => Err(Error::not_found(format!("there is no stop {}: they are 1 to {STOPS}", at.n))),
    }
}
