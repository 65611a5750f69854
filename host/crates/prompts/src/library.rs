//! Every prompt of the folder, as a tree.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{Fault, Page, Prompt};

/// All prompts of one moment, by name. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Library {
    prompts: Arc<BTreeMap<Arc<str>, Arc<Prompt>>>,
}

impl Library {
    /// What `pages` come to after `before`: a page that did not change keeps
    /// its prompt, one that makes no sense keeps the last that did, and is
    /// told of. A file that is gone is gone.
    #[must_use]
    pub fn grow(before: &Self, pages: Vec<Result<Page, Fault>>) -> (Self, Vec<Fault>) {
        let mut growing = Growing { before: before.by_path(), ..Growing::default() };
        let mut pages: Vec<_> = pages.into_iter().map(|page| (path_of(&page).to_owned(), page)).collect();
        // Those above come before those below.
        pages.sort_by(|(one, _), (other, _)| (levels(one), one).cmp(&(levels(other), other)));
        growing.known = pages.iter().filter_map(|(_, page)| page.as_ref().ok()).map(place_and_name).collect();
        for (path, page) in pages {
            growing.take(path, page);
        }
        let prompts = growing.prompts.into_values().map(|prompt| (prompt.name().clone(), prompt)).collect();
        (Self { prompts: Arc::new(prompts) }, growing.faults)
    }

    fn by_path(&self) -> HashMap<String, Arc<Prompt>> {
        self.prompts.values().map(|prompt| (prompt.page().path.clone(), prompt.clone())).collect()
    }

    /// The prompt of this name, without prefix.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Prompt>> {
        self.prompts.get(name)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }

    /// All of them, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Prompt>> {
        self.prompts.values()
    }

    /// The sub-prompts right below `prompt`: those that it names, in that
    /// order, then the others in order of names.
    #[must_use]
    pub fn below(&self, prompt: &Prompt) -> Vec<&Arc<Prompt>> {
        let place = |name: &str| prompt.page().head.steps.iter().position(|step| step == name).unwrap_or(usize::MAX);
        let mut below: Vec<_> = self.iter().filter(|other| other.parent() == Some(prompt.name())).collect();
        below.sort_by_key(|other| place(other.page().name()));
        below
    }

    /// Every sub-prompt of `prompt`, each before its own.
    #[must_use]
    pub fn steps(&self, prompt: &Prompt) -> Vec<&Arc<Prompt>> {
        let mut steps = Vec::new();
        for step in self.below(prompt) {
            steps.push(step);
            steps.extend(self.steps(step));
        }
        steps
    }
}

/// A library that is being made.
#[derive(Default)]
struct Growing {
    before: HashMap<String, Arc<Prompt>>,
    /// The folders that pages lie in, with the pages' names.
    known: BTreeSet<(String, String)>,
    /// By path without ending.
    prompts: BTreeMap<String, Arc<Prompt>>,
    /// Names as clients that know no dots see them.
    names: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl Growing {
    fn take(&mut self, path: String, page: Result<Page, Fault>) {
        let last = self.before.get(&path).cloned();
        let made = page.and_then(|page| self.prompt(page, last.as_ref()));
        let prompt = match made {
            Ok(prompt) => Some(prompt),
            Err(fault) => {
                self.faults.push(fault);
                last.filter(|last| self.is_free(last))
            }
        };
        if let Some(prompt) = prompt {
            self.names.insert(flat(prompt.name()), path.clone());
            let stem = path.strip_suffix(".md").unwrap_or(&path).to_owned();
            self.prompts.insert(stem, prompt);
        }
    }

    fn prompt(&self, page: Page, last: Option<&Arc<Prompt>>) -> Result<Arc<Prompt>, Fault> {
        let fault = |text| Fault { path: page.path.clone(), line: None, text };
        let folder = page.stem().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        for step in &page.head.steps {
            if !self.known.contains(&(page.stem().to_owned(), step.clone())) {
                return Err(fault(format!(
                    "steps: there is no sub-prompt {step:?}; it would be {}/{step}.md",
                    page.stem()
                )));
            }
        }
        let above = self.prompts.get(&folder).map(AsRef::as_ref);
        let prompt = match last.filter(|last| *last.page() == page && last.stands_below(above)) {
            Some(last) => last.clone(),
            None => Arc::new(Prompt::build(page.clone(), above, &folder.replace('/', "."))?),
        };
        match self.names.get(&flat(prompt.name())) {
            Some(holder) => Err(fault(format!("its name is the one of {holder} already"))),
            None => Ok(prompt),
        }
    }

    fn is_free(&self, prompt: &Prompt) -> bool {
        !self.names.contains_key(&flat(prompt.name()))
    }
}

/// A name as clients see it that know no dots.
fn flat(name: &str) -> String {
    name.replace('.', "_")
}

fn path_of(page: &Result<Page, Fault>) -> &str {
    match page {
        Ok(page) => &page.path,
        Err(fault) => &fault.path,
    }
}

fn levels(path: &str) -> usize {
    path.matches('/').count()
}

fn place_and_name(page: &Page) -> (String, String) {
    let folder = page.stem().rsplit_once('/').map_or("", |(folder, _)| folder);
    (folder.to_owned(), page.name().to_owned())
}

#[cfg(test)]
mod tests;
