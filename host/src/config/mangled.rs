//! Configurations as no operator writes them, made of ones that operators do:
//! each is read or refused with its place, the same way twice, and none opens
//! the server to others that has no credential in it.

use std::{fs, net::SocketAddr, path::Path};

use super::{Config, ConfigError, DEFAULT_YAML, resolve::from_text};

/// Texts that are tried. Enough to meet every kind of change many times.
const ROUNDS: usize = 3_000;

/// What readers of YAML disagree on, and what values are made of.
const WORDS: [&str; 24] = [
    "&a ",
    "*a",
    "<<: ",
    "!!python ",
    "? ",
    "| ",
    "> ",
    "---\n",
    "...\n",
    "\t",
    "\u{feff}",
    "\u{202e}",
    "%YAML 1.1\n",
    "[",
    "{",
    "}",
    "~",
    "0x1F",
    "1e999",
    "-1",
    "${A:-${B}}",
    "${file:/dev/null}",
    "99999999999999999999",
    "\"\\ud800\"",
];

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
}

/// The documentation with every key set, and the examples.
fn seeds() -> Vec<String> {
    let is_key = |rest: &&str| !rest.starts_with([' ', '#']) || rest.starts_with("  ");
    let set = DEFAULT_YAML.lines().map(|line| line.strip_prefix('#').filter(is_key).unwrap_or(line));
    let every: Vec<&str> = set.collect();
    let mut seeds = vec![every.join("\n"), DEFAULT_YAML.to_owned()];
    for example in ["quickstart", "two-principals", "hardened", "prompts"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(example).join("mcp.yaml");
        seeds.push(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
    }
    seeds
}

fn mangle(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        let at = random.below(lines.len());
        let other = random.below(lines.len());
        match random.below(8) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[other].clone()),
            2 => lines.swap(at, other),
            3 => lines[at].insert_str(0, ["  ", " ", "#", "- ", "\t"][random.below(5)]),
            4 => lines[at] = lines[at].trim_start().to_owned(),
            5 => {
                let place = lines[at].floor_char_boundary(random.below(lines[at].len() + 1));
                lines[at].insert_str(place, WORDS[random.below(WORDS.len())]);
            }
            6 => {
                let place = lines[at].floor_char_boundary(random.below(lines[at].len() + 1));
                lines[at].truncate(place);
            }
            _ => lines.truncate(at + 1),
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
    }
    lines.join("\n")
}

fn read(text: &str) -> Result<Config, ConfigError> {
    let environment = |name: &str| name.ends_with("KEY").then(|| "0123456789abcdef0123456789abcdef".to_owned());
    from_text(Path::new("/srv/mcp.yaml"), text, &environment)
}

#[test]
fn whatever_is_written_is_read_or_refused_with_its_place() {
    let (seeds, mut random) = (seeds(), Random(1));
    let everywhere: SocketAddr = ([0, 0, 0, 0], 8080).into();
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..ROUNDS {
        let text = mangle(&seeds[random.below(seeds.len())], &mut random);
        match read(&text) {
            Ok(config) => {
                taken += 1;
                let credentials = &config.credentials;
                let nobody = credentials.keys.is_empty() && credentials.oauth.is_none();
                assert!(!nobody || config.exposed(everywhere).is_err(), "open to everybody:\n{text}");
            }
            Err(error) => {
                refused += 1;
                let said = error.to_string();
                assert!(said.starts_with("/srv/mcp.yaml:"), "{said}");
                assert!(!said.contains("0123456789abcdef"), "it tells a secret: {said}");
                if let Some(at) = error.position() {
                    assert!((1..=text.lines().count() + 1).contains(&at.line), "{said} of\n{text}");
                }
                assert_eq!(read(&text).unwrap_err().to_string(), said, "another time it says something else");
            }
        }
    }
    assert!(taken > ROUNDS / 20 && refused > ROUNDS / 20, "{taken} were taken and {refused} refused");
}
