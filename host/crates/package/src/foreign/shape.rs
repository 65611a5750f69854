//! What a value of a WIT type looks like, whoever decoded the type: names and
//! order are the component's own.

/// A type whose values have a JSON form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Bool,
    Int(Int),
    F32,
    F64,
    Char,
    String,
    /// `list<u8>`
    Bytes,
    List(Box<Shape>),
    Option(Box<Shape>),
    Result {
        ok: Option<Box<Shape>>,
        err: Option<Box<Shape>>,
    },
    Tuple(Vec<Shape>),
    Record(Vec<Field>),
    Variant(Vec<Case>),
    Enum(Vec<Box<str>>),
    Flags(Vec<Box<str>>),
}

/// A whole number's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int {
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
}

/// A member of a record, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: Box<str>,
    pub shape: Shape,
    pub docs: Option<Box<str>>,
}

/// A case of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub name: Box<str>,
    pub payload: Option<Shape>,
    pub docs: Option<Box<str>>,
}

/// What a function that is a tool takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub params: Vec<Param>,
    pub result: Option<Shape>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    pub name: Box<str>,
    pub given: Given,
}

/// How a parameter comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The caller gives its value.
    Value(Shape),
    /// The caller gives the arguments of a constructor, which is called just
    /// before; the handle lives for this one call.
    Made(Constructor),
}

/// A constructor, or the one function that makes a resource, whose arguments
/// are plain values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constructor {
    /// Its place among the functions that the component exports.
    pub at: usize,
    pub resource: Box<str>,
    pub params: Vec<Field>,
    /// It may fail, with this if with anything.
    pub fails: Option<Option<Shape>>,
    /// The function takes the handle for good.
    pub owned: bool,
}

/// The member of a structured answer that holds what is no record.
pub const RESULT: &str = "result";

/// How a function's result becomes a structured answer, which is an object.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// A record, as it is.
    Whole(&'a Shape),
    /// Everything else: under [`RESULT`].
    Wrapped(&'a Shape),
}

/// What a function answers if it does not fail: the `ok` of a result, or all of it.
#[must_use]
pub fn answer(signature: &Signature) -> Option<Answer<'_>> {
    let shape = match signature.result.as_ref()? {
        Shape::Result { ok, .. } => ok.as_deref()?,
        shape => shape,
    };
    Some(if matches!(shape, Shape::Record(_)) { Answer::Whole(shape) } else { Answer::Wrapped(shape) })
}

impl Int {
    /// Smallest and largest value.
    #[must_use]
    pub const fn range(self) -> (i128, i128) {
        match self {
            Self::S8 => (i8::MIN as i128, i8::MAX as i128),
            Self::U8 => (0, u8::MAX as i128),
            Self::S16 => (i16::MIN as i128, i16::MAX as i128),
            Self::U16 => (0, u16::MAX as i128),
            Self::S32 => (i32::MIN as i128, i32::MAX as i128),
            Self::U32 => (0, u32::MAX as i128),
            Self::S64 => (i64::MIN as i128, i64::MAX as i128),
            Self::U64 => (0, u64::MAX as i128),
        }
    }

    /// Whether some of its values are more than every reader of JSON numbers holds.
    #[must_use]
    pub const fn is_wide(self) -> bool {
        matches!(self, Self::S64 | Self::U64)
    }
}

impl Shape {
    /// Whether `null` is one of its values.
    #[must_use]
    pub const fn is_nullable(&self) -> bool {
        matches!(self, Self::Option(_))
    }

    /// Whether a value may hold any number of others.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Bytes | Self::List(_) => true,
            Self::Option(inner) => inner.is_open(),
            Self::Result { ok, err } => [ok, err].into_iter().flatten().any(|shape| shape.is_open()),
            Self::Tuple(shapes) => shapes.iter().any(Self::is_open),
            Self::Record(fields) => fields.iter().any(|field| field.shape.is_open()),
            Self::Variant(cases) => cases.iter().filter_map(|case| case.payload.as_ref()).any(Self::is_open),
            _ => false,
        }
    }
}
