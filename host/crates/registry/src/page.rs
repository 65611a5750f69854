//! An MCP App's page connects to nowhere that its plugin may not.
//!
//! **Invariant:** what a page's `_meta.ui.csp` names and no http grant covers is
//! listed nowhere and leaves in no answer, whatever the item that carries it.

use bulkhead_package::{Contract, Json as Text};
use bulkhead_policy::HttpRule;
use bulkhead_protocol::json::{Compact, Json};
use bulkhead_screen::{GrantedHost, cap_domains};

use crate::listing::scanned;

/// `meta` with the domains of its page's content policy capped by `granted`,
/// and those that were left out.
#[must_use]
pub fn cap_page(meta: Compact, granted: &[HttpRule]) -> (Compact, Vec<String>) {
    // Nearly every `_meta` is none of a page's.
    if !meta.as_str().contains("\"ui\"") && !meta.as_str().contains('\\') {
        return (meta, Vec::new());
    }
    let Some(csp) = meta.json().member("ui").and_then(|ui| ui.member("csp")) else { return (meta, Vec::new()) };
    let mut left_out = Vec::new();
    let capped = capped(csp, granted, &mut left_out);
    if left_out.is_empty() {
        return (meta, left_out);
    }
    let ui = meta.json().member("ui").map(|ui| with(ui, "csp", &capped));
    let whole = ui.map(|ui| with(meta.json(), "ui", &ui));
    (whole.unwrap_or_else(|| Compact::write(|_| {})), left_out)
}

/// The object, with one of its members another.
fn with(object: Json<'_>, key: &str, value: &Compact) -> Compact {
    Compact::write(|out| {
        for member in object.members().unwrap_or_default() {
            let slot = out.slot(&member.key);
            if member.key == key { slot.raw(value) } else { slot.json(member.value) }
        }
    })
}

/// Each directive with the domains that are covered. What is no list of
/// domains is left out whole.
fn capped(csp: Json<'_>, granted: &[HttpRule], left_out: &mut Vec<String>) -> Compact {
    let hosts: Vec<(String, String, u16)> =
        granted.iter().map(|rule| (rule.scheme.to_string(), rule.host.to_string(), rule.port)).collect();
    let granted: Vec<GrantedHost<'_>> =
        hosts.iter().map(|(scheme, host, port)| GrantedHost { scheme, host, port: *port }).collect();
    let Some(directives) = csp.members() else {
        left_out.push("csp".to_owned());
        return Compact::write(|_| {});
    };
    Compact::write(|out| {
        for directive in directives {
            let texts =
                directive.value.elements().map(|all| all.into_iter().map(Json::text).collect::<Option<Vec<_>>>());
            let Some(Some(domains)) = texts else {
                left_out.push(directive.key.into_owned());
                continue;
            };
            let found = cap_domains(domains.iter().map(|domain| &**domain), &granted);
            left_out.extend(found.left_out.into_iter().map(str::to_owned));
            out.array(&directive.key, |list| found.kept.into_iter().for_each(|domain| list.str(domain)));
        }
    })
}

/// The same of an item's `_meta`, as its contract has it.
pub(crate) fn cap_contracted(meta: Option<&Text>, granted: &[HttpRule]) -> Option<Text> {
    let (capped, left_out) = cap_page(scanned(meta?), granted);
    if left_out.is_empty() { meta.cloned() } else { Text::parse(capped.as_str()).ok() }
}

/// The domains that a contract's pages name and do not get, by item.
pub(crate) fn left_out(contract: &Contract, granted: &[HttpRule]) -> Vec<(String, String)> {
    let tools = contract.tools.iter().map(|tool| (&tool.name, &tool.meta));
    let resources = contract.resources.iter().map(|resource| (&resource.uri, &resource.meta));
    let templates = contract.resource_templates.iter().map(|template| (&template.uri_template, &template.meta));
    let all = tools.chain(resources).chain(templates);
    let of = |(name, meta): (&String, &Option<Text>)| {
        let domains = meta.as_ref().map(|meta| cap_page(scanned(meta), granted).1).unwrap_or_default();
        domains.into_iter().map(|domain| (name.clone(), domain)).collect::<Vec<_>>()
    };
    all.flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use bulkhead_policy::{GivenGrant, Grants};
    use bulkhead_protocol::json::compact;

    use super::*;

    fn capped(meta: &str) -> (String, Vec<String>) {
        let mut grants = Grants::default();
        let rule: GivenGrant = "http=https://api.example.com/v1/*".parse().unwrap();
        rule.add_to(&mut grants, std::path::Path::new("."));
        let (meta, left_out) = cap_page(compact(meta, usize::MAX).unwrap(), &grants.http);
        (meta.into_string(), left_out)
    }

    #[test]
    fn a_page_keeps_the_domains_that_its_plugin_may_reach() {
        let fine = r#"{"ui":{"csp":{"connectDomains":["https://api.example.com"]},"prefersBorder":true}}"#;
        assert_eq!(capped(fine), (fine.to_owned(), vec![]));
        let far = r#"{"a":1,"ui":{"csp":{"connectDomains":["https://api.example.com","https://evil.example"],"resourceDomains":["*"],"x":"y"},"b":2}}"#;
        let left = [r#"https://evil.example"#, "*", "x"].map(str::to_owned).to_vec();
        let expected =
            r#"{"a":1,"ui":{"csp":{"connectDomains":["https://api.example.com"],"resourceDomains":[]},"b":2}}"#;
        assert_eq!(capped(far), (expected.to_owned(), left));
        let spelt = r#"{"\u0075i":{"c\u0073p":{"connectDomains":["https://evil.example"]}}}"#;
        assert_eq!(capped(spelt).0, r#"{"ui":{"csp":{"connectDomains":[]}}}"#);
        assert_eq!(capped(r#"{"ui":{"csp":"default-src *"}}"#).0, r#"{"ui":{"csp":{}}}"#);
        assert_eq!(capped(r#"{"ui":[1]}"#), (r#"{"ui":[1]}"#.to_owned(), vec![]));
    }
}
