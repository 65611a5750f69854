//! The hostile corpus: what a plugin may try, and that it gets nothing.
//!
//! Every behaviour is tried twice: held, several of its group at once beside a
//! neighbour whose answers stay quick; and freed, with the one defence that
//! holds it off. A test that could not fail is found by the second. What came
//! of it is in `target/corpus.txt`, and `docs/sandbox.md` says how to read it.

mod abuse;
mod files;
mod neighbour;
mod network;
mod replays;
mod resources;
mod run;
mod table;
mod undefended;
mod wire;
mod words;

use std::{fmt::Write as _, fs, time::Instant};

use run::Row;

use crate::harness::binary::repository;

/// How many behaviours there are at least.
const LEAST: usize = 60;

#[test]
fn the_sandbox_holds() {
    let began = Instant::now();
    let groups = [
        files::group,
        network::group,
        resources::processor,
        resources::memory,
        resources::host,
        words::floods,
        abuse::abi,
        abuse::json_text,
        words::names,
        words::secrets,
        resources::timing,
        replays::group,
    ];
    let mut rows: Vec<Row> = groups.into_iter().map(|group| run::group(group())).collect();
    rows.push(words::stdout());
    let table = table(&rows, began.elapsed().as_secs());
    let path = repository().join("target/corpus.txt");
    fs::write(&path, &table).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    println!("{table}");
    let wrong: Vec<&str> = rows.iter().flat_map(|row| &row.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
    assert!(rows.iter().map(|row| row.behaviours).sum::<usize>() >= LEAST, "{table}");
}

fn table(rows: &[Row], seconds: u64) -> String {
    let mut out = String::new();
    let mut line = |cells: [&str; 6]| {
        let [group, behaviours, held, freed, idle, beside] = cells;
        let _ = writeln!(out, "{group:<22} {behaviours:>10} {held:>6} {freed:>6} {idle:>9} {beside:>9}");
    };
    line(["group", "behaviours", "held", "freed", "idle p99", "beside"]);
    let (mut behaviours, mut held, mut freed) = (0, 0, 0);
    for row in rows {
        (behaviours, held, freed) = (behaviours + row.behaviours, held + row.held, freed + row.freed);
        let times = [row.idle, row.beside].map(|time| if time == 0 { "-".to_owned() } else { format!("{time} ms") });
        let counts = [row.behaviours, row.held, row.freed].map(|count| count.to_string());
        line([row.group, &counts[0], &counts[1], &counts[2], &times[0], &times[1]]);
    }
    let counts = [behaviours, held, freed].map(|count| count.to_string());
    line(["all", &counts[0], &counts[1], &counts[2], "", ""]);
    let _ = writeln!(
        out,
        "held: got nothing. freed: got it with that one defence off. p99 of a neighbour: at most {} times its idle one, or {} \
         ms. {seconds} s.",
        neighbour::MULTIPLE,
        neighbour::FLOOR.as_millis()
    );
    out
}
