use super::*;

/// Over all shards.
fn serial(number: usize) -> Serial {
    let mut serial = [0; 16];
    serial[8..].copy_from_slice(&(number as u64).to_be_bytes());
    serial[0] = serial[15];
    serial
}

fn of(owner: &str) -> Arc<str> {
    owner.into()
}

/// How many there are, told by the table and by the turns.
fn count<T>(sessions: &Sessions<T>) -> usize {
    let held: usize = (0..SHARDS).map(|number| sessions.nth(number).len()).sum();
    assert_eq!(held, sessions.turns().all(), "both count the same");
    held
}

#[test]
fn a_session_is_found_until_it_ends() {
    let sessions = Sessions::default();
    assert!(sessions.open(&of("ann"), serial(1), Arc::new("a")).is_none());
    assert_eq!(sessions.find(&serial(1)).as_deref(), Some(&"a"));
    assert_eq!(sessions.find(&serial(2)), None);
    assert_eq!(sessions.end(&serial(1)).as_deref(), Some(&"a"));
    assert_eq!(sessions.find(&serial(1)), None);
    assert_eq!((count(&sessions), sessions.turns().of("ann")), (0, 0));
}

#[test]
fn one_owners_loop_ends_its_own_sessions_and_nobody_elses() {
    let sessions = Sessions::default();
    sessions.open(&of("bob"), serial(MOST_SESSIONS), Arc::new(MOST_SESSIONS));
    let in_use = Arc::new(0);
    sessions.open(&of("ann"), serial(0), in_use.clone());
    for number in 1..MOST_OF_ONE {
        assert_eq!(sessions.open(&of("ann"), serial(number), Arc::new(number)), None);
    }
    assert!(sessions.find(&serial(1)).is_some(), "used again, so not idle longest");
    for number in MOST_OF_ONE..MOST_SESSIONS {
        let gone = sessions.open(&of("ann"), serial(number), Arc::new(number));
        if number == MOST_OF_ONE {
            assert_eq!(gone.as_deref(), Some(&2));
        }
        assert!(gone.is_some_and(|gone| *gone != 0), "none in use makes room");
    }
    assert_eq!(sessions.find(&serial(0)), Some(in_use));
    assert_eq!(sessions.find(&serial(MOST_SESSIONS)).as_deref(), Some(&MOST_SESSIONS), "that one is bob's");
    assert_eq!(count(&sessions), MOST_OF_ONE + 1);
}

#[test]
fn who_ends_a_session_may_open_another() {
    let sessions = Sessions::default();
    for number in 0..MOST_OF_ONE {
        sessions.open(&of("ann"), serial(number), Arc::new(number));
    }
    assert!(sessions.end(&serial(7)).is_some() && sessions.end(&serial(7)).is_none());
    assert_eq!(sessions.open(&of("ann"), serial(MOST_OF_ONE), Arc::new(MOST_OF_ONE)), None);
    assert_eq!((count(&sessions), sessions.turns().of("ann")), (MOST_OF_ONE, MOST_OF_ONE));
}

#[test]
fn one_in_use_makes_room_if_all_of_its_owners_are() {
    let (sessions, mut held) = (Sessions::default(), Vec::new());
    for number in 0..MOST_OF_ONE {
        held.push(Arc::new(number));
        sessions.open(&of("ann"), serial(number), held[number].clone());
    }
    let gone = sessions.open(&of("ann"), serial(MOST_OF_ONE), Arc::new(MOST_OF_ONE));
    assert_eq!(gone.as_deref(), Some(&0));
    assert_eq!(count(&sessions), MOST_OF_ONE);
}

#[test]
fn in_a_full_house_one_that_is_idle_makes_room_and_none_in_use_does() {
    let sessions = Sessions::default();
    let in_use = Arc::new(0);
    for number in 0..MOST_SESSIONS {
        let held = if number == 0 { in_use.clone() } else { Arc::new(number) };
        assert_eq!(sessions.open(&of(&(number / MOST_OF_ONE).to_string()), serial(number), held), None);
    }
    // The next serial's shard is that of the first one.
    let gone = sessions.open(&of("ann"), serial(MOST_SESSIONS), Arc::new(MOST_SESSIONS));
    assert_eq!(gone.as_deref(), Some(&SHARDS));
    assert_eq!(sessions.find(&serial(0)), Some(in_use));
    assert_eq!(count(&sessions), MOST_SESSIONS);
}
