//! Reading one file, whole or some of its lines.

use std::{
    fs::{self, File},
    io::Read as _,
};

use bulkhead_sdk::{Error, Result};

use crate::{
    limits::{MAX_FILE_BYTES, MAX_READ_BYTES},
    root::{Place, told},
};

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The lines, with their ends.
    pub text: String,
    /// The first of them, counted from 1.
    pub first: usize,
    /// The last of them; one less than `first` if there are none.
    pub last: usize,
    /// How many lines the file has.
    pub total: usize,
    /// Whether the last of them was cut: a line alone is longer than an answer.
    pub cut: bool,
}

/// The bytes of the ordinary file at `place`, if it has at most `most`.
///
/// # Errors
/// It is no file, too large, or cannot be read.
pub fn bytes(place: &Place, most: u64) -> Result<Vec<u8>> {
    let told = |error| told(&place.path, &error);
    let found = fs::symlink_metadata(&place.real).map_err(told)?;
    if found.is_dir() {
        return Err(Error::invalid(format!("`{}` is a folder; a file was expected", place.path)));
    }
    if !found.is_file() {
        return Err(Error::denied(format!("`{}` is not an ordinary file", place.path)));
    }
    // All at once: every read leaves the sandbox. It may have grown since it was looked at.
    let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(most) + 1).unwrap_or_default());
    let file = File::open(&place.real).map_err(told)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(told)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(Error::invalid(format!("`{}` has more than {most} bytes, which is too large to read", place.path)));
    }
    Ok(bytes)
}

/// The text of the file at `place`.
///
/// # Errors
/// As [`bytes`], or it is not UTF-8.
pub fn text(place: &Place) -> Result<String> {
    String::from_utf8(bytes(place, MAX_FILE_BYTES)?)
        .map_err(|_| Error::invalid(format!("`{}` is not text in UTF-8", place.path)))
}

/// The lines of `text` from `first` to `last`, as many as fit one answer.
///
/// # Errors
/// There is no such range.
pub fn lines(text: &str, first: usize, last: usize) -> Result<Lines> {
    if first == 0 || last < first {
        return Err(Error::invalid(format!("lines {first} to {last} are no range; the first line is 1")));
    }
    let total = text.lines().count();
    let mut taken = Lines { text: String::new(), first, last: first - 1, total, cut: false };
    for line in text.split_inclusive('\n').skip(first - 1).take(last - first + 1) {
        let room = MAX_READ_BYTES - taken.text.len();
        if line.len() > room {
            taken.cut = taken.text.is_empty();
            if taken.cut {
                taken.text.push_str(&line[..line.floor_char_boundary(room)]);
                taken.last += 1;
            }
            break;
        }
        taken.text.push_str(line);
        taken.last += 1;
    }
    Ok(taken)
}
