//! RFC 8785: the one spelling of a JSON value, over which digests are taken.

use bulkhead_base::Digest;

use crate::json::{JsonError, Node, scan};

/// The digest of `text` in canonical form.
///
/// # Errors
/// The text is not strict JSON, or holds a number that a double does not.
pub fn digest(text: &str) -> Result<Digest, JsonError> {
    canonicalise(text).map(|bytes| Digest::of(&bytes))
}

/// `text` in canonical form.
///
/// # Errors
/// The text is not strict JSON, or holds a number that a double does not.
pub fn canonicalise(text: &str) -> Result<Vec<u8>, JsonError> {
    let whole = |error: serde_json::Error| JsonError { pointer: String::new(), problem: error.to_string() };
    let root = scan(serde_json::from_str(text).map_err(whole)?)?;
    Ok(written(&root, text.len()))
}

/// The digest of what was found in a text of so many bytes, in canonical form.
pub(crate) fn digest_of(root: &Node, length: usize) -> Digest {
    Digest::of(&written(root, length))
}

fn written(root: &Node, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length);
    write(root, &mut out);
    out
}

fn write(node: &Node, out: &mut Vec<u8>) {
    match node {
        Node::Literal(text) | Node::Number(text) => out.extend_from_slice(text.as_bytes()),
        Node::Text(text) => write_text(text, out),
        Node::List(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Node::Object(members) => write_object(members, out),
    }
}

fn write_object(members: &[(String, Node)], out: &mut Vec<u8>) {
    let mut sorted: Vec<&(String, Node)> = members.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    out.push(b'{');
    for (position, (key, value)) in sorted.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_text(key, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// RFC 8785 section 3.2.2.2.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        let escape: &[u8] = match c {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\u{8}' => b"\\b",
            '\t' => b"\\t",
            '\n' => b"\\n",
            '\u{c}' => b"\\f",
            '\r' => b"\\r",
            c if c < ' ' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
                continue;
            }
            c => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        out.extend_from_slice(escape);
    }
    out.push(b'"');
}

/// A number in canonical spelling; nothing if a double does not hold it.
///
/// A whole number is held if the double nearest to it is that number. One with
/// a fraction or exponent is held if the shortest decimal that names its
/// double is the same decimal, so that `0.1` is and `0.1000000000000000055` is not.
pub(crate) fn number(text: &str) -> Option<String> {
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    let value = if value == 0.0 { 0.0 } else { value };
    let spelling = ryu_js::Buffer::new().format(value).to_owned();
    let whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let held = if whole {
        format!("{:.0}", value.abs()) == text.trim_start_matches('-')
    } else {
        Decimal::read(text)? == Decimal::read(&spelling)?
    };
    held.then_some(spelling)
}

/// A decimal number as digits without zeros at either end, and the power of
/// ten of the last of them.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    power: i64,
}

impl Decimal {
    fn read(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.parse().ok()?;
        let all = format!("{whole}{fraction}");
        let kept = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - kept.len()).ok()?;
        let digits = kept.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, power: 0 });
        }
        let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
        Some(Self { negative, digits, power })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(canonicalise(text).unwrap()).unwrap()
    }

    #[test]
    fn the_examples_of_the_rfc() {
        let text = r#"{"numbers":[333333333.3333333,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(text), expected);
    }

    #[test]
    fn keys_are_sorted_by_utf_16_code_units() {
        let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        assert_eq!(canonical(text), "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}");
    }

    #[test]
    fn numbers_are_held_exactly_or_refused() {
        let held = [
            ("0", "0"),
            ("-0", "0"),
            ("1.0", "1"),
            ("0.1", "0.1"),
            ("-1.5e3", "-1500"),
            ("9007199254740992", "9007199254740992"),
            ("1152921504606846976", "1152921504606847000"),
            ("1e21", "1e+21"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("0.0", "0"),
        ];
        for (text, spelling) in held {
            assert_eq!(number(text).as_deref(), Some(spelling), "{text}");
        }
        for text in [
            "9007199254740993",
            "18446744073709551615",
            "0.10000000000000000555",
            "1e400",
            "1e99999999999999999999",
            "1e-400",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
