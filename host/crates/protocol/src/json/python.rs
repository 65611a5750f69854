//! JSON as Python spells it: `json.dumps(json.loads(text), sort_keys=True)`.
//!
//! The guide's clients compute checksums so. **Invariant:** what this writes
//! is, byte for byte, what CPython writes that has read the same text. What
//! CPython does not read, a whole number of more than 4300 digits, the package
//! has refused as a number that no double holds.

use super::{Json, Kind, Member};

/// Where CPython turns to an exponent: below the first power of ten, and from
/// the second on.
const POSITIONAL: std::ops::Range<isize> = -4..16;

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

/// The fewest digits that name a double are the same everywhere, also where
/// two spellings are as near, which the standard library decides otherwise.
fn write_double(number: f64, out: &mut String) {
    let shortest = serde_json::Number::from_f64(number).map(|number| number.to_string()).unwrap_or_default();
    let (sign, unsigned) = shortest.strip_prefix('-').map_or(("", &*shortest), |rest| ("-", rest));
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = digits.trim_matches('0');
    out.push_str(sign);
    if digits.is_empty() {
        out.push_str("0.0");
        return;
    }
    let shift = exponent.parse::<isize>().unwrap_or_default();
    // Of the first digit: `d.ddd` times this power of ten.
    let power = shift + whole.len().cast_signed() - leading.cast_signed() - 1;
    if POSITIONAL.contains(&power) {
        write_positional(digits, power, out)
    } else {
        write_scientific(digits, power, out)
    }
}

fn write_positional(digits: &str, power: isize, out: &mut String) {
    if power < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', power.unsigned_abs() - 1));
        out.push_str(digits);
        return;
    }
    let whole = power.unsigned_abs() + 1;
    match digits.split_at_checked(whole) {
        Some((whole, fraction)) => {
            out.push_str(whole);
            out.push('.');
            out.push_str(if fraction.is_empty() { "0" } else { fraction });
        }
        None => {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
            out.push_str(".0");
        }
    }
}

fn write_scientific(digits: &str, power: isize, out: &mut String) {
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if power < 0 { '-' } else { '+' };
    out.push_str(&format!("{first}{point}{rest}e{sign}{:02}", power.unsigned_abs()));
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
