//! What the plugin makes of the API's answers, natively. The answers in
//! `answers/` have the form that the real API gives them.

use std::cell::RefCell;

use bulkhead_plugin_weather::{Answer, Api, Fetch, MAX_DAYS, Units, WeatherError, condition, current, forecast};

const SEARCH_BERLIN: &str = include_str!("answers/search_berlin.json");
const SEARCH_NOTHING: &str = include_str!("answers/search_nothing.json");
const CURRENT: &str = include_str!("answers/current.json");
const DAILY: &str = include_str!("answers/daily.json");
const REFUSAL: &str = include_str!("answers/refusal.json");

/// Answers in turn, and remembers what was asked.
struct Script {
    answers: RefCell<Vec<Result<Answer, WeatherError>>>,
    asked: RefCell<Vec<String>>,
}

impl Script {
    fn new(answers: &[(u16, &str)]) -> Self {
        let answer = |(status, body): &(u16, &str)| Ok(Answer { status: *status, body: body.as_bytes().to_vec() });
        Self { answers: RefCell::new(answers.iter().rev().map(answer).collect()), asked: RefCell::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

impl Fetch for Script {
    fn get(&self, url: &str) -> Result<Answer, WeatherError> {
        self.asked.borrow_mut().push(url.to_owned());
        let nothing =
            || Err(WeatherError::Unreachable { host: "script".to_owned(), why: "asked too often".to_owned() });
        self.answers.borrow_mut().pop().unwrap_or_else(nothing)
    }
}

#[test]
fn the_current_weather_is_told() {
    let script = Script::new(&[(200, SEARCH_BERLIN), (200, CURRENT)]);
    let weather = current(&Api::default(), &script, "Berlin").expect("weather");
    assert_eq!(weather.location.name, "Berlin, State of Berlin, Germany");
    assert_eq!((weather.temperature, weather.condition.as_str()), (5.3, "slight rain"));
    assert_eq!((weather.feels_like, weather.humidity, weather.is_day), (1.9, 81.0, true));
    assert_eq!((weather.units.temperature.as_str(), weather.units.wind_speed.as_str()), ("°C", "km/h"));
    let asked = script.asked();
    assert_eq!(asked[0], "https://geocoding-api.open-meteo.com/v1/search?name=Berlin&count=10&language=en&format=json");
    assert!(
        asked[1].starts_with("https://api.open-meteo.com/v1/forecast?latitude=52.52437&longitude=13.41053&current=")
    );
}

#[test]
fn a_region_picks_the_place() {
    for region in ["Berlin, New Hampshire", "Berlin, US", "berlin,united states", "Berlin, New Hampshire, US"] {
        let script = Script::new(&[(200, SEARCH_BERLIN), (200, CURRENT)]);
        let weather = current(&Api::default(), &script, region).expect("weather");
        assert_eq!(weather.location.latitude, 44.46867, "{region}");
        assert!(script.asked()[0].contains("name=Berlin&") || script.asked()[0].contains("name=berlin&"), "{region}");
    }
    let script = Script::new(&[(200, SEARCH_BERLIN)]);
    let error = current(&Api::default(), &script, "Berlin, Chile").err();
    assert_eq!(error, Some(WeatherError::UnknownPlace("Berlin, Chile".to_owned())));
}

#[test]
fn coordinates_need_no_search() {
    let script = Script::new(&[(200, CURRENT)]);
    let weather = current(&Api::default(), &script, " 52.52 , 13.41 ").expect("weather");
    assert_eq!(weather.location.name, "52.52,13.41");
    assert_eq!(script.asked().len(), 1);
    let error = current(&Api::default(), &Script::new(&[]), "95,13").err();
    assert!(matches!(error, Some(WeatherError::Invalid(_))), "{error:?}");
}

#[test]
fn what_a_caller_writes_cannot_reach_beyond_its_parameter() {
    let script = Script::new(&[(200, SEARCH_NOTHING)]);
    let _ = current(&Api::default(), &script, "x&count=1#/../?y=%2f ü");
    assert_eq!(
        script.asked(),
        [
            "https://geocoding-api.open-meteo.com/v1/search?name=x%26count%3D1%23%2F..%2F%3Fy%3D%252f%20%C3%BC&count=10&language=en&format=json"
        ]
    );
}

#[test]
fn a_forecast_has_a_row_a_day() {
    let script = Script::new(&[(200, SEARCH_BERLIN), (200, DAILY)]);
    let told = forecast(&Api { units: Units::Imperial, ..Api::default() }, &script, "Berlin", 3).expect("a forecast");
    assert_eq!(told.days.len(), 3);
    assert_eq!((told.days[0].high, told.days[1].low), (Some(6.1), Some(-0.4)));
    assert_eq!((told.days[0].condition.as_str(), told.days[1].condition.as_str()), ("slight rain", "overcast"));
    assert_eq!((told.days[2].condition.as_str(), told.days[2].high), ("unknown", None));
    assert!(script.asked()[1].contains("&forecast_days=3&timezone=auto&temperature_unit=fahrenheit"));
    for days in [0, MAX_DAYS + 1] {
        assert!(matches!(forecast(&Api::default(), &Script::new(&[]), "Berlin", days), Err(WeatherError::Invalid(_))));
    }
}

#[test]
fn what_goes_wrong_is_told_apart() {
    let api = Api::default();
    let error = |answers: &[(u16, &str)], location: &str| current(&api, &Script::new(answers), location).err();
    assert_eq!(
        error(&[(200, SEARCH_NOTHING)], "Atlantis").map(|error| error.to_string()).as_deref(),
        Some(
            "no place called \"Atlantis\" is known; try a larger town nearby, another spelling, or \"latitude,longitude\""
        )
    );
    let refused = error(&[(200, SEARCH_BERLIN), (400, REFUSAL)], "Berlin");
    assert!(
        matches!(&refused, Some(WeatherError::Refused { host, reason })
        if host == "api.open-meteo.com" && reason.starts_with("Cannot initialize")),
        "{refused:?}"
    );
    let status = error(&[(200, SEARCH_BERLIN), (502, "<html>")], "Berlin");
    assert!(matches!(status, Some(WeatherError::Status { status: 502, .. })), "{status:?}");
    let redirect = error(&[(302, "")], "Berlin");
    assert!(matches!(redirect, Some(WeatherError::Status { status: 302, .. })), "{redirect:?}");
    for body in ["", "[]", "{}", "{\"current\":{}}", &CURRENT[..200]] {
        let bad = error(&[(200, SEARCH_BERLIN), (200, body)], "Berlin");
        assert!(matches!(bad, Some(WeatherError::BadAnswer { .. })), "{body}: {bad:?}");
    }
    for location in ["", "  ", "a\nb", &"x".repeat(101)] {
        assert!(matches!(error(&[], location), Some(WeatherError::Invalid(_))), "{location}");
    }
}

#[test]
fn columns_of_different_length_are_a_bad_answer() {
    let short = DAILY.replace("\"weather_code\":[61,3,null]", "\"weather_code\":[61]");
    let script = Script::new(&[(200, SEARCH_BERLIN), (200, &short)]);
    let told = forecast(&Api::default(), &script, "Berlin", 3);
    assert!(matches!(told, Err(WeatherError::BadAnswer { .. })), "{told:?}");
}

#[test]
fn every_code_of_the_api_has_words() {
    let codes =
        [0, 1, 2, 3, 45, 48, 51, 53, 55, 56, 57, 61, 63, 65, 66, 67, 71, 73, 75, 77, 80, 81, 82, 85, 86, 95, 96, 99];
    for code in codes {
        assert_ne!(condition(code), "unknown", "{code}");
    }
    assert_eq!(condition(4), "unknown");
}
