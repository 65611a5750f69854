//! What the functions of a component are called as tools.
//!
//! `function` of the world, `interface_function`, `interface_resource_method`:
//! WIT's names have no underscore, so the parts can be told apart. Interfaces
//! whose tools would meet are called by more of their name, until none do:
//! `package_interface_…`, `namespace_package_interface_…`, and lastly with
//! the version, `…_1-2-0_…`. This depends on names alone.

use std::collections::BTreeMap;

/// An interface's name in ever longer forms.
const FORMS: usize = 4;

/// The tool's name of every function, in order; the first name that two have
/// whatever they are called.
pub(super) fn tools(functions: &[(Option<&str>, &str)]) -> Result<Vec<String>, String> {
    let mut forms: BTreeMap<&str, usize> = BTreeMap::new();
    loop {
        let form = |interface: &str| forms.get(interface).copied().unwrap_or(0);
        let named: Vec<String> = functions
            .iter()
            .map(|(interface, function)| tool(interface.map(|name| (name, form(name))), function))
            .collect();
        let mut owners: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
        for ((interface, _), name) in functions.iter().zip(&named) {
            owners.entry(name).or_default().push(*interface);
        }
        let Some((clash, _)) = owners.iter().find(|(_, owners)| owners.len() > 1) else { return Ok(named) };
        let meeting = owners.values().filter(|owners| owners.len() > 1).flatten().flatten();
        let longer: Vec<&str> = meeting.copied().filter(|name| form(name) + 1 < FORMS).collect();
        if longer.is_empty() {
            return Err((*clash).to_owned());
        }
        let longer: std::collections::BTreeSet<&str> = longer.into_iter().collect();
        for name in longer {
            *forms.entry(name).or_default() += 1;
        }
    }
}

fn tool(interface: Option<(&str, usize)>, function: &str) -> String {
    let function = match function.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => rest.replace('.', "_"),
        None => function.to_owned(),
    };
    match interface {
        Some((interface, form)) => format!("{}_{function}", called(interface, form)),
        None => function,
    }
}

/// `interface` in one of its forms.
fn called(interface: &str, form: usize) -> String {
    let (path, version) = interface.split_once('@').unwrap_or((interface, ""));
    let parts: Vec<&str> = path.split([':', '/']).collect();
    let kept = parts.len().min(form.min(2) + 1);
    let mut name = parts[parts.len() - kept..].join("_");
    if form == 3 && !version.is_empty() {
        name.push('_');
        name.push_str(&version.replace(['.', '+'], "-"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(functions: &[(Option<&str>, &str)]) -> Vec<String> {
        tools(functions).unwrap()
    }

    #[test]
    fn a_name_is_as_short_as_it_can_be() {
        assert_eq!(named(&[(None, "run"), (Some("docs:adder/add@0.1.0"), "add")]), ["run", "add_add"]);
        assert_eq!(named(&[(Some("a:b/c"), "[method]re.is-match")]), ["c_re_is-match"]);
        assert_eq!(named(&[(Some("plain"), "[static]re.new")]), ["plain_re_new"]);
    }

    #[test]
    fn interfaces_that_would_meet_are_called_by_more_of_their_name() {
        let two = [(Some("a:b/c@1.0.0"), "f"), (Some("a:d/c@1.0.0"), "f"), (Some("a:d/c@1.0.0"), "g")];
        assert_eq!(named(&two), ["b_c_f", "d_c_f", "d_c_g"]);
        let versions = [(Some("a:b/c@1.0.0"), "f"), (Some("a:b/c@1.2.0-rc.1"), "f")];
        assert_eq!(named(&versions), ["a_b_c_1-0-0_f", "a_b_c_1-2-0-rc-1_f"]);
        let namespaces = [(Some("a:b/c"), "f"), (Some("d:b/c"), "f")];
        assert_eq!(named(&namespaces), ["a_b_c_f", "d_b_c_f"]);
        // A method's name is that of a function of a longer form.
        let parts = [(Some("x:b/c"), "f"), (Some("x:d/c"), "f"), (Some("x:y/b"), "[method]c.f")];
        let all = named(&parts);
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{all:?}");
    }

    #[test]
    fn names_that_meet_in_every_form_are_an_error() {
        assert!(tools(&[(Some("a:b/c@1.0.0-a.b"), "f"), (Some("a:b/c@1.0.0-a-b"), "f")]).is_err());
        assert!(tools(&[(Some("a:b/c"), "[static]r.f"), (Some("a:b/c"), "[method]r.f")]).is_err());
    }
}
