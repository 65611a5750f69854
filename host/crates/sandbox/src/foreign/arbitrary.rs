//! Shapes and JSON made of draws, for tests: what a shape's schema accepts, and
//! what it nearly does.

use bulkhead_package::foreign::{Case, Field, Int, Shape};

/// Where choices come from.
pub trait Draw {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize;

    /// All bits of a number.
    fn bits(&mut self) -> u64;
}

const INTS: [Int; 8] = [Int::S8, Int::U8, Int::S16, Int::U16, Int::S32, Int::U32, Int::S64, Int::U64];

/// What is a value of one type and nearly of many.
const NEARLY: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "-0.0",
    "-1",
    "127",
    "128",
    "-129",
    "255",
    "256",
    "65536",
    "4294967295",
    "4294967296",
    "1.0",
    "1.5",
    "1e2",
    "1E-2",
    "1e15",
    "999999999999999",
    "1000000000000000",
    "-999999999999999",
    "-1000000000000000",
    "9007199254740993",
    "18446744073709551616",
    "1e39",
    "3.5e38",
    "1e300",
    "\"\"",
    "\"a\"",
    "\"ab\"",
    "\"\u{e9}\"",
    "\"\u{1f600}\"",
    "\"e\u{301}\"",
    "\"\\u00e9\"",
    "\"\\n\"",
    "\"5\"",
    "\"-5\"",
    "\"1000000000000000\"",
    "\"-1000000000000000\"",
    "\"0100000000000000\"",
    "\"9223372036854775807\"",
    "\"9223372036854775808\"",
    "\"-9223372036854775808\"",
    "\"-9223372036854775809\"",
    "\"18446744073709551615\"",
    "\"18446744073709551616\"",
    "\"+1000000000000000\"",
    "\"1000000000000000.0\"",
    "\"NaN\"",
    "\"nan\"",
    "\"Infinity\"",
    "\"-Infinity\"",
    "\"inf\"",
    "\"QQ==\"",
    "\"QR==\"",
    "\"QQ\"",
    "\"QUI=\"",
    "\"QUJD\"",
    "\"QUJ_\"",
    "\"QU JD\"",
    "[]",
    "[null]",
    "[1]",
    "[1,1]",
    "[1,2]",
    "[\"m0\"]",
    "[\"m1\",\"m0\"]",
    "[\"m0\",\"m0\"]",
    "{}",
    "{\"ok\":null}",
    "{\"err\":null}",
    "{\"ok\":null,\"err\":null}",
    "{\"some\":null}",
    "{\"some\":{\"some\":null}}",
    "{\"m0\":null}",
    "{\"m0\":null,\"m1\":null}",
    "{\"m1\":true}",
    "\"m0\"",
    "\"m1\"",
];

fn name(at: usize) -> Box<str> {
    format!("m{at}").into()
}

/// A shape that nests at most `depth` deep.
pub fn shape(draw: &mut impl Draw, depth: usize) -> Shape {
    let kinds = if depth == 0 { 9 } else { 16 };
    let inner = |draw: &mut _| Box::new(shape(draw, depth - 1));
    match draw.below(kinds) {
        0 => Shape::Bool,
        1 | 2 => INTS.get(draw.below(INTS.len())).map_or(Shape::Bool, |int| Shape::Int(*int)),
        3 => Shape::F32,
        4 => Shape::F64,
        5 => Shape::Char,
        6 => Shape::String,
        7 => Shape::Bytes,
        8 => {
            let names = (0..1 + draw.below(4)).map(name).collect();
            if draw.below(2) == 0 { Shape::Enum(names) } else { Shape::Flags(names) }
        }
        9 => Shape::List(match inner(draw) {
            item if *item == Shape::Int(Int::U8) => Box::new(Shape::Bool),
            item => item,
        }),
        10 | 11 => Shape::Option(inner(draw)),
        12 => Shape::Result {
            ok: (draw.below(2) == 0).then(|| inner(draw)),
            err: (draw.below(2) == 0).then(|| inner(draw)),
        },
        13 => Shape::Tuple((0..1 + draw.below(3)).map(|_| shape(draw, depth - 1)).collect()),
        14 => Shape::Variant(
            (0..1 + draw.below(4))
                .map(|at| Case {
                    name: name(at),
                    payload: (draw.below(2) == 0).then(|| shape(draw, depth - 1)),
                    docs: None,
                })
                .collect(),
        ),
        _ => Shape::Record(
            (0..1 + draw.below(4))
                .map(|at| Field { name: name(at), shape: shape(draw, depth - 1), docs: None })
                .collect(),
        ),
    }
}

/// JSON that the schema of `shape` accepts; or nearly, where one in `wrong`
/// places is something else. Never, with `wrong` 0.
pub fn json(draw: &mut impl Draw, shape: &Shape, wrong: usize) -> String {
    if wrong > 0 && draw.below(wrong) == 0 {
        return NEARLY.get(draw.below(NEARLY.len())).copied().unwrap_or("null").to_owned();
    }
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match shape {
        Shape::Bool => (draw.below(2) == 0).to_string(),
        Shape::Int(int) => whole(draw, *int),
        Shape::F32 => float(draw, |bits| {
            let number = f32::from_bits(u32::try_from(bits >> 32).unwrap_or(0));
            (number.is_finite(), serde_json::to_string(&number).unwrap_or_default())
        }),
        Shape::F64 => float(draw, |bits| {
            let number = f64::from_bits(bits);
            (number.is_finite(), serde_json::to_string(&number).unwrap_or_default())
        }),
        Shape::Char => quoted(&character(draw).to_string()),
        Shape::String => {
            let text: String = (0..draw.below(6)).map(|_| character(draw)).collect();
            quoted(&text)
        }
        Shape::Bytes => {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            let bytes: Vec<u8> = (0..draw.below(6)).map(|_| draw.bits().to_le_bytes()[0]).collect();
            quoted(&STANDARD.encode(bytes))
        }
        Shape::List(item) => array((0..draw.below(4)).map(|_| json(draw, item, wrong)).collect()),
        Shape::Option(_) if draw.below(2) == 0 => "null".to_owned(),
        Shape::Option(inner) if inner.is_nullable() => object(vec![("some", json(draw, inner, wrong))]),
        Shape::Option(inner) => json(draw, inner, wrong),
        Shape::Result { ok, err } => {
            let (name, shape) = if draw.below(2) == 0 { ("ok", ok) } else { ("err", err) };
            let payload = shape.as_ref().map_or_else(|| "null".to_owned(), |shape| json(draw, shape, wrong));
            object(vec![(name, payload)])
        }
        Shape::Tuple(shapes) => array(shapes.iter().map(|shape| json(draw, shape, wrong)).collect()),
        Shape::Record(fields) => {
            let mut members = Vec::new();
            for field in fields {
                if matches!(field.shape, Shape::Option(_)) && draw.below(3) == 0 {
                    continue;
                }
                members.push((&*field.name, json(draw, &field.shape, wrong)));
            }
            if wrong > 0 && draw.below(4 * wrong) == 0 {
                members.push(("other", "1".to_owned()));
            }
            if draw.below(2) == 0 {
                members.reverse();
            }
            object(members)
        }
        Shape::Variant(cases) => {
            let Some(case) = cases.get(draw.below(cases.len())) else { return "null".to_owned() };
            let payload = case.payload.as_ref().map_or_else(|| "null".to_owned(), |shape| json(draw, shape, wrong));
            object(vec![(&*case.name, payload)])
        }
        Shape::Enum(names) => quoted(names.get(draw.below(names.len())).map_or("", |name| name)),
        Shape::Flags(names) => {
            let mut kept: Vec<String> = names.iter().filter(|_| draw.below(2) == 0).map(|name| quoted(name)).collect();
            if draw.below(2) == 0 {
                kept.reverse();
            }
            array(kept)
        }
    }
}

fn array(items: Vec<String>) -> String {
    format!("[{}]", items.join(","))
}

fn object(members: Vec<(&str, String)>) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn character(draw: &mut impl Draw) -> char {
    let ends = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000];
    let end = ends.get(draw.below(ends.len())).copied().unwrap_or(0x80);
    u32::try_from(draw.below(end)).ok().and_then(char::from_u32).unwrap_or('x')
}

fn float(draw: &mut impl Draw, number: impl Fn(u64) -> (bool, String)) -> String {
    let named = ["\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "0.5", "-3", "1.0"];
    if draw.below(3) == 0 {
        return named.get(draw.below(named.len())).copied().unwrap_or("0").to_owned();
    }
    match number(draw.bits()) {
        (true, text) => text,
        (false, _) => "0.25".to_owned(),
    }
}

/// Of each number of digits as often as of any other.
fn whole(draw: &mut impl Draw, int: Int) -> String {
    let (least, most) = int.range();
    let bits = i128::from(draw.bits() >> draw.below(64));
    let number = (if draw.below(2) == 0 { bits } else { -bits }).clamp(least, most);
    let number = match draw.below(8) {
        0 => least,
        1 => most,
        _ => number,
    };
    if number.abs() < 1_000_000_000_000_000 { number.to_string() } else { format!("\"{number}\"") }
}
