//! Checkpoints that stand one after the other, as `checkpointTo: FILE` collects
//! them.
//!
//! **Invariant:** what a crash left of one is passed over, and nothing else: it
//! begins as one of the same record, and has no signature that is whole.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Checkpoint, LogName, NoteError, PublicKey,
    note::{DASH, SIGNED_BYTES},
};

/// Lines that may stand before a checkpoint and are none: what some crashes in
/// a row leave.
const MOST_TORN_LINES: usize = 32;

/// What one note of a collection is.
struct Read<'t> {
    checkpoint: Option<Checkpoint>,
    /// How what stands before it begins, or instead of it.
    torn: Option<&'t str>,
}

impl Checkpoint {
    /// Reads checkpoints that stand one after the other, as
    /// `checkpointTo: FILE` collects them. What a crash left of one is passed
    /// over.
    ///
    /// # Errors
    /// There is none, or one of them is none, or not of `key`.
    pub fn parse_all(text: &str, key: &PublicKey) -> Result<Vec<Self>, NoteError> {
        let (mut found, mut torn) = (Vec::new(), Vec::new());
        for note in notes(text) {
            let read = read(note, key)?;
            found.extend(read.checkpoint);
            torn.extend(read.torn);
        }
        let belongs = |torn: &&str| found.iter().any(|found: &Self| begins(found.name(), torn));
        if found.is_empty() || !torn.iter().all(belongs) { Err(NoteError::Malformed) } else { Ok(found) }
    }

    /// Reads the last of them. `None` if there is nothing but what a crash left
    /// of the first one of record `name`.
    pub(crate) fn parse_last(text: &str, key: &PublicKey, name: &LogName) -> Result<Option<Self>, NoteError> {
        for note in notes(text).into_iter().rev() {
            let Read { checkpoint, torn } = read(note, key)?;
            let of = checkpoint.as_ref().map_or(name, Self::name);
            if torn.is_some_and(|torn| !begins(of, torn)) {
                return Err(NoteError::Malformed);
            }
            if checkpoint.is_some() {
                return Ok(checkpoint);
            }
        }
        Ok(None)
    }
}

fn begins(name: &LogName, torn: &str) -> bool {
    name.as_str().starts_with(torn)
}

/// Reads a note, before which may stand what is left of others.
fn read<'t>(note: &'t str, key: &PublicKey) -> Result<Read<'t>, NoteError> {
    let error = match Checkpoint::parse(note, key) {
        Ok(checkpoint) => return Ok(Read { checkpoint: Some(checkpoint), torn: None }),
        Err(error) => error,
    };
    // The next one begins on a line of its own.
    let mut later = note.match_indices('\n').take(MOST_TORN_LINES).map(|(at, _)| &note[at + 1..]);
    let checkpoint = later.find_map(|rest| Checkpoint::parse(rest, key).ok());
    if checkpoint.is_none() && (is_signed(note) || note.is_empty()) {
        return Err(error);
    }
    Ok(Read { checkpoint, torn: Some(note.lines().next().unwrap_or_default()) })
}

/// Whether it ends with a signature that is whole.
fn is_signed(note: &str) -> bool {
    let lines = note.strip_suffix('\n').map(str::lines);
    let last = lines.and_then(|mut lines| lines.next_back()?.strip_prefix(DASH)?.split_once(' '));
    last.is_some_and(|(_, signature)| STANDARD.decode(signature).is_ok_and(|signed| signed.len() >= SIGNED_BYTES))
}

/// A note ends where a line follows its signatures that is none.
fn notes(text: &str) -> Vec<&str> {
    let (mut found, mut begin, mut at, mut signed) = (Vec::new(), 0, 0, false);
    for line in text.split_inclusive('\n') {
        let signature = line.starts_with(DASH);
        if signed && !signature {
            found.push(&text[begin..at]);
            begin = at;
        }
        signed = signature;
        at += line.len();
    }
    found.push(&text[begin..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keypair;

    fn name() -> LogName {
        "tools.example.com/audit".parse().unwrap()
    }

    fn made(signer: &Keypair) -> Vec<Checkpoint> {
        (0..3).map(|size| Checkpoint::sign(&name(), signer, size, [1; 32])).collect()
    }

    #[test]
    fn a_collection_of_checkpoints_is_read_whole() {
        let signer = Keypair::generate().unwrap();
        let made = made(&signer);
        let text: String = made.iter().map(ToString::to_string).collect();
        assert_eq!(Checkpoint::parse_all(&text, signer.public()).unwrap(), made);
        assert_eq!(Checkpoint::parse_last(&text, signer.public(), &name()).unwrap().as_ref(), made.last());
        assert!(Checkpoint::parse_all("", signer.public()).is_err());
    }

    #[test]
    fn what_a_crash_left_of_one_is_passed_over_wherever_it_stands() {
        let signer = Keypair::generate().unwrap();
        let (key, made) = (signer.public(), made(&signer));
        let [first, second, third] = [0, 1, 2].map(|at| made[at].to_string());
        for length in 0..second.len() {
            let torn = String::from_utf8_lossy(&second.as_bytes()[..length]).into_owned();
            let behind = Checkpoint::parse_all(&format!("{first}{torn}"), key).unwrap();
            assert_eq!(behind[0], made[0], "{length}");
            assert_eq!(behind.len(), 1, "{length}: {torn}");
            let last = Checkpoint::parse_last(&format!("{first}{torn}"), key, &name()).unwrap();
            assert_eq!(last.as_ref(), made.first(), "{length}");
            // As the next append leaves it.
            let close = if torn.is_empty() || torn.ends_with('\n') { "" } else { "\n" };
            let text = format!("{first}{torn}{close}{torn}{close}{third}");
            let between = Checkpoint::parse_all(&text, key).unwrap_or_else(|error| panic!("{length}: {error}: {text}"));
            let whole = length + 1 == second.len();
            assert_eq!(between.len(), if whole { 4 } else { 2 }, "{length}: {text}");
            assert_eq!((&between[0], between.last()), (&made[0], made.last()), "{length}");
            assert_eq!(Checkpoint::parse_last(&text, key, &name()).unwrap().as_ref(), made.last(), "{length}");
            // Nothing else is there yet.
            let alone = Checkpoint::parse_last(&torn, key, &name());
            assert_eq!(alone.is_ok(), length > 0, "{length}: {alone:?}");
        }
    }

    #[test]
    fn what_no_crash_leaves_is_no_collection() {
        let signer = Keypair::generate().unwrap();
        let (key, made) = (signer.public(), made(&signer));
        let [first, second] = [0, 1].map(|at| made[at].to_string());
        let altered = second.replacen("\n1\n", "\n9\n", 1);
        for text in [
            "garbage".to_owned(),
            format!("garbage\n{first}"),
            format!("{first}garbage"),
            format!("{first}garbage\n{second}"),
            format!("{first}{altered}"),
            format!("{altered}{first}"),
            format!("{first}{}", second.replace("tools", "other")),
        ] {
            assert!(Checkpoint::parse_all(&text, key).is_err(), "{text}");
        }
        let other = Keypair::generate().unwrap();
        assert_eq!(Checkpoint::parse_all(&first, other.public()), Err(NoteError::NotSigned));
    }
}
