//! JSON Schemas of shapes: exactly what the sandbox reads and writes.
//!
//! **Invariant:** one value has one spelling, but for an absent member and
//! `null`, for the order of flags and of members, and for what JSON itself
//! holds to be the same number. `docs/foreign.md` is the table.

use super::{
    pattern,
    shape::{Answer, Constructor, Field, Given, Int, RESULT, Shape, Signature, answer},
};
use crate::limits::MAX_SCHEMA_BYTES;

/// Deepest nesting of a schema: a contract adds three levels, and no JSON of
/// this house nests deeper than 64.
const MAX_DEPTH: usize = 56;

/// Whole numbers of up to this many digits are JSON numbers, since every reader
/// of JSON holds them exactly; beyond, those of 64 bits are strings.
pub const EXACT_DIGITS: u32 = 15;

/// Largest whole number of 64 bits that is a JSON number.
pub const LARGEST_NUMBER: i128 = 10_i128.pow(EXACT_DIGITS) - 1;

/// Most characters of base64 for one `list<u8>` in arguments. Answers "an
/// argument that takes fifty times its size to hand over".
pub const MAX_BASE64_CHARS: usize = 1 << 20;

/// Standard base64 with padding, of which nothing is left over.
const BASE64: &str = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// Floating point numbers that JSON has no number for.
pub const NAMED_FLOATS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// A schema that would be too large or too deep to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooMuch {
    Bytes,
    Depth,
}

type Written = Result<(), TooMuch>;

/// The schema of a tool's arguments.
pub(super) fn input(signature: &Signature) -> Result<String, TooMuch> {
    let mut out = Out::default();
    out.members(signature.params.iter().map(|param| Member {
        name: &param.name,
        docs: None,
        required: !matches!(param.given, Given::Value(Shape::Option(_))),
        what: match &param.given {
            Given::Value(shape) => What::Shape(shape),
            Given::Made(constructor) => What::Made(constructor),
        },
    }))?;
    Ok(out.text)
}

/// The schema of its structured answer; none, if it answers nothing.
pub(super) fn output(signature: &Signature) -> Result<Option<String>, TooMuch> {
    let Some(answer) = answer(signature) else { return Ok(None) };
    let mut out = Out::default();
    match answer {
        Answer::Whole(shape) => out.shape(shape, None)?,
        Answer::Wrapped(shape) => {
            out.members([Member { name: RESULT, docs: None, required: true, what: What::Shape(shape) }])?;
        }
    }
    Ok(Some(out.text))
}

#[derive(Default)]
struct Out {
    text: String,
    depth: usize,
}

struct Member<'a> {
    name: &'a str,
    docs: Option<&'a str>,
    required: bool,
    what: What<'a>,
}

enum What<'a> {
    Shape(&'a Shape),
    Made(&'a Constructor),
    Null,
}

impl<'a> Member<'a> {
    fn field(field: &'a Field) -> Self {
        let required = !matches!(field.shape, Shape::Option(_));
        Self { name: &field.name, docs: field.docs.as_deref(), required, what: What::Shape(&field.shape) }
    }

    /// The one member of an object that says which of several it is.
    fn only(name: &'a str, payload: Option<&'a Shape>) -> Self {
        Self { name, docs: None, required: true, what: payload.map_or(What::Null, What::Shape) }
    }
}

impl Out {
    fn push(&mut self, text: &str) -> Written {
        if self.text.len() + text.len() > MAX_SCHEMA_BYTES {
            return Err(TooMuch::Bytes);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn string(&mut self, text: &str) -> Written {
        self.push(&serde_json::Value::from(text).to_string())
    }

    /// What `write` writes, two levels deeper: no keyword takes more.
    fn deeper(&mut self, write: impl FnOnce(&mut Self) -> Written) -> Written {
        self.depth += 2;
        if self.depth > MAX_DEPTH {
            return Err(TooMuch::Depth);
        }
        write(self)?;
        self.depth -= 2;
        Ok(())
    }

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.push("[")?;
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.push(",")?;
            }
            write(self, item)?;
        }
        self.push("]")
    }

    fn names(&mut self, names: &[Box<str>]) -> Written {
        self.list(names, |out, name| out.string(name))
    }

    /// An object with exactly these members.
    fn members<'a>(&mut self, members: impl IntoIterator<Item = Member<'a>>) -> Written {
        self.push("{")?;
        self.rest_of_object(members)
    }

    fn rest_of_object<'a>(&mut self, members: impl IntoIterator<Item = Member<'a>>) -> Written {
        let members: Vec<Member<'a>> = members.into_iter().collect();
        self.push("\"type\":\"object\",\"properties\":{")?;
        for (position, member) in members.iter().enumerate() {
            if position > 0 {
                self.push(",")?;
            }
            self.string(member.name)?;
            self.push(":")?;
            self.deeper(|out| match member.what {
                What::Shape(shape) => out.shape(shape, member.docs),
                What::Made(constructor) => out.made(constructor),
                What::Null => out.push("{\"type\":\"null\"}"),
            })?;
        }
        self.push("},\"required\":")?;
        self.list(members.iter().filter(|member| member.required), |out, member| out.string(member.name))?;
        self.push(",\"additionalProperties\":false}")
    }

    fn made(&mut self, constructor: &Constructor) -> Written {
        let told = format!("what a {} is made of, for this call", constructor.resource);
        self.begin(Some(&told))?;
        self.rest_of_object(constructor.params.iter().map(Member::field))
    }

    fn begin(&mut self, docs: Option<&str>) -> Written {
        self.push("{")?;
        if let Some(docs) = docs {
            self.push("\"description\":")?;
            self.string(docs)?;
            self.push(",")?;
        }
        Ok(())
    }

    fn shape(&mut self, shape: &Shape, docs: Option<&str>) -> Written {
        self.begin(docs)?;
        match shape {
            Shape::Bool => self.push("\"type\":\"boolean\"}"),
            Shape::Int(int) => self.int(*int),
            Shape::F32 => self.float(&format!(",\"minimum\":-{max},\"maximum\":{max}", max = largest_single())),
            Shape::F64 => self.float(""),
            Shape::Char => self.push("\"type\":\"string\",\"minLength\":1,\"maxLength\":1}"),
            Shape::String => self.push("\"type\":\"string\"}"),
            Shape::Bytes => {
                self.push("\"type\":\"string\",\"contentEncoding\":\"base64\",\"maxLength\":")?;
                self.push(&MAX_BASE64_CHARS.to_string())?;
                self.push(",\"pattern\":")?;
                self.string(BASE64)?;
                self.push("}")
            }
            Shape::List(item) => {
                self.push("\"type\":\"array\",\"items\":")?;
                self.deeper(|out| out.shape(item, None))?;
                self.push("}")
            }
            Shape::Option(inner) => self.option(inner),
            Shape::Result { ok, err } => self.one_of([("ok", ok.as_deref(), None), ("err", err.as_deref(), None)]),
            Shape::Tuple(shapes) => self.tuple(shapes),
            Shape::Record(fields) => self.rest_of_object(fields.iter().map(Member::field)),
            Shape::Variant(cases) => {
                self.one_of(cases.iter().map(|case| (&*case.name, case.payload.as_ref(), case.docs.as_deref())))
            }
            Shape::Enum(names) => {
                self.push("\"type\":\"string\",\"enum\":")?;
                self.names(names)?;
                self.push("}")
            }
            Shape::Flags(names) => {
                self.push("\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":")?;
                self.names(names)?;
                self.push("},\"uniqueItems\":true}")
            }
        }
    }

    fn int(&mut self, int: Int) -> Written {
        let (least, most) = int.range();
        if !int.is_wide() {
            return self.push(&format!("\"type\":\"integer\",\"minimum\":{least},\"maximum\":{most}}}"));
        }
        let least = least.max(-LARGEST_NUMBER);
        self.push(&format!(
            "\"anyOf\":[{{\"type\":\"integer\",\"minimum\":{least},\"maximum\":{LARGEST_NUMBER}}},{{\"type\":\"string\",\
             \"description\":\"a decimal number of more than {EXACT_DIGITS} digits\",\"pattern\":"
        ))?;
        self.string(&pattern::wide(int))?;
        self.push("}]}")
    }

    fn float(&mut self, bounds: &str) -> Written {
        self.push(&format!("\"anyOf\":[{{\"type\":\"number\"{bounds}}},{{\"type\":\"string\",\"enum\":"))?;
        self.list(NAMED_FLOATS, |out, name| out.string(name))?;
        self.push("}]}")
    }

    fn option(&mut self, inner: &Shape) -> Written {
        self.push("\"anyOf\":[")?;
        self.deeper(|out| {
            if inner.is_nullable() { out.members([Member::only("some", Some(inner))]) } else { out.shape(inner, None) }
        })?;
        self.push(",{\"type\":\"null\"}]}")
    }

    fn one_of<'a>(
        &mut self,
        cases: impl IntoIterator<Item = (&'a str, Option<&'a Shape>, Option<&'a str>)>,
    ) -> Written {
        self.push("\"oneOf\":")?;
        self.list(cases, |out, (name, payload, docs)| {
            out.deeper(|out| {
                out.begin(docs)?;
                out.rest_of_object([Member::only(name, payload)])
            })
        })?;
        self.push("}")
    }

    fn tuple(&mut self, shapes: &[Shape]) -> Written {
        self.push("\"type\":\"array\",\"prefixItems\":")?;
        self.list(shapes, |out, shape| out.deeper(|out| out.shape(shape, None)))?;
        let count = shapes.len();
        self.push(&format!(",\"items\":false,\"minItems\":{count},\"maxItems\":{count}}}"))
    }
}

/// The largest single, as a double is written.
fn largest_single() -> String {
    format!("{:e}", f64::from(f32::MAX))
}
