//! The first call of a plugin whose compiled code is kept, beside the next one.

use std::{thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Args, Failed,
    house::{Built, House, KEY},
    load::{Question, each},
    server::Server,
    table::{Figure, Goal, heading, row},
};

/// Plugins that are each called for the first time, in every round.
const PLUGINS: usize = 20;

/// How long they may take to be compiled.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a server does at its start besides; whoever calls meanwhile waits for it.
const SETTLED: Duration = Duration::from_millis(300);

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let names: Vec<String> = (0..=PLUGINS).map(|number| format!("add-{number}")).collect();
    let house = House::new(args, &built, &names, "", "")?;
    let cold = Server::bulkhead(&args.bulkhead, house.path())?;
    house.compiled(names.len(), PATIENCE)?;
    drop(cold);
    let question =
        |name: &String| Question::call(&format!("{name}_add"), &json!({"a": 2, "b": 3}), "\"5\"").with_key(KEY);
    let questions: Vec<Question> = names.iter().map(question).collect();
    let (mut first, mut next) = (Figure::default(), Figure::default());
    for _ in 0..args.rounds {
        let server = Server::bulkhead(&args.bulkhead, house.path())?;
        sleep(SETTLED);
        for figure in [&mut first, &mut next] {
            each(server.address, &questions)?.iter().for_each(|took| figure.take(took.as_secs_f64() * 1e3));
        }
    }
    heading("The first call of a plugin, its compiled code kept, ms", &["call", "took", "goal"]);
    row(&["the first".to_owned(), first.to_string(), Goal::AtMost(3.0).told(first.median())]);
    row(&["the next".to_owned(), next.to_string(), String::new()]);
    Ok(())
}
