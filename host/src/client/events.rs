//! Server-sent events, as far as MCP uses them: the data of each event.

use super::{ClientError, MAX_MESSAGE_BYTES};

/// Takes bytes as they come and gives the data of each event that is whole.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_return: bool,
}

impl EventReader {
    /// Takes `bytes`; returns the data of the events that they complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, ClientError> {
        let mut events = Vec::new();
        for byte in bytes {
            let ends_pair = *byte == b'\n' && std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if ends_pair => {}
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    events.extend(self.end_line());
                }
                other => {
                    self.after_return = false;
                    self.line.push(*other);
                }
            }
            if self.line.len() + self.data.len() > MAX_MESSAGE_BYTES {
                return Err(ClientError::Protocol(format!("a message larger than {MAX_MESSAGE_BYTES} bytes")));
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let has_data = std::mem::take(&mut self.has_data);
            let data = std::mem::take(&mut self.data);
            return (has_data && !data.is_empty()).then_some(data);
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_however_they_are_cut() {
        let stream =
            b": keep-alive\n\nid: 1\ndata:\n\nevent: message\ndata: {\"a\":\ndata: 1}\n\ndata:{}\r\n\r\ndata: cut off";
        let whole = vec![b"{\"a\":\n1}".to_vec(), b"{}".to_vec()];
        assert_eq!(EventReader::default().feed(stream).unwrap(), whole);
        let mut reader = EventReader::default();
        let mut found = Vec::new();
        for byte in stream.chunks(1) {
            found.extend(reader.feed(byte).unwrap());
        }
        assert_eq!(found, whole);
    }
}
