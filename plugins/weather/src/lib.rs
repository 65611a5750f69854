//! The weather, from the Open-Meteo API.

mod api;
mod condition;
mod error;
mod fetch;
mod place;
mod report;
mod wire;

use bulkhead_sdk::prelude::*;

pub use api::{Api, Units};
pub use condition::condition;
pub use error::WeatherError;
pub use fetch::{Answer, Fetch};
pub use place::Place;
pub use report::{Current, DEFAULT_DAYS, Day, Forecast, MAX_DAYS, UnitNames, current, forecast};

#[derive(Deserialize, JsonSchema)]
struct Where {
    /// A town ("Seoul"), with its region where there are several ("Paris,
    /// Texas"), or "latitude,longitude".
    #[schemars(length(min = 1, max = 100))]
    location: String,
    /// Metric unless the operator configured otherwise.
    units: Option<Units>,
}

#[derive(Deserialize, JsonSchema)]
struct WhereAndHowLong {
    /// A town ("Seoul"), with its region where there are several ("Paris,
    /// Texas"), or "latitude,longitude".
    #[schemars(length(min = 1, max = 100))]
    location: String,
    /// How many days, today included; 7 if left out.
    #[schemars(range(min = 1, max = 16))]
    days: Option<u8>,
    /// Metric unless the operator configured otherwise.
    units: Option<Units>,
}

/// The weather of a place, now: temperature, condition in words, humidity,
/// rain and wind.
#[tool(name = "getCurrent", title = "Current weather", read_only, open_world)]
fn get_current(args: Where, ctx: &Context) -> Result<Json<Current>> {
    let api = api(ctx, args.units)?;
    current(&api, &wire::Wire, &args.location).map(Json).map_err(WeatherError::told)
}

/// The weather of a place in the days to come: highs, lows, condition in words,
/// rain, wind, sunrise and sunset.
#[tool(name = "getForecast", title = "Weather forecast", read_only, open_world)]
fn get_forecast(args: WhereAndHowLong, ctx: &Context) -> Result<Json<Forecast>> {
    let api = api(ctx, args.units)?;
    let days = args.days.unwrap_or(DEFAULT_DAYS);
    forecast(&api, &wire::Wire, &args.location, days).map(Json).map_err(WeatherError::told)
}

/// Where to ask: the public API unless the operator runs one of their own.
fn api(ctx: &Context, units: Option<Units>) -> Result<Api> {
    let config = ctx.config();
    let mut api = Api::default();
    if let Some(url) = config.get("geocodingUrl")? {
        api.geocoding_url = url.trim_end_matches('/').to_owned();
    }
    if let Some(url) = config.get("apiUrl")? {
        api.forecast_url = url.trim_end_matches('/').to_owned();
    }
    if let Some(language) = config.get("language")? {
        api.language = language;
    }
    api.units = match (units, config.get("units")?) {
        (Some(units), _) => units,
        (None, Some(name)) => Units::parse(&name).map_err(WeatherError::told)?,
        (None, None) => Units::default(),
    };
    Ok(api)
}

impl WeatherError {
    /// The error as a client is told.
    fn told(self) -> Error {
        let text = self.to_string();
        match self {
            Self::Invalid(_) => Error::Invalid(text),
            Self::UnknownPlace(_) => Error::NotFound(text),
            Self::Denied(_) => Error::Denied(text),
            _ => Error::Failed(text),
        }
    }
}

plugin! { tools: [get_current, get_forecast], std: stderr }

#[cfg(test)]
mod tests {
    use bulkhead_sdk::{http, testing};

    use super::*;

    const SEARCH: &str = include_str!("../tests/answers/search_berlin.json");
    const CURRENT: &str = include_str!("../tests/answers/current.json");

    #[test]
    fn the_operator_says_where_to_ask() {
        let none = Harness::new().context();
        assert_eq!(api(&none, None), Ok(Api::default()));
        let own = Harness::new()
            .config("apiUrl", "http://127.0.0.1:9/")
            .config("geocodingUrl", "http://127.0.0.1:8")
            .config("language", "de")
            .config("units", "imperial")
            .context();
        let expected = Api {
            geocoding_url: "http://127.0.0.1:8".to_owned(),
            forecast_url: "http://127.0.0.1:9".to_owned(),
            language: "de".to_owned(),
            units: Units::Imperial,
        };
        assert_eq!(api(&own, None), Ok(expected));
        assert!(matches!(api(&own, Some(Units::Metric)), Ok(api) if api.units == Units::Metric));
        let wrong = Harness::new().config("units", "furlongs").context();
        assert!(matches!(api(&wrong, None), Err(Error::Invalid(_))));
    }

    #[test]
    fn a_call_goes_over_the_network_to_an_answer() {
        let _upstream = testing::upstream(|request| {
            assert_eq!(request.method(), "GET");
            let place = request.url().starts_with("https://geocoding-api.open-meteo.com/v1/search?name=Berlin");
            Ok(http::Response::new(200, if place { SEARCH } else { CURRENT }))
        });
        let answer = Harness::new().tool::<get_current>(json!({"location": "Berlin"}));
        let structured = answer.ok().and_then(|answer| answer.structured).unwrap_or_default();
        assert!(structured.contains(r#""temperature":5.3,"condition":"slight rain""#), "{structured}");
    }

    #[test]
    fn what_is_not_granted_is_told() {
        let answer = Harness::new().tool::<get_current>(json!({"location": "Berlin"}));
        assert!(matches!(answer, Err(Error::Denied(text)) if text.contains("geocoding-api.open-meteo.com")));
    }
}
