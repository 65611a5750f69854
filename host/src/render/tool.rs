//! What a tool answered.

use bulkhead_protocol::{
    Era, Revision, Speech,
    json::{Compact, JsonError, Kind, compact},
    write::{Answer, Object, Slot},
};
use bulkhead_sandbox::answer::ToolResult;
use bulkhead_screen::Place;

use super::content::Block;
use crate::screening::{ScreenedJson, Sieve, Unfit};

/// A tool's answer, read and screened.
pub struct ReadTool {
    blocks: Vec<Block>,
    structured: Option<ScreenedJson>,
    meta: Option<ScreenedJson>,
    is_error: bool,
}

impl ReadTool {
    /// Reads what the plugin wrote. An answer that is no error has to fit: that
    /// is asked of its structured part as the plugin said it.
    ///
    /// # Errors
    /// JSON that is none, an answer that does not fit, or one that is refused.
    pub fn read(
        result: ToolResult,
        fits: impl FnOnce(Option<&Compact>) -> Result<(), String>,
        sieve: &mut Sieve<'_>,
    ) -> Result<Self, Unfit> {
        let ToolResult { content, structured, is_error, meta } = result;
        let structured = structured.map(|text| read_structured(&text)).transpose()?;
        if !is_error {
            fits(structured.as_ref()).map_err(Unfit::Contract)?;
        }
        Ok(Self {
            blocks: Block::read_all(content, Place::Content, sieve)?,
            structured: structured.map(|json| sieve.json(Place::Structured, json)).transpose()?,
            meta: sieve.meta(meta)?,
            is_error,
        })
    }

    /// Whether the tool says that it failed.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.is_error
    }

    /// The frame. `answer` is the envelope; `origin` is the host's own `_meta`.
    #[must_use]
    pub fn encode(&self, answer: Answer<'_>, speech: &Speech, origin: &Compact) -> String {
        answer.meta(self.meta.as_deref()).own_meta(Some(origin)).encode(|result| self.write(result, speech.revision))
    }

    /// The result alone, as a task keeps it.
    #[must_use]
    pub fn result(&self, answer: Answer<'_>, speech: &Speech, origin: &Compact) -> Compact {
        answer.meta(self.meta.as_deref()).own_meta(Some(origin)).result(|result| self.write(result, speech.revision))
    }

    fn write(&self, result: &mut Object<'_>, revision: Revision) {
        self.write_content(result, revision);
        if let Some(structured) = self.structured.as_ref().filter(|json| knows(revision, json)) {
            result.raw("structuredContent", structured);
        }
        if self.is_error {
            result.bool("isError", true);
        }
    }

    /// The guide's `output`: the structured part if there is one, else the text
    /// of a lone text block, else the blocks.
    pub(super) fn output(&self, slot: Slot<'_>) {
        match (&self.structured, &*self.blocks) {
            (Some(structured), _) => slot.raw(structured),
            (None, [one]) if one.text().is_some() => slot.str(one.text().unwrap_or_default()),
            (None, blocks) => slot.array(|array| blocks.iter().for_each(|block| block.element(array, Revision::Guide))),
        }
    }

    fn write_content(&self, result: &mut Object<'_>, revision: Revision) {
        result.array("content", |array| {
            self.blocks.iter().for_each(|block| block.element(array, revision));
            if let Some(structured) = self.structured.as_ref().filter(|_| self.blocks.is_empty()) {
                array.object(|block| {
                    block.str("type", "text");
                    block.str("text", structured.as_str());
                });
            }
        });
    }
}

#[cfg(not(feature = "undefended"))]
fn read_structured(text: &str) -> Result<Compact, JsonError> {
    compact(text, usize::MAX)
}

#[cfg(feature = "undefended")]
fn read_structured(text: &str) -> Result<Compact, JsonError> {
    use bulkhead_sandbox::undefended::{Defence, switched_off};
    if switched_off(Defence::Json) { Ok(Compact::unread(text)) } else { compact(text, usize::MAX) }
}

/// 2025-06-18 brought structured answers, of objects alone; the modern era
/// takes any value.
fn knows(revision: Revision, structured: &Compact) -> bool {
    match revision.era() {
        Era::Legacy => revision >= Revision::V2025_06_18 && structured.kind() == Kind::Object,
        Era::Modern | Era::Guide => true,
    }
}

/// The frame of a tool's failure, for the model to read.
#[must_use]
pub fn tool_error(answer: Answer<'_>, text: &str, origin: &Compact) -> String {
    answer.own_meta(Some(origin)).encode(|result| write_error(result, text))
}

/// The same, as a task keeps it.
#[must_use]
pub fn tool_error_result(answer: Answer<'_>, text: &str, origin: &Compact) -> Compact {
    answer.own_meta(Some(origin)).result(|result| write_error(result, text))
}

fn write_error(result: &mut Object<'_>, text: &str) {
    result.array("content", |array| {
        array.object(|block| {
            block.str("type", "text");
            block.str("text", text);
        });
    });
    result.bool("isError", true);
}

#[cfg(test)]
mod tests {
    use bulkhead_protocol::{RequestId, write::ServerInfo};

    use super::*;
    use crate::screening::sieve;

    fn shown(structured: &str, revision: Revision) -> serde_json::Value {
        let tool = ToolResult { content: vec![], structured: Some(structured.into()), is_error: false, meta: None };
        let (id, speech, server) = (RequestId::Int(1), Speech::of(revision), ServerInfo::new("b", None, "0"));
        let origin = Compact::write(|_| {});
        let tool = ReadTool::read(tool, |_| Ok(()), &mut sieve()).unwrap();
        let frame = tool.encode(Answer::new(&id, &speech, &server), &speech, &origin);
        serde_json::from_str::<serde_json::Value>(&frame).unwrap()["result"].clone()
    }

    #[test]
    fn a_structured_answer_is_text_too_and_an_object_where_only_objects_are_known() {
        for revision in Revision::ALL {
            assert_eq!(shown("[ 1 ]", revision)["content"][0]["text"], "[1]");
        }
        assert_eq!(shown("[1]", Revision::V2026_07_28)["structuredContent"][0], 1);
        assert_eq!(shown("null", Revision::V2026_07_28).get("structuredContent"), Some(&serde_json::Value::Null));
        assert_eq!(shown("[1]", Revision::V2025_11_25).get("structuredContent"), None);
        assert_eq!(shown("{}", Revision::V2025_06_18)["structuredContent"], serde_json::json!({}));
        assert_eq!(shown("{}", Revision::V2025_03_26).get("structuredContent"), None);
    }
}
