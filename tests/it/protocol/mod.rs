//! What a client meets: both eras of the protocol over both transports.

mod card;
mod eras;
mod features;
mod framing;
mod http_rules;
mod mixed;
mod plugins;
mod prompt_folder;
mod schema;
mod skills;
#[cfg(target_os = "linux")]
mod standard_streams;
mod streams;
mod subscriptions;
mod surface;
mod tasks;
mod validation;
mod wrong;

use crate::harness::{Client, Era, House, Plugin, Server};

/// Serves `house` in every way, and shows each to `test`.
fn everywhere(house: &House, test: impl Fn(Era, &mut Client, &str)) {
    let server = house.serve();
    for era in Era::ALL {
        test(era, &mut server.client(era), &format!("{era:?} over HTTP"));
        let (_server, mut client) = house.serve_stdio(era);
        test(era, &mut client, &format!("{era:?} over stdio"));
    }
}

/// A house with the plainest of plugins.
fn plain() -> House {
    House::new().with(&Plugin::guest("echo"))
}

/// The plain house, served over HTTP.
fn served() -> (House, Server) {
    let house = plain();
    let server = house.serve();
    (house, server)
}
