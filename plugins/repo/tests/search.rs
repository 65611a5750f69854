//! What a search does with real folders, natively.

mod folder;

use std::{
    fs,
    time::{Duration, Instant},
};

use bulkhead_plugin_repo::{
    Case, Cursor, Extent, Found, MAX_DEPTH, MAX_FILE_BYTES, MAX_IGNORE_BYTES, MAX_TIME, Pace, Pattern, Root, Scope,
    search,
};
use bulkhead_sdk::prelude::*;
use folder::{everything, filled, put, repository};

const EXTENT: Extent = Extent { context: 0, matches: 100, first_only: false };

fn find(root: &Root, scope: &Scope, pattern: &str) -> Result<Found> {
    let pattern = Pattern { text: pattern.to_owned(), ..Pattern::default() };
    search(root, scope, &pattern, EXTENT, &mut Pace::new(&Context::test(), MAX_TIME))
}

fn places(found: &Found) -> Vec<String> {
    found.hits.iter().map(|hit| format!("{}:{}:{}", hit.path, hit.line, hit.column)).collect()
}

fn globs(globs: &[&str]) -> Vec<String> {
    globs.iter().map(|glob| (*glob).to_owned()).collect()
}

#[test]
fn a_search_honours_what_is_ignored() {
    let (_dir, root) = repository();
    let found = find(&root, &everything(&root), "needle").expect("found");
    assert_eq!(
        places(&found),
        [
            "docs/only_here.txt:1:1",
            "keep.log:1:1",
            "src/deep/lib.rs:1:5",
            "src/deep/lib.rs:2:12",
            "src/main.rs:2:10",
            "web/app.ts:1:17",
        ]
    );
    assert!(found.cursor.is_none() && !found.passed_over);
    assert_eq!(found.hits[4].text, "    // a needle here");
    let hidden = find(&root, &everything(&root).hidden(true), "needle").expect("found");
    assert!(places(&hidden).contains(&".hidden/a.rs:1:1".to_owned()));
    assert!(!places(&hidden).iter().any(|place| place.starts_with(".git/")), "{:?}", places(&hidden));
}

#[test]
fn globs_only_narrow() {
    let (_dir, root) = repository();
    let by = |list: &[&str]| {
        places(&find(&root, &Scope::new(&root, None, &globs(list)).expect("a scope"), "needle").expect("found"))
    };
    assert_eq!(by(&["*.ts"]), ["web/app.ts:1:17"]);
    assert_eq!(by(&["src/**/*.rs", "!main.rs"]), ["src/deep/lib.rs:1:5", "src/deep/lib.rs:2:12"]);
    assert_eq!(by(&["!src/**", "!docs"]), ["keep.log:1:1", "web/app.ts:1:17"]);
    assert_eq!(by(&["*.log"]), ["keep.log:1:1"], "a glob does not bring back what is ignored");
    assert!(Scope::new(&root, None, &globs(&["a[b"])).is_err());
    assert!(Scope::new(&root, None, &globs(&["x"; 100])).is_err());
}

#[test]
fn a_folder_and_a_file_can_be_named() {
    let (_dir, root) = repository();
    let at = |path: &str| {
        Scope::new(&root, Some(path), &[]).map(|scope| places(&find(&root, &scope, "needle").expect("found")))
    };
    assert_eq!(at("src/deep").expect("places"), ["src/deep/lib.rs:1:5", "src/deep/lib.rs:2:12"]);
    assert_eq!(at("/repo/src").expect("places").len(), 3);
    assert_eq!(at("src/main.rs").expect("places"), ["src/main.rs:2:10"]);
    assert_eq!(at("target").expect("places"), [""; 0], "the rules of the folders above hold");
    assert!(matches!(at("nowhere"), Err(Error::NotFound(_))));
    for outside in ["../x", "/etc", "src/../../x", ".git", "src/.GIT/x", "a\\b", "a\0b", "/repository"] {
        assert!(at(outside).is_err(), "{outside}");
    }
}

#[test]
fn case_words_and_plain_text_are_told_apart() {
    let (_dir, root) = filled(&[("a.txt", "Needle\nneedles\na.b\naxb\n")]);
    let lines = |pattern: Pattern| {
        let found = search(&root, &everything(&root), &pattern, EXTENT, &mut Pace::new(&Context::test(), MAX_TIME));
        found.expect("found").hits.iter().map(|hit| hit.line).collect::<Vec<_>>()
    };
    let pattern = |text: &str| Pattern { text: text.to_owned(), ..Pattern::default() };
    assert_eq!(lines(pattern("needle")), [1, 2]);
    assert_eq!(lines(pattern("Needle")), [1]);
    assert_eq!(lines(Pattern { case: Case::Sensitive, ..pattern("needle") }), [2]);
    assert_eq!(lines(Pattern { case: Case::Ignore, ..pattern("NEEDLE") }), [1, 2]);
    assert_eq!(lines(Pattern { whole_words: true, ..pattern("needle") }), [1]);
    assert_eq!(lines(pattern("a.b")), [3, 4]);
    assert_eq!(lines(Pattern { is_plain: true, ..pattern("a.b") }), [3]);
}

#[test]
fn context_stands_beside_its_match_once() {
    let text: String =
        (1..=12).map(|n| if n == 4 || n == 6 { format!("hit {n}\n") } else { format!("line {n}\n") }).collect();
    let (_dir, root) = filled(&[("a.txt", &text)]);
    let pattern = Pattern { text: "hit".to_owned(), ..Pattern::default() };
    let extent = Extent { context: 2, ..EXTENT };
    let found =
        search(&root, &everything(&root), &pattern, extent, &mut Pace::new(&Context::test(), MAX_TIME)).expect("found");
    assert_eq!(found.hits[0].before, ["line 2", "line 3"]);
    assert_eq!([found.hits[0].after.clone(), found.hits[1].before.clone()].concat(), ["line 5"]);
    assert_eq!(found.hits[1].after, ["line 7", "line 8"]);
}

#[test]
fn an_answer_goes_on_where_the_last_one_ended() {
    let files: Vec<(String, String)> = (0..7).map(|n| (format!("f{n}/a.txt"), "needle\n".repeat(5))).collect();
    let (_dir, root) = filled(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
    let whole = places(&find(&root, &everything(&root), "needle").expect("found"));
    assert_eq!(whole.len(), 35);
    for most in [1, 3, 5, 34, 35] {
        let (mut pieces, mut cursor) = (Vec::new(), None);
        loop {
            let scope = everything(&root).after(cursor);
            let pattern = Pattern { text: "needle".to_owned(), ..Pattern::default() };
            let extent = Extent { matches: most, ..EXTENT };
            let found =
                search(&root, &scope, &pattern, extent, &mut Pace::new(&Context::test(), MAX_TIME)).expect("found");
            assert!(found.hits.len() <= most);
            pieces.extend(places(&found));
            // What goes to the caller comes back as text.
            cursor = found.cursor.map(|cursor| cursor.to_string().parse::<Cursor>().expect("a cursor"));
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(pieces, whole, "{most} at a time");
    }
    for bad in ["", "x", "x:a", "-1:a"] {
        assert!(bad.parse::<Cursor>().is_err(), "{bad}");
    }
}

#[test]
fn a_search_that_takes_long_stops_and_says_where() {
    let files: Vec<String> = (0..100).map(|n| format!("{n:03}.txt")).collect();
    let (_dir, root) = filled(&files.iter().map(|path| (path.as_str(), "needle\n")).collect::<Vec<_>>());
    let (mut found, mut rounds, mut cursor) = (0, 0, None);
    loop {
        let ctx = Context::test();
        let pattern = Pattern { text: "needle".to_owned(), ..Pattern::default() };
        let scope = everything(&root).after(cursor);
        let part = search(&root, &scope, &pattern, EXTENT, &mut Pace::new(&ctx, Duration::ZERO)).expect("found");
        (found, rounds, cursor) = (found + part.hits.len(), rounds + 1, part.cursor);
        if cursor.is_none() {
            break;
        }
        assert!(!ctx.recorded().progress.is_empty());
    }
    assert!(found == 100 && rounds > 2, "{found} in {rounds}");
    let ctx = Harness::new().cancelled().context();
    let pattern = Pattern { text: "needle".to_owned(), ..Pattern::default() };
    let stopped = search(&root, &everything(&root), &pattern, EXTENT, &mut Pace::new(&ctx, MAX_TIME));
    assert!(matches!(stopped, Err(Error::Failed(_))));
}

#[test]
fn binary_files_and_huge_ones_are_passed_over() {
    let (dir, root) = filled(&[("a.txt", "needle\n")]);
    put(dir.path(), "b.bin", b"needle\n\0needle\n");
    put(
        dir.path(),
        "late.bin",
        [b"needle\n".to_vec(), b"other\n".repeat(50_000), vec![0], b"needle\n".to_vec()].concat(),
    );
    put(dir.path(), "latin.txt", b"\xe9 needle\n");
    put(dir.path(), "utf16.txt", "\u{feff}needle\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    let huge = fs::File::create(dir.path().join("huge.txt")).expect("a file");
    huge.set_len(MAX_FILE_BYTES + 1).expect("a size");
    let found = find(&root, &everything(&root), "needle").expect("found");
    assert!(found.passed_over);
    let paths: Vec<_> = found.hits.iter().map(|hit| hit.path.as_str()).collect();
    assert_eq!(paths, ["a.txt", "latin.txt", "utf16.txt"]);
    assert_eq!(found.hits[1].text, "\u{fffd} needle");
}

#[test]
fn a_huge_line_is_quoted_around_its_match() {
    let line = format!("{}needle{}", "x ".repeat(2_000_000), "y".repeat(2_000_000));
    let (_dir, root) = filled(&[("min.js", &line)]);
    let found = find(&root, &everything(&root), "needle").expect("found");
    assert!(found.hits[0].text.contains("x needley"), "{}", found.hits[0].text);
    assert!(found.hits[0].text.chars().count() < 310);
    assert_eq!(found.hits[0].column, 4_000_001);
}

#[test]
fn a_wicked_pattern_is_refused_or_quick() {
    let (_dir, root) = filled(&[("a.txt", &"a".repeat(100_000))]);
    let started = Instant::now();
    for wicked in ["(a*)*b", "(a|aa)+$b", "(x+x+)+y", ".*.*.*=.*", "(a?){50}a{50}b"] {
        assert_eq!(find(&root, &everything(&root), wicked).expect(wicked).hits.len(), 0, "{wicked}");
    }
    assert!(started.elapsed() < Duration::from_secs(20));
    let nested = format!("{}a{}", "(".repeat(500), ")".repeat(500));
    for refused in
        ["(a{1000}){1000}", r"\w{5000}", "(?=a)", r"(a)\1", "(", "a\nb", "", nested.as_str(), &"a".repeat(2_000)]
    {
        assert!(matches!(find(&root, &everything(&root), refused), Err(Error::Invalid(_))), "{refused:.40}");
    }
}

#[test]
fn deep_folders_and_large_rules_are_passed_over() {
    let (dir, root) = filled(&[("a.txt", "needle\n"), ("b/x.txt", "needle\n")]);
    put(dir.path(), &format!("{}deep.txt", "d/".repeat(MAX_DEPTH + 5)), "needle\n");
    put(dir.path(), "b/.gitignore", "x\n".repeat(usize::try_from(MAX_IGNORE_BYTES).expect("small")));
    let found = find(&root, &everything(&root), "needle").expect("found");
    assert_eq!(places(&found), ["a.txt:1:1"]);
    assert!(found.passed_over);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_loops_end() {
    use std::os::unix::fs::symlink;
    let (dir, root) = filled(&[("src/a.rs", "fn needle() {}\n")]);
    let outside = tempfile::tempdir().expect("a folder");
    put(outside.path(), "secret.rs", "fn needle() {}\n");
    symlink(outside.path(), dir.path().join("out")).expect("a link");
    symlink(outside.path().join("secret.rs"), dir.path().join("secret.rs")).expect("a link");
    symlink(dir.path(), dir.path().join("src/loop")).expect("a link");
    symlink(outside.path().join("secret.rs"), dir.path().join(".gitignore")).expect("a link");
    let found = find(&root, &Scope::new(&root, Some("src"), &[]).expect("a scope"), "needle").expect("found");
    // The rules of the folder lie outside it, so nobody reads them, nor what they are for.
    assert!(found.hits.is_empty() && found.passed_over);
    fs::remove_file(dir.path().join(".gitignore")).expect("gone");
    assert_eq!(places(&find(&root, &everything(&root), "needle").expect("found")), ["src/a.rs:1:4"]);
    for path in ["out/secret.rs", "secret.rs", "src/loop/src/a.rs"] {
        assert!(matches!(root.place(path), Err(Error::Denied(_))), "{path}");
    }
}
