//! Whether somebody was given less than before.

use bulkhead_policy::Grants;

/// Whether `new` lacks anything that `old` gives: what relied on it must stop.
/// A changed variable or setting is no less, a changed secret is another one.
pub(super) fn narrowed(old: &Grants, new: &Grants) -> bool {
    let kept = new.lines();
    old.lines().iter().any(|line| !kept.contains(line))
        || old.secrets.iter().any(|secret| !new.secrets.contains(secret))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bulkhead_policy::GivenGrant;

    use super::*;

    fn grants(lines: &[&str]) -> Grants {
        let mut grants = Grants::default();
        lines.iter().for_each(|line| line.parse::<GivenGrant>().unwrap().add_to(&mut grants, Path::new("/")));
        grants
    }

    #[test]
    fn less_is_less_and_more_is_not() {
        let one = grants(&["http=https://a.example/v1/*", "kv"]);
        assert!(!narrowed(&one, &one));
        assert!(!narrowed(&grants(&["kv"]), &one));
        assert!(!narrowed(&Grants::default(), &one));
        assert!(narrowed(&one, &grants(&["kv"])));
        assert!(narrowed(&one, &grants(&["http=https://a.example/v2/*", "kv"])));
        assert!(narrowed(&grants(&["fs=/d:/data:write"]), &grants(&["fs=/d:/data:ro"])));
    }
}
