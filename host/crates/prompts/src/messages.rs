//! A body, cut into messages.
//!
//! A line that is exactly `## user` or `## assistant` begins a message of that
//! role; what stands before the first is the user's. Bodies are cut before
//! they are filled, so that no argument begins a message.

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    User,
    Assistant,
}

/// Part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) role: Role,
    pub(crate) text: &'a str,
    /// How many lines of the body stand before it.
    pub(crate) lines_before: usize,
}

fn separator(line: &str) -> Option<Role> {
    match line.trim_end() {
        "## user" => Some(Role::User),
        "## assistant" => Some(Role::Assistant),
        _ => None,
    }
}

/// The parts of `body` that say something, in their order.
pub(crate) fn split(body: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut role, mut from, mut lines_before, mut at) = (Role::User, 0, 0, 0);
    for (number, line) in body.split_inclusive('\n').enumerate() {
        if let Some(next) = separator(line) {
            parts.push(Part { role, text: &body[from..at], lines_before });
            (role, from, lines_before) = (next, at + line.len(), number + 1);
        }
        at += line.len();
    }
    parts.push(Part { role, text: &body[from..], lines_before });
    parts.retain(|part| !part.text.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Vec<(Role, &str, usize)> {
        split(body).into_iter().map(|part| (part.role, part.text, part.lines_before)).collect()
    }

    #[test]
    fn a_body_without_separators_is_the_users() {
        assert_eq!(told("one\n## User\ntwo"), [(Role::User, "one\n## User\ntwo", 0)]);
        assert_eq!(told("\n \n"), []);
    }

    #[test]
    fn a_separator_begins_a_message() {
        let body = "first\n## assistant\nsecond\n## user  \n\n## user\r\nthird\n ## user\n";
        let expected =
            [(Role::User, "first\n", 0), (Role::Assistant, "second\n", 2), (Role::User, "third\n ## user\n", 6)];
        assert_eq!(told(body), expected);
    }
}
