//! Against the real thing: `python3` reads the same texts and writes them.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
};

use super::python_dumps;
use crate::json::Json;

/// What Python writes of each line of `texts`.
#[expect(clippy::disallowed_methods, reason = "a test asks Python itself")]
fn python(texts: &[String]) -> Vec<String> {
    let script = "import json, sys\nfor line in sys.stdin.buffer.read().split(b'\\n')[:-1]:\n    \
                  print(json.dumps(json.loads(line), sort_keys=True))";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3, which the gate needs");
    let mut stdin = child.stdin.take().expect("piped");
    let all: String = texts.iter().map(|text| format!("{text}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(all.as_bytes()));
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("no panic").expect("all was read");
    String::from_utf8(output.stdout).expect("ASCII").lines().map(str::to_owned).collect()
}

fn agree(texts: &[String]) {
    let theirs = python(texts);
    assert_eq!(theirs.len(), texts.len());
    for (text, theirs) in texts.iter().zip(theirs) {
        let json = Json::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(python_dumps(json), theirs, "{text}");
    }
}

#[test]
fn numbers_are_spelled_as_python_spells_them() {
    let numbers = [
        "0",
        "-0",
        "-0.0",
        "0.0",
        "0e5",
        "-0e-5",
        "1",
        "-1",
        "1.0",
        "1.50",
        "1e2",
        "1E+2",
        "100",
        "1e15",
        "1e16",
        "1e17",
        "1e22",
        "1e23",
        "123456789012345680.0",
        "9007199254740993",
        "9007199254740993.0",
        "0.1",
        "1e-4",
        "1e-5",
        "0.00001",
        "0.0001",
        "0.00012345",
        "1.7976931348623157e308",
        "5e-324",
        "2.2250738585072014e-308",
        "4.9e-324",
        "1e400",
        "-1e400",
        "1e-400",
        "-1e-400",
        "1E400",
        "123456789012345678901234567890",
        "-123456789012345678901234567890",
        "12345678901234567890.5",
        "0.30000000000000004",
        "1.1e100",
        "9.999999999999999e15",
        "9999999999999998.0",
        "999999999999999.9",
        "5e-7",
        "-1412951858835189.25",
        "1e1000000",
        "0e1000000",
        "2e-1000000",
        "100000000000000000000.0",
    ];
    agree(&numbers.map(str::to_owned));
}

#[test]
fn every_character_is_escaped_as_python_escapes_it() {
    let named = [
        "\"",
        "\\",
        "/",
        "\u{8}",
        "\u{c}",
        "\n",
        "\r",
        "\t",
        "\u{7f}",
        "\u{80}",
        "é",
        "\u{2028}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "😀",
        "\u{10ffff}",
    ];
    let controls = (0_u8..=0x1f).map(|byte| format!("\"\\u{byte:04x}\""));
    let texts = named.iter().map(|text| serde_json::to_string(text).unwrap());
    let escaped = ["\"\\ud83d\\ude00\"", "\"\\u00E9\\/\"", "\"\\u007f\""].map(str::to_owned);
    agree(&texts.chain(controls).chain(escaped).collect::<Vec<_>>());
}

#[test]
fn keys_are_sorted_by_code_point_and_not_as_utf_16_is() {
    let texts = [
        r#"{ "b" : 1 , "a" : [ ] , "" : { } }"#,
        r#"{"\ud83d\ude00":1,"\uffff":2,"\ue000":3,"Z":4,"a":5,"é":6}"#,
        r#"[[],[1,[2,{"z":null,"y":[true,false]}]]]"#,
    ];
    agree(&texts.map(str::to_owned));
    let sorted = python_dumps(Json::parse(r#"{"\ud83d\ude00":1,"\uffff":2}"#).unwrap());
    assert_eq!(sorted, r#"{"\uffff": 2, "\ud83d\ude00": 1}"#);
}

/// Marsaglia's xorshift: the same values on every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn value(&mut self, depth: u32, out: &mut String) {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => out.push_str(["null", "true", "false"][usize::try_from(self.below(3)).unwrap()]),
            1 => write!(out, "{}", i64::from_ne_bytes(self.next().to_ne_bytes())).unwrap(),
            2 => self.double(out),
            3 => self.decimal(out),
            4 | 5 => self.text(out),
            6 => self.several(out, ('[', ']'), |chance, _, out| chance.value(depth - 1, out)),
            _ => self.several(out, ('{', '}'), |chance, position, out| {
                // Unlike the last, whatever it is.
                chance.text(out);
                out.pop();
                write!(out, "{position}\":").unwrap();
                chance.value(depth - 1, out);
            }),
        }
    }

    fn several(&mut self, out: &mut String, (open, close): (char, char), each: impl Fn(&mut Self, u64, &mut String)) {
        out.push(open);
        for position in 0..self.below(6) {
            if position > 0 {
                out.push_str([",", " , "][usize::try_from(self.below(2)).unwrap()]);
            }
            each(self, position, out);
        }
        out.push(close);
    }

    /// Any double at all, in full.
    fn double(&mut self, out: &mut String) {
        let number = f64::from_bits(self.next());
        let number = if number.is_finite() { number } else { 0.5 };
        match self.below(4) {
            // Halves and quarters just where a double's last digit is one.
            0 => write!(
                out,
                "{}.{}",
                self.below(1 << 53),
                ["25", "5", "75", "125"][usize::try_from(self.below(4)).unwrap()]
            )
            .unwrap(),
            1 => write!(out, "{number:e}").unwrap(),
            _ => write!(out, "{number:?}").unwrap(),
        }
    }

    /// Digits as people write them, with more of them than a double holds.
    fn decimal(&mut self, out: &mut String) {
        let (whole, fraction) = (self.below(10_u64.pow(9)), self.next());
        write!(out, "{whole}.{fraction}").unwrap();
        if self.below(2) == 0 {
            write!(out, "e{}", i64::try_from(self.below(700)).unwrap() - 350).unwrap();
        }
    }

    fn text(&mut self, out: &mut String) {
        let length = self.below(12);
        let text: String = (0..length)
            .map(|_| {
                let most = [0x80, 0x800, 0x1_0000, 0x11_0000][usize::try_from(self.below(4)).unwrap()];
                char::from_u32(u32::try_from(self.below(most)).unwrap()).unwrap_or('x')
            })
            .collect();
        out.push_str(&serde_json::to_string(&text).unwrap());
    }
}

#[test]
fn whatever_the_value_python_writes_the_same() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let texts: Vec<String> = (0..6_000)
        .map(|_| {
            let mut text = String::new();
            chance.value(4, &mut text);
            text
        })
        .collect();
    agree(&texts);
}
