//! Secrets that are easily found, however they are spelt.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};

/// What was planted, by name.
#[derive(Default)]
pub(super) struct Planted {
    secrets: BTreeMap<String, String>,
    environment: Vec<String>,
    /// Files that hold one by their nature.
    allowed: Vec<String>,
}

impl Planted {
    /// Plants a fresh secret.
    pub(super) fn plant(&mut self, name: &str) -> String {
        let mut random = [0; 16];
        getrandom::fill(&mut random).expect("random bytes");
        // With characters that encodings change.
        let secret = format!("~s3cret/{}+{}~", hex::encode(random), self.secrets.len());
        self.add(name, &secret);
        secret
    }

    /// Plants a fresh secret in the environment.
    pub(super) fn plant_in_environment(&mut self, name: &str) {
        self.plant(name);
        self.environment.push(name.to_owned());
    }

    /// Looks for this one, too.
    pub(super) fn add(&mut self, name: &str, secret: &str) {
        self.secrets.insert(name.to_owned(), secret.to_owned());
    }

    /// These files may hold one.
    pub(super) fn allow(&mut self, files: &[&str]) {
        self.allowed.extend(files.iter().map(|file| (*file).to_owned()));
    }

    pub(super) fn get(&self, name: &str) -> &str {
        &self.secrets[name]
    }

    pub(super) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.iter().map(|name| (name.as_str(), self.get(name)))
    }

    /// Every secret in every spelling.
    pub(super) fn spellings(&self) -> impl Iterator<Item = Vec<u8>> {
        self.secrets.values().flat_map(|secret| spellings(secret))
    }

    /// That none of them is in `bytes`.
    pub(super) fn assert_clean(&self, place: &str, bytes: &[u8]) {
        for (name, secret) in &self.secrets {
            for spelling in spellings(secret) {
                let at = bytes.windows(spelling.len()).position(|window| window == spelling);
                let around = at.map(|at| String::from_utf8_lossy(&bytes[at.saturating_sub(200)..at]).into_owned());
                assert!(at.is_none(), "{place}: {name} as {}, behind {around:?}", String::from_utf8_lossy(&spelling));
            }
        }
    }

    /// That none of them is in a file below `folder`, but for the allowed ones.
    pub(super) fn assert_no_file(&self, folder: &Path) {
        let mut looked = 0;
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).expect("a folder").map_while(Result::ok) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !self.allowed.iter().any(|allowed| path.ends_with(allowed)) {
                    looked += 1;
                    self.assert_clean(&path.display().to_string(), &fs::read(&path).unwrap_or_default());
                }
            }
        }
        assert!(looked > 10, "only {looked} files");
    }
}

fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let hex = hex::encode(bytes);
    let percent = |upper: bool| {
        let digits = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        bytes.iter().map(|b| if b.is_ascii_alphanumeric() { char::from(*b).to_string() } else { digits(*b) }).collect()
    };
    let escaped = secret.replace('/', "\\/");
    let mut all: Vec<String> = vec![secret.to_owned(), hex.to_uppercase(), hex, percent(true), percent(false), escaped];
    // Inside other text, base64 begins at any of three places.
    for skip in 0..3 {
        let inner = &bytes[skip..bytes.len() - (bytes.len() - skip) % 3];
        all.push(BASE64_STANDARD_NO_PAD.encode(inner));
        all.push(BASE64_URL_SAFE_NO_PAD.encode(inner));
    }
    all.into_iter().map(String::into_bytes).collect()
}
