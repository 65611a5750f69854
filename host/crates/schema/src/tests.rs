use serde_json::{Value, json};

use super::*;

fn compiled(schema: &Value) -> Validator {
    Validator::compile(&schema.to_string(), Bounds::Host).unwrap()
}

fn refused(schema: &Value) -> SchemaError {
    match Validator::compile(&schema.to_string(), Bounds::Host) {
        Ok(_) => panic!("accepted: {schema}"),
        Err(error) => error,
    }
}

fn told(schema: &Value, value: &Value) -> Vec<(String, String)> {
    let Err(violations) = compiled(schema).check(value) else { return Vec::new() };
    violations.0.into_iter().map(|violation| (violation.pointer, violation.expected)).collect()
}

#[test]
fn a_violation_names_the_place_and_what_was_expected() {
    let schema = json!({
        "type": "object",
        "properties": {
            "location": {"type": "string", "maxLength": 3},
            "days": {"type": "integer", "minimum": 1},
            "a/b": {"enum": ["x", "y"]},
        },
        "required": ["location"],
        "additionalProperties": false,
    });
    assert_eq!(told(&schema, &json!({"location": "ab"})), vec![]);
    assert_eq!(told(&schema, &json!({})), vec![("/location".into(), "the property \"location\" is required".into())]);
    let mut many = told(&schema, &json!({"location": "abcd", "days": 0, "a/b": "z", "more": 1}));
    many.sort();
    assert_eq!(
        many,
        vec![
            (String::new(), "no property \"more\" is expected".into()),
            ("/a~1b".into(), "expected one of [\"x\",\"y\"]".into()),
            ("/days".into(), "expected a number of at least 1".into()),
            ("/location".into(), "expected a string of at most 3 characters".into()),
        ]
    );
    assert_eq!(told(&schema, &json!({"location": 7})), vec![("/location".into(), "expected string".into())]);
}

#[test]
fn alternatives_say_what_is_wrong_with_each() {
    let schema = json!({"anyOf": [{"type": "string"}, {"properties": {"n": {"type": "integer"}}, "type": "object"}]});
    let told = told(&schema, &json!({"n": "x"}));
    assert_eq!(told[0].1, "fits none of the alternatives (expected string | expected integer at /n)");
}

#[test]
fn what_a_schema_says_is_repeated_in_short() {
    let long = "b".repeat(10_000);
    let pattern = (json!({"pattern": format!("^{long}$")}), json!("a"));
    for (schema, value) in [pattern, (json!({"enum": [long]}), json!("a")), (json!({"required": [long]}), json!({}))] {
        let told = &told(&schema, &value)[0];
        assert!(told.1.contains('…') && told.0.len() + told.1.len() < 800, "{told:?}");
    }
}

#[test]
fn a_key_that_stands_twice_is_a_violation() {
    let validator = compiled(&json!({"type": "object"}));
    assert!(validator.check_text(r#"{"a": {"b": 1}, "c": [1.5, null, true, -1]}"#).is_ok());
    for bad in [r#"{"a": 1, "a": 2}"#, r#"{"x": [{"a": 1, "\u0061": 2}]}"#, "{} {}", "{", ""] {
        assert!(validator.check_text(bad).is_err(), "{bad}");
    }
}

#[test]
fn unbounded_strings_and_arrays_get_the_hosts_bound() {
    let long = "x".repeat(MAX_STRING_BYTES + 1);
    let many = vec![0; MAX_ARRAY_ITEMS + 1];
    let free = json!({"type": "object", "properties": {"deep": {"properties": {"text": {"type": "string"}}}}});
    assert_eq!(told(&free, &json!({"deep": {"text": long[1..]}})), vec![]);
    assert_eq!(
        told(&free, &json!({"deep": {"text": long}})),
        vec![("/deep/text".into(), format!("expected a string of at most {MAX_STRING_BYTES} bytes"))]
    );
    assert_eq!(told(&free, &json!({"unheard-of": [0, many]}))[0].0, "/unheard-of/1");
    assert!(
        Validator::compile(&free.to_string(), Bounds::Schema).unwrap().check(&json!({"deep": {"text": long}})).is_ok()
    );
}

#[test]
fn the_authors_own_bound_takes_the_place_of_the_hosts() {
    let long = "x".repeat(MAX_STRING_BYTES + 1);
    let reached_by = [
        json!({"properties": {"a": {"maxLength": 1_000_000}}}),
        json!({"properties": {"a": {"$ref": "#/$defs/t"}}, "$defs": {"t": {"allOf": [{"maxLength": 1_000_000}]}}}),
        json!({"additionalProperties": {"$ref": "#long"}, "$defs": {"t": {"$anchor": "long", "maxLength": 1_000_000}}}),
        json!({"$id": "https://a.example/x", "properties": {"a": {"$ref": "y"}}, "$defs": {"t": {"$id": "y", "maxLength": 1_000_000}}}),
    ];
    for schema in reached_by {
        assert_eq!(told(&schema, &json!({"a": long})), vec![], "{schema}");
    }
    let elsewhere = json!({"properties": {"a": {"not": {"maxLength": 2}}, "b": {"maxLength": 1_000_000}}});
    assert_eq!(told(&elsewhere, &json!({"a": long})).len(), 1);
}

#[test]
fn what_the_host_will_not_run_is_refused_at_load() {
    assert!(matches!(refused(&json!({"$ref": "https://evil.example/schema.json"})), SchemaError::Unresolved(_)));
    assert!(matches!(refused(&json!({"$ref": "file:///etc/passwd"})), SchemaError::Unresolved(_)));
    assert!(matches!(refused(&json!({"$ref": "#/$defs/none"})), SchemaError::Unresolved(_)));
    assert!(matches!(refused(&json!({"$schema": "https://example.com/mine"})), SchemaError::Dialect { .. }));
    assert!(matches!(refused(&json!({"pattern": "(?=look)ahead"})), SchemaError::Invalid { .. }));
    assert!(matches!(refused(&json!({"pattern": "((a{100}){100}){100}"})), SchemaError::Invalid { .. }));
    assert!(matches!(refused(&json!({"type": "strnig"})), SchemaError::Invalid { .. }));
    assert!(matches!(refused(&json!({"$ref": "#"})), SchemaError::Endless));
    assert!(matches!(refused(&json!([])), SchemaError::NotASchema));
    let twice = json!({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}});
    assert!(matches!(refused(&twice), SchemaError::Ambiguous(_)));
}

#[test]
fn every_supported_dialect_compiles() {
    for dialect in DIALECTS {
        for end in ["", "#"] {
            compiled(&json!({"$schema": format!("{dialect}{end}"), "type": "object"}));
        }
    }
}

fn doubling(levels: usize, key: &str) -> Value {
    let mut definitions = serde_json::Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        definitions.insert(format!("d{level}"), json!({key: [next, next]}));
    }
    definitions.insert(format!("d{levels}"), json!(true));
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

#[test]
fn billion_laughs_is_refused() {
    assert_eq!(refused(&doubling(40, "allOf")), SchemaError::Unfolds);
    assert_eq!(refused(&doubling(40, "prefixItems")), SchemaError::Unfolds);
    compiled(&doubling(8, "allOf"));
}

#[test]
fn a_recursive_schema_is_counted_beside_the_value() {
    let tree = json!({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}});
    let twice = json!({"allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]});
    let nested = |key: &str| (0..60).fold(json!({}), |inner, _| json!({key: inner}));
    assert_eq!(told(&tree, &nested("left")), vec![]);
    assert!(told(&twice, &nested("a"))[0].1.contains("too long"));
    assert_eq!(told(&twice, &json!({"a": {"a": {}}})), vec![]);
}

#[test]
fn the_longest_chain_that_is_allowed_fits_a_small_stack() {
    let chain = |links: usize| {
        let mut definitions = serde_json::Map::new();
        for link in 0..links {
            definitions.insert(format!("d{link}"), json!({"items": {"$ref": format!("#/$defs/d{}", link + 1)}}));
        }
        definitions.insert(format!("d{links}"), json!(true));
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    };
    assert_eq!(refused(&chain(cost::MAX_CHAIN)), SchemaError::LongChain);
    let longest = chain(cost::MAX_CHAIN / 2 - 2);
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(move || compiled(&longest).check(&json!([[[]]])).unwrap()).unwrap().join().unwrap();
}

#[test]
fn the_deepest_value_that_is_allowed_fits_a_small_stack() {
    let list =
        json!({"anyOf": [{"type": "integer"}, {"items": {"$ref": "#/$defs/more"}}], "$defs": {"more": {"$ref": "#"}}});
    let nested = (0..100).fold(json!([]), |inner, _| json!([inner]));
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(move || assert_eq!(told(&list, &nested), vec![])).unwrap().join().unwrap();
}
