use std::{borrow::Cow, fmt, ops::Deref};

use bulkhead_policy::HttpRule;
use bulkhead_protocol::json::{Compact, Json, JsonError, Wording, compact};
use bulkhead_registry::cap_page;
use bulkhead_screen::{Pass, Place, Refusal};

/// Keys of `_meta` that begin so are the host's own: a plugin's are left out.
const OWN_KEYS: &str = "dev.bulkhead/";

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
        let url = Some(Place::ElicitationUrl);
        let mut words = Words { pass: &mut self.pass, place: Place::ElicitationText, url, is_url: false };
        json.reworded(&mut words).map(ScreenedJson)
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

    /// Reads JSON, and screens it.
    ///
    /// # Errors
    /// It is none, or refuses the whole answer.
    pub fn read(&mut self, place: Place, text: &str) -> Result<ScreenedJson, Unfit> {
        Ok(self.json(place, compact(text, usize::MAX)?)?)
    }
}

fn own_keys_left_out(meta: Compact) -> Compact {
    if !meta.as_str().contains(OWN_KEYS) && !meta.as_str().contains('\\') {
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
