//! The weather of a place, now and in the days to come.

use bulkhead_sdk::prelude::*;

use crate::{
    api::{Api, parsed},
    condition::condition,
    error::WeatherError,
    fetch::{Fetch, host},
    place::{self, Place},
};

/// Most days that the API foretells.
pub const MAX_DAYS: u8 = 16;

/// Days of a forecast that does not say how many.
pub const DEFAULT_DAYS: u8 = 7;

const CURRENT: &str = "temperature_2m,relative_humidity_2m,apparent_temperature,is_day,precipitation,weather_code,\
                       wind_speed_10m,wind_direction_10m";
const DAILY: &str = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,\
                     precipitation_probability_max,wind_speed_10m_max,sunrise,sunset";

/// The weather of a place, now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Current {
    /// Where.
    pub location: Place,
    /// Air temperature, two metres above the ground.
    pub temperature: f64,
    /// The sky and what falls from it, in words.
    pub condition: String,
    /// What the temperature feels like.
    pub feels_like: f64,
    /// Relative humidity, in percent.
    pub humidity: f64,
    /// Rain, showers and snow of the last interval.
    pub precipitation: f64,
    pub wind_speed: f64,
    /// Where the wind comes from, in degrees.
    pub wind_direction: f64,
    pub is_day: bool,
    /// Local time of the place, ISO 8601.
    pub observed_at: String,
    /// The place's time zone.
    pub timezone: String,
    pub units: UnitNames,
}

/// The weather of a place in the days to come.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// Where.
    pub location: Place,
    /// Today first.
    pub days: Vec<Day>,
    /// The place's time zone.
    pub timezone: String,
    pub units: UnitNames,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// ISO 8601.
    pub date: String,
    /// The worst of the day, in words.
    pub condition: String,
    pub high: Option<f64>,
    pub low: Option<f64>,
    pub precipitation: Option<f64>,
    /// In percent.
    pub precipitation_probability: Option<f64>,
    pub wind_speed: Option<f64>,
    pub sunrise: Option<String>,
    pub sunset: Option<String>,
}

/// What the numbers are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitNames {
    pub temperature: String,
    pub precipitation: String,
    pub wind_speed: String,
}

#[derive(Deserialize)]
struct CurrentAnswer {
    timezone: String,
    current_units: CurrentUnits,
    current: CurrentValues,
}

#[derive(Deserialize)]
struct CurrentUnits {
    temperature_2m: String,
    precipitation: String,
    wind_speed_10m: String,
}

#[derive(Deserialize)]
struct CurrentValues {
    time: String,
    temperature_2m: f64,
    relative_humidity_2m: f64,
    apparent_temperature: f64,
    is_day: u8,
    precipitation: f64,
    weather_code: u16,
    wind_speed_10m: f64,
    wind_direction_10m: f64,
}

#[derive(Deserialize)]
struct DailyAnswer {
    timezone: String,
    daily_units: DailyUnits,
    daily: DailyValues,
}

#[derive(Deserialize)]
struct DailyUnits {
    temperature_2m_max: String,
    precipitation_sum: String,
    wind_speed_10m_max: String,
}

/// One column a quantity, one row a day. The far end may be unknown.
#[derive(Deserialize)]
struct DailyValues {
    time: Vec<String>,
    weather_code: Vec<Option<u16>>,
    temperature_2m_max: Vec<Option<f64>>,
    temperature_2m_min: Vec<Option<f64>>,
    precipitation_sum: Vec<Option<f64>>,
    precipitation_probability_max: Vec<Option<f64>>,
    wind_speed_10m_max: Vec<Option<f64>>,
    sunrise: Vec<Option<String>>,
    sunset: Vec<Option<String>>,
}

/// The weather of `location`, now.
///
/// # Errors
/// The place is unknown, or the API cannot be reached or does not answer as it
/// should.
pub fn current(api: &Api, fetch: &dyn Fetch, location: &str) -> Result<Current, WeatherError> {
    let place = place::find(api, fetch, location)?;
    let url = forecast_url(api, &place, &format!("current={CURRENT}"));
    let answer: CurrentAnswer = parsed(&url, fetch.get(&url)?)?;
    let (values, units) = (answer.current, answer.current_units);
    Ok(Current {
        location: place,
        temperature: values.temperature_2m,
        condition: condition(values.weather_code).to_owned(),
        feels_like: values.apparent_temperature,
        humidity: values.relative_humidity_2m,
        precipitation: values.precipitation,
        wind_speed: values.wind_speed_10m,
        wind_direction: values.wind_direction_10m,
        is_day: values.is_day == 1,
        observed_at: values.time,
        timezone: answer.timezone,
        units: UnitNames {
            temperature: units.temperature_2m,
            precipitation: units.precipitation,
            wind_speed: units.wind_speed_10m,
        },
    })
}

/// The weather of `location` in the next `days` days.
///
/// # Errors
/// As [`current`].
pub fn forecast(api: &Api, fetch: &dyn Fetch, location: &str, days: u8) -> Result<Forecast, WeatherError> {
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(WeatherError::Invalid(format!("a forecast has 1 to {MAX_DAYS} days, not {days}")));
    }
    let place = place::find(api, fetch, location)?;
    let url = forecast_url(api, &place, &format!("daily={DAILY}&forecast_days={days}"));
    let answer: DailyAnswer = parsed(&url, fetch.get(&url)?)?;
    let units = answer.daily_units;
    let days = answer
        .daily
        .rows()
        .ok_or_else(|| WeatherError::BadAnswer { host: host(&url), why: "its columns differ in length".to_owned() })?;
    Ok(Forecast {
        location: place,
        days,
        timezone: answer.timezone,
        units: UnitNames {
            temperature: units.temperature_2m_max,
            precipitation: units.precipitation_sum,
            wind_speed: units.wind_speed_10m_max,
        },
    })
}

fn forecast_url(api: &Api, place: &Place, what: &str) -> String {
    let (latitude, longitude, units) = (place.latitude, place.longitude, api.units.query());
    format!("{}/v1/forecast?latitude={latitude}&longitude={longitude}&{what}&timezone=auto{units}", api.forecast_url)
}

impl DailyValues {
    fn rows(self) -> Option<Vec<Day>> {
        let row = |(at, date): (usize, &String)| {
            Some(Day {
                date: date.clone(),
                condition: self.weather_code.get(at)?.map_or("unknown", condition).to_owned(),
                high: *self.temperature_2m_max.get(at)?,
                low: *self.temperature_2m_min.get(at)?,
                precipitation: *self.precipitation_sum.get(at)?,
                precipitation_probability: *self.precipitation_probability_max.get(at)?,
                wind_speed: *self.wind_speed_10m_max.get(at)?,
                sunrise: self.sunrise.get(at)?.clone(),
                sunset: self.sunset.get(at)?.clone(),
            })
        };
        self.time.iter().enumerate().map(row).collect()
    }
}
