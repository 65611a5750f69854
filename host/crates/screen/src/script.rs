//! Where scripts need characters that are not seen.

pub(crate) const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

pub(crate) const fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Turns the order of what follows.
pub(crate) const fn is_override(c: char) -> bool {
    matches!(c, '\u{202d}' | '\u{202e}')
}

/// Letters of a line that runs from right to left.
pub(crate) const fn is_right_to_left(c: char) -> bool {
    c != '\u{61c}'
        && matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Letters and signs of scripts in which joining carries meaning.
pub(crate) const fn is_joining(c: char) -> bool {
    is_right_to_left(c)
        || matches!(c, '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{180a}'
        | '\u{1810}'..='\u{18af}' | '\u{1900}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{11000}'..='\u{11fff}')
}

/// Scripts without spaces between words, which mark them with U+200B.
pub(crate) const fn marks_words(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17ff}'
        | '\u{1950}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}')
}

pub(crate) const fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Han and kana: written without spaces.
pub(crate) const fn is_unspaced(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3041}'..='\u{30ff}')
}

/// A picture, or a part of one that others join to.
pub(crate) const fn is_picture(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{20e3}' | '\u{2100}'..='\u{2bff}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e007f}')
}

const fn is_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115e}' | '\u{1161}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}')
}

/// Whether the selector `c` says something of the character before it.
pub(crate) const fn selects(before: char, c: char) -> bool {
    match c {
        '\u{fe0e}' | '\u{fe0f}' => {
            before != '\u{fe0f}' && (is_picture(before) || matches!(before, '0'..='9' | '#' | '*'))
        }
        '\u{fe00}' | '\u{fe01}' if matches!(before, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff9f}') => true,
        '\u{fe00}'
            if matches!(before, '\u{1000}'..='\u{109f}' | '\u{2200}'..='\u{22ff}' | '\u{2a00}'..='\u{2aff}'
            | '\u{a840}'..='\u{a877}' | '\u{aa60}'..='\u{aa7f}') =>
        {
            true
        }
        '\u{fe00}'..='\u{fe02}' => is_han(before),
        '\u{180b}'..='\u{180f}' => matches!(before, '\u{1810}'..='\u{18af}'),
        '\u{e0100}'..='\u{e01ef}' => is_han(before),
        _ => false,
    }
}

/// Other unseen characters that belong to the letters that they stand behind.
pub(crate) const fn belongs(before: char, c: char) -> bool {
    match c {
        '\u{180e}' => matches!(before, '\u{1810}'..='\u{18af}'),
        '\u{115f}' | '\u{1160}' => is_jamo(before),
        '\u{34f}' => matches!(before, '\u{591}'..='\u{5ea}'),
        '\u{1bca0}'..='\u{1bca3}' => matches!(before, '\u{1bc00}'..='\u{1bc9f}'),
        '\u{1d173}'..='\u{1d17a}' => matches!(before, '\u{1d100}'..='\u{1d172}'),
        _ => false,
    }
}

/// Whether what may join, `c`, does so between its neighbours.
pub(crate) fn joins(before: char, c: char, after: Option<char>) -> bool {
    match c {
        '\u{200c}' => is_joining(before),
        '\u{200d}' => is_joining(before) || is_picture(before) && after.is_some_and(is_picture),
        '\u{200b}' => marks_words(before),
        _ => before.is_alphabetic() && after.is_some_and(char::is_alphabetic),
    }
}
