//! What a plugin says: what leaves carries nothing that is not seen, cleaning
//! it again changes nothing, and what was found lies in it. What it says again
//! and again raises the same few alerts, each host of them new once.

use std::{collections::HashSet, sync::OnceLock};

use bulkhead_screen::{
    Alert, AlertKind, Answer, Baseline, MOST_FINDINGS, Place, Policy, Reach, Screen, refuse_icon, refuse_markup,
};

/// How often a text is said over, for what is not linear to be out of time.
const OVER: usize = 64;

/// Answers of one plugin: past those in which its hosts are learnt.
const ANSWERS: usize = 80;

/// Alerts of one answer: a passage, a size, and the few hosts that are kept.
const MOST_ALERTS: usize = 11;

/// Where the text of one answer ends and that of the next begins.
const NEXT: char = '\u{1}';

fn screen() -> &'static Screen {
    static SCREEN: OnceLock<Screen> = OnceLock::new();
    SCREEN.get_or_init(|| Screen::standard().expect("its own rules"))
}

/// The first byte says where the text stands and what becomes of findings.
pub fn holds(data: &[u8]) {
    let Some((&how, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let place = Place::ALL[usize::from(how) % Place::ALL.len()];
    let policy = [Policy::Off, Policy::Flag, Policy::Block][usize::from(how >> 4) % 3];
    let _ = (refuse_markup(text), refuse_icon(text));
    said(place, policy, text);
    match how >> 4 {
        15 => said(place, policy, &text.repeat(OVER)),
        14 => said_in_turn(place, text),
        _ => {}
    }
}

/// The parts of a text, as the answers of one plugin over and over; the last
/// one comes at the end alone.
fn said_in_turn(place: Place, text: &str) {
    let mut parts: Vec<&str> = text.split(NEXT).collect();
    let last = parts.pop().unwrap_or_default();
    let turns = parts.iter().cycle().take(ANSWERS).chain([&last]);
    let reach = if text.len().is_multiple_of(2) { Reach::Own } else { Reach::Outside };
    let hosts = || ["*.granted.example".to_owned()];
    let (mut one, mut other) = (Baseline::new(screen(), reach, hosts()), Baseline::new(screen(), reach, hosts()));
    let mut told = HashSet::new();
    for (n, part) in turns.enumerate() {
        let mut pass = screen().pass(Policy::Flag);
        if pass.text(place, part).is_err() {
            continue;
        }
        let report = pass.finish();
        let arguments = n.to_string();
        let answer = Answer { item: "tool", arguments: &arguments, report: &report };
        let alerts = one.observe(&answer);
        assert_eq!(alerts, other.observe(&answer), "of the same answers, something else is told");
        alerted(&alerts, &mut told);
    }
}

fn alerted(alerts: &[Alert], told: &mut HashSet<String>) {
    assert!(alerts.len() <= MOST_ALERTS, "{} alerts of one answer", alerts.len());
    for alert in alerts {
        assert!(alert.text.len() <= 200, "{} bytes", alert.text.len());
        if alert.kind == AlertKind::Domain {
            assert!(told.insert(alert.text.clone()), "a host is new twice: {alert:?}");
        }
    }
}

fn said(place: Place, policy: Policy, text: &str) {
    let mut pass = screen().pass(policy);
    let Ok(left) = pass.text(place, text).map(std::borrow::Cow::into_owned) else { return };
    let report = pass.finish();
    // The end of a line as some files have it is no command; a carriage return alone is.
    assert!(!left.replace("\r\n", "\n").chars().any(is_command), "a terminal would obey {left:?}");
    assert!(!left.chars().any(turns), "its order is turned: {left:?}");
    if plain(text) {
        assert_eq!(left, text, "plain text was changed");
    }
    // That lines of what stands on one line are joined is not worth telling.
    let joined = text.replace(['\n', '\t'], " ");
    if report.cleaned.is_nothing() {
        assert!(left == text || left == joined, "changed and not told: {left:?}");
    } else {
        assert_ne!(left, text, "told and not changed");
    }
    assert!(report.findings.len() <= MOST_FINDINGS);
    assert!(policy == Policy::Flag || policy == Policy::Block || report.findings.is_empty(), "looked, when off");
    for finding in &report.findings {
        let longer = left.len().max(text.len());
        assert!(finding.at.start <= finding.at.end && finding.at.end <= longer, "{finding:?} of {longer} bytes");
    }
    let mut again = screen().pass(policy);
    let twice = again.text(place, &left).expect("what left once leaves again");
    assert_eq!(twice, left, "cleaned twice");
    assert!(again.finish().cleaned.is_nothing());
}

fn is_command(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
}

fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What every typewriter has.
fn plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
