//! What an unknown key was likely meant to be.

/// The known name that is likely meant: at most a third of its letters off.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let name = folded(name);
    let (distance, best) =
        known.iter().map(|candidate| (distance(&name, &folded(candidate)), *candidate)).min_by_key(|(d, _)| *d)?;
    (distance <= (best.len() / 3).max(1)).then_some(best)
}

/// Letters that have to be added, removed, replaced or swapped with the next.
fn distance(one: &str, two: &str) -> usize {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().take(64).collect(), two.chars().take(64).collect());
    let mut rows = vec![vec![0; two.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=two.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replace = rows[i - 1][j - 1] + usize::from(one[i - 1] != two[j - 1]);
                let swapped = i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1];
                let swap = if swapped { rows[i - 2][j - 2] + 1 } else { usize::MAX };
                replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(swap)
            };
        }
    }
    rows[one.len()][two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_the_one_that_was_meant() {
        let keys = ["host", "port", "apiKey", "apiKeys", "allowAnonymous", "plugins"];
        let table = [
            ("hsot", Some("host")),
            ("api_key", Some("apiKey")),
            ("apikey", Some("apiKey")),
            ("plugin", Some("plugins")),
            ("allow-anonymus", Some("allowAnonymous")),
            ("zzz", None),
            ("server", None),
        ];
        for (name, meant) in table {
            assert_eq!(nearest(name, &keys), meant, "{name}");
        }
    }
}
