//! HTML and script in texts that are signed and shown: for whoever checks a contract.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Elements that do something, or bring something in, wherever they stand.
const ACTIVE: [&str; 13] = [
    "applet",
    "embed",
    "foreignobject",
    "frameset",
    "html",
    "iframe",
    "img",
    "marquee",
    "math",
    "noscript",
    "portal",
    "script",
    "svg",
];

/// Addresses that run something.
const RUNNING: [&str; 3] = ["javascript:", "vbscript:", "data:text/html"];

/// What makes a text more than text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkupError {
    /// An element of HTML.
    #[error("expected text, found the HTML element <{0}>")]
    Element(String),
    /// A comment, a declaration or an instruction.
    #[error("expected text, found a comment or a declaration of HTML")]
    Declaration,
    /// An address that runs something.
    #[error("expected text, found an address with {0}")]
    Running(&'static str),
    /// An icon that is neither a picture nor at an https address.
    #[error("expected https:, or data: with a picture that is none of markup")]
    Icon,
}

/// Refuses HTML and script in a text field. `Vec<u8>`, `a < b`, `<name>` and
/// `<https://a.example>` are text: an element is one that is known to do
/// something, or any that has an attribute or is closed.
///
/// # Errors
/// It says what was found.
pub fn refuse_markup(text: &str) -> Result<(), MarkupError> {
    for (at, _) in text.match_indices('<') {
        refuse_tag(&text[at + 1..])?;
    }
    // Browsers pass over controls inside an address, and over spaces behind its scheme.
    let squeezed: String = text.chars().filter(|c| !c.is_control()).map(|c| c.to_ascii_lowercase()).collect();
    match RUNNING.iter().find(|running| squeezed.match_indices(**running).any(|(at, _)| runs(&squeezed[at..], running)))
    {
        Some(running) => Err(MarkupError::Running(running)),
        None => Ok(()),
    }
}

/// Whether something stands behind a scheme that runs: "JavaScript: ES2020" is
/// text, `javascript:alert(1)` is not.
fn runs(address: &str, scheme: &str) -> bool {
    let behind = address[scheme.len()..].trim_start_matches(' ');
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | '[' | ']' | '"' | '\'');
    let rest = behind.trim_start_matches(is_name);
    !scheme.ends_with(':')
        || rest.starts_with(['(', '=', '`', '%', '{'])
        || behind.starts_with("//")
        || behind.starts_with("/*")
}

fn refuse_tag(rest: &str) -> Result<(), MarkupError> {
    if rest.starts_with("!--") || rest.starts_with("![CDATA[") || rest.starts_with("?xml") || doctype(rest) {
        return Err(MarkupError::Declaration);
    }
    let (closes, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
    let (name, behind) = (rest[..end].to_ascii_lowercase(), &rest[end..]);
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok(());
    }
    let is_tag = behind.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace());
    let is_active = is_tag && ACTIVE.contains(&name.as_str());
    if is_active || closes && behind.trim_start().starts_with('>') || has_attribute(behind) {
        return Err(MarkupError::Element(name));
    }
    Ok(())
}

fn doctype(rest: &str) -> bool {
    rest.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("!doctype")) || rest.starts_with("!ENTITY")
}

/// Whether a tag that goes on with `behind` has an attribute: `name=` before it ends.
fn has_attribute(behind: &str) -> bool {
    let inside = behind.split(['>', '<']).next().unwrap_or_default();
    let is_open = inside.starts_with(|c: char| c.is_whitespace() || c == '/');
    let is_name = |front: &str| front.trim_end().ends_with(|c: char| c.is_ascii_alphabetic());
    is_open && behind.len() > inside.len() && inside.split_once('=').is_some_and(|(front, _)| is_name(front))
}

/// Refuses an icon that is not at an `https:` address or a picture in itself.
/// Which types of pictures there may be is the contract's check; this one looks
/// at what the data says, whatever its type claims.
///
/// # Errors
/// It is no such icon.
pub fn refuse_icon(source: &str) -> Result<(), MarkupError> {
    let is_scheme = |scheme: &str| source.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if is_scheme("https://") {
        return Ok(());
    }
    if !is_scheme("data:image/") {
        return Err(MarkupError::Icon);
    }
    let (head, data) = source.split_once(',').ok_or(MarkupError::Icon)?;
    let data = percent_decoded(data);
    let data = match head.to_ascii_lowercase().ends_with(";base64") {
        true => STANDARD.decode(&data).map_err(|_| MarkupError::Icon)?,
        false => data,
    };
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&data);
    let first = data.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0);
    // Markup in UTF-16 begins with a mark of its own.
    let is_markup =
        matches!(first, None | Some(b'<')) || data.starts_with(b"\xff\xfe") || data.starts_with(b"\xfe\xff");
    // A compressed SVG is one as well.
    if is_markup || data.starts_with(b"\x1f\x8b") { Err(MarkupError::Icon) } else { Ok(()) }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let escaped = digit(at + 1).zip(digit(at + 2)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        match escaped.filter(|_| *byte == b'%') {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_refused_and_text_is_not() {
        for text in [
            "Returns Vec<u8>, or a < b; use <name> and <https://a.example>",
            "x <- y, 1 << 4, if a<b and c>d, i <3 u",
            "Map<String, Vec<T>> and <T: Display>, <a> to <b>",
            "where size = 3 <max and x=1",
            "copy <source> to <target>, <form> or <video>",
            "the javascript engine; data: see below",
            "Languages: Python, JavaScript: ES2020 (default), Go",
            "Runs JavaScript: pass code",
        ] {
            assert_eq!(refuse_markup(text), Ok(()), "{text}");
        }
        let element = |name: &str| Err(MarkupError::Element(name.to_owned()));
        for (text, error) in [
            ("<script>alert(1)</script>", element("script")),
            ("a<ScRiPt/x>", element("script")),
            ("<img src=x onerror=alert(1)>", element("img")),
            ("<a href=\"https://a\">b</a>", element("a")),
            ("<b>bold</b>", element("b")),
            ("<x-y onclick = \"f()\">", element("x-y")),
            ("<svg/onload=f()>", element("svg")),
            ("<!-- hidden -->", Err(MarkupError::Declaration)),
            ("<!DOCTYPE html>", Err(MarkupError::Declaration)),
            ("[x](java\nscript:alert(1))", Err(MarkupError::Running("javascript:"))),
            ("[x](JavaScript: fetch('/'))", Err(MarkupError::Running("javascript:"))),
            ("[x](javascript:%61lert(1))", Err(MarkupError::Running("javascript:"))),
            ("[x](javascript:document.title='x')", Err(MarkupError::Running("javascript:"))),
            ("[x](javascript:/**/alert(1))", Err(MarkupError::Running("javascript:"))),
            ("[x](data:text/html,y)", Err(MarkupError::Running("data:text/html"))),
        ] {
            assert_eq!(refuse_markup(text), error, "{text}");
        }
    }

    #[test]
    fn an_icon_is_a_picture() {
        for good in ["https://a.example/i.png", "data:image/png;base64,iVBORw0KGgo=", "data:image/png,%89PNG"] {
            assert_eq!(refuse_icon(good), Ok(()), "{good}");
        }
        for bad in [
            "http://a.example/i.png",
            "javascript:alert(1)",
            "data:text/html,x",
            "data:image/png",
            "data:image/png,",
            "data:image/svg+xml,<svg onload=f()>",
            "data:image/png,%3Csvg%3E",
            "data:image/png;base64,PHN2Zy8+",
            "data:image/png;base64,77u/IDxzdmcvPg==",
            "data:image/png;base64,not base64",
            "data:image/png;base64,H4sIAAAA",
        ] {
            assert_eq!(refuse_icon(bad), Err(MarkupError::Icon), "{bad}");
        }
    }
}
