//! Whatever lies in the drop-in folder: what parses as a plugin file comes
//! apart and together again without a byte changed, and nobody has signed it.

use bulkhead_package::{Package, Trust, attach, canonical::canonicalise, detach, strip};
use serde_json::Value;

pub fn holds(data: &[u8]) {
    spelled(data);
    let Ok(package) = Package::parse(data.to_vec(), None) else { return };
    assert_eq!(package.file(), data, "the file that was given");
    assert_eq!(strip(data).expect("what parses can be stripped"), package.component());
    assert!(data.starts_with(package.component()));
    if let Ok((packed, envelope)) = detach(data) {
        assert_eq!(attach(packed, envelope).expect("what came apart"), data, "and goes together again");
        let beside = Package::parse(packed.to_vec(), Some(envelope)).expect("the same, with its envelope beside it");
        assert_eq!(beside.digest(), package.digest());
    }
    let verified = Trust::default().verify(package, bulkhead_package::expiry("2026-01-01").expect("a date"));
    assert!(verified.is_err(), "nobody is trusted, and it was verified");
}

/// The one spelling of a JSON text says the same, and is its own spelling.
/// (What a double prints shorter than it is may not be a number to spell again.)
fn spelled(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(once) = canonicalise(text) else { return };
    let once = std::str::from_utf8(&once).expect("UTF-8");
    assert_eq!(as_doubles(once), as_doubles(text), "{text} was spelled {once}");
    if let Ok(again) = canonicalise(once) {
        assert_eq!(again, once.as_bytes());
    }
}

/// What a reader makes of it to whom every number is a double.
fn as_doubles(text: &str) -> Value {
    fn doubled(value: &mut Value) {
        match value {
            Value::Number(number) => *value = number.as_f64().into(),
            Value::Array(items) => items.iter_mut().for_each(doubled),
            Value::Object(members) => members.values_mut().for_each(doubled),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(text).expect("JSON");
    doubled(&mut value);
    value
}
