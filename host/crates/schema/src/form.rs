use serde_json::Value;

/// A check of a format that a schema may name.
pub type Format = fn(&str) -> bool;

/// A compiled schema of somebody who is trusted to write one that ends: formats
/// are checked, and no bounds beside it.
#[derive(Debug)]
pub struct Plain(jsonschema::Validator);

impl Plain {
    /// Compiles `schema`, whose own `formats` count besides the standard's.
    ///
    /// # Errors
    /// It is no schema; why.
    pub fn compile(schema: &Value, formats: &[(&'static str, Format)]) -> Result<Self, String> {
        let mut options = jsonschema::options().offline().should_validate_formats(true);
        for (name, format) in formats {
            options = options.with_format(*name, *format);
        }
        options.build(schema).map(Self).map_err(|error| error.to_string())
    }

    /// What of `value` does not fit, up to `most`: where, why, and by which
    /// keyword of the schema.
    #[must_use]
    pub fn errors(&self, value: &Value, most: usize) -> Vec<String> {
        let told = |error: jsonschema::ValidationError<'_>| {
            format!("{}: {error} (by {})", error.instance_path(), error.schema_path())
        };
        self.0.iter_errors(value).take(most).map(told).collect()
    }

    /// Why `value` does not fit, if it does not.
    #[must_use]
    pub fn error(&self, value: &Value) -> Option<String> {
        self.0.validate(value).err().map(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn formats_are_checked_the_standards_and_ones_own() {
        let even: Format = |text| text.len().is_multiple_of(2);
        let plain =
            |format: &str| Plain::compile(&json!({"type": "string", "format": format}), &[("even", even)]).unwrap();
        assert_eq!(plain("email").error(&json!("a@example.com")), None);
        assert!(plain("email").error(&json!("nobody")).unwrap().contains("email"));
        assert_eq!(plain("even").error(&json!("ab")), None);
        assert_eq!(plain("even").errors(&json!("a"), 6).len(), 1);
        assert!(Plain::compile(&json!({"type": 7}), &[]).is_err());
    }
}
