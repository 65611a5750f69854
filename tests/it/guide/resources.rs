//! `mcp.resource.list`, `read` and `write`.

use std::{fs, sync::Barrier, thread};

use serde_json::{Value, json};

use super::{ALL, NONE, SOME, call, error, house, keys, over_stdio, result, serve, serve_stdio};

fn named(path: &str) -> Value {
    json!({"resourceId": "file.read", "params": {"path": path}})
}

#[test]
fn a_resource_is_read_by_name_and_by_uri() {
    let house = house();
    let server = serve(&house);
    fs::write(house.join("data/b#?%25 ü.txt"), "odd").expect("a file");
    let read = result(&server, ALL, "mcp.resource.read", named("/data/a.txt"));
    assert_eq!(keys(&read), ["content", "etag", "mimeType", "uri"]);
    assert_eq!((&read["content"], &read["mimeType"]), (&json!("hello"), &json!("text/plain")));
    assert_eq!(read["uri"], "file:///data/a.txt");
    assert_eq!(read["etag"].as_str().map(str::len), Some(64));
    assert_eq!(read, result(&server, ALL, "mcp.resource.read", json!({"uri": "file:///data/a.txt"})));
    let odd = result(&server, ALL, "mcp.resource.read", named("/data/b#?%25 ü.txt"));
    assert_eq!(odd["content"], "odd");
    fs::write(house.join("data/blob"), [0xff, 0x00]).expect("a file");
    let blob = result(&server, ALL, "mcp.resource.read", named("/data/blob"));
    assert_eq!((keys(&blob), &blob["blob"]), (vec!["blob", "etag", "mimeType", "uri"], &json!("/wA=")));
}

#[test]
fn a_scope_that_names_the_resource_opens_it_for_reading() {
    let house = house();
    let server = serve(&house);
    for way in [named("/data/a.txt"), json!({"uri": "file:///data/a.txt"})] {
        assert_eq!(result(&server, SOME, "mcp.resource.read", way.clone())["content"], "hello", "{way}");
        let denied = (-31403, "you may not read this resource".to_owned());
        assert_eq!(error(&server, NONE, "mcp.resource.read", way), denied);
    }
    let mut write = named("/data/a.txt");
    write["content"] = json!("mine");
    let denied = (-31403, "you may not write this resource".to_owned());
    assert_eq!(error(&server, SOME, "mcp.resource.write", write), denied);
    assert_eq!(fs::read_to_string(house.join("data/a.txt")).expect("the file"), "hello");
    server.lines().wait_for(&["\"none\" may not read file:///data/a.txt", "give \"none\" the scope"]);
}

#[test]
fn parameters_stay_inside_their_template() {
    let house = house();
    let server = serve(&house);
    let table = [
        (named("/data/../mcp.yaml"), "params.params: expected values that make no segment . or .."),
        (json!({"resourceId": "file.read"}), "params.params.path: expected a string, got nothing"),
        (
            json!({"resourceId": "file.read", "params": {"pth": "a"}}),
            "params.params.pth: there is no such parameter; expected path",
        ),
        (
            json!({"resourceId": "file.read", "params": {"path": {}}}),
            "params.params.path: expected a string, a number, a boolean, or an array of them",
        ),
        (json!({"resourceId": "file.rad", "params": {}}), "unknown resource"),
    ];
    for (params, told) in table {
        assert_eq!(error(&server, ALL, "mcp.resource.read", params), (-32602, told.to_owned()));
    }
    assert_eq!(error(&server, ALL, "mcp.resource.read", named("/data/none.txt")).0, -32602);
    let denied = error(&server, ALL, "mcp.resource.read", named("/etc/passwd"));
    assert_eq!(denied, (-32603, "denied: `/etc/passwd` is in no granted folder; there are: /data".to_owned()));
}

#[test]
fn a_write_takes_the_version_it_was_told() {
    let house = house();
    let server = serve(&house);
    let etag = result(&server, ALL, "mcp.resource.read", named("/data/a.txt"))["etag"].clone();
    let write = |content: &str, etag: &Value| {
        let mut write = named("/data/a.txt");
        (write["content"], write["ifMatch"]) = (json!(content), etag.clone());
        call(&server, ALL, "mcp.resource.write", write).1
    };
    let written = write("one", &etag)["result"].clone();
    assert_eq!(keys(&written), ["etag", "uri"]);
    assert_eq!(written["uri"], "file:///data/a.txt");
    assert_ne!(written["etag"], etag);
    let read = result(&server, ALL, "mcp.resource.read", named("/data/a.txt"));
    assert_eq!((&read["content"], &read["etag"]), (&json!("one"), &written["etag"]));
    let stale = write("two", &etag);
    assert_eq!(stale["error"]["code"], -31409, "{stale}");
    assert_eq!(fs::read_to_string(house.join("data/a.txt")).expect("the file"), "one");
}

#[test]
fn of_two_writers_of_one_version_one_wins() {
    let house = house();
    let server = serve(&house);
    for round in 0..8 {
        let etag = result(&server, ALL, "mcp.resource.read", named("/data/a.txt"))["etag"].clone();
        let start = Barrier::new(2);
        let write = |who: &str| {
            let mut write = named("/data/a.txt");
            (write["content"], write["ifMatch"]) = (json!(format!("{who} {round}")), etag.clone());
            start.wait();
            (who.to_owned(), call(&server, ALL, "mcp.resource.write", write).1)
        };
        let wrote = thread::scope(|scope| {
            let write = &write;
            let writers = ["one", "two"].map(|who| scope.spawn(move || write(who)));
            writers.map(|writer| writer.join().expect("no panic"))
        });
        let won: Vec<_> = wrote.iter().filter(|(_, answer)| answer.get("result").is_some()).collect();
        let lost: Vec<_> = wrote.iter().filter(|(_, answer)| answer["error"]["code"] == -31409).collect();
        assert_eq!((won.len(), lost.len()), (1, 1), "{wrote:?}");
        let stands = fs::read_to_string(house.join("data/a.txt")).expect("the file");
        assert_eq!(stands, format!("{} {round}", won[0].0), "{wrote:?}");
    }
}

#[test]
fn a_listing_holds_families_and_files_that_the_caller_may_see() {
    let house = house();
    let server = serve(&house);
    let family = json!({
        "resourceId": "file.read", "uriTemplate": "file:///{+path}", "params": ["path"], "type": "file",
        "name": "read", "title": "File", "description": "A file in a granted folder, with its etag.",
    });
    let file = json!({
        "resourceId": "file.read", "uri": "file:///data/a.txt", "type": "file", "name": "a.txt",
        "description": "/data/a.txt", "mimeType": "text/plain", "size": 5,
    });
    assert_eq!(result(&server, SOME, "mcp.resource.list", json!({})), json!([family, file]));
    assert_eq!(result(&server, NONE, "mcp.resource.list", json!({})), json!([]));
    let (_server, mut pipe) = serve_stdio(&house);
    assert_eq!(over_stdio(&mut pipe, "mcp.resource.list", json!({}))["result"], json!([family, file]));
}
