//! Roots: isolated context trees of one caller.

use bulkhead_base::Sampling;
use bulkhead_policy::{Right, decide};
use bulkhead_protocol::{
    Fault,
    json::{Compact, Json, Kind, Member, compact},
    read_sampling, write,
};

use crate::{
    pipeline::{ask::Asker, dispatch::Stop},
    render::{Failed, closed, root_entry, root_trouble, unknown_option},
    roots::RootDraft,
};

/// Longest name of a root, and most bytes of its metadata. Answers "a root as
/// a place to keep things".
const LONGEST_NAME: usize = 128;
const MOST_METADATA: usize = 4 << 10;

impl Asker<'_> {
    /// Opens a root, with what the options say of it.
    pub(super) async fn create_root(&self, options: Option<Json<'_>>) -> Result<String, Stop> {
        self.demand(&Right::Root)?;
        let draft = self.draft(options)?;
        let opened = self.host.roots.open(self.caller.principal.id(), draft).await;
        let root = opened.map_err(|error| self.told(root_trouble(error, "params")))?;
        Ok(write::guide_answer(self.id(), |slot| slot.object(|out| root_entry(out, &root))))
    }

    /// Closes a root: its parameters and whatever it kept are gone.
    pub(super) async fn close_root(&self, root_id: &str) -> Result<String, Stop> {
        self.demand(&Right::Root)?;
        let done = self.host.roots.close(self.caller.principal.id(), root_id).await;
        done.map_err(|error| self.told(root_trouble(error, "params.rootId")))?;
        Ok(closed(self.id(), root_id))
    }

    /// The caller's open roots, oldest first.
    pub(super) async fn list_roots(&self) -> Result<String, Stop> {
        self.demand(&Right::Root)?;
        let listed = self.host.roots.list(self.caller.principal.id()).await;
        let roots = listed.map_err(|error| self.told(root_trouble(error, "params")))?;
        Ok(write::guide_answer(self.id(), |slot| {
            slot.array(|list| roots.iter().for_each(|root| list.object(|out| root_entry(out, root))));
        }))
    }

    fn draft(&self, options: Option<Json<'_>>) -> Result<RootDraft, Stop> {
        let mut draft = RootDraft::default();
        for Member { key, value } in options.and_then(Json::members).unwrap_or_default() {
            match &*key {
                "context" | "_meta" => {}
                "name" => draft.name = Some(name(value)?),
                "metadata" => draft.metadata = Some(metadata(value)?),
                "promptId" => draft.prompt = Some(self.prompt_of_root(value)?),
                "sampling" if value.kind() == Kind::Object => {
                    self.demand(&Right::Sampling)?;
                    draft.sampling = read_sampling(value, "params.sampling", &[])?.applied(Sampling::default());
                }
                "sampling" => return Err(unknown_option("sampling", "an object").into()),
                other => return Err(unknown_option(other, "one of name, metadata, promptId, sampling").into()),
            }
        }
        Ok(draft)
    }

    /// The dotted name of a prompt that the caller may get.
    fn prompt_of_root(&self, value: Json<'_>) -> Result<String, Stop> {
        let name = value.text().ok_or_else(|| unknown_option("promptId", "a string"))?;
        let snapshot = self.snapshot();
        let unknown = || Fault::invalid_params("params.promptId: unknown prompt");
        let prompt = snapshot.catalogue.prompts.find(&name).ok_or_else(unknown)?;
        let decided = decide(&self.caller.principal, &prompt.operation());
        decided.map_err(|denied| self.told(Failed::Denied(denied)))?;
        Ok(prompt.dotted().to_string())
    }
}

fn name(value: Json<'_>) -> Result<String, Fault> {
    let fits = |name: &str| (1..=LONGEST_NAME).contains(&name.len()) && !name.contains(char::is_control);
    let name = value.text().filter(|name| fits(name));
    let expected = || unknown_option("name", &format!("one line of 1 to {LONGEST_NAME} bytes"));
    name.map(|name| name.into_owned()).ok_or_else(expected)
}

fn metadata(value: Json<'_>) -> Result<Compact, Fault> {
    let object = (value.kind() == Kind::Object).then(|| compact(value.get(), MOST_METADATA).ok()).flatten();
    object.ok_or_else(|| unknown_option("metadata", &format!("an object of at most {MOST_METADATA} bytes")))
}
