//! One caller over standard input and output, one question after another.

use std::process::Command;

use serde_json::json;

use crate::{
    Args, Failed,
    floor::Floor,
    house::{Built, House},
    load::Question,
    pipe::Pipe,
    server::words,
    table::{Figure, Goal, against, heading, row},
};

const WARM: usize = 200;
const ASKED: usize = 2000;

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let house = House::new(args, &built, &["add".to_owned()], "", "")?;
    let call = |tool| Question::call(tool, &json!({"a": 2, "b": 3}), "5");
    let mut native = Command::new(std::env::current_exe()?);
    native.args(words(&Floor::NativeStdio));
    let (mut native, mut ours) = (Pipe::start(&mut native)?, Pipe::start(&mut house.over_stdio(&args.bulkhead))?);
    let mut figures = [Figure::default(), Figure::default()];
    for _ in 0..args.rounds {
        figures[0].take(median(&mut native, &call("add"))?);
        figures[1].take(median(&mut ours, &call("add_add"))?);
    }
    heading("stdio, one after another, p50 µs", &["server", "p50 µs", "of rmcp", "goal"]);
    let [floor, ours] = figures;
    row(&["rmcp, native tool".into(), floor.to_string(), String::new(), String::new()]);
    let [ratio, goal] = against(ours.median() / floor.median(), Some(Goal::AtMost(0.8)));
    row(&["Bulkhead".into(), ours.to_string(), ratio, goal]);
    Ok(())
}

fn median(pipe: &mut Pipe, question: &Question) -> Result<f64, Failed> {
    for _ in 0..WARM {
        pipe.ask(question)?;
    }
    let mut took = (0..ASKED).map(|_| pipe.ask(question)).collect::<Result<Vec<_>, _>>()?;
    took.sort_unstable();
    Ok(took[ASKED / 2].as_secs_f64() * 1e6)
}
