//! From when until when a certificate is good, as it says itself. Whether it is
//! believed is its readers' business: the operator is only told in time.

use std::time::Duration;

use der::{
    Decode as _, SliceReader, Tag, Tagged as _,
    asn1::{AnyRef, GeneralizedTime, UtcTime},
};

/// How long before its end a certificate is told of, and at most this part of
/// its lifetime: short ones are renewed late.
const NOTICE: Duration = Duration::from_secs(14 * 24 * 60 * 60);
const PART: u32 = 4;

/// When a certificate's time begins and ends, since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetime {
    begins: Duration,
    ends: Duration,
}

impl Lifetime {
    /// What the certificate says (RFC 5280 4.1.2.5).
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let whole = AnyRef::from_der(certificate).ok()?;
        let signed = AnyRef::decode(&mut SliceReader::new(whole.value()).ok()?).ok()?;
        let mut fields = SliceReader::new(signed.value()).ok()?;
        let mut next = || AnyRef::decode(&mut fields).ok();
        // A version, if there is one, then serial, algorithm and issuer.
        let first = next()?;
        let before = if first.tag().is_context_specific() { 3 } else { 2 };
        let validity = std::iter::repeat_with(&mut next).nth(before)??;
        let mut times = SliceReader::new(validity.value()).ok()?;
        let (begins, ends) = (AnyRef::decode(&mut times).ok()?, AnyRef::decode(&mut times).ok()?);
        Some(Self { begins: time(begins)?, ends: time(ends)? })
    }

    /// What is to be said of it at `now`.
    pub(super) fn warning(&self, now: Duration) -> Option<String> {
        let notice = NOTICE.min(self.ends.saturating_sub(self.begins) / PART);
        match now {
            _ if now < self.begins => Some(format!("is not good before {}", date(self.begins))),
            _ if now >= self.ends => Some(format!("has expired on {}", date(self.ends))),
            _ if now + notice >= self.ends => Some(format!("expires on {}", date(self.ends))),
            _ => None,
        }
    }
}

fn time(written: AnyRef<'_>) -> Option<Duration> {
    match written.tag() {
        Tag::UtcTime => written.decode_as::<UtcTime>().ok().map(|time| time.to_unix_duration()),
        Tag::GeneralizedTime => written.decode_as::<GeneralizedTime>().ok().map(|time| time.to_unix_duration()),
        _ => None,
    }
}

fn date(time: Duration) -> String {
    let seconds = i64::try_from(time.as_secs()).ok();
    let date = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    date.map_or_else(|| "a day that no calendar has".to_owned(), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn of(begins: (i32, u8, u8), ends: (i32, u8, u8)) -> Lifetime {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(begins.0, begins.1, begins.2);
        params.not_after = rcgen::date_time_ymd(ends.0, ends.1, ends.2);
        Lifetime::of(params.self_signed(&key).unwrap().der()).unwrap()
    }

    #[test]
    fn a_certificate_says_its_time_in_both_spellings() {
        // Seconds since 1970, from `date -u -d 2026-01-01 +%s` and so on.
        let short = of((2026, 1, 1), (2026, 4, 1));
        assert_eq!((short.begins.as_secs(), short.ends.as_secs()), (1_767_225_600, 1_775_001_600));
        // From 2050 on, years have four digits.
        assert_eq!(of((2026, 1, 1), (2060, 1, 1)).ends.as_secs(), 2_840_140_800);
    }

    #[test]
    fn it_is_told_before_and_after_the_end_and_not_in_between() {
        let quarter = of((2026, 1, 1), (2026, 4, 1));
        let told = |now| quarter.warning(now).unwrap_or_default();
        assert_eq!(told(quarter.begins - DAY), "is not good before 2026-01-01T00:00:00Z");
        assert_eq!(told(quarter.begins + 60 * DAY), "");
        assert_eq!(told(quarter.ends - 14 * DAY), "expires on 2026-04-01T00:00:00Z");
        assert_eq!(told(quarter.ends), "has expired on 2026-04-01T00:00:00Z");
        let week = of((2026, 1, 1), (2026, 1, 9));
        assert_eq!(week.warning(week.begins + DAY), None);
        assert!(week.warning(week.ends - 2 * DAY).is_some());
    }

    #[test]
    fn what_is_no_certificate_has_no_time() {
        for bytes in [&b""[..], b"\x30\x00", b"\x30\x82\xff\xff", &[0x30; 64]] {
            assert_eq!(Lifetime::of(bytes), None);
        }
    }
}
