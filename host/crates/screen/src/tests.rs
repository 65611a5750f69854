mod baseline;
mod cleaning;
mod corpus;
mod disguises;
mod effort;
mod kept;
mod policy;
mod rules;

use std::sync::LazyLock;

use crate::{Place, Policy, Screen};

static SCREEN: LazyLock<Screen> = LazyLock::new(|| Screen::standard().unwrap());

/// What is found in `text`.
fn found(place: Place, text: &str) -> Vec<String> {
    let mut pass = SCREEN.pass(Policy::Flag);
    match pass.text(place, text) {
        Ok(_) => pass.finish().findings.iter().map(|finding| finding.rule.id().to_owned()).collect(),
        Err(refusal) => vec![refusal.0.rule.id().to_owned()],
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}
