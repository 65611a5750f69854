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
mod schemas;
mod table;
mod undefended;
mod wire;
mod words;

use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

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
        schemas::group,
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

const HEAD: [&str; 9] =
    ["group", "behaviours", "held", "freed", "engine's own", "elsewhere", "idle p99", "beside", "ratio"];

fn table(rows: &[Row], seconds: u64) -> String {
    let mut out = String::new();
    line(&mut out, HEAD);
    let (mut behaviours, mut held, mut freed) = (0, 0, [0; 3]);
    for row in rows {
        (behaviours, held) = (behaviours + row.behaviours, held + row.held);
        let counts = [row.freed.switched, row.freed.engines, row.freed.elsewhere];
        (0..3).for_each(|at| freed[at] += counts[at]);
        let times = row.times.map_or([const { String::new() }; 3], |times| {
            let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
            [millis(times.idle), millis(times.beside), format!("{:.1}", times.ratio())]
        });
        cells(&mut out, row.group, [row.behaviours, row.held, counts[0], counts[1], counts[2]], &times);
    }
    cells(&mut out, "all", [behaviours, held, freed[0], freed[1], freed[2]], &[const { String::new() }; 3]);
    let _ = writeln!(
        out,
        "held: got nothing. freed: got it with that one defence off. engine's own: the defence is WebAssembly's, which has no \
         switch; the call got through put right. elsewhere: a plugin has no such thing; the payload did its harm where there \
         is one. p99 of a neighbour: at most {} times its idle one, or {} ms. {seconds} s.",
        neighbour::MULTIPLE,
        neighbour::FLOOR.as_millis()
    );
    out
}

fn cells(out: &mut String, group: &str, counts: [usize; 5], [idle, beside, ratio]: &[String; 3]) {
    let [behaviours, held, freed, engines, elsewhere] = &counts.map(|count| count.to_string());
    line(out, [group, behaviours, held, freed, engines, elsewhere, idle, beside, ratio]);
}

fn line(out: &mut String, cells: [&str; 9]) {
    let [group, behaviours, held, freed, engines, elsewhere, idle, beside, ratio] = cells;
    let _ = writeln!(
        out,
        "{group:<22} {behaviours:>10} {held:>6} {freed:>6} {engines:>12} {elsewhere:>9} {idle:>9} {beside:>9} {ratio:>6}"
    );
}
