//! The SDK's derives do what serde's and schemars' own do.

use std::collections::BTreeMap;

use bulkhead_sdk::prelude::{Value, json};
use bulkhead_sdk::schemars::schema_for;
use bulkhead_sdk::serde_json::{from_value, to_value};

macro_rules! types {
    ($module:ident, $($derives:path),*) => {
        mod $module {
            use std::collections::BTreeMap;

            /// A color.
            #[derive(Default, $($derives),*)]
            #[serde(rename_all = "kebab-case")]
            pub(super) enum Color {
                /// As blood.
                DarkRed,
                #[default]
                Blue,
            }

            #[derive($($derives),*)]
            #[serde(tag = "kind", rename_all = "lowercase")]
            pub(super) enum Shape {
                Circle { radius: f64 },
                Named(Name),
                Empty,
            }

            #[derive($($derives),*)]
            #[serde(deny_unknown_fields)]
            pub(super) struct Name {
                #[serde(rename = "its-name")]
                name: String,
            }

            #[derive($($derives),*)]
            #[serde(transparent)]
            pub(super) struct Meters(#[schemars(range(min = 0))] f64);

            #[derive($($derives),*)]
            #[serde(try_from = "String", into = "String")]
            pub(super) struct Even(u32);

            impl TryFrom<String> for Even {
                type Error = String;

                fn try_from(text: String) -> Result<Self, String> {
                    let number: u32 = text.parse().map_err(|_| format!("{text} is no number"))?;
                    if number % 2 == 0 { Ok(Self(number)) } else { Err(format!("{number} is odd")) }
                }
            }

            impl From<Even> for String {
                fn from(even: Even) -> Self {
                    even.0.to_string()
                }
            }

            impl Clone for Even {
                fn clone(&self) -> Self {
                    Self(self.0)
                }
            }

            #[derive(Default, $($derives),*)]
            #[serde(default)]
            pub(super) struct Extra {
                left: u8,
                right: u8,
            }

            /// All of them.
            #[derive($($derives),*)]
            pub(super) struct All {
                #[serde(default)]
                color: Color,
                shape: Option<Shape>,
                /// How far.
                #[serde(default = "far")]
                distance: Meters,
                #[serde(flatten)]
                extra: Extra,
                even: Option<Even>,
                children: Vec<All>,
                #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
                more: BTreeMap<String, Color>,
            }

            fn far() -> Meters {
                Meters(1e6)
            }
        }
    };
}

types!(own, bulkhead_sdk::prelude::Serialize, bulkhead_sdk::prelude::Deserialize, bulkhead_sdk::prelude::JsonSchema);
types!(theirs, serde::Serialize, serde::Deserialize, schemars::JsonSchema);

#[test]
fn the_schema_is_the_same() {
    let (own, theirs) = (schema_for!(own::All).to_value(), schema_for!(theirs::All).to_value());
    assert_eq!(own, theirs);
    assert_eq!((&own["title"], &own["description"]), (&json!("All"), &json!("All of them.")));
    assert_eq!(
        schema_for!(BTreeMap<String, own::Even>).to_value(),
        schema_for!(BTreeMap<String, theirs::Even>).to_value()
    );
}

#[test]
fn values_and_refusals_are_the_same() {
    let child = json!({"color": "blue", "children": []});
    let values = [
        child.clone(),
        json!({"color": "dark-red", "shape": {"kind": "circle", "radius": 2.0}, "distance": 3.5, "left": 1, "even": "4",
            "children": [child], "more": {"x": "blue"}}),
        json!({"color": "blue", "shape": {"kind": "named", "its-name": "n"}, "children": []}),
        json!({"color": "red", "children": []}),
        json!({"color": "blue", "shape": {"kind": "named", "name": "n"}, "children": []}),
        json!({"color": "blue", "shape": {"kind": "square"}, "children": []}),
        json!({"color": "blue", "even": "5", "children": []}),
        json!({"children": []}),
        json!({"color": "blue"}),
        json!(["blue"]),
    ];
    let told = |result: Result<Value, bulkhead_sdk::serde_json::Error>| result.map_err(|error| error.to_string());
    let mut read = 0;
    for value in values {
        let own = told(from_value::<own::All>(value.clone()).and_then(to_value));
        let theirs = told(from_value::<theirs::All>(value.clone()).and_then(to_value));
        assert_eq!(own, theirs, "{value}");
        read += usize::from(own.is_ok());
    }
    assert_eq!(read, 4);
}
