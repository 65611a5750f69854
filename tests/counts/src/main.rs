//! What every byte of a call goes through, one function after the other, each
//! run once in [`counted`] after it was warmed up: `.ci/counts` has the
//! instructions counted, which are the same however busy a machine is, and
//! compares them with `tests/counts/instructions.txt`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is run by a script, and ends with the first thing wrong"
)]

mod hot;
mod texts;

use std::hint::black_box;

fn main() {
    for hot in hot::all() {
        (hot.run)();
        println!("{}", hot.name);
        counted(&*hot.run);
    }
}

/// Instructions are counted in here alone. The script knows its name.
#[inline(never)]
fn counted(run: &dyn Fn()) {
    black_box(run)();
}
