use std::{
    cell::Cell,
    io::Write as _,
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;

/// A time without its fraction: `2026-11-27T14:36:00`.
type Second = [u8; 19];

thread_local! {
    /// The second that was written last: many entries share one.
    static LAST: Cell<(u64, Second)> = const { Cell::new((u64::MAX, [0; 19])) };
}

/// RFC 3339 in UTC, to the microsecond: text that sorts.
pub(crate) fn write_time(to: &mut Vec<u8>, at: SystemTime) {
    // Times that no calendar has are as wrong as the first one.
    let (second, micros) = match (at.duration_since(UNIX_EPOCH), Timestamp::try_from(at)) {
        (Ok(since), Ok(_)) => (since.as_secs(), since.subsec_micros()),
        _ => (0, 0),
    };
    to.extend(written(second));
    let _ = write!(to, ".{micros:06}Z");
}

fn written(second: u64) -> Second {
    let (last, text) = LAST.get();
    if last == second {
        return text;
    }
    let mut text = *b"1970-01-01T00:00:00";
    if let Ok(time) =
        i64::try_from(second).map_err(drop).and_then(|second| Timestamp::from_second(second).map_err(drop))
    {
        let _ = write!(text.as_mut_slice(), "{time:.0}");
    }
    LAST.set((second, text));
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text(at: SystemTime) -> String {
        let mut to = Vec::new();
        write_time(&mut to, at);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn a_time_is_written_as_the_calendar_has_it() {
        let seconds = [0, 1, 59, 951_782_399, 951_782_400, 1_709_164_800, 1_800_000_000, 253_402_207_199];
        for second in seconds {
            for micros in [0, 1, 10, 999_999] {
                let at = UNIX_EPOCH + Duration::new(second, micros * 1000 + 999);
                let expected = format!("{:.6}", Timestamp::try_from(at).unwrap());
                assert_eq!(text(at), expected);
                // The second time it is remembered.
                assert_eq!(text(at), expected);
            }
        }
    }

    #[test]
    fn a_time_that_no_calendar_has_is_the_first_one() {
        let first = "1970-01-01T00:00:00.000000Z";
        assert_eq!(text(UNIX_EPOCH - Duration::from_micros(1)), first);
        assert_eq!(text(UNIX_EPOCH + Duration::from_secs(1 << 40)), first);
    }
}
