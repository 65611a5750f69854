//! A plugin that lists without end.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::harness::{Era, House, Plugin, Server, http::Request};

/// An endless one, whose name comes first, and one with a file to be found.
fn house(endless: &Plugin) -> House {
    let file = Plugin::real("file").grants(json!({"fs": [{"path": "./data", "at": "/data", "access": "read"}]}));
    let house = House::new().with(endless).with(&file);
    std::fs::create_dir(house.join("data")).expect("a folder");
    std::fs::write(house.join("data/a.txt"), "hello").expect("a file");
    house
}

fn serve(house: &House) -> Server {
    let server = house.serve();
    for plugin in ["endless", "file"] {
        server.lines().wait_for(&["served", &format!("plugin={plugin} ")]);
    }
    server
}

/// How many of `listed` are the endless one's, and whether the file is among them.
fn counted(listed: &[Value]) -> (usize, bool) {
    let uris = || listed.iter().filter_map(|resource| resource["uri"].as_str());
    (uris().filter(|uri| uri.starts_with("endless:")).count(), uris().any(|uri| uri == "file:///data/a.txt"))
}

#[test]
fn an_answer_without_pages_holds_the_others_resources_all_the_same() {
    let house = house(&Plugin::guest("endless"));
    let server = serve(&house);
    let ask = json!({"jsonrpc": "2.0", "id": 1, "method": "mcp.resource.list", "params": {}});
    for round in 1..=2 {
        let response = server.exchange(&Request::mcp("POST", ask.to_string()).without("Accept"));
        let answer: Value = serde_json::from_slice(&response.body).expect("an answer");
        let listed = answer["result"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let (endless, file) = counted(listed);
        assert!(file && (1_000..=4_096).contains(&endless), "{endless} {file}");
        let cut = ["its listing is cut", "plugin=endless "];
        server.lines().wait_for_more(&cut, round - 1);
        assert_eq!(server.lines().count(&cut), round, "once a call");
    }
}

#[test]
fn a_client_that_follows_cursors_comes_to_an_end() {
    let settings = [Plugin::guest("endless"), empty()];
    for (plugin, least) in settings.iter().zip([10_000, 0]) {
        let house = house(plugin);
        let server = serve(&house);
        let mut client = server.client(Era::Modern);
        let (mut listed, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let params = if cursor.is_null() { json!({}) } else { json!({"cursor": cursor}) };
            let page = client.request("resources/list", params).result().clone();
            listed.extend(page["resources"].as_array().expect("resources").iter().cloned());
            (cursor, pages) = (page["nextCursor"].clone(), pages + 1);
            assert!(pages <= 300, "it goes on and on");
            if cursor.is_null() {
                break;
            }
        }
        let (endless, file) = counted(&listed);
        assert!(file && endless >= least, "{endless} {file}");
        server.lines().wait_for(&["its listing has more pages than one walk", "plugin=endless "]);
    }
}

#[test]
fn a_cursor_that_was_made_up_is_refused_and_harms_nobody() {
    let house = house(&Plugin::guest("endless"));
    let server = serve(&house);
    let mut client = server.client(Era::Modern);
    let made_up = |pages: &str| URL_SAFE_NO_PAD.encode(format!("\u{1}dendless\0{pages}\0"));
    for pages in ["18446744073709551615", "65536", "-1", ""] {
        let answer = client.request("resources/list", json!({"cursor": made_up(pages)}));
        assert_eq!(answer.code(), -32602, "{pages}: {answer:?}");
    }
    // One that is far on is at the end of the walk.
    assert!(client.request("resources/list", json!({"cursor": made_up("65535")})).is_ok());
}

/// One whose pages are empty: a page of the server's is never full of them.
fn empty() -> Plugin {
    Plugin::guest("endless").asks("[[asks.env]]\nname = \"EMPTY\"\n").grants(json!({"env": {"EMPTY": "yes"}}))
}
