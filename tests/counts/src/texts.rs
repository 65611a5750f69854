//! What is read and said.

/// A large answer, and not yet one that is rare.
const SIZE: usize = 64 << 10;

/// `with`, again and again.
fn filled(with: &str) -> String {
    let mut text = with.repeat(SIZE / with.len() + 1);
    text.truncate(text.floor_char_boundary(SIZE));
    text
}

/// English, with a word now and then that some rule begins with.
pub(crate) fn prose() -> String {
    filled(
        "The harbour was quiet in the early hours, and the boats moved slowly past the old stone wall. \
         Nobody spoke of the previous evening; the instructions were on the table, where she had left them. ",
    )
}

pub(crate) fn korean() -> String {
    filled("오늘 아침 항구는 조용했고 배들은 천천히 움직이고 있었다. ")
}

/// Lines with quotes: every one has to be escaped.
pub(crate) fn code() -> String {
    filled("    let path = root.join(\"state\").join(\"audit\");\n")
}

/// An array of small objects.
pub(crate) fn rows() -> String {
    let row = r#"{"id":12345,"name":"a name","tags":["x","y"],"url":"https://a.example/x","ok":true}"#;
    format!("[{}]", vec![row; SIZE / row.len()].join(","))
}

/// The request that asks a tool for this.
pub(crate) fn call(arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"add_echo","arguments":{arguments},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"counts","version":"1"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
    )
}
