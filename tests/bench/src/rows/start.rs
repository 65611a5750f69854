//! From the start of the process to its first answer, compiled code kept from
//! before, and the memory of plugins that nobody calls.

use std::time::{Duration, Instant};

use crate::{
    Args, Failed,
    house::{Built, House, KEY},
    load::{Question, answer},
    server::Server,
    table::{Figure, Goal, heading, row},
};

/// How many plugins, and within how many milliseconds.
const SIZES: [(usize, f64); 3] = [(1, 10.0), (50, 30.0), (1000, 500.0)];

/// How long a house may take to be compiled whole, the first time.
const PATIENCE: Duration = Duration::from_secs(1800);

/// What an idle plugin may take, in KiB.
const IDLE: Goal = Goal::AtMost(204.8);

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    heading(
        "From the start to the first answer of tools/list over HTTP, ms",
        &["plugins", "cold", "warm", "goal", "resident KiB", "KiB for each further"],
    );
    let mut before: Option<(usize, f64)> = None;
    for (plugins, within) in SIZES {
        let names: Vec<String> = (0..plugins).map(|number| format!("add-{number}")).collect();
        let house = House::new(args, &built, &names, "", "")?;
        let began = Instant::now();
        let server = first_answer(args, &house)?;
        let cold = began.elapsed().as_secs_f64() * 1e3;
        house.compiled(plugins, PATIENCE)?;
        drop(server);
        let mut took = Figure::default();
        for _ in 0..args.rounds {
            let began = Instant::now();
            let server = first_answer(args, &house)?;
            took.take(began.elapsed().as_secs_f64() * 1e3);
            drop(server);
        }
        let resident = first_answer(args, &house)?.resident()?;
        let further = before.map(|(fewer, less)| (resident - less) / (plugins - fewer) as f64);
        row(&[
            plugins.to_string(),
            format!("{cold:.0}"),
            took.to_string(),
            Goal::AtMost(within).told(took.median()),
            format!("{resident:.0}"),
            further.map_or_else(String::new, |kib| format!("{kib:.0} {}", IDLE.told(kib))),
        ]);
        before = Some((plugins, resident));
    }
    Ok(())
}

fn first_answer(args: &Args, house: &House) -> Result<Server, Failed> {
    let server = Server::bulkhead(&args.bulkhead, house.path())?;
    answer(server.address, &Question::list("add-0_add").with_key(KEY))?;
    Ok(server)
}
