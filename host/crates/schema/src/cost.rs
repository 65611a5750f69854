//! What checking costs, settled before anything is checked.
//!
//! Two references to one definition, each of which holds two references to the
//! next, double the work with every line of the schema. A schema without
//! recursion is weighed once, at load. With recursion the work depends on the
//! value too, and is counted beside it: every pair of part and place once,
//! however often the check itself would come by.

use std::collections::HashMap;

use bulkhead_base::undefended::{Defence, switched_off};
use serde_json::Value;

use super::{
    SchemaError,
    graph::{Graph, Id, Part},
    violation::{Pointer, Violation},
};

/// Most parts that a schema unfolds into. Answers "billion laughs".
pub(super) const MAX_UNFOLDED: u64 = 100_000;

/// Longest chain of parts. Answers "a reference to a reference to …, until
/// the stack ends".
pub(super) const MAX_CHAIN: usize = 200;

/// Most steps that one check may take: some tens of milliseconds.
const MAX_STEPS: u64 = 1_000_000;

/// Deepest that a check may recurse, through value and schema together.
const MAX_DEPTH: usize = 512;

/// Refuses a schema that is endless or unfolds too far. True if the work also
/// depends on the value, so that it must be counted at each check.
pub(super) fn settle(graph: &Graph) -> Result<bool, SchemaError> {
    let in_place = groups(graph, |part| part.same_value().collect());
    if in_place.iter().any(|group| is_cycle(graph, group, |part| part.same_value().collect())) {
        return if switched_off(Defence::Endless) { Ok(false) } else { Err(SchemaError::Endless) };
    }
    let groups = groups(graph, |part| part.all().collect());
    let cyclic = groups.iter().any(|group| is_cycle(graph, group, |part| part.all().collect()));
    chain(graph, &groups)?;
    let weighed = if cyclic {
        weigh(graph, &in_place, |p| p.same_value().collect())
    } else {
        weigh(graph, &groups, |p| p.all().collect())
    };
    if weighed > MAX_UNFOLDED && !switched_off(Defence::Unfolding) {
        return Err(SchemaError::Unfolds);
    }
    Ok(cyclic && !switched_off(Defence::Steps))
}

type Edges = fn(&Part) -> Vec<Id>;

fn edges(graph: &Graph, id: Id, of: Edges) -> Vec<Id> {
    graph.parts.get(id).map(of).unwrap_or_default()
}

fn is_cycle(graph: &Graph, group: &[Id], of: Edges) -> bool {
    group.len() > 1 || group.iter().any(|&id| edges(graph, id, of).contains(&id))
}

/// The strongly connected groups, what is led to before what leads there
/// (Kosaraju's algorithm, without recursion).
fn groups(graph: &Graph, of: Edges) -> Vec<Vec<Id>> {
    let count = graph.parts.len();
    let forward: Vec<Vec<Id>> = (0..count).map(|id| edges(graph, id, of)).collect();
    let mut backward = vec![Vec::new(); count];
    for (from, targets) in forward.iter().enumerate() {
        targets.iter().for_each(|&to| backward.get_mut(to).into_iter().for_each(|list: &mut Vec<Id>| list.push(from)));
    }
    let mut seen = vec![false; count];
    let order: Vec<Id> = (0..count).flat_map(|id| walk(&backward, id, &mut seen)).collect();
    let mut seen = vec![false; count];
    let found = order.into_iter().rev().map(|id| walk(&forward, id, &mut seen));
    found.filter(|group| !group.is_empty()).collect()
}

/// Everything unseen that `start` leads to, in the order in which it is left.
fn walk(edges: &[Vec<Id>], start: Id, seen: &mut [bool]) -> Vec<Id> {
    let mut mark = |id: Id| seen.get_mut(id).is_some_and(|seen| !std::mem::replace(seen, true));
    let mut left = Vec::new();
    if !mark(start) {
        return left;
    }
    let mut path = vec![(start, 0)];
    while let Some((id, next)) = path.last_mut() {
        let id = *id;
        let target = edges.get(id).and_then(|targets| targets.get(*next)).copied();
        *next += 1;
        match target {
            Some(target) if mark(target) => path.push((target, 0)),
            Some(_) => {}
            None => {
                left.push(id);
                path.pop();
            }
        }
    }
    left
}

/// Refuses chains that are too long; a group counts as long as it is large.
fn chain(graph: &Graph, groups: &[Vec<Id>]) -> Result<(), SchemaError> {
    let mut longest = vec![0_usize; graph.parts.len()];
    for group in groups {
        let targets = group.iter().flat_map(|&id| edges(graph, id, |part| part.all().collect()));
        let below = targets.filter_map(|id| longest.get(id)).max().copied().unwrap_or_default();
        let length = below + group.len();
        if length > MAX_CHAIN {
            return Err(SchemaError::LongChain);
        }
        group.iter().for_each(|&id| longest.get_mut(id).into_iter().for_each(|place| *place = length));
    }
    Ok(())
}

/// Into how many parts the heaviest part unfolds, where nothing is cyclic.
fn weigh(graph: &Graph, groups: &[Vec<Id>], of: Edges) -> u64 {
    let mut weights = vec![0_u64; graph.parts.len()];
    for &id in groups.iter().flatten() {
        let below = edges(graph, id, of)
            .into_iter()
            .filter_map(|to| weights.get(to))
            .fold(1_u64, |sum, w| sum.saturating_add(*w));
        weights.get_mut(id).into_iter().for_each(|place| *place = below);
    }
    weights.into_iter().max().unwrap_or_default()
}

/// Counts what checking `value` would take.
pub(super) fn count(graph: &Graph, value: &Value) -> Result<(), Violation> {
    let mut count = Count { graph, known: HashMap::new() };
    match count.steps(0, value, MAX_DEPTH) {
        Some(steps) if steps <= MAX_STEPS => Ok(()),
        _ => {
            Err(Violation::at(&Pointer::Root, "the value nests so that checking it against the schema takes too long"))
        }
    }
}

struct Count<'a> {
    graph: &'a Graph,
    known: HashMap<(Id, *const Value), u64>,
}

impl Count<'_> {
    /// Steps for `value` against one part; `None` if it recurses too deep, or
    /// if counting itself takes too long.
    fn steps(&mut self, id: Id, value: &Value, depth: usize) -> Option<u64> {
        let place = (id, std::ptr::from_ref(value));
        if let Some(&steps) = self.known.get(&place) {
            return Some(steps);
        }
        let depth = depth.checked_sub(1)?;
        let part = self.graph.parts.get(id)?;
        let mut steps = 1_u64;
        for other in part.same_value() {
            steps = steps.saturating_add(self.steps(other, value, depth)?);
        }
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    for other in part.property(key).chain(part.names.iter().copied()) {
                        steps = steps.saturating_add(self.steps(other, member, depth)?);
                    }
                }
            }
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    for other in part.item(position).chain(part.item_probes.iter().copied()) {
                        steps = steps.saturating_add(self.steps(other, item, depth)?);
                    }
                }
            }
            _ => {}
        }
        self.known.insert(place, steps);
        (self.known.len() as u64 <= MAX_STEPS).then_some(steps)
    }
}
