//! Which place a person means.

use bulkhead_sdk::prelude::*;

use crate::{
    api::{Api, parsed},
    error::WeatherError,
    fetch::{Fetch, encoded},
};

/// Longest location, in characters.
const MAX_LOCATION_CHARS: usize = 100;

/// How many places of one name are looked at for the one that is meant.
const CANDIDATES: u8 = 10;

/// A place on the earth.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Place {
    /// Its name, and its region and country where they are known.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

#[derive(Debug, Deserialize)]
struct Found {
    #[serde(default)]
    results: Vec<Candidate>,
}

#[derive(Debug, Deserialize)]
struct Candidate {
    name: String,
    latitude: f64,
    longitude: f64,
    country: Option<String>,
    country_code: Option<String>,
    admin1: Option<String>,
}

/// Finds the place that `location` names: "Berlin", "Paris, Texas", or
/// "52.52,13.41".
pub(crate) fn find(api: &Api, fetch: &dyn Fetch, location: &str) -> Result<Place, WeatherError> {
    let location = location.trim();
    if location.is_empty() || location.chars().count() > MAX_LOCATION_CHARS || location.chars().any(char::is_control) {
        let text = format!(
            "a location is the name of a place, or \"latitude,longitude\", of up to {MAX_LOCATION_CHARS} characters"
        );
        return Err(WeatherError::Invalid(text));
    }
    if let Some(place) = coordinates(location)? {
        return Ok(place);
    }
    let (name, region) = match location.split_once(',') {
        Some((name, region)) => (name.trim(), Some(region.trim()).filter(|region| !region.is_empty())),
        None => (location, None),
    };
    let url = format!(
        "{}/v1/search?name={}&count={CANDIDATES}&language={}&format=json",
        api.geocoding_url,
        encoded(name),
        encoded(&api.language)
    );
    let found: Found = parsed(&url, fetch.get(&url)?)?;
    let fits = |candidate: &Candidate| region.is_none_or(|region| candidate.lies_in(region));
    match found.results.into_iter().find(fits) {
        Some(candidate) => Ok(candidate.into_place()),
        None => Err(WeatherError::UnknownPlace(location.to_owned())),
    }
}

fn coordinates(location: &str) -> Result<Option<Place>, WeatherError> {
    let Some((north, east)) = location.split_once(',') else { return Ok(None) };
    let (Ok(latitude), Ok(longitude)) = (north.trim().parse::<f64>(), east.trim().parse::<f64>()) else {
        return Ok(None);
    };
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        let text = format!("{latitude},{longitude} is not on the earth: latitude -90 to 90, longitude -180 to 180");
        return Err(WeatherError::Invalid(text));
    }
    Ok(Some(Place { name: format!("{latitude},{longitude}"), latitude, longitude }))
}

impl Candidate {
    /// Whether every part of `region` ("Texas", "TX, US", "France") is one of
    /// the names that this place lies in.
    fn lies_in(&self, region: &str) -> bool {
        let names = [&self.admin1, &self.country, &self.country_code];
        region.split(',').map(str::trim).filter(|part| !part.is_empty()).all(|part| {
            let part = part.to_lowercase();
            names.iter().filter_map(|name| name.as_deref()).any(|name| name.to_lowercase().contains(&part))
        })
    }

    fn into_place(self) -> Place {
        let region = self.admin1.filter(|region| *region != self.name);
        let names: Vec<String> = [Some(self.name), region, self.country].into_iter().flatten().collect();
        Place { name: names.join(", "), latitude: self.latitude, longitude: self.longitude }
    }
}
