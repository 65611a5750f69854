//! Prompts, in the guide's words.

use std::borrow::Cow;

use crate::pipeline::{ask::Asker, dispatch::Stop};

impl Asker<'_> {
    pub(super) fn guide_prompts(&self) -> Result<String, Stop> {
        Err(self.not_built().into())
    }

    pub(super) async fn guide_prompt(
        &self,
        _name: &str,
        _arguments: &[(Cow<'_, str>, Cow<'_, str>)],
    ) -> Result<String, Stop> {
        Err(self.not_built().into())
    }
}
