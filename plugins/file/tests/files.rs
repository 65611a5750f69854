//! What the plugin does with real folders, natively.

use std::{fs, path::Path, sync::Barrier, thread};

use bulkhead_plugin_file::{
    FileError, Folder, Folders, Glob, Kind, MAX_FILE_BYTES, MAX_MATCHES, MAX_WRITE_BYTES, Query, etag, files, list,
    read, search, write,
};
use tempfile::TempDir;

fn folders(dir: &Path) -> Folders {
    Folders::new([Folder { at: "/data".to_owned(), dir: dir.to_owned() }])
}

fn filled() -> (TempDir, Folders) {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in [
        ("readme.md", "# Title\nA needle here\nand a NEEDLE there\n"),
        ("notes/one.txt", "one needle\n"),
        ("notes/deep/two.md", "nothing\n"),
    ] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    fs::write(dir.path().join("blob.bin"), [0xff, 0xfe, 0x00, 0x01]).expect("a file");
    let folders = folders(dir.path());
    (dir, folders)
}

fn text(folders: &Folders, path: &str) -> Result<(String, String), FileError> {
    let contents = read(&folders.place(path)?, MAX_FILE_BYTES)?;
    Ok((contents.excerpt(0, usize::MAX).content, contents.etag))
}

#[test]
fn a_file_is_read_with_its_etag() {
    let (_dir, folders) = filled();
    let (content, tag) = text(&folders, "/data/notes/one.txt").expect("read");
    assert_eq!(content, "one needle\n");
    assert_eq!(tag, etag(b"one needle\n"));
    assert_eq!(etag(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn bytes_come_as_base64_and_large_files_in_parts() {
    let (dir, folders) = filled();
    let blob = read(&folders.place("blob.bin").expect("a place"), MAX_FILE_BYTES).expect("read");
    let whole = blob.excerpt(0, 100);
    assert_eq!((whole.content.as_str(), whole.is_base64, whole.next_offset), ("//4AAQ==", true, None));

    fs::write(dir.path().join("long.txt"), "aéé".repeat(10)).expect("a file");
    let long = read(&folders.place("long.txt").expect("a place"), MAX_FILE_BYTES).expect("read");
    let (mut offset, mut put_together) = (0, String::new());
    loop {
        let part = long.excerpt(offset, 4);
        assert!(!part.is_base64 && !part.content.is_empty());
        put_together.push_str(&part.content);
        match part.next_offset {
            Some(next) => offset = next,
            None => break,
        }
    }
    assert_eq!(put_together, "aéé".repeat(10));
    assert_eq!(long.excerpt(u64::MAX, 4).content, "");
}

#[test]
fn what_is_not_there_or_no_file_is_told_apart() {
    let (_dir, folders) = filled();
    assert!(matches!(text(&folders, "/data/none"), Err(FileError::NotFound(_))));
    assert!(matches!(text(&folders, "/data/notes"), Err(FileError::Invalid(_))));
    assert!(matches!(text(&folders, "/etc/passwd"), Err(FileError::Denied(_))));
    assert!(matches!(text(&folders, "/data/../x"), Err(FileError::Denied(_))));
}

#[cfg(unix)]
#[test]
fn a_link_is_shown_and_never_followed() {
    let (dir, folders) = filled();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link")).expect("a link");
    assert!(matches!(text(&folders, "/data/link"), Err(FileError::Denied(_))));
    let place = folders.place("/data/link").expect("a place");
    assert!(matches!(write(&place, b"x", None, false), Err(FileError::Denied(_))));
    let listing = list(&folders, Some("/data"), None).expect("a listing");
    let link = listing.entries.iter().find(|entry| entry.name == "link");
    assert!(matches!(link, Some(entry) if entry.kind == Kind::Other));
    let found = search(&folders, None, &Query { text: Some("root".to_owned()), ..Query::default() }).expect("a search");
    assert_eq!(found.matches, []);
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let (dir, folders) = filled();
    fs::File::create(dir.path().join("huge")).and_then(|file| file.set_len(MAX_FILE_BYTES + 1)).expect("a file");
    assert!(matches!(text(&folders, "/data/huge"), Err(FileError::Invalid(_))));
}

#[test]
fn a_listing_goes_by_name() {
    let (_dir, folders) = filled();
    let roots = list(&folders, None, None).expect("a listing");
    assert_eq!(roots.entries.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["/data"]);
    let inside = list(&folders, Some("/data"), None).expect("a listing");
    let names: Vec<_> = inside.entries.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
    assert_eq!(names, [("blob.bin", Kind::File), ("notes", Kind::Folder), ("readme.md", Kind::File)]);
    let rest = list(&folders, Some("/data"), Some("notes")).expect("a listing");
    assert_eq!(rest.entries.len(), 1);
    assert!(list(&folders, Some("/data/readme.md"), None).is_err());
}

#[test]
fn a_search_finds_names_and_lines() {
    let (_dir, folders) = filled();
    let glob = |pattern: &str| Some(Glob::parse(pattern).expect("a pattern"));
    let by_name = search(&folders, None, &Query { glob: glob("*.md"), ..Query::default() }).expect("a search");
    let mut paths: Vec<_> = by_name.matches.iter().map(|found| found.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/data/notes/deep/two.md", "/data/readme.md"]);
    assert!(by_name.complete);

    let query = Query { text: Some("needle".to_owned()), ..Query::default() };
    assert_eq!(search(&folders, None, &query).expect("a search").matches.len(), 2);
    let query = Query { ignore_case: true, glob: glob("*.md"), ..query };
    let lines: Vec<_> = search(&folders, Some("/data"), &query)
        .expect("a search")
        .matches
        .into_iter()
        .filter_map(|found| found.line)
        .collect();
    assert_eq!(lines, [(2, "A needle here".to_owned()), (3, "and a NEEDLE there".to_owned())]);
    let under = search(&folders, Some("/data/notes"), &Query { glob: glob("deep/*"), ..Query::default() });
    assert_eq!(under.expect("a search").matches.len(), 1);
}

#[test]
fn a_search_with_too_many_matches_says_that_there_is_more() {
    let (dir, folders) = filled();
    fs::write(dir.path().join("many.txt"), "needle\n".repeat(MAX_MATCHES + 1)).expect("a file");
    let query = Query { text: Some("needle".to_owned()), ..Query::default() };
    let found = search(&folders, None, &query).expect("a search");
    assert_eq!((found.matches.len(), found.complete), (MAX_MATCHES, false));
}

#[test]
fn a_write_goes_only_onto_the_version_that_is_known() {
    let (dir, folders) = filled();
    let place = folders.place("/data/new/file.txt").expect("a place");
    assert!(matches!(write(&place, b"1", None, false), Err(FileError::NotFound(_))));
    let first = write(&place, b"1", None, true).expect("written");
    assert!(first.created && first.etag == etag(b"1"));

    let second = write(&place, b"2", Some(&first.etag), false).expect("written");
    assert!(!second.created);
    let stale = write(&place, b"3", Some(&first.etag), false);
    assert!(matches!(&stale, Err(FileError::Conflict(text)) if text.contains(&second.etag)), "{stale:?}");
    assert_eq!(fs::read(dir.path().join("new/file.txt")).expect("read"), b"2");

    assert!(write(&place, b"4", Some("*"), false).is_ok());
    let absent = folders.place("/data/absent").expect("a place");
    assert!(matches!(write(&absent, b"x", Some("*"), false), Err(FileError::Conflict(_))));
    assert!(!dir.path().join("absent").exists());
    let too_much = vec![0; MAX_WRITE_BYTES + 1];
    assert!(matches!(write(&place, &too_much, None, false), Err(FileError::Invalid(_))));
    assert!(matches!(write(&folders.place("/data").expect("a place"), b"x", None, false), Err(FileError::Invalid(_))));
    let left: Vec<_> = fs::read_dir(dir.path().join("new")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "a write leaves nothing but its file");
}

#[test]
fn of_many_writers_with_one_etag_one_wins() {
    let (dir, folders) = filled();
    let tag = etag(&fs::read(dir.path().join("readme.md")).expect("read"));
    let barrier = Barrier::new(8);
    let won = thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|n: u8| {
                let (folders, tag, barrier) = (&folders, &tag, &barrier);
                scope.spawn(move || {
                    let place = folders.place("readme.md").expect("a place");
                    barrier.wait();
                    write(&place, &[b'0' + n], Some(tag), false).is_ok()
                })
            })
            .collect();
        writers.into_iter().filter(|_| true).map(|writer| writer.join().expect("no panic")).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
    assert_eq!(fs::read(dir.path().join("readme.md")).expect("read").len(), 1);
}

#[test]
fn every_file_is_a_resource() {
    let (_dir, folders) = filled();
    let all = files(folders.roots().remove(0)).expect("files");
    let paths: Vec<_> = all.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["/data/blob.bin", "/data/notes/deep/two.md", "/data/notes/one.txt", "/data/readme.md"]);
}
