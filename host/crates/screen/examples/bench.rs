//! How fast texts are screened: `cargo run --release -p bulkhead-screen --example bench`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it is run by hand and prints")]

use std::time::{Duration, Instant};

use bulkhead_screen::{Answer, Baseline, Place, Policy, Reach, Screen};

/// Bytes of each text.
const SIZE: usize = 1 << 20;

/// The best of so many rounds is said: other work on the machine only slows.
const ROUNDS: u32 = 15;

fn filled(with: &str) -> String {
    let mut text = with.repeat(SIZE / with.len() + 1);
    text.truncate(text.floor_char_boundary(SIZE));
    text
}

fn main() {
    let begun = Instant::now();
    let screen = Screen::standard().unwrap();
    println!("{:>34}  {:?}", "ready in", begun.elapsed());
    let prose = "The harbour was quiet that morning, and the user of the crane had nothing to call for; a tool lay on the quay.\n";
    let code =
        "    if let Some(value) = map.get(&key) {\n        return Ok(value.iter().map(|x| x * 2).collect());\n    }\n";
    let cases = [
        ("English prose", filled(prose)),
        ("source code", filled(code)),
        ("one line of JSON", filled(r#"{"id":12345,"name":"a name","tags":["x","y"],"url":"https://a.example/x"},"#)),
        ("base64", filled("TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu")),
        ("German", filled("Über den Häusern lag früh am Morgen noch Nebel, und die Straße war naß.\n")),
        ("Korean", filled("오늘 아침 항구는 조용했고 배들은 천천히 움직이고 있었다. ")),
        ("Chinese", filled("今天早上港口很安静，船只缓慢地移动着。")),
        ("emoji", filled("fine ☀️ and 👩‍💻 works 🏳️‍🌈 \n")),
        ("colours of a terminal", filled("\u{1b}[31merror\u{1b}[0m: something is wrong here\n")),
        (
            "hostile: anchors everywhere",
            filled("ignore is called instead of whenever as an ai the password ](http tell the "),
        ),
        ("hostile: nearly an instruction", filled("ignore all of the previous and all of the the ")),
        ("hostile: hidden everywhere", filled("a\u{200b}b\u{e0041}c\u{fe0f}")),
    ];
    for (name, text) in cases {
        for policy in [Policy::Off, Policy::Flag] {
            let (mut taken, mut left, mut found) = (Duration::MAX, 0, 0);
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                let mut pass = screen.pass(policy);
                left = pass.text(Place::Content, &text).unwrap().len();
                taken = taken.min(begun.elapsed());
                found = pass.finish().findings.len();
            }
            let speed = text.len() as f64 / 1e6 / taken.as_secs_f64();
            println!("{name:>34}  {policy:<5?} {speed:>8.0} MB/s  {left} bytes left, {found} found");
        }
    }
    let mut baseline = Baseline::new(&screen, Reach::Outside, []);
    for words in [3, 150, 150_000] {
        let mut taken = Duration::MAX;
        let mut length = 0;
        for n in 0..ROUNDS * 10 {
            let text: String = (0..words).map(|word| format!("w{}x ", word * n % 1009)).collect();
            let begun = Instant::now();
            let mut pass = screen.pass(Policy::Flag);
            pass.text(Place::Content, &text).unwrap();
            baseline.observe(&Answer { item: "t", arguments: &n.to_string(), report: &pass.finish() });
            taken = taken.min(begun.elapsed());
            length = text.len();
        }
        println!("{:>34}  {taken:?} with what is learnt from it", format!("an answer of {length} bytes"));
    }
}
