//! Dates as people and programs read them.

use crate::object::Signature;

impl Signature {
    /// `2026-07-28T12:00:00+02:00`.
    pub(crate) fn date(&self) -> String {
        // A year of four digits: what is beyond was not meant.
        let seconds = self.seconds.clamp(-62_135_596_800, 253_402_214_400) + i64::from(self.offset) * 60;
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (self.offset.abs() / 60, self.offset.abs() % 60);
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{sign}{hours:02}:{minutes:02}",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        )
    }
}

/// Year, month and day of a day since 1970, by eras of 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_its_zone() {
        let date = |seconds, offset| Signature { seconds, offset, ..Signature::default() }.date();
        assert_eq!(date(0, 0), "1970-01-01T00:00:00+00:00");
        assert_eq!(date(951_782_400, 90), "2000-02-29T01:30:00+01:30");
        assert_eq!(date(1_000_000_000, -480), "2001-09-08T17:46:40-08:00");
        assert_eq!(date(i64::MAX, 0), "9999-12-31T00:00:00+00:00");
        assert_eq!(date(i64::MIN, 0), "0001-01-01T00:00:00+00:00");
    }
}
