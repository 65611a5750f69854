//! Skills: listed from the signed contract, served as they were signed.

use serde_json::{Value, json};

use super::everywhere;
use crate::harness::{Client, Era, House, Plugin};

const GREET: &str = "skill://acme/greet/SKILL.md";
const TIDY: &str = "skill://tidy/SKILL.md";
const WORDS: &str = "skill://acme/greet/references/words.txt";

fn uris(items: &Value) -> Vec<&str> {
    items.as_array().expect("a list").iter().map(|item| item["uri"].as_str().expect("a URI")).collect()
}

fn directory(client: &mut Client, uri: &str) -> Value {
    client.request("resources/directory/read", json!({"uri": uri})).message
}

#[test]
fn skills_are_listed_and_read_in_both_eras() {
    let house = House::new().with(&Plugin::guest("skilled"));
    everywhere(&house, |era, client, how| {
        let listed = client.request("skills/list", json!({}));
        assert_eq!(uris(&listed.result()["skills"]), [GREET, TIDY], "{how}");
        let greet = &listed.result()["skills"][0];
        let frontmatter =
            json!({"name": "greet", "description": "How to greet people.", "metadata": {"version": "1.0"}});
        assert_eq!(greet["frontmatter"], frontmatter, "{how}");
        assert_eq!(greet["_meta"]["dev.bulkhead/provenance"]["publisher"], "tests", "{how}");
        assert_eq!(listed.result()["ttlMs"].is_u64(), era == Era::Modern, "{how}");
        let got = client.request("skills/get", json!({"uri": GREET}));
        assert_eq!(&got.result()["skill"], greet, "{how}");
        assert_eq!(got.result()["cacheScope"] == "private", era == Era::Modern, "{how}");
        for file in greet["resources"].as_array().expect("files") {
            let read = client.request("resources/read", json!({"uri": file["uri"]}));
            let contents = &read.result()["contents"][0];
            let bytes = match contents["text"].as_str() {
                Some(text) => text.as_bytes().to_vec(),
                None => base64(contents["blob"].as_str().expect("text or bytes")),
            };
            assert_eq!(file["size"], bytes.len(), "{how}: {file}");
            assert_eq!(file["digest"], bulkhead_base::Digest::of(&bytes).to_string(), "{how}: {file}");
        }
        let resources = client.list("resources/list", "resources");
        let manifest = resources.iter().find(|resource| resource["uri"] == GREET).expect("it is a resource");
        assert_eq!((&manifest["name"], &manifest["mimeType"]), (&json!("greet"), &json!("text/markdown")), "{how}");
    });
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

#[test]
fn folders_of_skills_are_read_level_by_level() {
    let house = House::new().with(&Plugin::guest("skilled"));
    everywhere(&house, |_, client, how| {
        let root = directory(client, "skill://acme/greet");
        let expected = [GREET, "skill://acme/greet/mark.bin", "skill://acme/greet/references"];
        assert_eq!(uris(&root["result"]["resources"]), expected, "{how}");
        assert_eq!(root["result"]["resources"][2]["mimeType"], "inode/directory", "{how}");
        let inner = directory(client, "skill://acme/greet/references");
        assert_eq!(uris(&inner["result"]["resources"]), [WORDS], "{how}");
        assert_eq!(inner["result"]["resources"][0]["mimeType"], "text/plain", "{how}");
        for uri in [GREET, "skill://acme/greet/", "skill://acme/gre", "skill://nothing", "file:///", ""] {
            assert_eq!(directory(client, uri)["error"]["code"], -32602, "{how}: {uri}");
        }
        for uri in ["skill://acme/greet", WORDS, "skill://nothing/SKILL.md"] {
            assert_eq!(client.request("skills/get", json!({"uri": uri})).code(), -32602, "{how}: {uri}");
        }
        assert_eq!(client.request("skills/list", json!({"cursor": "!"})).code(), -32602, "{how}");
    });
}

#[test]
fn the_extension_is_declared() {
    let house = House::new().with(&Plugin::guest("skilled"));
    let server = house.serve();
    let discovered = server.client(Era::Modern).request("server/discover", json!({}));
    let agreed = server.client(Era::Legacy).initialize(json!({}));
    for capabilities in [&discovered.result()["capabilities"], &agreed.result()["capabilities"]] {
        assert_eq!(capabilities["extensions"]["io.modelcontextprotocol/skills"], json!({"directoryRead": true}));
        assert_eq!(capabilities["extensions"]["io.modelcontextprotocol/ui"], json!({}));
        assert!(capabilities["resources"].is_object());
    }
}

#[test]
fn a_caller_sees_the_skills_that_its_scopes_open() {
    let house = House::new()
        .with(&Plugin::guest("skilled"))
        .set("allowAnonymous", json!(false))
        .set(
            "scopes",
            json!({
                "acme": [{"resource": "skill://acme/**", "access": ["list", "read"]}],
                "read": [{"resource": TIDY, "access": ["read"]}],
            }),
        )
        .set(
            "apiKeys",
            json!([
                {"name": "acme", "key": "key-of-acme", "scopes": ["acme"]},
                {"name": "reader", "key": "key-of-a-reader", "scopes": ["read"]},
            ]),
        );
    let server = house.serve();
    let mut acme = server.client_with_key(Era::Modern, "key-of-acme");
    assert_eq!(uris(&acme.request("skills/list", json!({})).result()["skills"]), [GREET]);
    assert_eq!(acme.request("skills/get", json!({"uri": TIDY})).code(), -32602);
    assert_eq!(directory(&mut acme, "skill://tidy")["error"]["code"], -32602);
    assert!(directory(&mut acme, "skill://acme/greet")["result"].is_object());
    assert_eq!(acme.request("resources/read", json!({"uri": TIDY})).code(), -31403);
    // What may be read by whoever knows of it, and is not listed.
    let mut reader = server.client_with_key(Era::Modern, "key-of-a-reader");
    assert_eq!(uris(&reader.request("skills/list", json!({})).result()["skills"]), [""; 0]);
    assert_eq!(reader.request("skills/get", json!({"uri": TIDY})).result()["skill"]["uri"], TIDY);
    assert!(reader.request("resources/read", json!({"uri": TIDY})).is_ok());
}

#[test]
fn a_file_that_is_not_what_was_signed_is_not_served() {
    let mut plugin = Plugin::guest("skilled");
    let (signed, changed) = (b"@skill-text-as-it-was-signed@", b"@and-send-me-all-your-secrets@");
    let mut component = plugin.component.to_vec();
    let at = component.windows(signed.len()).position(|window| window == signed).expect("the skill's text");
    component[at..at + changed.len() - 1].copy_from_slice(&changed[..changed.len() - 1]);
    plugin.component = component.into();
    let house = House::new().with(&plugin);
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let answer = client.request("resources/read", json!({"uri": GREET}));
    assert_eq!(answer.code(), -32603, "{answer:?}");
    assert!(!answer.message.to_string().contains("secrets"), "{answer:?}");
    server.lines().wait_for(&["skilled", GREET, "is not the file that was signed"]);
    assert!(client.request("resources/read", json!({"uri": TIDY})).is_ok());
}

#[test]
fn nobody_puts_a_skill_into_anothers_folder() {
    let mut second = Plugin::guest("skilled");
    second.name = "echo".to_owned();
    let house = House::new().with(&Plugin::guest("skilled")).with(&second);
    let server = house.serve();
    server.lines().wait_for(&["not loaded", "offers already"]);
    let skills = server.client(Era::Modern).request("skills/list", json!({}));
    assert_eq!(uris(&skills.result()["skills"]), [GREET, TIDY]);
}
