//! What becomes of components, in WebAssembly's own text.

use super::*;

/// A component that hands on an interface that it is handed: `body` is that of
/// an instance's type in WebAssembly's own text.
fn interface(name: &str, body: &str) -> Vec<u8> {
    wat(&format!("(component (import \"given\" (instance $i {body})) (export \"{name}\" (instance $i)))"))
}

fn documented(mut component: Vec<u8>, docs: &[u8]) -> Vec<u8> {
    let payload = [b"\x0cpackage-docs".as_slice(), docs].concat();
    component.push(0);
    let mut left = payload.len();
    while left > 0x7f {
        component.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    component.push(u8::try_from(left).unwrap());
    component.extend(payload);
    component
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The schemas of the function `f` of an interface.
fn takes(body: &str) -> Result<(String, Option<String>), Why> {
    let read = Foreign::read(&interface("a:b/c", body), true).unwrap();
    let one = read.mapped().iter().find(|one| one.tool == "c_f").unwrap();
    one.takes.clone().map(|tool| (tool.input, tool.output))
}

fn object(properties: &str, required: &str) -> String {
    format!(
        "{{\"type\":\"object\",\"properties\":{{{properties}}},\"required\":[{required}],\"additionalProperties\":false}}"
    )
}

const U32: &str = r#"{"type":"integer","minimum":0,"maximum":4294967295}"#;

#[test]
fn a_function_is_a_tool_of_its_types_and_comments() {
    let add = r#"(export "add" (func (param "a" u32) (param "b" u32) (result u32)))"#;
    let text = format!(
        r#"(component
            (import "given" (instance $i {add}))
            (import "plain" (instance $p (export "f" (func))))
            (import "name" (func $n (result string)))
            (export "docs:adder/add@0.1.0" (instance $i))
            (export "plain" (instance $p))
            (export "name" (func $n)))"#
    );
    let docs = r#"{"docs":"Adding.",
        "interfaces":{"add":{"funcs":{"add":{"docs":"Adds two numbers.\n\nAnd no more."}}}},
        "worlds":{"adder":{"func_exports":{"name":{"docs":"What it is."}},
            "interface_exports":{"plain":{"funcs":{"f":{"docs":"Says nothing."}}}}}}}"#;
    let adder = documented(wat(&text), format!("\u{1}{docs}").as_bytes());
    let tool = |name: &str, description: &str, input: &str, output: &str| {
        format!("{{\"name\":\"{name}\",\"description\":\"{description}\",\"inputSchema\":{input}{output}}}")
    };
    let result = |schema: &str| format!(",\"outputSchema\":{}", object(&format!("\"result\":{schema}"), "\"result\""));
    let both = object(&format!("\"a\":{U32},\"b\":{U32}"), "\"a\",\"b\"");
    let tools = [
        tool("add_add", "Adds two numbers.\\n\\nAnd no more.", &both, &result(U32)),
        tool("plain_f", "Says nothing.", &object("", ""), ""),
        tool("name", "What it is.", &object("", ""), &result(r#"{"type":"string"}"#)),
    ];
    let contract = Foreign::read(&adder, true).unwrap().contract().unwrap();
    assert_eq!(contract.as_str(), format!("{{\"tools\":[{}]}}", tools.join(",")));
    let again = Foreign::read(&adder, true).unwrap().contract().unwrap();
    assert_eq!(again, contract, "the same component makes the same contract");
    let silent = Foreign::read(&adder, false).unwrap().contract().unwrap();
    assert!(silent.as_str().contains("\"docs:adder/add@0.1.0#add\""), "{silent:?}");
}

/// Types that have to be named.
const NAMED: &str = r#"
    (type $colour' (enum "red" "dark-red")) (export "colour" (type $colour (eq $colour')))
    (type $rights' (flags "read" "write")) (export "rights" (type $rights (eq $rights')))
    (type $form' (variant (case "none") (case "circle" bool))) (export "form" (type $form (eq $form')))
    (type $point' (record (field "x" bool) (field "y" (option string)))) (export "point" (type $point (eq $point')))
"#;

#[test]
fn every_type_has_a_schema() {
    let cases = [
        ("bool", r#"{"type":"boolean"}"#),
        ("s8", r#"{"type":"integer","minimum":-128,"maximum":127}"#),
        ("f64", r#"{"anyOf":[{"type":"number"},{"type":"string","enum":["NaN","Infinity","-Infinity"]}]}"#),
        (
            "f32",
            r#"{"anyOf":[{"type":"number","minimum":-3.4028234663852886e38,"maximum":3.4028234663852886e38},{"type":"string","enum":["NaN","Infinity","-Infinity"]}]}"#,
        ),
        ("char", r#"{"type":"string","minLength":1,"maxLength":1}"#),
        ("(list string)", r#"{"type":"array","items":{"type":"string"}}"#),
        ("(option bool)", r#"{"anyOf":[{"type":"boolean"},{"type":"null"}]}"#),
        (
            "(option (option bool))",
            r#"{"anyOf":[{"type":"object","properties":{"some":{"anyOf":[{"type":"boolean"},{"type":"null"}]}},"required":["some"],"additionalProperties":false},{"type":"null"}]}"#,
        ),
        (
            "(tuple bool string)",
            r#"{"type":"array","prefixItems":[{"type":"boolean"},{"type":"string"}],"items":false,"minItems":2,"maxItems":2}"#,
        ),
        (
            "(list (result bool))",
            r#"{"type":"array","items":{"oneOf":[{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false},{"type":"object","properties":{"err":{"type":"null"}},"required":["err"],"additionalProperties":false}]}}"#,
        ),
        ("$colour", r#"{"type":"string","enum":["red","dark-red"]}"#),
        ("$rights", r#"{"type":"array","items":{"type":"string","enum":["read","write"]},"uniqueItems":true}"#),
        (
            "$form",
            r#"{"oneOf":[{"type":"object","properties":{"none":{"type":"null"}},"required":["none"],"additionalProperties":false},{"description":"Round.","type":"object","properties":{"circle":{"type":"boolean"}},"required":["circle"],"additionalProperties":false}]}"#,
        ),
        (
            "$point",
            r#"{"type":"object","properties":{"x":{"description":"Across.","type":"boolean"},"y":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["x"],"additionalProperties":false}"#,
        ),
    ];
    let docs = "\u{1}{\"interfaces\":{\"c\":{\"types\":{\"form\":{\"items\":{\"circle\":\"Round.\"}},\"point\":{\"items\":{\"x\":\"Across.\"}}}}}}";
    for (ty, schema) in cases {
        let body = format!("{NAMED} (export \"f\" (func (param \"a\" {ty}) (result {ty})))");
        let bytes = documented(interface("a:b/c", &body), docs.as_bytes());
        let read = Foreign::read(&bytes, true).unwrap();
        let Tool { input, output, .. } = read.mapped()[0].takes.clone().unwrap();
        let required = if ty.starts_with("(option") { "" } else { "\"a\"" };
        assert_eq!(input, object(&format!("\"a\":{schema}"), required), "{ty}");
        // A record is an object already.
        let whole =
            if ty == "$point" { schema.to_owned() } else { object(&format!("\"result\":{schema}"), "\"result\"") };
        assert_eq!(output.unwrap(), whole, "{ty}");
        assert!(read.contract().is_ok(), "{ty}");
    }
    let of = |ty: &str| takes(&format!("(export \"f\" (func (param \"a\" {ty})))")).unwrap().0;
    let (bytes, wide) = (of("(list u8)"), of("s64"));
    assert!(bytes.contains(r#""contentEncoding":"base64""#), "{bytes}");
    assert!(wide.contains(r#""minimum":-999999999999999,"maximum":999999999999999"#), "{wide}");
}

#[test]
fn an_err_is_no_part_of_what_a_tool_gives() {
    let gives = |ty: &str| takes(&format!("(export \"f\" (func (result {ty})))")).unwrap().1;
    assert_eq!(gives("(result (error string))"), None);
    assert_eq!(gives("(result)"), None);
    assert_eq!(gives("(result bool (error string))").unwrap(), object(r#""result":{"type":"boolean"}"#, "\"result\""));
}

#[test]
fn a_handle_is_made_for_one_call() {
    let body = r#"(export "re" (type $re (sub resource))) (export "nobody" (type $nobody (sub resource)))
        (export "[constructor]re" (func (param "pattern" string) (result (own $re))))
        (export "[method]re.matches" (func (param "self" (borrow $re)) (param "text" string) (result bool)))
        (export "[method]re.copy" (func (param "self" (borrow $re)) (result (own $re))))
        (export "[static]re.join" (func (param "a" (own $re)) (param "b" (borrow $re)) (result string)))
        (export "[static]re.every" (func (param "all" (list (borrow $re)))))
        (export "[method]nobody.touch" (func (param "self" (borrow $nobody))))
        (export "one" (type $one (sub resource)))
        (export "[static]one.from" (func (param "text" string) (result (result (own $one) (error string)))))
        (export "[method]one.size" (func (param "self" (borrow $one)) (result u32)))
        (export "two" (type $two (sub resource)))
        (export "[static]two.from" (func (result (own $two))))
        (export "two-of" (func (result (own $two))))
        (export "[method]two.size" (func (param "self" (borrow $two)) (result u32)))"#;
    let read = Foreign::read(&interface("a:b/c", body), true).unwrap();
    let of = |tool: &str| read.mapped().iter().find(|one| one.tool == tool).unwrap().takes.clone();
    let made = r#"{"description":"what a re is made of, for this call","type":"object","properties":{"pattern":{"type":"string"}},"required":["pattern"],"additionalProperties":false}"#;
    assert_eq!(
        of("c_re_matches").unwrap().input,
        object(&format!("\"self\":{made},\"text\":{{\"type\":\"string\"}}"), "\"self\",\"text\"")
    );
    assert_eq!(of("c_re_join").unwrap().input, object(&format!("\"a\":{made},\"b\":{made}"), "\"a\",\"b\""));
    assert_eq!(of("c_re_copy").err(), Some(Why::GivesHandle));
    assert_eq!(of("c_re_every").err(), Some(Why::HidesHandle));
    assert_eq!(of("c_re").err(), Some(Why::IsConstructor));
    assert_eq!(of("c_nobody_touch").err(), Some(Why::NoConstructor));
    let one = of("c_one_size").unwrap().input;
    assert!(one.contains("what a one is made of") && one.contains(r#""text":{"type":"string"}"#), "{one}");
    assert_eq!(of("c_two_size").err(), Some(Why::NoConstructor), "nobody says which of the two");
}

#[test]
fn what_has_no_end_is_no_tool() {
    let nested = |levels: usize, first: &str, next: &dyn Fn(usize) -> String| {
        let types: String = (1..levels).map(|level| format!("(type $t{level} {})", next(level - 1))).collect();
        takes(&format!("(type $t0 {first}) {types} (export \"f\" (func (param \"a\" $t{})))", levels - 1))
    };
    assert_eq!(nested(40, "(list string)", &|below| format!("(list $t{below})")), Err(Why::TooDeep));
    assert_eq!(nested(14, "(tuple u8 u8)", &|below| format!("(tuple $t{below} $t{below})")), Err(Why::TooLarge));
    // A schema nests deeper than its type.
    assert_eq!(nested(30, "(option string)", &|below| format!("(list (option $t{below}))")), Err(Why::TooDeep));
    assert!(nested(10, "(list string)", &|below| format!("(list $t{below})")).is_ok());
}

#[test]
fn what_the_engine_lacks_is_named() {
    for (function, what) in [("(param \"a\" (stream u8))", "stream"), ("(result (future string))", "future")] {
        let text = format!("(component (import \"f\" (func $f {function})) (export \"g\" (func $f)))");
        let told = Foreign::read(&wat(&text), true).err().unwrap().to_string();
        assert!(told.contains("its export g") && told.contains(what), "{told}");
    }
    let asynchronous = wat("(component (import \"f\" (func $f async)) (export \"g\" (func $f)))");
    let told = Foreign::read(&asynchronous, true).err().unwrap().to_string();
    assert!(told.contains("its export g is async"), "{told}");
}

#[test]
fn too_many_functions_are_refused() {
    let many = |count: usize| {
        let all: String = (0..count).map(|at| format!("(export \"f{at}\" (func $f))")).collect();
        wat(&format!("(component (import \"f\" (func $f)) {all})"))
    };
    assert!(matches!(Foreign::read(&many(5000), true), Err(ForeignError::Map(MapError::TooManyFunctions))));
    let read = Foreign::read(&many(600), true).unwrap();
    assert!(matches!(read.contract(), Err(ForeignError::TooManyTools(600))));
    assert!(Foreign::read(&many(512), true).unwrap().contract().is_ok());
    assert!(matches!(Foreign::read(&many(0), true).unwrap().contract(), Err(ForeignError::NoTools(_))));
}

#[test]
fn comments_that_are_none_are_refused_and_can_be_left_out() {
    let bare = wat("(component (import \"f\" (func $f)) (export \"g\" (func $f)))");
    let said = |docs: &str| {
        let contract = Foreign::read(&documented(bare.clone(), docs.as_bytes()), true)?.contract()?;
        Ok::<_, ForeignError>(crate::Contract::parse(&contract)?.tools.remove(0).description.unwrap())
    };
    let world = |format: char, docs: &str| format!("{format}{{\"worlds\":{{\"w\":{{\"funcs\":{{\"g\":{docs}}}}}}}}}");
    assert_eq!(said(&world('\0', "\" Old.\\r\\nTwice. \"")).unwrap(), "Old.\nTwice.");
    assert_eq!(said("\u{1}{\"worlds\":{\"w\":{\"funcs\":[]}}}").unwrap(), "g");
    let two = "\u{1}{\"worlds\":{\"w\":{\"funcs\":{\"g\":\"a\"}},\"v\":{\"funcs\":{\"g\":\"b\"}}}}";
    assert_eq!(said(two).unwrap(), "g", "of two worlds that speak of it, neither is believed");
    let hostile = ["", "\u{2}{}", "\u{1}{", &world('\u{1}', "\"a\\u001b[2J\""), &world('\u{1}', "\"a\\u202e\"")];
    for docs in hostile {
        let told = said(docs).unwrap_err().to_string();
        assert!(told.contains("--no-docs"), "{docs:?}: {told}");
        assert!(Foreign::read(&documented(bare.clone(), docs.as_bytes()), false).unwrap().contract().is_ok());
    }
    let twice = documented(documented(bare.clone(), b"\x01{}"), b"\x01{}");
    assert!(matches!(Foreign::read(&twice, true), Err(ForeignError::Docs(DocsError::Twice))));
}

#[test]
fn bytes_that_are_nearly_a_component_are_read_or_refused() {
    let body = format!("{NAMED} (export \"f\" (func (param \"a\" $point) (result (list $form))))");
    let whole =
        documented(interface("a:b/c", &body), b"\x01{\"interfaces\":{\"c\":{\"funcs\":{\"f\":{\"docs\":\"D\"}}}}}");
    let mut draw = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |end: usize| {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        usize::try_from(draw >> 33).unwrap() % end
    };
    let mut read = 0;
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..=below(3) {
            let at = below(bytes.len());
            bytes[at] = [0, 1, 0x40, 0x7f, 0xff, bytes[at] ^ 1, bytes[at].wrapping_add(1)][below(7)];
        }
        bytes.truncate(bytes.len() - below(8) / 7 * below(bytes.len()));
        read += usize::from(Foreign::read(&bytes, true).and_then(|foreign| foreign.contract()).is_ok());
    }
    assert!(read > 100, "{read}");
}
