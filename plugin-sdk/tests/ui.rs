//! What an author reads who got something wrong. With `TRYBUILD=overwrite` the
//! expected texts are written anew.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
