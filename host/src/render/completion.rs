//! What a plugin suggests.

use bulkhead_protocol::write::Object;
use bulkhead_sandbox::answer::Completion;
use bulkhead_screen::Place;

use crate::screening::{Screened, Sieve, Unfit};

/// Most values that the protocol passes on.
const MOST_VALUES: usize = 100;

/// What a plugin suggests, screened.
pub struct ReadCompletion {
    values: Vec<Screened>,
    total: Option<u32>,
    has_more: bool,
}

impl ReadCompletion {
    /// Reads what the plugin suggests, as far as it is passed on.
    ///
    /// # Errors
    /// It is refused.
    pub fn read(completion: Completion, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let Completion { values, total, has_more } = completion;
        let has_more = has_more || values.len() > MOST_VALUES;
        let values = values.into_iter().take(MOST_VALUES).map(|value| sieve.text(Place::Completion, value));
        Ok(Self { values: values.collect::<Result<_, _>>()?, total, has_more })
    }

    /// Writes the `completion` of the answer.
    pub fn write(&self, result: &mut Object<'_>) {
        write(result, self.values.iter().map(|value| &**value), self.total, self.has_more);
    }
}

/// Writes the `completion` of an answer with the host's own values.
pub fn write_suggestions(result: &mut Object<'_>, values: &[&str]) {
    let shown = values.iter().copied().take(MOST_VALUES);
    write(result, shown, u32::try_from(values.len()).ok(), values.len() > MOST_VALUES);
}

fn write<'a>(result: &mut Object<'_>, values: impl Iterator<Item = &'a str>, total: Option<u32>, has_more: bool) {
    result.object("completion", |out| {
        out.array("values", |array| values.for_each(|value| array.str(value)));
        if let Some(total) = total {
            out.slot("total").uint(total.into());
        }
        out.bool("hasMore", has_more);
    });
}
