use std::borrow::Cow;

use super::{JsonError, scan::Scanner, text::unescape};

/// One JSON value, as text that the scan has passed: borrowed from a frame,
/// handed on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    pub key: Cow<'a, str>,
    pub value: Json<'a>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// The kind's name in a sentence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl<'a> Json<'a> {
    /// The object without members.
    pub const EMPTY_OBJECT: Json<'static> = Json("{}");

    pub(super) const fn scanned(text: &'a str) -> Self {
        Self(text)
    }

    /// Scans `text`.
    ///
    /// # Errors
    /// It is not JSON, or has what this module refuses.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        Scanner::new(text).whole(Scanner::part)
    }

    /// The value as JSON text.
    #[must_use]
    pub const fn get(self) -> &'a str {
        self.0
    }

    /// What the value is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let inside = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(if inside.contains('\\') { Cow::Owned(unescape(inside)) } else { Cow::Borrowed(inside) })
    }

    /// A truth value.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        self.0.parse().ok()
    }

    /// A number that is written as a whole one and is not negative.
    #[must_use]
    pub fn unsigned(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The members of an object, in their order.
    #[must_use]
    pub fn members(self) -> Option<Vec<Member<'a>>> {
        let mut members = Vec::new();
        let mut scanner = Scanner::new(self.0);
        scanner.at_object().then(|| scanner.members(&mut members).ok())??;
        Some(members)
    }

    /// The member `key` of an object.
    #[must_use]
    pub fn member(self, key: &str) -> Option<Self> {
        self.members()?.into_iter().find(|member| member.key == key).map(|member| member.value)
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements(self) -> Option<Vec<Self>> {
        if self.kind() != Kind::Array {
            return None;
        }
        let mut elements = Vec::new();
        Scanner::new(self.0).elements(&mut elements).ok()?;
        Some(elements)
    }
}
