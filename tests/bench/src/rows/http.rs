//! `tools/call` over HTTP with kept connections: keys checked, arguments
//! validated, a fresh instance for each call.

use serde_json::json;

use super::{priced, time};
use crate::{
    Args, Failed,
    floor::{Bare, Floor},
    house::{Built, House, KEY},
    load::Question,
    server::Server,
    table::{Figure, Goal, against, heading, row},
};

const CONNECTIONS: [usize; 4] = [1, 8, 32, 64];

/// Microseconds of the server's processors for each call, above HTTP with a
/// frame that is read and above an instance and a call of wasmtime alone.
const ABOVE: Goal = Goal::AtMost(10.0);

/// A server, and what was seen of it at each number of connections.
struct Contestant {
    name: String,
    server: Server,
    question: Question,
    rates: [Figure; CONNECTIONS.len()],
    cpu: [Figure; CONNECTIONS.len()],
}

impl Contestant {
    fn new(name: &str, server: Server, question: Question) -> Self {
        Self { name: name.to_owned(), server, question, rates: Default::default(), cpu: Default::default() }
    }

    fn go(&mut self, args: &Args, at: usize) -> Result<(), Failed> {
        let (rate, cost) = priced(args, &self.server, &self.question, CONNECTIONS[at])?;
        self.rates[at].take(rate);
        self.cpu[at].take(cost);
        Ok(())
    }
}

/// What is measured of Bulkhead: how the record is kept, and whom an instance meets.
const WAYS: [(&str, &str, &str); 4] = [
    ("record batch", "batch", ""),
    ("record on", "record", ""),
    ("record off", "off", ""),
    ("record batch, instance: principal", "batch", ", instance: principal"),
];

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let call = |tool: &str, expect: &str| Question::call(tool, &json!({"a": 2, "b": 3}), expect);
    let mut all = vec![
        Contestant::new("axum echo", Server::floor(|port| Floor::Echo { port })?, call("add_add", "arguments")),
        Contestant::new("axum, borrowed serde", Server::floor(|port| Floor::Thin { port })?, call("add_add", "\"b\"")),
        Contestant::new("rmcp, native tool", Server::floor(|port| Floor::Native { port })?, call("add", "\"5\"")),
    ];
    let mut houses = Vec::new();
    for (name, mode, each) in WAYS {
        let more = format!("audit: {{mode: \"{mode}\"}}\nlimits: {{callsPerPlugin: 256}}");
        let house =
            House::new(args, &built, &["add".to_owned()], &more, &format!(", limits: {{concurrency: 256}}{each}"))?;
        let server = Server::bulkhead(&args.bulkhead, house.path())?;
        all.push(Contestant::new(&format!("Bulkhead, {name}"), server, call("add_add", "\"5\"").with_key(KEY)));
        houses.push(house);
    }
    let (bare, mut alone) = (Bare::new(built.component())?, Figure::default());
    for _ in 0..args.rounds {
        for at in 0..CONNECTIONS.len() {
            for contestant in &mut all {
                contestant.go(args, at)?;
            }
        }
        alone.take(bare.cost(1, time(args))? / 1e3);
    }
    print(&all, &alone, &built.told());
    Ok(())
}

fn print(all: &[Contestant], alone: &Figure, guest: &str) {
    let title =
        format!("tools/call of {guest}, over HTTP, requests/s; an instance and a call of wasmtime alone: {alone} µs");
    heading(
        &title,
        &[
            "server",
            "connections",
            "requests/s",
            "server CPU µs",
            "of echo",
            "goal",
            "of rmcp",
            "goal",
            "µs above",
            "goal",
        ],
    );
    let [echo, thin, native, bulkheads @ ..] = all else { return };
    for (at, connections) in CONNECTIONS.iter().enumerate() {
        let seen = |one: &Contestant| {
            vec![one.name.clone(), connections.to_string(), one.rates[at].to_string(), one.cpu[at].to_string()]
        };
        for floor in [echo, thin, native] {
            row(&[seen(floor), vec![String::new(); 6]].concat());
        }
        for one in bulkheads {
            let rate = one.rates[at].median();
            let warm = one.name.ends_with("principal");
            let of_echo = (*connections == 32).then_some(Goal::AtLeast(if warm { 0.75 } else { 0.5 }));
            let of_native = Goal::AtLeast(match (*connections, warm) {
                (1, _) => 1.0,
                (_, false) => 1.5,
                (_, true) => 2.0,
            });
            let mut cells = seen(one);
            cells.extend(against(rate / echo.rates[at].median(), of_echo));
            cells.extend(against(rate / native.rates[at].median(), Some(of_native)));
            // A warm instance has less to do than a fresh one alone.
            let above = one.cpu[at].median() - thin.cpu[at].median() - alone.median();
            cells.extend(if warm {
                [String::new(), String::new()]
            } else {
                [format!("{above:.1}"), ABOVE.told(above)]
            });
            row(&cells);
        }
    }
}
