//! Components that know nothing of Bulkhead. Bytes that are one make a contract
//! that could be served, twice the same. Any others are draws: a type and JSON
//! that is of it or nearly, of which our reader takes what the schema does.

use bulkhead_package::{
    Contract,
    foreign::{Foreign, Given, Param, Shape, Signature, Tool},
};
use bulkhead_sandbox::echo;
use bulkhead_schema::{Bounds, Validator};

#[path = "../../../host/crates/sandbox/src/foreign/arbitrary.rs"]
mod arbitrary;

use arbitrary::Draw;

/// How deep the types nest that are drawn.
const DEPTH: usize = 3;

pub fn holds(data: &[u8]) {
    if data.starts_with(b"\0asm") { component(data) } else { value(data) }
}

fn component(data: &[u8]) {
    let Ok(foreign) = Foreign::read(data, true) else { return };
    let Ok(contract) = foreign.contract() else { return };
    let again = Foreign::read(data, true).and_then(|foreign| foreign.contract());
    assert_eq!(again.expect("what was read once is read again"), contract);
    for tool in Contract::parse(&contract).expect("a contract").tools {
        let schemas =
            [Some((tool.input_schema, Bounds::Host)), tool.output_schema.map(|schema| (schema, Bounds::Schema))];
        for (schema, bounds) in schemas.into_iter().flatten() {
            if let Err(error) = Validator::compile(schema.as_str(), bounds) {
                panic!("{error}: {schema:?}");
            }
        }
    }
}

/// Draws of the fuzzer's bytes; zeros, when there are no more.
struct Bytes<'a>(&'a [u8]);

impl Draw for Bytes<'_> {
    fn below(&mut self, end: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % end.max(1)
    }

    fn bits(&mut self) -> u64 {
        let (bytes, rest) = self.0.split_at(self.0.len().min(8));
        self.0 = rest;
        bytes.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }
}

fn value(data: &[u8]) {
    let mut draw = Bytes(data);
    let shape = arbitrary::shape(&mut draw, DEPTH);
    let json = arbitrary::json(&mut draw, &shape, 6);
    let param = Param { name: "v".into(), given: Given::Value(shape.clone()) };
    let Ok(tool) = Tool::of(Signature { params: vec![param], result: Some(shape.clone()) }) else { return };
    let schema = Validator::compile(&tool.input, Bounds::Host).expect("a schema of ours");
    let fits = schema.check_text(&format!("{{\"v\":{json}}}"));
    match echo(&shape, &json) {
        Ok(out) => {
            assert!(fits.is_ok(), "read, and its schema refuses it: {shape:?} {json}");
            assert_eq!(echo(&shape, &out).expect("what was written"), out, "{shape:?} {json}");
            assert!(is_kept(&shape, &json, &out), "{shape:?} {json} {out}");
        }
        Err(error) => assert!(fits.is_err(), "its schema accepts it, and it is not read: {error} {shape:?} {json}"),
    }
}

/// Whether a text, which has one spelling wherever it stands, comes out as it went in.
fn is_kept(shape: &Shape, json: &str, out: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    match shape {
        Shape::String | Shape::Char | Shape::Bytes | Shape::Enum(_) | Shape::Bool => read(json) == read(out),
        Shape::List(item) if matches!(**item, Shape::String | Shape::Bytes) => read(json) == read(out),
        _ => true,
    }
}
