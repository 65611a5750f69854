//! Looks for texts in all of its own memory. They are told with every byte turned over, so that the question is no
//! answer.

use bulkhead_sdk::prelude::*;

const PAGE: usize = 64 << 10;
const MASK: u8 = 0xff;

#[derive(Deserialize, JsonSchema)]
struct Wanted {
    /// Texts, each as numbers, every byte turned over.
    masked: Vec<Vec<u8>>,
}

#[derive(Serialize, JsonSchema)]
struct Found {
    /// How much memory there is.
    bytes: usize,
    /// How often each text is in it.
    times: Vec<usize>,
    /// How often this plugin's own text is: the search works.
    own: usize,
}

static OWN: &str = "a text that stands in the memory of this plugin";

/// Says which of the texts are in its memory.
#[tool]
fn run(args: Wanted) -> Json<Found> {
    let pages = core::arch::wasm32::memory_size(0);
    // All of it belongs to this plugin, and nothing else runs in it.
    let memory = unsafe { std::slice::from_raw_parts(std::ptr::without_provenance::<u8>(1), pages * PAGE - 1) };
    let times = args.masked.iter().map(|masked| count(memory, masked)).collect();
    let own: Vec<u8> = std::hint::black_box(OWN).bytes().map(|byte| byte ^ MASK).collect();
    Json(Found { bytes: memory.len(), times, own: count(memory, &own) })
}

fn count(memory: &[u8], masked: &[u8]) -> usize {
    let is_there = |window: &&[u8]| window.iter().zip(masked).all(|(here, wanted)| here ^ MASK == *wanted);
    memory.windows(masked.len().max(1)).filter(is_there).count()
}

plugin!(run);
