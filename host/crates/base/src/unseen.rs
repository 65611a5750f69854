//! Which characters are not seen.

/// Whether `c` takes no room of its own, or changes the order of others: a
/// contract is refused for it, and what a plugin says is cleaned of it unless a
/// script needs it there.
#[must_use]
pub const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}'                        // soft hyphen
        | '\u{34f}'                     // combining grapheme joiner
        | '\u{61c}'                     // Arabic letter mark
        | '\u{115f}' | '\u{1160}'       // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'       // Khmer invisible vowels
        | '\u{180b}'..='\u{180f}'       // Mongolian selectors
        | '\u{200b}'..='\u{200f}'       // zero-width, joiners, direction marks
        | '\u{2028}'..='\u{202e}'       // separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}'       // joiners, isolates, deprecated
        | '\u{3164}'                    // Hangul filler
        | '\u{fdd0}'..='\u{fdef}'       // no characters
        | '\u{fe00}'..='\u{fe0f}'       // variation selectors
        | '\u{feff}'                    // byte order mark
        | '\u{ffa0}'                    // halfwidth Hangul filler
        | '\u{fff0}'..='\u{fffb}'       // unassigned, annotations
        | '\u{fffe}' | '\u{ffff}'       // no characters
        | '\u{1bca0}'..='\u{1bca3}'     // shorthand controls
        | '\u{1d173}'..='\u{1d17a}'     // musical controls
        | '\u{e0000}'..='\u{e0fff}') // tags, selectors
}
