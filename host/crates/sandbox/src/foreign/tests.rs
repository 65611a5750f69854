//! What is read is what the schema accepts, and it comes out as it went in.

use bulkhead_package::foreign::{Given, Param, Shape, Signature, Tool};
use bulkhead_schema::{Bounds, Validator};
use serde_json::Value;

use super::{
    arbitrary::{self, Draw},
    echo,
};

/// A small generator (xorshift64*), the same draws for the same seed.
struct Random(u64);

impl Draw for Random {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.bits() >> 33).unwrap() % end.max(1)
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// The signature of a function that gives back what it takes.
fn signature(shape: &Shape) -> Signature {
    let param = Param { name: "v".into(), given: Given::Value(shape.clone()) };
    Signature { params: vec![param], result: Some(shape.clone()) }
}

fn schema(shape: &Shape) -> Option<Validator> {
    let tool = Tool::of(signature(shape)).ok()?;
    Some(Validator::compile(&tool.input, Bounds::Host).unwrap_or_else(|error| panic!("{error}: {}", tool.input)))
}

/// With one spelling for what has several.
fn spelled(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Int(_), Value::Number(number)) => number.as_f64().into(),
        (Shape::F32, Value::Number(_)) => f64::from(value.to_string().parse::<f32>().unwrap()).into(),
        (Shape::F64, Value::Number(_)) => value.to_string().parse::<f64>().unwrap().into(),
        (Shape::Flags(_), Value::Array(names)) => {
            let mut names = names.clone();
            names.sort_by_key(ToString::to_string);
            names.into()
        }
        (Shape::List(item), Value::Array(values)) => values.iter().map(|value| spelled(item, value)).collect(),
        (Shape::Tuple(shapes), Value::Array(values)) => {
            shapes.iter().zip(values).map(|(shape, value)| spelled(shape, value)).collect()
        }
        (Shape::Option(_), Value::Null) => Value::Null,
        (Shape::Option(inner), Value::Object(members)) if inner.is_nullable() => {
            members.iter().map(|(name, value)| (name.clone(), spelled(inner, value))).collect()
        }
        (Shape::Option(inner), value) => spelled(inner, value),
        (Shape::Record(fields), Value::Object(members)) => fields
            .iter()
            .map(|field| {
                let value = members.get(&*field.name).unwrap_or(&Value::Null);
                (field.name.to_string(), spelled(&field.shape, value))
            })
            .collect(),
        (Shape::Result { ok, err }, Value::Object(members)) => members
            .iter()
            .map(|(name, value)| {
                let shape = if name == "ok" { ok } else { err };
                (name.clone(), shape.as_ref().map_or(Value::Null, |shape| spelled(shape, value)))
            })
            .collect(),
        (Shape::Variant(cases), Value::Object(members)) => members
            .iter()
            .map(|(name, value)| {
                let case = cases.iter().find(|case| *case.name == **name).unwrap();
                (name.clone(), case.payload.as_ref().map_or(Value::Null, |shape| spelled(shape, value)))
            })
            .collect(),
        _ => value.clone(),
    }
}

#[test]
fn what_the_schema_accepts_comes_out_as_it_went_in() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..3000 {
        let shape = arbitrary::shape(&mut random, 4);
        let Some(schema) = schema(&shape) else { continue };
        for _ in 0..4 {
            let json = arbitrary::json(&mut random, &shape, 0);
            let arguments = format!("{{\"v\":{json}}}");
            schema.check_text(&arguments).unwrap_or_else(|error| panic!("{round} {shape:?}\n{arguments}: {error}"));
            let out = echo(&shape, &json).unwrap_or_else(|error| panic!("{round} {shape:?}\n{json}: {error}"));
            let (went_in, came_out) = (serde_json::from_str(&json).unwrap(), serde_json::from_str(&out).unwrap());
            assert_eq!(spelled(&shape, &came_out), spelled(&shape, &went_in), "{round} {shape:?}\n{json}\n{out}");
            schema.check_text(&format!("{{\"v\":{out}}}")).unwrap();
            assert_eq!(echo(&shape, &out).unwrap(), out, "what was written is read as itself");
        }
    }
}

#[test]
fn what_is_read_is_what_the_schema_accepts() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..6000 {
        let shape = arbitrary::shape(&mut random, 3);
        let Some(schema) = schema(&shape) else { continue };
        for _ in 0..6 {
            let json = arbitrary::json(&mut random, &shape, 4);
            let fits = schema.check_text(&format!("{{\"v\":{json}}}"));
            let read = echo(&shape, &json);
            assert_eq!(fits.is_ok(), read.is_ok(), "{shape:?}\n{json}\nschema: {fits:?}\nread: {read:?}");
            *(if read.is_ok() { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert!(accepted > 5000 && refused > 5000, "{accepted} {refused}");
}

#[test]
fn arguments_have_an_end() {
    let many = format!("[{}true]", "true,".repeat(1 << 20));
    assert!(echo(&Shape::List(Box::new(Shape::Bool)), &many).unwrap_err().contains("1048576 values"));
    let long = format!("\"{}\"", "QUJD".repeat(1 << 19));
    assert!(echo(&Shape::Bytes, &long).unwrap_err().contains("characters of base64"));
    let names: Vec<Box<str>> = (0..4000).map(|at| format!("name-{at}").into()).collect();
    let searched = format!("[{}\"name-3999\"]", "\"name-3999\",".repeat(40_000));
    let told = echo(&Shape::List(Box::new(Shape::Enum(names))), &searched).unwrap_err();
    assert!(told.contains("1048576 values"), "{told}");
}

#[test]
fn what_does_not_fit_is_named() {
    let shape = Shape::List(Box::new(Shape::Tuple(vec![Shape::Bool, Shape::Char])));
    let told = echo(&shape, r#"[[true,"a"],[true,"ab"]]"#).unwrap_err();
    assert_eq!(told, "at /1/1: expected one character");
}
