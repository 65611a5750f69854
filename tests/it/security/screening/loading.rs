//! What a contract says is text, and its pages reach no further than its plugin.

use serde_json::{Value, json};

use crate::harness::{
    Era, House, Plugin, Press,
    binary::{must_run, run},
};

/// A file of the guest whose contract says `with` in the place of `instead`.
fn altered(house: &House, instead: &str, with: &str) -> Vec<u8> {
    let mut press = Press::new(house, &Plugin::guest("versioned"));
    press.alter(|draft| {
        let contract = draft.contract.as_str().replace(instead, with);
        assert_ne!(contract, draft.contract.as_str(), "{instead}");
        draft.contract = serde_json::from_str(&contract).expect("a contract");
    });
    press.print(1)
}

#[test]
fn html_and_pictures_that_are_documents_are_refused_with_field_and_rule() {
    let house = House::new().with(&Plugin::guest("versioned"));
    let text = "\"Says which version this is.\"";
    for (with, field, rule) in [
        ("\"It is <img src=x onerror=f()> good.\"", "/tools/0/description", "found the HTML element <img>"),
        ("\"See [x](javascript:f())\"", "/tools/0/description", "an address with javascript:"),
        ("\"<!-- unseen --> fine\"", "/tools/0/description", "a comment or a declaration of HTML"),
        (
            "\"fine\",\"icons\":[{\"src\":\"data:image/png;base64,PHN2Zy8+\"}]",
            "/tools/0/icons/0/src",
            "data: with a picture that is none of markup",
        ),
        (
            "\"fine\",\"icons\":[{\"src\":\"https://bank.example@evil.example/\"}]",
            "/tools/0/icons/0/src",
            "an address names its host, without a user before it",
        ),
        ("\"fine\",\"annotations\":{\"title\":\"<b>bold</b>\"}", "/tools/0/annotations/title", "the HTML element <b>"),
    ] {
        std::fs::write(house.join("plugins/versioned.wasm"), altered(&house, text, with)).expect("a file");
        let told = |arguments: &[&str]| {
            let out = run(house.path(), arguments);
            (out.code, format!("{}{}", out.stdout, out.stderr))
        };
        for (arguments, code) in [
            (&["check", "--config", "mcp.yaml"][..], 4),
            (&["verify", "plugins/versioned.wasm", "--config", "mcp.yaml"], 4),
            (&["add", "plugins/versioned.wasm", "--as", "other", "--config", "mcp.yaml"], 4),
            (&["inspect", "plugins/versioned.wasm"], 0),
        ] {
            let (ended, said) = told(arguments);
            assert_eq!(ended, code, "{arguments:?}: {said}");
            for part in ["versioned, contract", field, rule] {
                assert!(said.contains(part), "{arguments:?}: {part} in {said}");
            }
        }
    }
    let server = house.serve();
    server.lines().wait_for(&["not loaded", "versioned, contract/tools/0/annotations/title"]);
}

#[test]
fn what_only_looks_like_html_is_text() {
    let house = House::new().with(&Plugin::guest("versioned"));
    let with = "\"Takes a Vec<u8>, as <name>, if a < b; see <https://a.example>\"";
    let file = altered(&house, "\"Says which version this is.\"", with);
    std::fs::write(house.join("plugins/versioned.wasm"), file).expect("a file");
    must_run(house.path(), &["check", "--config", "mcp.yaml"]);
}

#[test]
fn a_page_names_only_domains_that_its_plugin_may_reach() {
    let house = House::new().with(&Plugin::guest("versioned"));
    let meta = "\"fine\",\"_meta\":{\"ui\":{\"csp\":{\"connectDomains\":[\"https://evil.example\"]}}}";
    let file = altered(&house, "\"Says which version this is.\"", meta);
    std::fs::write(house.join("plugins/versioned.wasm"), file).expect("a file");
    let server = house.serve();
    server.lines().wait_for(&["served", "plugin="]);
    server.lines().wait_for(&["its page names https://evil.example", "left out"]);
    for era in Era::ALL {
        let tools: Vec<Value> = server.client(era).list("tools/list", "tools");
        assert_eq!(tools[0]["_meta"]["ui"], json!({"csp": {"connectDomains": []}}), "{era:?}");
    }
}
