//! Listing folders and searching them. Links are shown and never followed.

use std::{fs, time::SystemTime};

use crate::{
    error::FileError,
    folder::{Folders, Place},
    glob::Glob,
    limits::{MAX_DEPTH, MAX_ENTRIES, MAX_EXCERPT_CHARS, MAX_FILE_BYTES, MAX_MATCHES, MAX_SEARCHED_BYTES, MAX_VISITED},
    read::read,
    write::is_unfinished,
};

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    /// A link, a device, a socket: what this plugin never opens.
    Other,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub path: String,
    pub kind: Kind,
    pub size: Option<u64>,
    pub modified: Option<SystemTime>,
}

/// A part of a folder's entries, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// The name after which the next part begins, if this one is not the last.
    pub next: Option<String>,
}

/// Lists the folder at `path`, or the granted folders without one.
pub fn list(folders: &Folders, path: Option<&str>, after: Option<&str>) -> Result<Listing, FileError> {
    let mut places = match path.filter(|path| !path.is_empty() && *path != "/") {
        Some(path) => children(&folders.place(path)?)?,
        None if folders.names() == ["/"] => children(&folders.place("/")?)?,
        None => folders.roots(),
    };
    if let Some(after) = after {
        places.retain(|place| name(place) > after);
    }
    let more = places.len() > MAX_ENTRIES;
    places.truncate(MAX_ENTRIES);
    let next = places.last().filter(|_| more).map(|last| name(last).to_owned());
    Ok(Listing { entries: places.iter().map(entry).collect(), next })
}

/// What to search for. Both conditions hold where both are given.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which names.
    pub glob: Option<Glob>,
    /// Which contents.
    pub text: Option<String>,
    /// Whether upper and lower case are the same in contents.
    pub ignore_case: bool,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub path: String,
    /// The line that holds the text, counted from 1, and the line itself.
    pub line: Option<(usize, String)>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResult {
    pub matches: Vec<Match>,
    /// Whether everything was looked at.
    pub complete: bool,
}

/// Searches the folder at `path`, or every granted folder without one.
pub fn search(folders: &Folders, path: Option<&str>, query: &Query) -> Result<SearchResult, FileError> {
    let starts = match path.filter(|path| !path.is_empty() && *path != "/") {
        Some(path) => vec![folders.place(path)?],
        None => folders.roots(),
    };
    let mut search = Search { query, matches: Vec::new(), bytes_left: MAX_SEARCHED_BYTES };
    let mut complete = true;
    for start in starts {
        let base = start.path.trim_end_matches('/').len() + 1;
        complete &= visit(start, &mut |place, entry| search.look(place, entry, base))?;
    }
    Ok(SearchResult { matches: search.matches, complete })
}

/// Every file under `start`, sorted by path; what lies beyond the limits is
/// left out.
pub fn files(start: Place) -> Result<Vec<Entry>, FileError> {
    let mut found = Vec::new();
    visit(start, &mut |_, entry| {
        found.push(entry.clone());
        true
    })?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Shows every file under `start` to `look`, until it says enough. Answers
/// whether everything was shown.
fn visit(start: Place, look: &mut dyn FnMut(&Place, &Entry) -> bool) -> Result<bool, FileError> {
    let mut folders = vec![(start, 0)];
    let (mut visited, mut complete, mut first) = (0, true, true);
    while let Some((folder, depth)) = folders.pop() {
        let inside = match children(&folder) {
            Ok(inside) => inside,
            Err(error) if first => return Err(error),
            // A folder that went away or may not be read hides only itself.
            Err(_) => {
                complete = false;
                continue;
            }
        };
        first = false;
        for place in inside {
            visited += 1;
            if visited > MAX_VISITED {
                return Ok(false);
            }
            let found = entry(&place);
            match found.kind {
                Kind::Folder if depth < MAX_DEPTH => folders.push((place, depth + 1)),
                Kind::Folder => complete = false,
                Kind::File if !look(&place, &found) => return Ok(false),
                Kind::File | Kind::Other => {}
            }
        }
    }
    Ok(complete)
}

struct Search<'q> {
    query: &'q Query,
    matches: Vec<Match>,
    bytes_left: u64,
}

impl Search<'_> {
    /// Looks at one file. False ends the search.
    fn look(&mut self, place: &Place, entry: &Entry, base: usize) -> bool {
        let relative = entry.path.get(base..).unwrap_or(&entry.path);
        if self.query.glob.as_ref().is_some_and(|glob| !glob.matches(relative)) {
            return true;
        }
        if self.matches.len() == MAX_MATCHES {
            return false;
        }
        let Some(text) = &self.query.text else {
            self.matches.push(Match { path: entry.path.clone(), line: None });
            return true;
        };
        let size = entry.size.unwrap_or(0);
        if size > MAX_FILE_BYTES {
            return true;
        }
        let Some(left) = self.bytes_left.checked_sub(size) else { return false };
        self.bytes_left = left;
        self.look_inside(place, text)
    }

    /// Looks for `wanted` in the lines of a file, if it is text.
    fn look_inside(&mut self, place: &Place, wanted: &str) -> bool {
        let Ok(contents) = read(place, MAX_FILE_BYTES) else { return true };
        let Ok(text) = String::from_utf8(contents.bytes) else { return true };
        let wanted = if self.query.ignore_case { wanted.to_lowercase() } else { wanted.to_owned() };
        for (position, line) in text.lines().enumerate() {
            let fits =
                if self.query.ignore_case { line.to_lowercase().contains(&wanted) } else { line.contains(&wanted) };
            if !fits {
                continue;
            }
            if self.matches.len() == MAX_MATCHES {
                return false;
            }
            let excerpt: String = line.chars().take(MAX_EXCERPT_CHARS).collect();
            self.matches.push(Match { path: place.path.clone(), line: Some((position + 1, excerpt)) });
        }
        true
    }
}

/// What lies in a folder, by name.
fn children(folder: &Place) -> Result<Vec<Place>, FileError> {
    let told = |error: std::io::Error| FileError::io(&folder.path, &error);
    let mut places = Vec::new();
    for found in fs::read_dir(&folder.real).map_err(told)? {
        // A name that is not UTF-8 cannot be told to a client.
        if let Ok(name) = found.map_err(told)?.file_name().into_string()
            && !is_unfinished(&name)
        {
            places.push(folder.child(&name));
        }
        if places.len() == MAX_VISITED {
            break;
        }
    }
    places.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(places)
}

fn entry(place: &Place) -> Entry {
    let found = place.metadata().ok();
    let kind = match &found {
        Some(metadata) if metadata.is_file() => Kind::File,
        Some(metadata) if metadata.is_dir() => Kind::Folder,
        _ => Kind::Other,
    };
    Entry {
        name: if place.is_root { place.path.clone() } else { name(place).to_owned() },
        path: place.path.clone(),
        kind,
        size: found.as_ref().filter(|_| kind == Kind::File).map(fs::Metadata::len),
        modified: found.and_then(|metadata| metadata.modified().ok()),
    }
}

fn name(place: &Place) -> &str {
    place.path.rsplit('/').next().unwrap_or(&place.path)
}
