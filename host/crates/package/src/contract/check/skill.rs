//! Whether a contract's skills are as they must be.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{Checked, Place, description, line, unique, uri};
use crate::{
    contract::{Contract, SkillContract, SkillFile},
    invisible,
    json::Json,
    limits::{MAX_EXTRA_BYTES, MAX_NAME_CHARS, MAX_PARTS, MAX_SKILL_BYTES, MAX_SKILL_FILES},
};

pub(super) fn skills(contract: &Contract) -> Checked {
    let place = Place::root("skills");
    place.at_most(contract.skills.len(), MAX_PARTS, "skills")?;
    unique(&place, contract.skills.iter().map(|skill| &skill.uri))?;
    let resources: HashSet<&str> = contract.resources.iter().map(|resource| &*resource.uri).collect();
    let mut files: HashMap<&str, &SkillFile> = HashMap::new();
    for (position, found) in contract.skills.iter().enumerate() {
        let place = place.at(position);
        skill(&place, found)?;
        for (position, file) in found.resources.iter().enumerate() {
            let place = place.at("resources").at(position);
            if files.insert(&file.uri, file).is_some_and(|other| other != file) {
                return place.refuse("expected what another skill says of the same file");
            }
            if resources.contains(&*file.uri) {
                return place.refuse("expected a file that is not contracted as a resource besides");
            }
        }
    }
    Ok(())
}

fn skill(place: &Place, skill: &SkillContract) -> Checked {
    address(&place.at("uri"), &skill.uri)?;
    let root = skill.root();
    let name = root.rsplit('/').next().unwrap_or_default();
    if root == skill.uri || !is_name(name) {
        return place.at("uri").refuse(format!(
            "expected SCHEME://…/NAME/SKILL.md, NAME of 1 to {MAX_NAME_CHARS} of a-z 0-9 -, no hyphen first, last or twice"
        ));
    }
    frontmatter(&place.at("frontmatter"), skill, name)?;
    let place = place.at("resources");
    place.at_most(skill.resources.len(), MAX_SKILL_FILES, "files")?;
    unique(&place, skill.resources.iter().map(|file| &file.uri))?;
    if !skill.resources.iter().any(|file| file.uri == skill.uri) {
        return place.refuse("expected the skill's own SKILL.md among its files");
    }
    if skill
        .resources
        .iter()
        .try_fold(0_u64, |sum, file| sum.checked_add(file.size))
        .is_none_or(|sum| sum > MAX_SKILL_BYTES)
    {
        return place.refuse(format!("expected at most {MAX_SKILL_BYTES} bytes together"));
    }
    skill.resources.iter().enumerate().try_for_each(|(position, file)| {
        let place = place.at(position);
        address(&place.at("uri"), &file.uri)?;
        if file.uri.strip_prefix(root).is_none_or(|rest| !rest.starts_with('/')) {
            return place.at("uri").refuse(format!("expected a file in {root}/"));
        }
        file.mime_type.as_deref().map_or(Ok(()), |text| line(&place.at("mimeType"), text))
    })
}

/// A URI whose path has one spelling: it is compared as text.
fn address(place: &Place, text: &str) -> Checked {
    uri(place, text)?;
    let path = text.split_once("://").map(|(_, path)| path);
    let plain = |segment: &str| !matches!(segment, "" | "." | "..");
    if path.is_some_and(|path| path.split('/').all(plain) && !path.contains(['?', '#', '{', '}', '\\'])) {
        return Ok(());
    }
    place.refuse("expected SCHEME://FOLDER/FILE without empty parts, dots alone, query or fragment")
}

fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let length = (1..=MAX_NAME_CHARS).contains(&name.len());
    length && plain && !name.starts_with('-') && !name.ends_with('-') && !name.contains("--")
}

fn frontmatter(place: &Place, skill: &SkillContract, name: &str) -> Checked {
    place.at_most(skill.frontmatter.as_str().len(), MAX_EXTRA_BYTES, "bytes")?;
    invisible::check_json(place, &skill.frontmatter)?;
    let Some(head) = skill.head() else {
        return place.refuse("expected an object with a name and a description");
    };
    if head.name != name {
        return place.at("name").refuse(format!("expected {name:?}, the name of its folder, found {:?}", head.name));
    }
    if head.description.trim().is_empty() {
        return place.at("description").refuse("expected what the skill is for, found nothing");
    }
    description(&place.at("description"), &head.description)?;
    reserved(&place.at("metadata"), &skill.frontmatter)
}

/// Keys that belong to the protocol's extensions; none are defined.
fn reserved(place: &Place, frontmatter: &Json) -> Checked {
    #[derive(Deserialize)]
    struct Head {
        metadata: HashMap<String, serde::de::IgnoredAny>,
    }
    let Ok(head) = serde_json::from_str::<Head>(frontmatter.as_str()) else { return Ok(()) };
    match head.metadata.keys().find(|key| key.starts_with("io.modelcontextprotocol/")) {
        Some(key) => place.refuse(format!("expected keys of the author's own, found {key:?}, which is the protocol's")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    fn file(uri: &str, size: u64) -> String {
        format!(r#"{{"uri":"{uri}","digest":"{DIGEST}","size":{size},"mimeType":"text/markdown"}}"#)
    }

    fn skill(uri: &str, frontmatter: &str, files: &[String]) -> String {
        format!(r#"{{"uri":"{uri}","frontmatter":{frontmatter},"resources":[{}]}}"#, files.join(","))
    }

    fn told(skills: &[String]) -> String {
        let json = Json::parse(&format!(r#"{{"skills":[{}]}}"#, skills.join(","))).unwrap();
        Contract::parse(&json).map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
    }

    const URI: &str = "skill://acme/refunds/SKILL.md";
    const HEAD: &str = r#"{"name":"refunds","description":"Refunds.","metadata":{"version":"2"}}"#;

    #[test]
    fn a_skill_with_all_its_files_is_accepted_nested_ones_included() {
        let inner = "skill://acme/refunds/inner/SKILL.md";
        let outer = skill(URI, HEAD, &[file(URI, 9), file("skill://acme/refunds/a%20b.md", 0), file(inner, 3)]);
        let nested = skill(inner, r#"{"name":"inner","description":"d"}"#, &[file(inner, 3)]);
        assert_eq!(told(&[outer.clone(), nested]), "accepted");
        let differs = skill(inner, r#"{"name":"inner","description":"d"}"#, &[file(inner, 4)]);
        assert!(told(&[outer, differs]).contains("another skill says"));
    }

    #[test]
    fn what_no_client_could_trust_is_named() {
        let with = |frontmatter: &str| skill(URI, frontmatter, &[file(URI, 1)]);
        let many: Vec<String> = (0..=MAX_SKILL_FILES).map(|n| file(&format!("skill://acme/refunds/{n}"), 0)).collect();
        for (text, part) in [
            (skill("skill://acme/refunds", HEAD, &[]), "/skills/0/uri"),
            (skill("skill://SKILL.md", HEAD, &[]), "/skills/0/uri"),
            (skill("skill://acme/Refunds/SKILL.md", HEAD, &[]), "a-z 0-9 -"),
            (skill("skill://acme/../refunds/SKILL.md", HEAD, &[]), "/skills/0/uri"),
            (skill("skill://acme/refunds/SKILL.md?x", HEAD, &[]), "/skills/0/uri"),
            (with(r#"{"name":"returns","description":"d"}"#), "/skills/0/frontmatter/name"),
            (with(r#"{"name":"refunds"}"#), "a name and a description"),
            (with(r#"{"name":"refunds","description":" "}"#), "/skills/0/frontmatter/description"),
            (
                with(r#"{"name":"refunds","description":"d","metadata":{"io.modelcontextprotocol/x":1}}"#),
                "/skills/0/frontmatter/metadata",
            ),
            (skill(URI, HEAD, &[file("skill://acme/refunds/a", 1)]), "the skill's own SKILL.md"),
            (skill(URI, HEAD, &[file(URI, 1), file("skill://acme/refunds-x/a", 1)]), "expected a file in"),
            (skill(URI, HEAD, &[file(URI, 1), file(URI, 1)]), "twice"),
            (skill(URI, HEAD, &[file(URI, MAX_SKILL_BYTES + 1)]), "bytes together"),
            (skill(URI, HEAD, &[file(URI, 1), file("skill://acme/refunds/a", 1 << 53)]), "bytes together"),
            (skill(URI, HEAD, &many), "at most 512 files"),
            (skill(URI, HEAD, &[file(URI, 1).replace("sha256:0", "sha256:g")]), "hexadecimal"),
        ] {
            assert!(
                told(std::slice::from_ref(&text)).contains(part),
                "{text:.200}: {}",
                told(std::slice::from_ref(&text))
            );
        }
        let twice = format!(
            r#"{{"resources":[{{"uri":"{URI}","name":"n"}}],"skills":[{}]}}"#,
            skill(URI, HEAD, &[file(URI, 1)])
        );
        assert!(Contract::parse(&Json::parse(&twice).unwrap()).unwrap_err().to_string().contains("as a resource"));
    }
}
