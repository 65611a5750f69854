//! What each of the engine's settings is worth: wasmtime alone, with one of them
//! other than it is at its best.

use super::time;
use crate::{
    Args, Failed,
    floor::{Bare, Departure},
    house::Built,
    table::{Figure, heading, row},
};

const DEPARTURES: [(&str, Departure); 7] = [
    ("as it is set", Departure::None),
    ("`pagemap_scan` off", Departure::NoScan),
    ("nothing kept resident", Departure::NothingResident),
    ("slots given back one by one", Departure::NoBatch),
    ("no copy-on-write images", Departure::NoCopyOnWrite),
    ("no pool", Departure::OnDemand),
    ("guests not optimised", Departure::NotOptimised),
];

const THREADS: [usize; 2] = [1, 2];

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let mut seen: [[Figure; 2]; DEPARTURES.len()] = Default::default();
    for _ in 0..args.rounds {
        for ((_, departure), figures) in DEPARTURES.iter().zip(&mut seen) {
            let bare = Bare::with(built.component(), *departure)?;
            for (threads, figure) in THREADS.iter().zip(figures) {
                figure.take(bare.cost(*threads, time(args))?);
            }
        }
    }
    let title = format!("A fresh instance and one call of {}, wasmtime alone, ns of a thread", built.told());
    heading(&title, &["setting", "one thread", "two threads", "of the first line, one thread", "two"]);
    let best = [seen[0][0].median(), seen[0][1].median()];
    for ((name, _), [one, two]) in DEPARTURES.iter().zip(&seen) {
        let of = |figure: &Figure, best: f64| format!("{:.2} ×", figure.median() / best);
        row(&[(*name).to_owned(), one.to_string(), two.to_string(), of(one, best[0]), of(two, best[1])]);
    }
    Ok(())
}
