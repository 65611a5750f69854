//! `tools/list` of 200 tools, beside the same bytes from memory.

use std::fs;

use super::time;
use crate::{
    Args, Failed,
    floor::Floor,
    house::{Built, House, KEY},
    load::{Question, answer, load},
    server::Server,
    table::{Figure, Goal, against, heading, row},
};

const TOOLS: usize = 200;
/// Of each plugin.
const EACH: usize = 10;
const CONNECTIONS: usize = 32;

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?.with_tools(EACH);
    let names: Vec<String> = (0..TOOLS / EACH).map(|number| format!("add-{number}")).collect();
    let house = House::new(args, &built, &names, "", "")?;
    let ours = Server::bulkhead(&args.bulkhead, house.path())?;
    let question = Question::list("tools").with_key(KEY);
    let bytes = answer(ours.address, &question)?;
    let file = house.file("answer.json");
    fs::write(&file, &bytes)?;
    let floor = Server::floor(|port| Floor::Static { port, file })?;
    let mut figures = [Figure::default(), Figure::default()];
    for _ in 0..args.rounds {
        for (server, figure) in [&floor, &ours].into_iter().zip(&mut figures) {
            figure.take(load(server.address, &question, CONNECTIONS, time(args))?.sound()?.rate());
        }
    }
    let title = format!("tools/list of {} tools, {} KiB, {CONNECTIONS} connections", TOOLS, bytes.len() / 1024);
    heading(&title, &["server", "requests/s", "of static", "goal"]);
    let [floor, ours] = figures;
    row(&["the same bytes, static".into(), floor.to_string(), String::new(), String::new()]);
    let [ratio, goal] = against(ours.median() / floor.median(), Some(Goal::AtLeast(0.8)));
    row(&["Bulkhead".into(), ours.to_string(), ratio, goal]);
    Ok(())
}
