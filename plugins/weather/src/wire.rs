//! The real network.

use std::time::Duration;

use bulkhead_sdk::{Error, http};

use crate::{
    error::WeatherError,
    fetch::{Answer, Fetch, host},
};

/// How long the API may keep silent.
const SILENCE: Duration = Duration::from_secs(10);

/// Largest answer that is taken: a full forecast has some kilobytes.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Over `wasi:http`.
pub(crate) struct Wire;

impl Fetch for Wire {
    fn get(&self, url: &str) -> Result<Answer, WeatherError> {
        let request = http::get(url).header("accept", "application/json").timeout(SILENCE).max_bytes(MAX_ANSWER_BYTES);
        match request.send() {
            Ok(response) => Ok(Answer { status: response.status(), body: response.bytes().to_vec() }),
            Err(Error::Denied(_)) => Err(WeatherError::Denied(host(url))),
            Err(error) => Err(WeatherError::Unreachable { host: host(url), why: error.to_string() }),
        }
    }
}
