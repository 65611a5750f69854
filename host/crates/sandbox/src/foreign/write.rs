//! Values to JSON text, by the shape of what a function gives.

use bulkhead_package::foreign::{Case, Field, LARGEST_NUMBER, Shape};
use bulkhead_protocol::{json::Compact, write::Slot};
use wasmtime::component::Val;

/// Ends a call whose answer is longer than it may be.
#[derive(Debug, thiserror::Error)]
#[error("the answer is too long")]
pub(crate) struct TooLong;

/// A value that is not of the type that its function has: a fault of the engine.
#[derive(Debug, thiserror::Error)]
#[error("an answer is not of its type")]
struct Mistyped;

/// `value` as JSON.
///
/// # Errors
/// It would have more than `most` bytes.
pub(super) fn json(shape: &Shape, value: &Val, most: usize) -> wasmtime::Result<Compact> {
    written(most, value, |slot, fits| put(slot, shape, value, fits))
}

/// `value` as the member `key` of an object.
///
/// # Errors
/// As [`json`].
pub(super) fn member(key: &str, shape: &Shape, value: &Val, most: usize) -> wasmtime::Result<Compact> {
    written(most, value, |slot, fits| slot.object(|object| put(object.slot(key), shape, value, fits)))
}

fn written(most: usize, value: &Val, write: impl FnOnce(Slot<'_>, &mut bool)) -> wasmtime::Result<Compact> {
    let mut left = most;
    measure(value, &mut left)?;
    let mut fits = true;
    let json = Compact::value(|slot| write(slot, &mut fits));
    if fits { Ok(json) } else { Err(Mistyped.into()) }
}

/// Takes what `value` has at least in JSON off what is `left`, before anything
/// of it is written.
fn measure(value: &Val, left: &mut usize) -> Result<(), TooLong> {
    let own = match value {
        Val::String(text) | Val::Enum(text) => text.len(),
        Val::Variant(name, _) => name.len(),
        Val::Flags(names) => names.iter().map(String::len).sum(),
        Val::Record(fields) => fields.iter().map(|(name, _)| name.len()).sum(),
        _ => 0,
    };
    *left = left.checked_sub(own + 1).ok_or(TooLong)?;
    match value {
        Val::List(values) | Val::Tuple(values) => values.iter().try_for_each(|value| measure(value, left)),
        Val::Record(fields) => fields.iter().try_for_each(|(_, value)| measure(value, left)),
        Val::Variant(_, Some(value)) | Val::Option(Some(value)) => measure(value, left),
        Val::Result(Ok(Some(value)) | Err(Some(value))) => measure(value, left),
        _ => Ok(()),
    }
}

fn put(slot: Slot<'_>, shape: &Shape, value: &Val, fits: &mut bool) {
    match (shape, value) {
        (Shape::Bool, Val::Bool(truth)) => slot.bool(*truth),
        (Shape::Int(_), value) => put_whole(slot, value, fits),
        (Shape::F32, Val::Float32(number)) => match Compact::of(number) {
            Ok(json) if number.is_finite() => slot.raw(&json),
            _ => slot.str(named(f64::from(*number))),
        },
        (Shape::F64, Val::Float64(number)) if number.is_finite() => slot.number(*number),
        (Shape::F64, Val::Float64(number)) => slot.str(named(*number)),
        (Shape::Char, Val::Char(one)) => slot.str(one.encode_utf8(&mut [0; 4])),
        (Shape::String, Val::String(text)) => slot.str(text),
        (Shape::Bytes, Val::List(values)) => put_bytes(slot, values, fits),
        (Shape::List(item), Val::List(values)) => {
            slot.array(|array| values.iter().for_each(|value| put(array.slot(), item, value, fits)));
        }
        (Shape::Option(_), Val::Option(None)) => drop(slot),
        (Shape::Option(inner), Val::Option(Some(value))) if inner.is_nullable() => {
            slot.object(|object| put(object.slot("some"), inner, value, fits));
        }
        (Shape::Option(inner), Val::Option(Some(value))) => put(slot, inner, value, fits),
        (Shape::Result { ok, err }, Val::Result(result)) => {
            let (name, shape, payload) = match result {
                Ok(payload) => ("ok", ok.as_deref(), payload.as_deref()),
                Err(payload) => ("err", err.as_deref(), payload.as_deref()),
            };
            put_case(slot, name, shape, payload, fits);
        }
        (Shape::Tuple(shapes), Val::Tuple(values)) if shapes.len() == values.len() => slot.array(|array| {
            shapes.iter().zip(values).for_each(|(shape, value)| put(array.slot(), shape, value, fits));
        }),
        (Shape::Record(fields), Val::Record(values)) => put_fields(slot, fields, values, fits),
        (Shape::Variant(cases), Val::Variant(name, payload)) => match find(cases, name) {
            Some(case) => put_case(slot, name, case.payload.as_ref(), payload.as_deref(), fits),
            None => *fits = false,
        },
        (Shape::Enum(_), Val::Enum(name)) => slot.str(name),
        (Shape::Flags(_), Val::Flags(names)) => {
            slot.array(|array| names.iter().for_each(|name| array.str(name)));
        }
        _ => *fits = false,
    }
}

fn find<'a>(cases: &'a [Case], name: &str) -> Option<&'a Case> {
    cases.iter().find(|case| *case.name == *name)
}

fn put_fields(slot: Slot<'_>, fields: &[Field], values: &[(String, Val)], fits: &mut bool) {
    if fields.len() != values.len() {
        *fits = false;
        return;
    }
    slot.object(|object| {
        for (field, (name, value)) in fields.iter().zip(values) {
            *fits &= *field.name == **name;
            put(object.slot(name), &field.shape, value, fits);
        }
    });
}

/// An object whose one member says which of several it is.
fn put_case(slot: Slot<'_>, name: &str, shape: Option<&Shape>, payload: Option<&Val>, fits: &mut bool) {
    slot.object(|object| match (shape, payload) {
        (Some(shape), Some(value)) => put(object.slot(name), shape, value, fits),
        (None, None) => drop(object.slot(name)),
        _ => *fits = false,
    });
}

fn put_bytes(slot: Slot<'_>, values: &[Val], fits: &mut bool) {
    let bytes = values.iter().map(|value| match value {
        Val::U8(byte) => Some(*byte),
        _ => None,
    });
    match bytes.collect::<Option<Vec<u8>>>() {
        Some(bytes) => slot.base64(&bytes),
        None => *fits = false,
    }
}

fn put_whole(slot: Slot<'_>, value: &Val, fits: &mut bool) {
    let exact = |number: i128| (-LARGEST_NUMBER..=LARGEST_NUMBER).contains(&number);
    match value {
        Val::S8(number) => slot.int((*number).into()),
        Val::U8(number) => slot.int((*number).into()),
        Val::S16(number) => slot.int((*number).into()),
        Val::U16(number) => slot.int((*number).into()),
        Val::S32(number) => slot.int((*number).into()),
        Val::U32(number) => slot.int((*number).into()),
        Val::S64(number) if exact((*number).into()) => slot.int(*number),
        Val::U64(number) if exact((*number).into()) => slot.uint(*number),
        Val::S64(number) => slot.str(&number.to_string()),
        Val::U64(number) => slot.str(&number.to_string()),
        _ => *fits = false,
    }
}

const fn named(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}
