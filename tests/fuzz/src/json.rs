//! A plugin's JSON: what passes is the same value, on one line, in one reading.

use bulkhead_protocol::json::{MAX_DEPTH, compact};
use serde_json::Value;

use crate::reader::{is_number_too_large, is_unambiguous, read};

/// More than any input.
const ANY: usize = 1 << 24;

pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match compact(text, ANY) {
        Ok(passed) => {
            let passed = passed.as_str();
            assert!(!passed.bytes().any(|byte| byte < 0x20), "a raw control character: {passed:?}");
            assert!(passed.len() <= text.len());
            if !is_number_too_large(data) {
                let value: Value = serde_json::from_str(passed).expect("what passed is JSON");
                assert_eq!(Some(value), read(data), "another value");
                assert!(is_unambiguous(passed.as_bytes(), MAX_DEPTH), "a key twice, or too deep: {passed}");
            }
            let again = compact(passed, ANY).expect("what passed once passes again");
            assert_eq!(again.as_str(), passed, "it had gaps left");
            let Some(short) = passed.len().checked_sub(1) else { return };
            assert!(compact(passed, short).is_err(), "longer than it may be");
        }
        Err(error) if error.problem.is_well_formed() => {
            assert!(is_number_too_large(data) || !is_unambiguous(data, MAX_DEPTH), "refused for nothing: {error}");
        }
        Err(error) => {
            assert!(error.at <= text.len(), "{error}");
            assert!(read(data).is_none(), "said to be no JSON: {error}");
        }
    }
}
