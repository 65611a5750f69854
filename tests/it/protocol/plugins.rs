//! The real plugins, through a client.

use std::fs;

use serde_json::json;

use super::everywhere;
use crate::harness::{Era, House, Plugin, Reaction, Upstream};

const SEARCH: &str = include_str!("../../../plugins/weather/tests/answers/search_berlin.json");
const CURRENT: &str = include_str!("../../../plugins/weather/tests/answers/current.json");

#[test]
fn calc_computes() {
    let house = House::new().with(&Plugin::real("calc"));
    everywhere(&house, |_, client, how| {
        let answer = client.call("calc_evaluate", json!({"expression": "(0.1 + 0.2) * 10 ** 20"}));
        assert_eq!(answer.structured()["result"], "30000000000000000000", "{how}");
        let answer = client.call("calc_evaluate", json!({"expression": "9**9**9"}));
        assert!(answer.failure().contains("digits"), "{how}: {answer:?}");
    });
}

#[test]
fn file_reads_writes_and_tells() {
    let house = House::new()
        .with(&Plugin::real("file").grants(json!({"fs": [{"path": "./data", "at": "/data", "access": "write"}]})));
    fs::create_dir(house.join("data")).and_then(|()| fs::write(house.join("data/a.txt"), "one")).expect("a file");
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let read = client.call("file_read", json!({"path": "/data/a.txt"}));
    assert_eq!(read.structured()["content"], "one");
    let etag = read.structured()["etag"].as_str().expect("an etag").to_owned();

    let uri = json!({"uri": "file:///data/a.txt"});
    assert_eq!(client.request("resources/read", uri.clone()).result()["contents"][0]["text"], "one");
    let listed = client.list("resources/list", "resources");
    assert!(listed.iter().any(|resource| resource["uri"] == "file:///data/a.txt"), "{listed:?}");
    let templates = client.list("resources/templates/list", "resourceTemplates");
    assert!(templates.iter().any(|template| template["uriTemplate"] == "file:///{+path}"), "{templates:?}");

    let written = client.call("file_write", json!({"path": "/data/a.txt", "content": "two", "ifMatch": etag}));
    assert!(written.is_ok(), "{written:?}");
    let stale = client.call("file_write", json!({"path": "/data/a.txt", "content": "three", "ifMatch": etag}));
    assert!(stale.failure().contains("has changed"), "{stale:?}");
    assert_eq!(fs::read(house.join("data/a.txt")).expect("the file"), b"two");
    assert_eq!(client.request("resources/read", uri).result()["contents"][0]["text"], "two");
    assert!(!client.call("file_read", json!({"path": "/etc/passwd"})).is_ok());
    let missing = client.request("resources/read", json!({"uri": "file:///data/none"}));
    assert_eq!(missing.code(), -32602);
}

#[test]
fn weather_asks_its_upstream() {
    let upstream = Upstream::start(|request| match request.target.split('?').next() {
        Some("/v1/search") => Reaction::ok(SEARCH),
        Some("/v1/forecast") => Reaction::ok(CURRENT),
        _ => Reaction::status(404, ""),
    });
    let port = upstream.port();
    // As it is, but for the hosts: those are the real API's.
    let asks = format!(
        "[[asks.http]]\nscheme = \"http\"\nhost = \"127.0.0.1\"\nport = {port}\nmethods = [\"GET\"]\npaths = [\"/v1/*\"]\n\
         [[asks.config]]\nkey = \"apiUrl\"\n[[asks.config]]\nkey = \"geocodingUrl\"\n"
    );
    let grant = json!({"scheme": "http", "host": "127.0.0.1", "port": port, "methods": ["GET"], "paths": ["/v1/*"], "allowPrivate": true});
    let url = upstream.url("");
    let weather = Plugin::real("weather").asks(&asks);
    let house = House::new().with(
        &weather.clone().grants(json!({"http": [grant]})).with("config", json!({"apiUrl": url, "geocodingUrl": url})),
    );
    let server = house.serve();
    let answer = server.client(Era::Modern).call("weather_getCurrent", json!({"location": "Berlin"}));
    assert_eq!(answer.structured()["temperature"], 5.3, "{answer:?}");
    assert_eq!(answer.structured()["condition"], "slight rain");
    let arrived = upstream.arrived();
    assert!(arrived.iter().all(|request| request.method == "GET") && arrived.len() == 2, "{arrived:?}");

    let house = House::new().with(&Plugin::real("weather"));
    let server = house.serve();
    let denied = server.client(Era::Modern).call("weather_getCurrent", json!({"location": "Berlin"}));
    assert!(denied.failure().contains("not granted"), "{denied:?}");
    server.lines().wait_for(&["weather", "plugins.weather.grants.http"]);
}
