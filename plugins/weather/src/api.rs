//! Where the API is, and what its answers have in common.

use bulkhead_sdk::serde::de::DeserializeOwned;
use bulkhead_sdk::{prelude::*, serde_json};

use crate::{
    error::WeatherError,
    fetch::{Answer, host},
};

/// Longest reason of the API that is passed on, in characters: the caller
/// reads it, and it comes from elsewhere.
const MAX_REASON_CHARS: usize = 200;

/// Which system of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Degrees Celsius, km/h, millimetres.
    #[default]
    Metric,
    /// Degrees Fahrenheit, miles an hour, inches.
    Imperial,
}

/// Where to ask, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    pub geocoding_url: String,
    pub forecast_url: String,
    /// Language of place names: an ISO 639-1 code.
    pub language: String,
    pub units: Units,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            geocoding_url: "https://geocoding-api.open-meteo.com".to_owned(),
            forecast_url: "https://api.open-meteo.com".to_owned(),
            language: "en".to_owned(),
            units: Units::Metric,
        }
    }
}

impl Units {
    /// The units' part of a query.
    pub(crate) fn query(self) -> &'static str {
        match self {
            Self::Metric => "",
            Self::Imperial => "&temperature_unit=fahrenheit&wind_speed_unit=mph&precipitation_unit=inch",
        }
    }

    /// The system called `name`.
    pub fn parse(name: &str) -> Result<Self, WeatherError> {
        match name {
            "metric" => Ok(Self::Metric),
            "imperial" => Ok(Self::Imperial),
            other => Err(WeatherError::Invalid(format!("units are metric or imperial, not {other}"))),
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    reason: String,
}

/// The `T` that `answer` holds.
pub(crate) fn parsed<T: DeserializeOwned>(url: &str, answer: Answer) -> Result<T, WeatherError> {
    if answer.status != 200 {
        return Err(match serde_json::from_slice::<Refusal>(&answer.body) {
            Ok(refusal) => WeatherError::Refused { host: host(url), reason: short(&refusal.reason) },
            Err(_) => WeatherError::Status { host: host(url), status: answer.status },
        });
    }
    serde_json::from_slice(&answer.body)
        .map_err(|error| WeatherError::BadAnswer { host: host(url), why: error.to_string() })
}

fn short(reason: &str) -> String {
    reason.chars().filter(|c| !c.is_control()).take(MAX_REASON_CHARS).collect()
}
