//! Who watches a resource hears of its changes, and of nothing else.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::harness::{
    Client, Era, House, PATIENCE, Plugin, Server,
    http::{Connection, Events, Request},
};

const TAG: &str = "io.modelcontextprotocol/subscriptionId";

fn uri(name: &str) -> String {
    format!("file:///data/{name}")
}

/// Two files, and whoever writes them from outside.
struct Folder(House);

impl Folder {
    fn new() -> Self {
        Self::with(|house| house)
    }

    fn with(change: impl FnOnce(House) -> House) -> Self {
        let grants = json!({"fs": [{"path": "./data", "at": "/data", "access": "read"}]});
        let house = change(House::new().with(&Plugin::real("file").grants(grants)));
        fs::create_dir(house.join("data")).expect("a folder");
        let folder = Self(house);
        folder.write("a.txt", "one");
        folder.write("b.txt", "one");
        folder
    }

    /// Writes into a file at once, so that nobody sees it half written; its text does not get shorter.
    fn write(&self, name: &str, text: &str) {
        let path = self.0.join("data").join(name);
        let written = match OpenOptions::new().write(true).open(&path) {
            Ok(mut file) => file.write_all(text.as_bytes()),
            Err(_) => fs::write(self.0.join("new"), text).and_then(|()| fs::rename(self.0.join("new"), &path)),
        };
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// What a listener hears, whatever it listens through.
enum Ear<'a> {
    Stream(Box<Events>),
    Pipe(&'a mut Client),
}

impl Ear<'_> {
    /// The next notification.
    fn next(&mut self) -> Value {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let message = match self {
                Self::Pipe(client) => client.pipe().receive(),
                Self::Stream(events) => {
                    let event = events.next().expect("a stream").expect("it goes on");
                    let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
                    serde_json::from_str(&data).expect("a message")
                }
            };
            return message;
        }
        panic!("nothing within {PATIENCE:?}");
    }

    fn must_hear(&mut self, uri: &str, how: &str) {
        let message = self.next();
        assert_eq!(message["method"], "notifications/resources/updated", "{how}: {message}");
        assert_eq!(message["params"]["uri"], uri, "{how}: {message}");
    }
}

fn standing(server: &Server, client: &Client) -> Events {
    let mut get = Request::mcp("GET", "")
        .header("Accept", "text/event-stream")
        .header("MCP-Session-Id", client.session().expect("a session"))
        .header("MCP-Protocol-Version", "2025-11-25");
    let authorization = client.http_request(&json!({"method": "ping"})).headers;
    for (name, value) in authorization.into_iter().filter(|(name, _)| name == "Authorization") {
        get = get.header(&name, &value);
    }
    let mut connection = Connection::open(server.address()).expect("a connection");
    connection.send(&get).expect("sent");
    let head = connection.head().expect("a head");
    connection.events(&head).expect("a stream")
}

fn subscribe(client: &mut Client, name: &str) {
    let answer = client.request("resources/subscribe", json!({"uri": uri(name)}));
    assert!(answer.is_ok(), "{answer:?}");
}

fn filter(names: &[&str]) -> Value {
    let uris: Vec<String> = names.iter().map(|name| uri(name)).collect();
    json!({"notifications": {"resourceSubscriptions": uris}})
}

/// The first word on a subscription. Gives the URIs that are honoured.
fn acknowledged(ear: &mut Ear<'_>, id: &Value) -> Value {
    let message = ear.next();
    assert_eq!(message["method"], "notifications/subscriptions/acknowledged", "{message}");
    assert_eq!(&message["params"]["_meta"][TAG], id, "{message}");
    message["params"]["notifications"]["resourceSubscriptions"].clone()
}

#[test]
fn an_older_client_hears_of_the_file_it_watches_over_http() {
    let folder = Folder::new();
    let server = folder.0.serve();
    let mut client = server.client(Era::Legacy);
    let mut ear = Ear::Stream(Box::new(standing(&server, &client)));
    subscribe(&mut client, "a.txt");
    folder.write("b.txt", "two");
    folder.write("a.txt", "two");
    ear.must_hear(&uri("a.txt"), "written");
    folder.write("a.txt", "three");
    ear.must_hear(&uri("a.txt"), "written again");
    // One that is watched no longer: the next word is about the other one.
    subscribe(&mut client, "b.txt");
    assert!(client.request("resources/unsubscribe", json!({"uri": uri("a.txt")})).is_ok());
    folder.write("a.txt", "fourth");
    folder.write("b.txt", "fourth");
    ear.must_hear(&uri("b.txt"), "the other one");
}

#[test]
fn an_older_client_hears_of_the_file_it_watches_over_stdio() {
    let folder = Folder::new();
    let (_server, mut client) = folder.0.serve_stdio(Era::Legacy);
    subscribe(&mut client, "a.txt");
    folder.write("b.txt", "two");
    folder.write("a.txt", "two");
    Ear::Pipe(&mut client).must_hear(&uri("a.txt"), "written");
}

#[test]
fn a_modern_client_hears_of_the_files_it_named_tagged() {
    let folder = Folder::new();
    let server = folder.0.serve();
    let mut client = server.client(Era::Modern);
    let (id, events) = client.begin("subscriptions/listen", filter(&["a.txt", "later.txt"]));
    let mut ear = Ear::Stream(Box::new(events));
    assert_eq!(acknowledged(&mut ear, &id), json!([uri("a.txt"), uri("later.txt")]));
    folder.write("b.txt", "two");
    folder.write("a.txt", "two");
    let message = ear.next();
    assert_eq!((&message["params"]["uri"], &message["params"]["_meta"][TAG]), (&json!(uri("a.txt")), &id), "{message}");
    folder.write("later.txt", "there it is");
    ear.must_hear(&uri("later.txt"), "it appears");
    fs::remove_file(folder.0.join("data/a.txt")).expect("removed");
    ear.must_hear(&uri("a.txt"), "it goes");
    // A link that is put in its place, as editors and deployments do.
    folder.write("new", "three");
    fs::rename(folder.0.join("data/new"), folder.0.join("data/a.txt")).expect("renamed");
    ear.must_hear(&uri("a.txt"), "another in its place");
}

#[test]
fn a_modern_client_over_stdio_hears_until_it_gives_up() {
    let folder = Folder::new();
    let (_server, mut client) = folder.0.serve_stdio(Era::Modern);
    let listen = |client: &mut Client, name: &str| {
        let message = client.message("subscriptions/listen", filter(&[name]));
        client.pipe().send(&message);
        let id = message["id"].clone();
        assert_eq!(acknowledged(&mut Ear::Pipe(client), &id), json!([uri(name)]));
        id
    };
    let first = listen(&mut client, "a.txt");
    folder.write("a.txt", "two");
    Ear::Pipe(&mut client).must_hear(&uri("a.txt"), "written");
    client.notify("notifications/cancelled", json!({"requestId": first}));
    let second = listen(&mut client, "b.txt");
    folder.write("a.txt", "three");
    folder.write("b.txt", "three");
    let message = Ear::Pipe(&mut client).next();
    assert_eq!((&message["params"]["uri"], &message["params"]["_meta"][TAG]), (&json!(uri("b.txt")), &second));
}

#[test]
fn a_polled_folder_is_watched_too() {
    let folder = Folder::with(|house| house.set("watch", json!("poll")));
    let (_server, mut client) = folder.0.serve_stdio(Era::Legacy);
    subscribe(&mut client, "a.txt");
    folder.write("a.txt", "two");
    Ear::Pipe(&mut client).must_hear(&uri("a.txt"), "written");
}

/// Most files of one `listen`, and so many of those that one plugin has more
/// watched than are looked at.
const A_LISTEN: usize = 1_024;
const LISTENS: usize = 9;

#[test]
fn who_watches_much_keeps_nobody_from_hearing() {
    let asks = "[[asks.fs]]\nat = \"/data\"\naccess = \"read\"\n";
    let grants = json!({"fs": [{"path": "./more", "at": "/data", "access": "read"}]});
    let endless = Plugin::guest("endless").asks(asks).grants(grants);
    let resources = ["file:///data/**", "endless:///data/**"].map(|uri| json!({"resource": uri, "access": ["read"]}));
    let key =
        |name: &str| json!({"name": name, "key": format!("key-of-{name}-who-watches-files-here"), "scopes": ["all"]});
    let folder = Folder::with(|house| {
        fs::create_dir(house.join("more")).expect("a folder");
        house
            .with(&endless)
            .set("allowAnonymous", json!(false))
            .set("scopes", json!({"all": resources}))
            .set("apiKeys", json!([key("alice"), key("bob")]))
    });
    let server = folder.0.serve();
    server.lines().wait_for(&["served", "plugin=endless "]);
    server.lines().wait_for(&["served", "plugin=file "]);
    let mut listening = Vec::new();
    for listen in 0..LISTENS {
        let mut alice = server.client_with_key(Era::Modern, "key-of-alice-who-watches-files-here");
        let uris: Vec<String> = (0..A_LISTEN).map(|file| format!("endless:///data/{listen}-{file}")).collect();
        let filter = json!({"notifications": {"resourceSubscriptions": uris}});
        let (id, events) = alice.begin("subscriptions/listen", filter);
        let mut ear = Ear::Stream(Box::new(events));
        acknowledged(&mut ear, &id);
        listening.push(ear);
    }
    server.lines().wait_for(&["more of its files are watched than are looked at", "plugin=endless "]);
    let mut bob = server.client_with_key(Era::Modern, "key-of-bob-who-watches-files-here");
    let uris = json!([uri("a.txt"), "endless:///data/z.txt"]);
    let (id, events) = bob.begin("subscriptions/listen", json!({"notifications": {"resourceSubscriptions": uris}}));
    let mut ear = Ear::Stream(Box::new(events));
    assert_eq!(acknowledged(&mut ear, &id), uris);
    folder.write("a.txt", "two");
    ear.must_hear(&uri("a.txt"), "of another plugin");
    fs::write(folder.0.join("more/z.txt"), "one").expect("a file");
    ear.must_hear("endless:///data/z.txt", "of the same plugin");
}

#[test]
fn a_file_that_appears_changes_the_listing() {
    let folder = Folder::new();
    let server = folder.0.serve();
    let mut client = server.client(Era::Modern);
    let filter = json!({"notifications": {"resourcesListChanged": true, "resourceSubscriptions": [uri("a.txt")]}});
    let (id, events) = client.begin("subscriptions/listen", filter);
    let mut ear = Ear::Stream(Box::new(events));
    acknowledged(&mut ear, &id);
    folder.write("new.txt", "new");
    assert_eq!(ear.next()["method"], "notifications/resources/list_changed");
    let listed = client.list("resources/list", "resources");
    assert!(listed.iter().any(|resource| resource["uri"] == uri("new.txt")), "{listed:?}");
}

/// A house where a key, and whoever holds the pipes, may read these files.
fn readable(names: &[&str]) -> impl FnOnce(House) -> House {
    let items: Vec<Value> =
        names.iter().map(|name| json!({"resource": uri(name), "access": ["read", "list"]})).collect();
    move |house| {
        house
            .set("allowAnonymous", json!(false))
            .set("scopes", json!({"some": items}))
            .set("apiKeys", json!([{"name": "some", "key": "key-with-one-scope", "scopes": ["some"]}]))
    }
}

#[test]
fn what_may_not_be_read_is_not_heard_of() {
    let folder = Folder::with(readable(&["b.txt"]));
    let server = folder.0.serve();
    let mut modern = server.client_with_key(Era::Modern, "key-with-one-scope");
    let (id, events) = modern.begin("subscriptions/listen", filter(&["a.txt", "b.txt"]));
    let mut ear = Ear::Stream(Box::new(events));
    assert_eq!(acknowledged(&mut ear, &id), json!([uri("b.txt")]));
    let mut legacy = server.client_with_key(Era::Legacy, "key-with-one-scope");
    assert_eq!(legacy.request("resources/subscribe", json!({"uri": uri("a.txt")})).code(), -31403);
    folder.write("a.txt", "two");
    folder.write("b.txt", "two");
    ear.must_hear(&uri("b.txt"), "the only one");
}

#[test]
fn who_loses_the_right_hears_no_more() {
    let mut folder = Folder::with(readable(&["a.txt", "b.txt"]));
    let narrow = |folder: &mut Folder| {
        folder.0.edit(|config| drop(config["scopes"]["some"].as_array_mut().expect("items").remove(0)));
    };
    let (server, mut client) = folder.0.serve_stdio(Era::Legacy);
    subscribe(&mut client, "a.txt");
    subscribe(&mut client, "b.txt");
    narrow(&mut folder);
    server.lines().wait_for(&["the new configuration holds"]);
    folder.write("a.txt", "two");
    folder.write("b.txt", "two");
    Ear::Pipe(&mut client).must_hear(&uri("b.txt"), "over stdio");
}

#[test]
fn a_session_that_loses_the_right_hears_no_more() {
    let mut folder = Folder::with(readable(&["a.txt", "b.txt"]));
    let server = folder.0.serve();
    let mut client = server.client_with_key(Era::Legacy, "key-with-one-scope");
    subscribe(&mut client, "a.txt");
    subscribe(&mut client, "b.txt");
    let mut before = standing(&server, &client);
    let (_, mut listening) = server
        .client_with_key(Era::Modern, "key-with-one-scope")
        .begin("subscriptions/listen", filter(&["a.txt", "b.txt"]));
    assert!(listening.next().expect("a stream").is_some(), "it is acknowledged");
    folder.0.edit(|config| drop(config["scopes"]["some"].as_array_mut().expect("items").remove(0)));
    // What relied on the right ends.
    while before.next().expect("a stream").is_some() {}
    let last = listening.next().expect("a stream").expect("a last word").data.expect("a message");
    assert!(last.contains("error"), "{last}");
    assert_eq!(client.request("ping", json!({})).status, 404, "what was said in it is not said again");
    let mut client = server.client_with_key(Era::Legacy, "key-with-one-scope");
    assert_eq!(client.request("resources/subscribe", json!({"uri": uri("a.txt")})).code(), -31403);
    subscribe(&mut client, "b.txt");
    let mut ear = Ear::Stream(Box::new(standing(&server, &client)));
    folder.write("a.txt", "two");
    folder.write("b.txt", "two");
    ear.must_hear(&uri("b.txt"), "a new session, and the right that is left");
}

#[test]
fn a_stream_with_nothing_to_say_is_kept_open() {
    let folder = Folder::new();
    let server = folder.0.serve();
    let client = server.client(Era::Modern);
    let message = client.message("subscriptions/listen", filter(&["a.txt"]));
    let mut connection = Connection::open(server.address()).expect("a connection");
    connection.send(&client.http_request(&message)).expect("sent");
    let head = connection.head().expect("a head");
    assert_eq!(head.header("x-accel-buffering"), Some("no"), "{head:?}");
    let mut heard = String::new();
    while !heard.contains("\n:\n") {
        let part = connection.chunk().expect("a stream").expect("it goes on");
        heard.push_str(&String::from_utf8(part).expect("UTF-8"));
    }
    assert_eq!(heard.matches("data: {").count(), 1, "{heard}");
}

#[test]
fn a_server_that_closes_ends_its_subscriptions_in_words() {
    let folder = Folder::new();
    let mut server = folder.0.serve();
    let (id, events) = server.client(Era::Modern).begin("subscriptions/listen", filter(&["a.txt"]));
    let mut ear = Ear::Stream(Box::new(events));
    acknowledged(&mut ear, &id);
    server.terminate();
    let result = ear.next();
    assert_eq!((&result["id"], &result["result"]["_meta"][TAG]), (&id, &id), "{result}");
    assert_eq!(result["result"]["resultType"], "complete", "{result}");
    let Ear::Stream(mut events) = ear else { panic!("a stream") };
    assert_eq!(events.next().expect("a stream"), None, "and the stream ends");
    assert_eq!(server.ended_within(Duration::from_secs(20)), 0);

    let (server, mut client) = folder.0.serve_stdio(Era::Modern);
    let message = client.message("subscriptions/listen", filter(&["a.txt"]));
    client.pipe().send(&message);
    acknowledged(&mut Ear::Pipe(&mut client), &message["id"]);
    server.terminate();
    let cancelled = Ear::Pipe(&mut client).next();
    assert_eq!(cancelled["method"], "notifications/cancelled", "{cancelled}");
    assert_eq!(cancelled["params"]["requestId"], message["id"], "{cancelled}");
    let result = Ear::Pipe(&mut client).next();
    assert_eq!((&result["id"], &result["result"]["_meta"][TAG]), (&message["id"], &message["id"]), "{result}");
}
