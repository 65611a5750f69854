//! Definitions, lines, listings and the prompt, on real folders, natively.

mod folder;

use std::path::Path;

use bulkhead_plugin_repo::{
    Fit, MAX_PROMPT_BYTES, MAX_TIME, Pace, Scope, Wanted, assemble, file, outline, snippets, symbols, walk, words,
};
use bulkhead_sdk::prelude::*;
use folder::{everything, filled, put, repository};

#[test]
fn definitions_are_found_in_each_language() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "a.rs",
            "pub(crate) async fn fetch<T>(x: T) {}\n    const fn small() {}\npub struct Point {\nenum E {}\nunsafe trait T {}\nimpl<T: Clone> Display for Point {\nmacro_rules! mac {\npub const MAX: usize = 1;\nmod tests {\ntype A = B;\n// fn not_this()\nlet x = 1;\n",
            &[
                "function fetch",
                "function small",
                "struct Point",
                "enum E",
                "trait T",
                "impl Display for Point",
                "macro mac",
                "constant MAX",
                "module tests",
                "type A",
            ],
        ),
        (
            "a.py",
            "class Cat(Animal):\n    async def meow(self):\ndef run() -> None:\nLIMIT: int = 3\nlimit = 3\n# def no():\n",
            &["class Cat", "function meow", "function run", "constant LIMIT"],
        ),
        (
            "a.ts",
            "export default class App<T> {\n  private async load(id: string): Promise<void> {\n    if (x) {\n    for (const a of b) {\n  }\nexport interface Props {}\nexport type Id = string\nexport const useThing = async (a: number) => {\nconst enum Dir {}\nexport function* gen() {}\nexport const limit = 3\n",
            &[
                "class App",
                "method load",
                "interface Props",
                "type Id",
                "function useThing",
                "enum Dir",
                "function gen",
                "variable limit",
            ],
        ),
        ("a.js", "function go() {}\nconst f = x => x\n  static of(a) {\n", &["function go", "function f", "method of"]),
        (
            "a.go",
            "func (s *Server) Run(ctx context.Context) error {\nfunc main() {\ntype Server struct {\ntype Doer interface {\ntype ID string\nconst Max = 1\n",
            &["method Run", "function main", "struct Server", "interface Doer", "type ID", "constant Max"],
        ),
        (
            "a.c",
            "#define MAX 3\nstruct point {\ntypedef struct point point_t;\nstatic int add(int a, int b) {\nint declared(void);\nchar *name(void)\n{\n  foo(bar);\n} named;\n",
            &["macro MAX", "struct point", "type point_t", "function add", "function name", "type named"],
        ),
        (
            "a.cpp",
            "namespace app {\nclass Widget final : public Base {\nvoid Widget::draw(int x) {\nenum class Color { Red };\nusing Id = int;\n",
            &["module app", "class Widget", "function Widget::draw", "enum Color", "type Id"],
        ),
        (
            "A.java",
            "public final class Cat extends Animal {\n    private static <T> List<T> all(int n) throws E {\n    private final Foo foo = new Foo(1);\n    return all(1);\npublic interface Pet {\nenum Kind {\n",
            &["class Cat", "method all", "interface Pet", "enum Kind"],
        ),
        (
            "a.kt",
            "data class User(val id: Int)\nsuspend fun String.load(): Int {\ninterface Repo {\n",
            &["class User", "function load", "interface Repo"],
        ),
        (
            "a.swift",
            "public struct P {\n  func run() {\nextension P {\nprotocol Q {\n",
            &["struct P", "function run", "impl P", "interface Q"],
        ),
        (
            "a.cs",
            "namespace A.B;\npublic sealed class C {\n    public async Task<int> RunAsync(int x)\n",
            &["module A.B", "class C", "method RunAsync"],
        ),
        ("a.rb", "module M\n  class C < B\n    def self.run!\n", &["module M", "class C", "method run!"]),
        ("a.php", "final class C {\n    public static function run(): void {\n", &["class C", "function run"]),
        ("a.sh", "go() {\nfunction stop {\n", &["function go", "function stop"]),
        ("a.md", "# Title\ntext\n## Part two\n", &["heading Title", "heading Part two"]),
    ];
    for (path, text, expected) in table {
        let (_dir, root) = filled(&[(path, text)]);
        for text in [(*text).to_owned(), text.replace('\n', "\r\n")] {
            put(root.dir(), path, text);
            let (found, more) = outline(&root.place(path).expect("a place")).expect("an outline");
            let told: Vec<String> = found.iter().map(|symbol| format!("{} {}", symbol.kind, symbol.name)).collect();
            assert_eq!(&told, expected, "{path}");
            assert!(!more);
        }
    }
}

#[test]
fn a_definition_is_found_by_its_name() {
    let (_dir, root) = repository();
    let ask = |name: &str, fit: Fit, kind: Option<&str>| {
        let wanted = Wanted::new(name, fit, kind.map(str::to_owned), 10).expect("wanted");
        let (found, _) =
            symbols(&root, &everything(&root), &wanted, &mut Pace::new(&Context::test(), MAX_TIME)).expect("found");
        found.iter().map(|symbol| format!("{}:{} {}", symbol.path, symbol.line, symbol.text)).collect::<Vec<_>>()
    };
    let both = ["src/deep/lib.rs:2 pub struct Needle;", "web/app.ts:1 export function needle(): void {}"];
    assert_eq!(ask("need", Fit::Contains, None), both);
    assert_eq!(ask("need", Fit::Begins, None), both);
    assert_eq!(ask("eedle", Fit::Begins, None), [""; 0]);
    assert_eq!(ask("Needle", Fit::Whole, None), both[..1]);
    assert_eq!(ask("needle", Fit::Whole, Some("function")), both[1..]);
    assert_eq!(ask("(needle|x)", Fit::Contains, None), [""; 0], "a name is no pattern");
    assert!(Wanted::new("", Fit::Whole, None, 10).is_err());
    // In parts.
    let wanted = Wanted::new("need", Fit::Contains, None, 1).expect("wanted");
    let part =
        |scope: Scope| symbols(&root, &scope, &wanted, &mut Pace::new(&Context::test(), MAX_TIME)).expect("found");
    let (first, walked) = part(everything(&root));
    let (second, end) = part(everything(&root).after(walked.cursor));
    assert_eq!((first.len(), second[0].path.as_str(), end.cursor), (1, "web/app.ts", None));
}

#[test]
fn lines_are_read_by_number() {
    let (_dir, root) = filled(&[("a.txt", "one\ntwo\r\nthree")]);
    let text = file::text(&root.place("a.txt").expect("a place")).expect("text");
    let lines = |first, last| file::lines(&text, first, last).expect("lines");
    assert_eq!((lines(1, usize::MAX).text.as_str(), lines(1, usize::MAX).last), ("one\ntwo\r\nthree", 3));
    assert_eq!((lines(2, 2).text.as_str(), lines(2, 2).total), ("two\r\n", 3));
    assert_eq!((lines(9, 9).text.as_str(), lines(9, 9).last), ("", 8));
    assert!(file::lines(&text, 0, 1).is_err() && file::lines(&text, 3, 2).is_err());
    let long = file::lines(&"é".repeat(1_000_000), 1, 1).expect("lines");
    assert!(long.cut && long.last == 1 && !long.text.is_empty());
    let many = "0123456789\n".repeat(100_000);
    let (mut next, mut whole) = (1, String::new());
    while whole.len() < many.len() {
        let part = file::lines(&many, next, usize::MAX).expect("lines");
        whole.push_str(&part.text);
        next = part.last + 1;
    }
    assert_eq!(whole, many);
}

#[test]
fn a_question_is_put_beside_what_may_answer_it() {
    let (dir, root) = repository();
    put(
        dir.path(),
        "src/retry.rs",
        "use x;\n\n/// Tries again.\npub fn retry_with_backoff(times: u32) {\n    // ``` is a fence\n    sleep();\n}\n",
    );
    put(dir.path(), "src/noise.rs", "// retry\n".repeat(5_000));
    let found = snippets(
        &root,
        &everything(&root),
        "How does retry_with_backoff sleep?",
        &mut Pace::new(&Context::test(), MAX_TIME),
    );
    let found = found.expect("snippets");
    assert_eq!((found[0].path.as_str(), found[0].first), ("src/retry.rs", 1));
    let text = assemble("How does it?", &found);
    assert!(text.contains("src/retry.rs, lines 1 to 7:") && text.contains("\n````rust\n"), "{text}");
    assert!(text.len() < MAX_PROMPT_BYTES + 2_000);
    assert_eq!(
        words("How does the parseUrl function use http_client and http_client?"),
        ["parseUrl", "http_client", "function", "use"]
    );
    let none = snippets(&root, &everything(&root), "what is it?", &mut Pace::new(&Context::test(), MAX_TIME));
    assert!(matches!(none, Err(Error::Invalid(_))));
}

#[test]
fn files_come_in_the_order_of_their_paths() {
    let (_dir, root) = filled(&[("a.txt", ""), ("a/b.txt", ""), ("a/b/c.txt", ""), ("B.txt", ""), ("a-.txt", "")]);
    let mut paths = Vec::new();
    let walked = walk(&root, &everything(&root), &mut Pace::new(&Context::test(), MAX_TIME), &mut |place| {
        paths.push(place.path.clone());
        Ok(None)
    });
    assert_eq!(walked.expect("walked").cursor, None);
    let mut sorted = paths.clone();
    sorted.sort_by(|a, b| Path::new(a).cmp(Path::new(b)));
    assert_eq!(paths, sorted);
    assert_eq!(paths.len(), 5);
}
