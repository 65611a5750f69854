//! What a model should see of the folder to answer a question: the lines that
//! hold most of its words, best file first.

use bulkhead_sdk::{Error, Result};
use regex::bytes::{Regex, RegexBuilder};

use crate::{
    excerpt::excerpt,
    file::bytes,
    language::Language,
    limits::{MAX_FILE_BYTES, MAX_PATTERN_BYTES, MAX_PROMPT_BYTES, MAX_WORDS},
    pace::Pace,
    root::{Place, Root},
    symbol,
    walk::{Scope, walk},
};

/// Lines around one that counts.
const AROUND: usize = 8;
/// Files that are kept while looking, and lines of each.
const MAX_KEPT: usize = 24;
/// What a definition of a word is worth, beside a line that holds it.
const DEFINITION: usize = 8;
/// What a word in the path is worth.
const IN_PATH: usize = 4;
/// Shortest word that is looked for, in characters.
const MIN_WORD_CHARS: usize = 3;

/// Words that say nothing about code.
const COMMON: [&str; 48] = [
    "the", "and", "for", "are", "was", "how", "does", "what", "where", "which", "when", "why", "who", "this", "that",
    "with", "from", "into", "have", "has", "can", "could", "should", "would", "will", "not", "but", "its", "there",
    "then", "than", "them", "they", "you", "your", "our", "about", "please", "explain", "show", "find", "tell", "code",
    "file", "files", "work", "works", "used",
];

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Its file.
    pub path: String,
    /// Its first line, from 1.
    pub first: usize,
    /// Its last line.
    pub last: usize,
    /// Its lines.
    pub text: String,
}

/// A file that may matter.
struct Candidate {
    place: Place,
    score: usize,
    /// Lines, from 0, with what each is worth.
    lines: Vec<(usize, usize)>,
}

/// The words of `question` to look for, those that look like names first.
pub fn words(question: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut words: Vec<String> = Vec::new();
    for word in question.split(|c| !is_part(c)) {
        let known = words.iter().any(|other| other.eq_ignore_ascii_case(word));
        let fits = word.chars().count() >= MIN_WORD_CHARS && word.len() <= MAX_PATTERN_BYTES;
        if fits && !known && !COMMON.contains(&word.to_ascii_lowercase().as_str()) {
            words.push(word.to_owned());
        }
    }
    let is_name = |word: &String| word.contains('_') || word.chars().skip(1).any(char::is_uppercase);
    words.sort_by_key(|word| !is_name(word));
    words.truncate(MAX_WORDS);
    words
}

/// Snippets of the files of `scope` that answer `question`, at most
/// [`MAX_PROMPT_BYTES`] of them.
///
/// # Errors
/// The question holds no word to look for, or the caller has given up.
pub fn snippets(root: &Root, scope: &Scope, question: &str, pace: &mut Pace<'_>) -> Result<Vec<Snippet>> {
    let words = words(question);
    if words.is_empty() {
        return Err(Error::invalid("the question holds no word to look for; name a function, a type or a topic"));
    }
    let patterns: Vec<Regex> = words.iter().filter_map(|word| pattern(word)).collect();
    let mut best: Vec<Candidate> = Vec::new();
    walk(root, scope, pace, &mut |place| {
        if let Ok(bytes) = bytes(place, MAX_FILE_BYTES)
            && let Some(candidate) = candidate(place, &bytes, &patterns)
        {
            best.push(candidate);
            if best.len() > MAX_KEPT * 2 {
                keep_best(&mut best);
            }
        }
        Ok(None)
    })?;
    keep_best(&mut best);
    Ok(within_budget(&best))
}

fn pattern(word: &str) -> Option<Regex> {
    RegexBuilder::new(&regex::escape(word)).case_insensitive(true).build().ok()
}

fn keep_best(found: &mut Vec<Candidate>) {
    found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.place.path.cmp(&b.place.path)));
    found.truncate(MAX_KEPT);
}

/// What the file at `place` is worth, if it holds a word at all.
fn candidate(place: &Place, bytes: &[u8], patterns: &[Regex]) -> Option<Candidate> {
    let held = patterns.iter().filter(|pattern| pattern.is_match(bytes)).count();
    let named = patterns.iter().filter(|pattern| pattern.is_match(place.path.as_bytes())).count();
    if held == 0 || bytes.contains(&0) {
        return None;
    }
    let mut lines: Vec<(usize, usize)> = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| patterns.iter().filter(|pattern| pattern.is_match(line)).count())
        .enumerate()
        .filter(|(_, worth)| *worth > 0)
        .collect();
    for (at, worth) in definitions(place, bytes, patterns) {
        if let Ok(found) = lines.binary_search_by_key(&at, |(line, _)| *line) {
            lines[found].1 += worth;
        }
    }
    lines.sort_by_key(|(line, worth)| (std::cmp::Reverse(*worth), *line));
    lines.truncate(MAX_KEPT);
    let top: usize = lines.iter().take(4).map(|(_, worth)| worth).sum();
    // A file with every word beats one that repeats a single word.
    Some(Candidate { place: place.clone(), score: top + held * held + named * IN_PATH, lines })
}

/// Lines, from 0, that define something with a word in its name.
fn definitions(place: &Place, bytes: &[u8], patterns: &[Regex]) -> Vec<(usize, usize)> {
    let Some(language) = Language::of(&place.path) else { return Vec::new() };
    let worth = |name: &str| patterns.iter().filter(|word| word.is_match(name.as_bytes())).count() * DEFINITION;
    symbol::all(place, language, bytes)
        .filter_map(|found| Some((usize::try_from(found.line).ok()?.checked_sub(1)?, worth(&found.name))))
        .filter(|(_, worth)| *worth > 0)
        .collect()
}

/// The best lines of the best files, while there is room.
fn within_budget(files: &[Candidate]) -> Vec<Snippet> {
    let mut room = MAX_PROMPT_BYTES;
    let mut snippets = Vec::new();
    for file in files {
        // Half of what is left at most: one file does not take all the room.
        let mut share = room / 2;
        let Ok(bytes) = bytes(&file.place, MAX_FILE_BYTES) else { continue };
        let lines: Vec<&[u8]> = bytes.trim_ascii_end().split(|byte| *byte == b'\n').collect();
        for (first, last) in ranges(file, lines.len()) {
            let text: Vec<String> = lines[first..last].iter().map(|line| excerpt(line, 0)).collect();
            let text = text.join("\n");
            let Some(left) = share.checked_sub(text.len() + file.place.path.len()) else { break };
            room -= share - left;
            share = left;
            snippets.push(Snippet { path: file.place.path.clone(), first: first + 1, last, text });
        }
    }
    snippets
}

/// The lines around the best ones, as far as they do not meet: best first.
fn ranges(file: &Candidate, total: usize) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (line, _) in &file.lines {
        let (first, last) = (line.saturating_sub(AROUND / 2), (line + AROUND * 2).min(total));
        let meets = ranges.iter().any(|(from, to)| first <= *to && *from <= last);
        if !meets && first < last {
            ranges.push((first, last));
        }
    }
    ranges
}
