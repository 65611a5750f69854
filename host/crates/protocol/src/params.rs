//! Reading parameters, with messages that say what was expected.

use std::{borrow::Cow, sync::Arc};

use crate::{
    fault::Fault,
    json::{Json, Kind, Member},
};

/// Most items in one list of a request. Answers "a subscription to a million URIs".
const MOST_ITEMS: usize = 1024;

/// The parameters of one message. An absent member and `null` are the same.
#[derive(Debug)]
pub(crate) struct Params<'a> {
    pub(crate) all: Json<'a>,
    pub(crate) members: Vec<Member<'a>>,
    /// The members of `_meta`, if that is an object.
    pub(crate) meta: Option<Vec<Member<'a>>>,
}

/// One place in the parameters, and what stands there.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p, 'a> {
    path: &'p str,
    found: Option<Json<'a>>,
}

pub(crate) type Read<T> = Result<T, Fault>;

impl<'a> Params<'a> {
    /// Part of the parameters, read like the whole.
    pub(crate) fn of(object: Json<'a>) -> Self {
        Self { all: object, members: object.members().unwrap_or_default(), meta: None }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Json<'a>> {
        let member = self.members.iter().find(|member| member.key == key)?;
        Some(member.value).filter(|value| value.kind() != Kind::Null)
    }

    /// The member at the end of `path`, which is written as the client would.
    pub(crate) fn at<'p>(&self, path: &'p str) -> Place<'p, 'a> {
        let key = path.rsplit('.').next().unwrap_or(path);
        Place { path, found: self.get(key) }
    }
}

impl<'p, 'a> Place<'p, 'a> {
    /// What stands at `path`.
    pub(crate) fn of(path: &'p str, found: Json<'a>) -> Self {
        Self { path, found: Some(found).filter(|found| found.kind() != Kind::Null) }
    }

    fn expected(self, what: &str) -> Fault {
        let found = self.found.map_or("nothing", |json| json.kind().as_str());
        Fault::invalid_params(format!("{}: expected {what}, got {found}", self.path))
    }

    fn needed(self, what: &str) -> Read<Json<'a>> {
        self.found.ok_or_else(|| self.expected(what))
    }

    pub(crate) fn text(self) -> Read<Cow<'a, str>> {
        self.needed("a string")?.text().ok_or_else(|| self.expected("a string"))
    }

    pub(crate) fn maybe_text(self) -> Read<Option<Cow<'a, str>>> {
        self.found.map(|_| self.text()).transpose()
    }

    pub(crate) fn object(self) -> Read<Json<'a>> {
        let json = self.needed("an object")?;
        if json.kind() == Kind::Object { Ok(json) } else { Err(self.expected("an object")) }
    }

    pub(crate) fn maybe_object(self) -> Read<Option<Json<'a>>> {
        self.found.map(|_| self.object()).transpose()
    }

    pub(crate) fn params(self) -> Read<Params<'a>> {
        self.object().map(Params::of)
    }

    pub(crate) fn flag(self) -> Read<bool> {
        self.found.map_or(Ok(false), |json| json.bool().ok_or_else(|| self.expected("true or false")))
    }

    pub(crate) fn maybe_unsigned(self) -> Read<Option<u64>> {
        let number = |json: Json<'_>| json.unsigned().ok_or_else(|| self.expected("a whole number"));
        self.found.map(number).transpose()
    }

    /// A list; `what` says of what.
    pub(crate) fn elements(self, what: &str) -> Read<Vec<Json<'a>>> {
        let items = self.needed(what)?.elements().ok_or_else(|| self.expected(what))?;
        if items.len() > MOST_ITEMS {
            return Err(Fault::invalid_params(format!("{}: expected at most {MOST_ITEMS} items", self.path)));
        }
        Ok(items)
    }

    /// A list of strings.
    pub(crate) fn maybe_texts(self) -> Read<Option<Vec<Arc<str>>>> {
        if self.found.is_none() {
            return Ok(None);
        }
        let items = self.elements("an array of strings")?;
        let text = |item: Json<'_>| item.text().map(Into::into).ok_or_else(|| self.expected("an array of strings"));
        items.into_iter().map(text).collect::<Read<_>>().map(Some)
    }

    /// An object whose values are strings; with `scalars`, numbers and truth
    /// values count as their text.
    pub(crate) fn pairs(self, scalars: bool) -> Read<Vec<(Cow<'a, str>, Cow<'a, str>)>> {
        let Some(object) = self.maybe_object()? else { return Ok(Vec::new()) };
        let members = object.members().unwrap_or_default().into_iter();
        members
            .map(|Member { key, value }| match value.kind() {
                Kind::Number | Kind::Bool if scalars => Ok((key, Cow::Borrowed(value.get()))),
                kind => {
                    let wrong = || {
                        format!("{}.{}: expected a string, got {}", self.path, crate::fault::echo(&key), kind.as_str())
                    };
                    let text = value.text().ok_or_else(|| Fault::invalid_params(wrong()))?;
                    Ok((key, text))
                }
            })
            .collect()
    }
}
