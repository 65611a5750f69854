//! More callers than there is room for, and neighbours that never end.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;

use super::time;
use crate::{
    Args, Failed,
    house::{Built, House, KEY},
    load::{Question, Seen, load, press},
    server::Server,
    table::{Figure, Goal, against, heading, row},
};

/// Calls of one plugin that run or wait, by the shipped defaults: 16, and four times as many.
const ROOM: usize = 80;

/// Connections at which a server gives what it can.
const PEAK: usize = 32;

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let names = ["add", "add-other"].map(str::to_owned);
    let house = House::new(args, &built, &names, "", "")?;
    let server = Server::bulkhead(&args.bulkhead, house.path())?;
    admission(args, &server)?;
    spinning(args, &server)
}

fn add(plugin: &str) -> Question {
    Question::call(&format!("{plugin}_add"), &json!({"a": 2, "b": 3}), "\"5\"").with_key(KEY)
}

/// Answers a second at the peak, and with four times as many callers as there
/// is room for.
fn admission(args: &Args, server: &Server) -> Result<(), Failed> {
    let (mut peak, mut crowd, mut late) = (Figure::default(), Figure::default(), Figure::default());
    let (mut refused, mut without_hint) = (0, 0);
    for _ in 0..args.rounds {
        peak.take(load(server.address, &add("add"), PEAK, time(args))?.sound()?.rate());
        let seen = load(server.address, &add("add"), 4 * ROOM, time(args))?;
        crowd.take(seen.rate());
        late.take(millis(seen.refusals.get(seen.refusals.len() * 99 / 100).copied().unwrap_or_default()));
        refused += seen.refusals.len();
        without_hint += seen.without_hint;
    }
    let title = format!("One plugin, {} callers, four times as many as may run or wait", 4 * ROOM);
    heading(&title, &["", "answers/s", "of peak", "goal"]);
    row(&[format!("peak, {PEAK} callers"), peak.to_string(), String::new(), String::new()]);
    let [ratio, goal] = against(crowd.median() / peak.median(), Some(Goal::AtLeast(0.9)));
    row(&["crowd".into(), crowd.to_string(), ratio, goal]);
    println!(
        "\n{refused} were refused, {without_hint} of them without being told when to come back; p99 of a refusal {late} ms."
    );
    Ok(())
}

/// How late one caller is answered, alone and beside crowds.
fn spinning(args: &Args, server: &Server) -> Result<(), Failed> {
    let one = || load(server.address, &add("add-other"), 1, time(args)).and_then(Seen::sound);
    let spins = 2 * thread::available_parallelism()?.get();
    let spin = Question::call("add_spin", &json!({}), "").with_key(KEY);
    let (mut alone, mut crowd, mut spun) = (Figure::default(), Figure::default(), Figure::default());
    for _ in 0..args.rounds {
        alone.take(millis(one()?.within(990)));
        crowd.take(millis(beside(server, &add("add"), 4 * ROOM, one)?.within(990)));
        spun.take(millis(beside(server, &spin, spins, one)?.within(990)));
    }
    heading("One caller of another plugin, p99", &["beside", "ms", "goal"]);
    row(&["nobody".into(), alone.to_string(), String::new()]);
    row(&[format!("{} callers of one plugin", 4 * ROOM), crowd.to_string(), String::new()]);
    row(&[format!("{spins} guests that spin"), spun.to_string(), Goal::AtMost(20.0).told(spun.median())]);
    Ok(())
}

/// What `measure` sees while `callers` ask something else.
fn beside(
    server: &Server,
    other: &Question,
    callers: usize,
    measure: impl Fn() -> Result<Seen, Failed>,
) -> Result<Seen, Failed> {
    /// Long enough to be there all the while; whoever waits for an answer is let go.
    const TURN: Duration = Duration::from_millis(200);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // What others are told is not what is measured.
                let _ = press(server.address, other, callers, TURN);
            }
        });
        thread::sleep(TURN);
        let seen = measure();
        over.store(true, Ordering::Relaxed);
        seen
    })
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
