//! Upstreams that do not answer, or not as they should.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Era, House, Plugin, Reaction, Upstream};

/// The fetching guest, granted exactly `upstream`.
fn fetch(upstream: &Upstream) -> Plugin {
    let port = upstream.port();
    let asks = format!("[[asks.http]]\nscheme = \"http\"\nhost = \"127.0.0.1\"\nport = {port}\n");
    let grant =
        json!({"scheme": "http", "host": "127.0.0.1", "port": port, "methods": ["GET", "POST"], "allowPrivate": true});
    Plugin::guest("fetch").asks(&asks).grants(json!({"http": [grant]}))
}

#[test]
fn an_upstream_that_never_answers_costs_its_own_call() {
    for reaction in [Reaction::Never, Reaction::Drip] {
        let upstream = Upstream::always(reaction.clone());
        let house = House::new().with(&Plugin::guest("echo")).with(&fetch(&upstream).limits(json!({"time": "1s"})));
        let server = house.serve();
        let url = upstream.url("/");
        std::thread::scope(|scope| {
            let waiting: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let began = Instant::now();
                        let answer = server.client(Era::Modern).call("fetch_run", json!({"url": url}));
                        assert!(!answer.is_ok(), "{reaction:?}: {answer:?}");
                        began.elapsed()
                    })
                })
                .collect();
            let mut client = server.client(Era::Modern);
            for _ in 0..20 {
                assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
            }
            for waiter in waiting {
                let took = waiter.join().expect("no panic");
                assert!(took < Duration::from_secs(15), "{reaction:?}: {took:?}");
            }
        });
    }
}

#[test]
fn an_upstream_that_hangs_up_is_told() {
    let upstream = Upstream::always(Reaction::Close);
    let house = House::new().with(&fetch(&upstream));
    let server = house.serve();
    let answer = server.client(Era::Modern).call("fetch_run", json!({"url": upstream.url("/")}));
    assert!(!answer.is_ok(), "{answer:?}");
}

#[test]
fn waiting_is_not_computing() {
    let upstream = Upstream::start(|_| {
        std::thread::sleep(Duration::from_millis(1_500));
        Reaction::ok("late")
    });
    let house = House::new().with(&fetch(&upstream).limits(json!({"time": "30s", "cpu": "500ms"})));
    let server = house.serve();
    let answer = server.client(Era::Modern).call("fetch_run", json!({"url": upstream.url("/")}));
    assert_eq!(answer.structured()["body"], "late");
}
