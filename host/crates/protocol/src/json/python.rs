//! JSON as Python spells it: `json.dumps(json.loads(text), sort_keys=True)`.
//!
//! The guide's clients compute checksums so. **Invariant:** what this writes
//! is, byte for byte, what CPython writes that has read the same text. What
//! CPython does not read, a whole number of more than 4300 digits, the package
//! has refused as a number that no double holds.

use super::{Json, Kind, Member};

/// Where CPython turns to an exponent: below the first power of ten, and from
/// the second on.
const POSITIONAL: std::ops::Range<i32> = -4..16;

/// `json` in Python's spelling.
#[must_use]
pub fn python_dumps(json: Json<'_>) -> String {
    let mut out = String::with_capacity(json.get().len());
    write(json, &mut out);
    out
}

fn write(json: Json<'_>, out: &mut String) {
    match json.kind() {
        Kind::Null | Kind::Bool => out.push_str(json.get()),
        Kind::Number => write_number(json.get(), out),
        Kind::String => write_text(&json.text().unwrap_or_default(), out),
        Kind::Array => {
            out.push('[');
            for (position, element) in json.elements().unwrap_or_default().into_iter().enumerate() {
                separate(position, out);
                write(element, out);
            }
            out.push(']');
        }
        Kind::Object => write_members(json.members().unwrap_or_default(), out),
    }
}

fn separate(position: usize, out: &mut String) {
    if position > 0 {
        out.push_str(", ");
    }
}

/// By code points, as Python compares, which is the order of UTF-8's bytes.
fn write_members(mut members: Vec<Member<'_>>, out: &mut String) {
    members.sort_by(|one, other| one.key.cmp(&other.key));
    out.push('{');
    for (position, Member { key, value }) in members.into_iter().enumerate() {
        separate(position, out);
        write_text(&key, out);
        out.push_str(": ");
        write(value, out);
    }
    out.push('}');
}

/// A whole number is kept digit by digit, but for the sign of zero; any other
/// is a double, in the fewest digits that name it.
fn write_number(text: &str, out: &mut String) {
    let is_whole = !text.contains(['.', 'e', 'E']);
    match text.parse::<f64>() {
        Ok(_) | Err(_) if is_whole => out.push_str(if text == "-0" { "0" } else { text }),
        Ok(number) if number.is_infinite() => out.push_str(if number > 0.0 { "Infinity" } else { "-Infinity" }),
        Ok(number) => write_double(number, out),
        // The scan lets no such text through.
        Err(_) => out.push_str(text),
    }
}

fn write_double(number: f64, out: &mut String) {
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if POSITIONAL.contains(&exponent) {
        let positional = number.to_string();
        out.push_str(&positional);
        if !positional.contains('.') {
            out.push_str(".0");
        }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs()));
    }
}

/// In ASCII alone: whatever is none becomes UTF-16 in `\uXXXX`.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out.push('"');
}

#[cfg(test)]
#[path = "python_tests.rs"]
mod tests;
