use std::fmt::{self, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_base::plain_until;

use crate::json::{Compact, Json, compact};

/// Whole numbers up to here are exact as a double, and are written without a fraction.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Room for exactly one JSON value. Left empty, it becomes `null`.
pub struct Slot<'o>(Option<&'o mut String>);

/// An object that is being written.
pub struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

/// An array that is being written.
pub struct Array<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Slot<'o> {
    pub(crate) const fn new(out: &'o mut String) -> Self {
        Self(Some(out))
    }

    fn fill(mut self, write: impl FnOnce(&mut String)) {
        if let Some(out) = self.0.take() {
            write(out);
        }
    }

    /// Writes text as a string.
    pub fn str(self, text: &str) {
        self.fill(|out| push_string(out, text));
    }

    /// Splices a value.
    pub fn raw(self, json: &Compact) {
        self.fill(|out| out.push_str(json.as_str()));
    }

    /// Splices a value that may hold white space, without it.
    pub fn json(self, json: Json<'_>) {
        // Scanned before, so this cannot fail; if it did, `null` would stand there.
        if let Ok(json) = compact(json.get(), usize::MAX) {
            self.raw(&json);
        }
    }

    fn display(self, value: impl fmt::Display) {
        // Writing to a string cannot fail.
        self.fill(|out| write!(out, "{value}").unwrap_or_default());
    }

    /// Writes a whole number.
    pub fn int(self, number: i64) {
        self.display(number);
    }

    /// Writes a whole number.
    pub fn uint(self, number: u64) {
        self.display(number);
    }

    /// Writes a number; `null` for one that JSON cannot hold.
    pub fn number(self, number: f64) {
        let whole = number.fract() == 0.0 && number.abs() <= LARGEST_EXACT;
        match serde_json::Number::from_f64(number) {
            Some(_) if whole => self.display(format_args!("{number:.0}")),
            Some(number) => self.display(number),
            None => drop(self),
        }
    }

    /// Writes a truth value.
    pub fn bool(self, truth: bool) {
        self.fill(|out| out.push_str(if truth { "true" } else { "false" }));
    }

    /// Writes bytes as base64 text.
    pub fn base64(self, bytes: &[u8]) {
        self.fill(|out| {
            out.push('"');
            STANDARD.encode_string(bytes, out);
            out.push('"');
        });
    }

    /// Writes an object.
    pub fn object(self, members: impl FnOnce(&mut Object<'_>)) {
        self.fill(|out| {
            out.push('{');
            members(&mut Object { out: &mut *out, empty: true });
            out.push('}');
        });
    }

    /// Writes an array.
    pub fn array(self, elements: impl FnOnce(&mut Array<'_>)) {
        self.fill(|out| {
            out.push('[');
            elements(&mut Array { out: &mut *out, empty: true });
            out.push(']');
        });
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if let Some(out) = self.0.take() {
            out.push_str("null");
        }
    }
}

impl Object<'_> {
    /// Begins the member `key`. Each key once: that is the caller's part.
    pub fn slot(&mut self, key: &str) -> Slot<'_> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        push_string(self.out, key);
        self.out.push(':');
        Slot::new(self.out)
    }

    /// Writes a member that is text.
    pub fn str(&mut self, key: &str, text: &str) {
        self.slot(key).str(text);
    }

    /// Writes a member that is text, if there is any.
    pub fn maybe_str(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.str(key, text);
        }
    }

    /// Splices a member.
    pub fn raw(&mut self, key: &str, json: &Compact) {
        self.slot(key).raw(json);
    }

    /// Splices a member, if there is one.
    pub fn maybe_raw(&mut self, key: &str, json: Option<&Compact>) {
        if let Some(json) = json {
            self.raw(key, json);
        }
    }

    /// Writes a member that is a truth value.
    pub fn bool(&mut self, key: &str, truth: bool) {
        self.slot(key).bool(truth);
    }

    /// Writes a member that is an object.
    pub fn object(&mut self, key: &str, members: impl FnOnce(&mut Object<'_>)) {
        self.slot(key).object(members);
    }

    /// Writes a member that is an array.
    pub fn array(&mut self, key: &str, elements: impl FnOnce(&mut Array<'_>)) {
        self.slot(key).array(elements);
    }
}

impl Array<'_> {
    /// Begins the next element.
    pub fn slot(&mut self) -> Slot<'_> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        Slot::new(self.out)
    }

    /// Writes an element that is text.
    pub fn str(&mut self, text: &str) {
        self.slot().str(text);
    }

    /// Splices an element.
    pub fn raw(&mut self, json: &Compact) {
        self.slot().raw(json);
    }

    /// Writes an element that is an object.
    pub fn object(&mut self, members: impl FnOnce(&mut Object<'_>)) {
        self.slot().object(members);
    }
}

/// What usually stands behind the last long text of a frame.
const BEHIND: usize = 512;

fn push_string(out: &mut String, text: &str) {
    if text.len() > BEHIND {
        out.reserve(text.len() + BEHIND);
    }
    out.push('"');
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let to = plain_until(bytes, from);
        out.push_str(&text[from..to]);
        let Some(&special) = bytes.get(to) else { break };
        match special {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => write!(out, "\\u{control:04x}").unwrap_or_default(),
        }
        from = to + 1;
    }
    out.push('"');
}
