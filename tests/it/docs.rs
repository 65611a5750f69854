//! What the documentation refers to is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::binary::repository;

/// Every page, those of other people's packages apart.
fn pages(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())).map_while(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let elsewhere =
            name.starts_with('.') || ["target", "node_modules", "corpus", "template"].contains(&name.as_str());
        if path.is_dir() && !elsewhere {
            pages(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// The targets of a page's links, each with its text.
fn links(page: &str) -> Vec<(&str, &str)> {
    let mut links = Vec::new();
    for (at, _) in page.match_indices("](") {
        let text = page[..at].rsplit('[').next().unwrap_or_default();
        let target = page[at + 2..].split(')').next().unwrap_or_default();
        links.push((text, target));
    }
    links
}

#[test]
fn every_link_leads_somewhere() {
    let mut found = Vec::new();
    pages(repository(), &mut found);
    assert!(found.len() > 15, "pages are missing: {found:?}");
    for path in found {
        let page = fs::read_to_string(&path).expect("a page");
        for (_, target) in links(&page).into_iter().filter(|(_, target)| !target.contains("://")) {
            let file = target.split('#').next().unwrap_or_default();
            let leads = path.parent().expect("a folder").join(file);
            assert!(file.is_empty() || leads.exists(), "{}: {target} leads nowhere", path.display());
        }
    }
}

/// Whether `text` has a test of this name.
fn tests(text: &str, name: &str) -> bool {
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let above = before.trim_end().trim_end_matches("async").trim_end().lines().rev();
    let mut attributes = above.map(str::trim_start).take_while(|line| line.starts_with("#["));
    attributes.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
}

#[test]
fn every_promise_names_tests_that_there_are() {
    let path = repository().join("docs/promises.md");
    let page = fs::read_to_string(&path).expect("the page");
    let promises = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    let mut counted = 0;
    for promise in promises {
        let shown_by = promise.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default();
        let links = links(shown_by);
        assert!(!links.is_empty(), "nothing shows that {promise}");
        for (name, target) in links {
            let file = path.parent().expect("a folder").join(target);
            let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{target}: {error}"));
            assert!(tests(&text, name.trim_matches('`')), "{target} has no test called {name}");
        }
        counted += 1;
    }
    assert!(counted > 40, "promises are missing: {counted}");
}
