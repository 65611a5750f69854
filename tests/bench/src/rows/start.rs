//! From the start of the process to its first answer, compiled code kept from
//! before, and the memory of plugins that nobody calls.

use std::time::Instant;

use crate::{
    Args, Failed,
    house::{Built, House, KEY},
    load::{Question, answer},
    pipe::Pipe,
    server::Server,
    table::{Figure, Goal, heading, row},
};

/// How many plugins, and within how many milliseconds.
const SIZES: [(usize, f64); 3] = [(1, 10.0), (50, 30.0), (1000, 500.0)];

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    heading(
        "From the start to the first answer of tools/list, warm",
        &["plugins", "ms", "goal", "resident KiB", "KiB for each further"],
    );
    let mut before: Option<(usize, f64)> = None;
    for (plugins, within) in SIZES {
        let names: Vec<String> = (0..plugins).map(|number| format!("add-{number}")).collect();
        let house = House::new(args, &built, &names, "", "")?;
        let question = Question::list("tools");
        let mut took = Figure::default();
        for round in 0..=args.rounds {
            let began = Instant::now();
            let mut pipe = Pipe::start(&mut house.over_stdio(&args.bulkhead))?;
            pipe.ask(&question)?;
            // The first compiles.
            if round > 0 {
                took.take(began.elapsed().as_secs_f64() * 1e3);
            }
        }
        let server = Server::bulkhead(&args.bulkhead, house.path())?;
        answer(server.address, &Question::list("tools").with_key(KEY))?;
        let resident = server.resident()?;
        let further = before.map(|(fewer, less)| (resident - less) / (plugins - fewer) as f64);
        row(&[
            plugins.to_string(),
            took.to_string(),
            Goal::AtMost(within).told(took.median()),
            format!("{resident:.0}"),
            further.map_or_else(String::new, |kib| format!("{kib:.0} {}", Goal::AtMost(204.8).told(kib))),
        ]);
        before = Some((plugins, resident));
    }
    Ok(())
}
