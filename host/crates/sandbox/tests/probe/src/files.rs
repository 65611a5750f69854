//! What a guest can try with files.

use std::{fs, io, io::Write as _};

use crate::{Said, shown};

pub fn run(name: &str, words: &[&str]) -> Option<Said> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let bytes = || vec![b'z'; word(1).parse().unwrap_or(0)];
    let done = |()| "done".to_owned();
    let result = match name {
        "read" => fs::read(word(0)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        "write" => fs::write(word(0), bytes()).map(done),
        "append" => append(word(0), &bytes()).map(done),
        "cut" => {
            fs::OpenOptions::new().write(true).open(word(0)).and_then(|f| f.set_len(bytes().len() as u64)).map(done)
        }
        "grow" => {
            let open = fs::OpenOptions::new().write(true).open(word(0));
            open.and_then(|file| file.set_len(word(1).parse().unwrap_or(0))).map(done)
        }
        "list" => list(word(0)),
        "mkdir" => fs::create_dir(word(0)).map(done),
        "remove" => fs::remove_file(word(0)).map(done),
        "rename" => fs::rename(word(0), word(1)).map(done),
        "link" => fs::hard_link(word(0), word(1)).map(done),
        "open-many" => open_many(word(0), word(1)),
        "orphans" => orphans(word(0), &bytes(), word(2)),
        "list-many" => return Some(list_many(word(0))),
        "poke" => return Some(poke(word(0))),
        "symlink" => return Some(symlink(word(0), word(1))),
        _ => return None,
    };
    Some(result.map_err(|error| format!("{:?}", error.kind())))
}

fn append(path: &str, bytes: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
}

fn list(path: &str) -> io::Result<String> {
    let names: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect();
    let mut names: Vec<_> = names?.into_iter().map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names.join(","))
}

fn open_many(path: &str, count: &str) -> io::Result<String> {
    let count: usize = count.parse().unwrap_or(0);
    let files: Vec<_> = (0..count).map(|_| fs::File::open(path)).collect::<Result<_, _>>()?;
    Ok(files.len().to_string())
}

/// Writes file after file, and removes each while it is open.
fn orphans(path: &str, bytes: &[u8], count: &str) -> io::Result<String> {
    let mut open = Vec::new();
    for _ in 0..count.parse().unwrap_or(0) {
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        fs::remove_file(path)?;
        open.push(file);
    }
    Ok(open.len().to_string())
}

fn list_many(count: &str) -> Said {
    let (folder, _) = wasip2::filesystem::preopens::get_directories().remove(0);
    let count: usize = count.parse().unwrap_or(0);
    let listings: Result<Vec<_>, _> = (0..count).map(|_| folder.read_directory()).collect();
    listings.map_err(shown).map(|listings| listings.len().to_string())
}

/// Writes past the end with `descriptor.write`, which the C library never calls.
fn poke(name: &str) -> Said {
    use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
    let (folder, _) = wasip2::filesystem::preopens::get_directories().remove(0);
    let flags = DescriptorFlags::WRITE | DescriptorFlags::READ;
    let file = folder.open_at(PathFlags::empty(), name, OpenFlags::CREATE, flags).map_err(shown)?;
    file.write(b"x", 1 << 40).map_err(shown).map(|n| n.to_string())
}

fn symlink(target: &str, name: &str) -> Said {
    let (folder, _) = wasip2::filesystem::preopens::get_directories().remove(0);
    folder.symlink_at(target, name).map_err(shown).map(|()| "done".into())
}
