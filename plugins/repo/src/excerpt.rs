//! Lines as they are quoted: valid text of bounded length.

use crate::limits::MAX_LINE_CHARS;

/// What stands where a line was cut.
const CUT: char = '…';

/// The part of `line` around the byte `at`, at most [`MAX_LINE_CHARS`]
/// characters of it, without its end. Bytes that are no UTF-8 are shown as `\u{fffd}`.
pub fn excerpt(line: &[u8], at: usize) -> String {
    // Four bytes for each character on each side: what lies beyond is not decoded.
    let reach = MAX_LINE_CHARS * 4;
    let line = line.trim_ascii_end();
    let at = at.min(line.len());
    let (from, to) = (at.saturating_sub(reach), at.saturating_add(reach).min(line.len()));
    let (before, after) = (String::from_utf8_lossy(&line[from..at]), String::from_utf8_lossy(&line[at..to]));
    let wanted = before.chars().count() + after.chars().count();
    if wanted <= MAX_LINE_CHARS && from == 0 && to == line.len() {
        return format!("{before}{after}");
    }
    // A quarter before the match, more if there is little after it.
    let behind = MAX_LINE_CHARS.saturating_sub(after.chars().count()).max(MAX_LINE_CHARS / 4);
    let skipped = before.chars().count().saturating_sub(behind);
    let mut cut = String::new();
    if from > 0 || skipped > 0 {
        cut.push(CUT);
    }
    cut.extend(before.chars().skip(skipped));
    let room = MAX_LINE_CHARS.saturating_sub(before.chars().count() - skipped);
    cut.extend(after.chars().take(room));
    if to < line.len() || after.chars().count() > room {
        cut.push(CUT);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_quoted_whole() {
        assert_eq!(excerpt("  let ü = 1; \r\n".as_bytes(), 6), "  let ü = 1;");
        assert_eq!(excerpt(b"a\xffb\n", 0), "a\u{fffd}b");
        assert_eq!(excerpt(b"", 5), "");
    }

    #[test]
    fn a_long_line_is_cut_around_the_match() {
        let line = format!("{}NEEDLE{}", "a".repeat(100_000), "é".repeat(100_000));
        let quoted = excerpt(line.as_bytes(), 100_000);
        assert!(quoted.contains("aNEEDLEé") && quoted.starts_with(CUT) && quoted.ends_with(CUT), "{quoted}");
        assert!(quoted.chars().count() <= MAX_LINE_CHARS + 2);
        // A match in the middle of a character, and at the end.
        for at in [100_007, 100_008, line.len() - 1, line.len()] {
            assert!(excerpt(line.as_bytes(), at).chars().count() <= MAX_LINE_CHARS + 2);
        }
    }
}
