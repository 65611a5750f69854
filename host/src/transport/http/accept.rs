//! What a client takes as an answer.

use http::{HeaderMap, header};

/// The two kinds of answer, and which of them the client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accept {
    pub(super) json: bool,
    pub(super) events: bool,
    /// It takes both, and names events before JSON.
    pub(super) events_first: bool,
}

impl Accept {
    /// Reads `Accept` (RFC 9110 12.5.1). Weights mean nothing here, but `q=0`
    /// means no, and what is named first is what is rather had. Without the
    /// field, everything is taken.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut fields = headers.get_all(header::ACCEPT).iter().peekable();
        let any = fields.peek().is_none();
        let mut accept = Self { json: any, events: any, events_first: false };
        for range in fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            if parts.any(is_refusal) {
                continue;
            }
            accept.events_first |= kind == "text/event-stream" && !accept.json;
            accept.json |= matches!(kind.as_str(), "*/*" | "application/*" | "application/json");
            accept.events |= matches!(kind.as_str(), "*/*" | "text/*" | "text/event-stream");
        }
        accept.events_first &= accept.json;
        accept
    }

    pub(super) const fn is_nothing(self) -> bool {
        !self.json && !self.events
    }
}

/// `q=0`, in any spelling.
fn is_refusal(parameter: &str) -> bool {
    parameter
        .split_once('=')
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, weight)| weight.trim().parse::<f32>().ok())
        .is_some_and(|weight| weight <= 0.0)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn both_kinds_are_read_out_of_the_field() {
        let table = [
            ("application/json, text/event-stream", true, true, false),
            ("text/event-stream;q=0.9,application/json", true, true, true),
            ("application/json", true, false, false),
            ("TEXT/Event-Stream", false, true, false),
            ("*/*", true, true, false),
            ("application/json, text/event-stream;q=0.000", true, false, false),
            ("text/html", false, false, false),
            ("", false, false, false),
        ];
        for (field, json, events, events_first) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(field).unwrap());
            assert_eq!(Accept::of(&headers), Accept { json, events, events_first }, "{field}");
        }
        assert_eq!(Accept::of(&HeaderMap::new()), Accept { json: true, events: true, events_first: false });
    }
}
