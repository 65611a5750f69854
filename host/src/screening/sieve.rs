use std::{borrow::Cow, fmt, ops::Deref};

use bulkhead_policy::HttpRule;
use bulkhead_protocol::{
    json::{Compact, Json, JsonError, Kind, Wording, compact},
    write::Slot,
};
use bulkhead_registry::cap_page;
use bulkhead_screen::{Pass, Place, Refusal};

/// Keys of `_meta` that begin so are the host's own: a plugin's are left out.
pub(super) const OWN_KEYS: &str = "dev.bulkhead/";

/// Text of a plugin's that may leave. Only a [`Sieve`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Screened(String);

/// JSON of a plugin's, read and fit to be spliced, of which every string may
/// leave. Only a [`Sieve`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct ScreenedJson(Compact);

/// Why what a plugin said is not passed on.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It is not what its contract promises.
    #[error("{0}")]
    Contract(String),
    #[error(transparent)]
    Screened(#[from] Refusal),
}

/// What the texts of one answer or notice go through, in their order.
pub struct Sieve<'p> {
    pass: Pass<'p>,
    /// What its pages may reach.
    http: &'p [HttpRule],
}

type Sifted<T> = Result<T, Refusal>;

impl<'p> Sieve<'p> {
    pub(super) const fn new(pass: Pass<'p>, http: &'p [HttpRule]) -> Self {
        Self { pass, http }
    }

    /// Whether something was removed or made visible so far.
    #[must_use]
    pub fn has_cleaned(&self) -> bool {
        !self.pass.cleaned().is_nothing()
    }

    pub(super) fn finish(self) -> bulkhead_screen::Report {
        self.pass.finish()
    }

    /// What of `text` may leave.
    ///
    /// # Errors
    /// It refuses the whole answer.
    pub fn text(&mut self, place: Place, text: String) -> Sifted<Screened> {
        let cleaned = match self.pass.text(place, &text)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(cleaned) => Some(cleaned),
        };
        Ok(Screened(cleaned.unwrap_or(text)))
    }

    /// The same of a text that may be missing.
    ///
    /// # Errors
    /// It refuses the whole answer.
    pub fn maybe(&mut self, place: Place, text: Option<String>) -> Sifted<Option<Screened>> {
        text.map(|text| self.text(place, text)).transpose()
    }

    /// What of JSON may leave that was read already.
    ///
    /// # Errors
    /// It refuses the whole answer.
    pub fn json(&mut self, place: Place, json: Compact) -> Sifted<ScreenedJson> {
        let mut words = Words { pass: &mut self.pass, place, url: None, is_url: false };
        json.reworded(&mut words).map(ScreenedJson)
    }

    /// The same of a question to the client's user, whose `url` is where it
    /// sends the user.
    ///
    /// # Errors
    /// It refuses the whole answer.
    pub fn question(&mut self, json: Compact) -> Sifted<ScreenedJson> {
        let json = own_meta_left_out(json);
        let url = Some(Place::ElicitationUrl);
        let mut words = Words { pass: &mut self.pass, place: Place::ElicitationText, url, is_url: false };
        json.reworded(&mut words).map(ScreenedJson)
    }

    /// The same of another request to the client.
    ///
    /// # Errors
    /// It refuses the whole answer.
    pub fn request(&mut self, place: Place, json: Compact) -> Sifted<ScreenedJson> {
        self.json(place, own_meta_left_out(json))
    }

    /// The same of an error's data.
    ///
    /// # Errors
    /// It refuses the whole answer.
    pub fn data(&mut self, json: Compact) -> Sifted<ScreenedJson> {
        self.json(Place::Error, if json.json().kind() == Kind::Object { own_keys_left_out(json) } else { json })
    }

    /// Reads a plugin's `_meta`: without keys of ours, a page's content policy
    /// capped by the plugin's grants.
    ///
    /// # Errors
    /// It is no object, or refuses the whole answer.
    pub fn meta(&mut self, text: Option<String>) -> Result<Option<ScreenedJson>, Unfit> {
        let Some(text) = text else { return Ok(None) };
        let (meta, left_out) = cap_page(own_keys_left_out(Compact::object(&text, usize::MAX)?), self.http);
        if !left_out.is_empty() {
            tracing::warn!(domains = left_out.len(), "a page names domains that no http grant covers: left out");
        }
        Ok(Some(self.json(Place::Meta, meta)?))
    }

    /// Looks whether a result that was screened when it was kept may still leave.
    ///
    /// # Errors
    /// It may not.
    pub fn kept(&mut self, result: &Compact) -> Sifted<()> {
        for member in result.json().members().unwrap_or_default() {
            match (&*member.key, member.value.elements()) {
                ("content", Some(blocks)) => blocks.into_iter().try_for_each(|block| self.kept_block(block))?,
                ("structuredContent", _) => self.look(Place::Structured, member.value)?,
                ("_meta", _) => self.look(Place::Meta, member.value)?,
                _ => self.look(Place::Content, member.value)?,
            }
        }
        Ok(())
    }

    /// Pictures, sound and other binary content are not read.
    fn kept_block(&mut self, block: Json<'_>) -> Sifted<()> {
        let members = block.members().unwrap_or_default();
        let kind = members.iter().find(|it| it.key == "type").and_then(|it| it.value.text());
        for member in members {
            match (kind.as_deref(), &*member.key) {
                (Some("image" | "audio"), "data") => {}
                (Some("resource"), "resource") => {
                    let contents = member.value.members().unwrap_or_default();
                    let mut read = contents.into_iter().filter(|it| it.key != "blob");
                    read.try_for_each(|it| self.look(Place::Resource, it.value))?;
                }
                (_, "_meta") => self.look(Place::Meta, member.value)?,
                _ => self.look(Place::Content, member.value)?,
            }
        }
        Ok(())
    }

    fn look(&mut self, place: Place, json: Json<'_>) -> Sifted<()> {
        self.json(place, Compact::value(|out| out.json(json))).map(drop)
    }

    /// Reads JSON, and screens it.
    ///
    /// # Errors
    /// It is none, or refuses the whole answer.
    pub fn read(&mut self, place: Place, text: &str) -> Result<ScreenedJson, Unfit> {
        Ok(self.json(place, compact(text, usize::MAX)?)?)
    }
}

/// Whether a key of ours may stand in it, written out or with escapes.
fn may_have_own_keys(json: &Compact) -> bool {
    let text = json.as_str();
    text.contains(OWN_KEYS) || text.contains("\\u") || text.contains("\\/")
}

/// Without keys of ours in any `_meta`, however deep.
fn own_meta_left_out(json: Compact) -> Compact {
    if !may_have_own_keys(&json) {
        return json;
    }
    Compact::value(|out| left_out(json.json(), false, out))
}

/// Writes `json` without keys of ours in any `_meta`, or in itself if it is one.
fn left_out(json: Json<'_>, is_meta: bool, out: Slot<'_>) {
    match json.kind() {
        Kind::Object => out.object(|out| {
            for member in json.members().unwrap_or_default() {
                if !(is_meta && member.key.starts_with(OWN_KEYS)) {
                    left_out(member.value, member.key == "_meta", out.slot(&member.key));
                }
            }
        }),
        Kind::Array => out.array(|out| {
            json.elements().unwrap_or_default().into_iter().for_each(|element| left_out(element, false, out.slot()));
        }),
        _ => out.json(json),
    }
}

fn own_keys_left_out(meta: Compact) -> Compact {
    if !may_have_own_keys(&meta) {
        return meta;
    }
    let kept = meta.json().members().unwrap_or_default().into_iter().filter(|member| !member.key.starts_with(OWN_KEYS));
    Compact::write(|out| kept.for_each(|member| out.slot(&member.key).json(member.value)))
}

/// The strings of one JSON text.
struct Words<'s, 'p> {
    pass: &'s mut Pass<'p>,
    place: Place,
    /// Where the value of a `url` stands, if that is somewhere of its own.
    url: Option<Place>,
    is_url: bool,
}

impl Wording for Words<'_, '_> {
    type Error = Refusal;

    fn key(&mut self, name: &str) -> Sifted<()> {
        self.is_url = name == "url";
        self.pass.text(Place::Key, name).map(drop)
    }

    fn text<'t>(&mut self, text: &'t str) -> Sifted<Cow<'t, str>> {
        let place = self.url.filter(|_| std::mem::take(&mut self.is_url)).unwrap_or(self.place);
        self.pass.text(place, text)
    }
}

impl Screened {
    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl ScreenedJson {
    /// The JSON.
    #[must_use]
    pub fn into_json(self) -> Compact {
        self.0
    }

    /// The JSON, as a value whose parts can be looked at.
    #[must_use]
    pub fn parts(&self) -> Json<'_> {
        self.0.json()
    }
}

impl Deref for Screened {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for ScreenedJson {
    type Target = Compact;

    fn deref(&self) -> &Compact {
        &self.0
    }
}

/// What a stranger wrote is in no log by accident.
impl fmt::Debug for Screened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl fmt::Debug for ScreenedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.as_str().len())
    }
}
