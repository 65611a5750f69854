//! Tries a group: all of it held, several at once, beside a neighbour; then
//! each behaviour with its one defence off.

use std::{
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::{
    neighbour::{self, Times},
    table::{Behaviour, Freed, Group},
};
use crate::harness::{House, Server, best_of_three, binary, undefended};

/// Behaviours that are tried at a time.
const AT_ONCE: usize = 3;

pub const HOSTILE: &str = "key-of-the-hostile-caller";
pub const NEIGHBOUR: &str = "key-of-the-neighbour";

/// A variable of the server's own, which no plugin was granted.
pub const CANARY: (&str, &str) = ("CORPUS_CANARY", "sings-for-nobody");

/// A line of the table.
pub struct Row {
    pub group: &'static str,
    pub behaviours: usize,
    pub held: usize,
    pub freed: Counts,
    /// The neighbour's p99, if there is one.
    pub times: Option<Times>,
    pub wrong: Vec<String>,
}

/// How many behaviours got through, by what was taken out of their way.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// The one defence, by a switch or a setting.
    pub switched: usize,
    /// Nothing: the defence is the engine's own, and the call was put right.
    pub engines: usize,
    /// Nothing: a plugin has no such thing, and the payload was tried where there is one.
    pub elsewhere: usize,
}

impl Counts {
    fn of(&mut self, freed: &Freed) -> &mut usize {
        match freed {
            Freed::Setting(..) | Freed::Without(..) => &mut self.switched,
            Freed::Engines(..) => &mut self.engines,
            Freed::Proper(..) | Freed::Live(_) => &mut self.elsewhere,
        }
    }
}

/// A house with two callers. Only the sandbox is tried: the wall around the
/// process, which would hold too, is off.
pub fn house() -> House {
    let key = |name: &str, key: &str| serde_json::json!({"name": name, "key": key, "scopes": ["all"]});
    House::new()
        .set("allowAnonymous", serde_json::json!(false))
        .set("apiKeys", serde_json::json!([key("hostile", HOSTILE), key("neighbour", NEIGHBOUR)]))
        .set("scopes", serde_json::json!({"all": ["*"]}))
        .set("hardening", serde_json::json!({"enabled": false}))
        .with(&crate::harness::Plugin::guest("echo"))
}

fn serve(mut command: Command, house: &House) -> Server {
    command
        .args(["serve", "--config", "mcp.yaml", "--listen", "127.0.0.1:0"])
        .env(CANARY.0, CANARY.1)
        .current_dir(house.path());
    Server::listening(command)
}

pub fn group(group: Group) -> Row {
    let Group { name, house, behaviours, untouched } = group;
    let mut wrong = Vec::new();
    let server = serve(binary::bulkhead(), &house);
    let mut held = None;
    let measure = || {
        let idle = neighbour::p99(&server, NEIGHBOUR, &AtomicBool::new(true));
        let mut missed = Vec::new();
        let (count, beside) = self::held(&server, &behaviours, &mut missed);
        untouched(&house);
        // What a second try comes to is not what is asked: the first may have used something up.
        held.get_or_insert((count, missed));
        Times { idle, beside }
    };
    let times = best_of_three(measure, |times| times.fault().is_none());
    let (held, missed) = held.unwrap_or_default();
    wrong.extend(missed);
    wrong.extend(times.fault().map(|fault| format!("{name}: {fault}")));
    let freed = freed(&server, &house, &behaviours, &mut wrong);
    if !wrong.is_empty() {
        eprintln!("{name}: the server said:\n{}\n{}", server.lines(), wrong.join("\n"));
    }
    Row { group: name, behaviours: behaviours.len(), held, freed, times: Some(times), wrong }
}

/// Tells the neighbour when the last one leaves, also if it leaves by a panic.
struct Leaving<'a>(&'a AtomicUsize, &'a AtomicBool);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.1.store(true, Ordering::SeqCst);
        }
    }
}

/// How many came to what they should, and the neighbour's p99 meanwhile.
fn held(server: &Server, behaviours: &[Behaviour], wrong: &mut Vec<String>) -> (usize, Duration) {
    let (next, running, done) = (AtomicUsize::new(0), AtomicUsize::new(AT_ONCE), AtomicBool::new(false));
    let missed = Mutex::new(Vec::new());
    let beside = thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let _leaves = Leaving(&running, &done);
                while let Some(one) = behaviours.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = one.outcome(server, HOSTILE, one.entry, &one.arguments);
                    if outcome != one.held {
                        let line = format!("{} (held): {outcome:?}, and not {:?}", one.name, one.held);
                        missed.lock().expect("no panic").push(line);
                    }
                }
            });
        }
        neighbour::p99(server, NEIGHBOUR, &done)
    });
    let missed = missed.into_inner().expect("no panic");
    let held = behaviours.len() - missed.len();
    wrong.extend(missed);
    (held, beside)
}

/// Behind every defence's name: with a setting more, a plugin may fill the folder that the others need.
const SETTINGS_LAST: &str = "~";

/// How many succeed without the one defence.
fn freed(server: &Server, house: &House, behaviours: &[Behaviour], wrong: &mut Vec<String>) -> Counts {
    let mut lacking: Option<(&str, Server)> = None;
    let mut counts = Counts::default();
    let mut sorted: Vec<&Behaviour> = behaviours.iter().collect();
    sorted.sort_by_key(|one| if let Freed::Without(defence, _) = one.freed { defence } else { SETTINGS_LAST });
    for one in sorted {
        let (outcome, shows) = match &one.freed {
            Freed::Setting(entry, shows) => (one.outcome(server, HOSTILE, entry, &one.arguments), shows.as_str()),
            Freed::Engines(arguments, shows) | Freed::Proper(arguments, shows) => {
                (one.outcome(server, HOSTILE, one.entry, arguments), shows.as_str())
            }
            Freed::Live(harms) => ((if harms() { "harm" } else { "no harm" }).to_owned(), "harm"),
            Freed::Without(defence, shows) => {
                if lacking.as_ref().is_none_or(|(off, _)| off != defence) {
                    lacking = Some((*defence, serve(undefended::without(defence, house.path()), house)));
                }
                let server = &lacking.as_ref().expect("just started").1;
                (one.outcome(server, HOSTILE, one.entry, &one.arguments), shows.as_str())
            }
        };
        if outcome.contains(shows) && outcome != "no harm" {
            *counts.of(&one.freed) += 1;
        } else {
            wrong.push(format!("{} (freed): {outcome:?}, without {shows:?}", one.name));
        }
    }
    counts
}
