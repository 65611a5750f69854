//! Items of one kind in the order of their public names.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::listing::Listing;

/// What a listing needs to know of an item.
pub trait Listed {
    /// The name it is listed under, unique among its kind.
    fn public_name(&self) -> &str;
    /// A second spelling that calls also take; empty if there is none.
    fn other_name(&self) -> &str;
    /// What a listing says of it.
    fn listing(&self) -> &Listing;
}

/// Items of one kind, sorted, and found by either of their names.
pub struct Shelf<T> {
    items: Vec<Arc<T>>,
    by_name: HashMap<Box<str>, Arc<T>>,
    /// Names of items that are hidden right now, so that nobody else takes them.
    reserved: HashSet<Box<str>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: Vec::new(), by_name: HashMap::new(), reserved: HashSet::new() }
    }
}

impl<T: Listed> Shelf<T> {
    /// The first of `items` whose name is taken here already.
    pub fn collision<'a>(&self, items: &'a [Arc<T>]) -> Option<&'a Arc<T>> {
        let taken = |name: &str| !name.is_empty() && (self.by_name.contains_key(name) || self.reserved.contains(name));
        items.iter().find(|item| taken(item.public_name()) || taken(item.other_name()))
    }

    /// Puts `items` on the shelf. Call [`Shelf::sort`] once after the last.
    pub fn add(&mut self, items: impl IntoIterator<Item = Arc<T>>) {
        for item in items {
            for name in [item.public_name(), item.other_name()] {
                if !name.is_empty() {
                    self.by_name.insert(name.into(), item.clone());
                }
            }
            self.items.push(item);
        }
    }

    /// Keeps the names of an item that is hidden.
    pub fn reserve(&mut self, item: &T) {
        let names = [item.public_name(), item.other_name()];
        self.reserved.extend(names.into_iter().filter(|name| !name.is_empty()).map(Box::from));
    }

    /// Orders the shelf by public name, which listings and cursors rely on.
    pub fn sort(&mut self) {
        self.items.sort_by(|one, other| one.public_name().cmp(other.public_name()));
    }

    /// The item that is called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<T>> {
        self.by_name.get(name)
    }

    /// Everything behind `after`, in order.
    pub fn after(&self, after: Option<&str>) -> impl Iterator<Item = &Arc<T>> {
        let begin = after.map_or(0, |last| self.items.partition_point(|item| item.public_name() <= last));
        self.items.get(begin..).unwrap_or_default().iter()
    }

    /// Everything, in order.
    #[must_use]
    pub fn items(&self) -> &[Arc<T>] {
        &self.items
    }
}
