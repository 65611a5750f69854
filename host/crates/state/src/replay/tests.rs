use std::{
    future::poll_fn,
    task::{Context, Waker},
    time::Duration,
};

use bytes::Bytes;

use super::{stream::State, *};

const PATIENCE: Duration = Duration::from_millis(20);

fn text(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// What can be read without waiting; `true` if that was the end.
fn read(reader: &mut Reader) -> (Vec<Told>, bool) {
    let (mut told, mut cx) = (Vec::new(), Context::from_waker(Waker::noop()));
    loop {
        match reader.poll_next(&mut cx) {
            std::task::Poll::Ready(Some(one)) => told.push(one),
            std::task::Poll::Ready(None) => return (told, true),
            std::task::Poll::Pending => return (told, false),
        }
    }
}

fn messages(reader: &mut Reader) -> Vec<String> {
    let texts = read(reader).0.into_iter().filter_map(|told| match told {
        Told::Message(_, message) => Some(String::from_utf8(message.to_vec()).unwrap()),
        Told::Leave(_) => None,
    });
    texts.collect()
}

#[test]
fn an_event_id_has_one_spelling() {
    let id = EventId { stream: 0xbeef, sequence: 12 };
    assert_eq!(id.to_string(), "beef.12");
    assert_eq!("beef.12".parse(), Ok(id));
    for other in
        ["", ".", "beef", "beef.", ".12", "BEEF.12", "0beef.12", "beef.012", "beef.+12", " beef.12", "beef.12."]
    {
        assert_eq!(other.parse::<EventId>(), Err(NoEventId), "{other:?}");
    }
}

#[test]
fn who_comes_back_reads_on_behind_what_it_read() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    let begin = reader.place();
    assert_eq!(begin.sequence, 0);
    writer.push(text("1"));
    writer.push(text("2"));
    assert_eq!(messages(&mut reader), ["1", "2"]);
    let second = reader.place();
    drop(reader);
    writer.push(text("3"));
    let mut again = streams.resume(second).unwrap();
    assert_eq!(messages(&mut again), ["3"]);
    writer.push(text("4"));
    drop(writer);
    assert_eq!(read(&mut again), (vec![Told::Message(EventId { sequence: 4, ..begin }, text("4"))], true));
    assert_eq!(messages(&mut streams.resume(begin).unwrap()), ["1", "2", "3", "4"], "also from its beginning");
}

#[test]
fn an_event_that_never_was_is_nowhere() {
    let (mine, yours) = (Streams::default(), Streams::default());
    let (writer, reader) = mine.begin().unwrap();
    let (_other, _) = yours.begin().unwrap();
    writer.push(text("1"));
    let here = reader.place();
    assert!(mine.resume(EventId { sequence: 1, ..here }).is_some());
    assert!(mine.resume(EventId { sequence: 2, ..here }).is_none(), "not said yet");
    assert!(mine.resume(EventId { stream: here.stream ^ 1, ..here }).is_none());
    assert!(yours.resume(here).is_none(), "another session's");
}

#[test]
fn the_newest_reader_takes_over() {
    let streams = Streams::default();
    let (writer, mut first) = streams.begin().unwrap();
    let mut second = streams.resume(first.place()).unwrap();
    writer.push(text("1"));
    assert_eq!(read(&mut first), (Vec::new(), true));
    assert_eq!(messages(&mut second), ["1"]);
}

#[tokio::test]
async fn a_reader_waits_for_more() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    let reading = tokio::spawn(async move { poll_fn(|cx| reader.poll_next(cx)).await });
    tokio::task::yield_now().await;
    writer.push(text("1"));
    assert!(matches!(reading.await.unwrap(), Some(Told::Message(_, message)) if message == text("1")));
}

#[test]
fn a_reader_is_sent_away_and_nothing_is_lost() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    writer.push(text("1"));
    writer.send_away(PATIENCE);
    let (told, over) = read(&mut reader);
    assert!(over && told.len() == 2 && told[1] == Told::Leave(PATIENCE), "{told:?}");
    let mut again = streams.resume(reader.place()).unwrap();
    drop(reader);
    writer.push(text("2"));
    assert_eq!(read(&mut again).0.len(), 1, "who came back is not sent away again");
    let place = again.place();
    drop(again);
    writer.send_away(PATIENCE);
    assert_eq!(read(&mut streams.resume(place).unwrap()), (Vec::new(), false), "nobody was there to be sent away");
}

#[test]
fn the_oldest_messages_fall_out_and_who_missed_one_is_refused() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    let begin = reader.place();
    for number in 0..=MESSAGES {
        writer.push(text(&number.to_string()));
    }
    assert!(streams.resume(begin).is_none());
    let first = streams.resume(EventId { sequence: 1, ..begin });
    assert_eq!(messages(&mut first.unwrap()).len(), MESSAGES);
    assert_eq!(read(&mut reader), (Vec::new(), true), "that one took over");

    let large = Bytes::from(vec![b'x'; BYTES]);
    writer.push(large.clone());
    let mut last = streams.resume(EventId { sequence: MESSAGES as u64 + 1, ..begin }).unwrap();
    assert_eq!(read(&mut last).0.len(), 1, "the newest one is kept, whatever it weighs");
    assert!(streams.resume(EventId { sequence: MESSAGES as u64, ..begin }).is_none());
}

#[test]
fn a_session_has_so_many_streams() {
    let streams = Streams::default();
    let mut open: Vec<_> = (0..STREAMS).map(|_| streams.begin().unwrap()).collect();
    assert!(streams.begin().is_none(), "all of them are under way");
    let (finished, reader) = open.swap_remove(3);
    let place = reader.place();
    drop(finished);
    assert!(streams.resume(place).is_some());
    assert!(streams.begin().is_some(), "a finished one makes room");
    assert!(streams.resume(place).is_none());
}

#[test]
fn all_sessions_together_have_so_much_room() {
    let room = Room::of(1_000, 1_000);
    let (mine, yours) = (Streams::new(room.share(&"me".into())), Streams::new(room.share(&"you".into())));
    let say = |streams: &Streams| {
        let (writer, reader) = streams.begin().unwrap();
        writer.push(Bytes::from(vec![b'x'; 400 - 64]));
        (writer, reader)
    };
    let (writer, reader) = say(&mine);
    let oldest = reader.place();
    drop((writer, reader));
    let (_writer, reader) = say(&yours);
    assert_eq!(room.taken().bytes(), 800);
    let (third, kept) = say(&yours);
    assert_eq!(room.taken().bytes(), 800, "the one that finished first was forgotten");
    assert!(mine.resume(oldest).is_none());
    assert!(yours.resume(reader.place()).is_some() && yours.resume(kept.place()).is_some());
    third.push(Bytes::from(vec![b'x'; 900 - 64]));
    assert_eq!(room.taken().bytes(), 1_300, "what is said last is kept for its reader");
    drop((third, kept));
    assert_eq!(room.taken().bytes(), 400, "and longer only if there is room");
    yours.end();
    assert_eq!(room.taken().bytes(), 0);
}

#[test]
fn who_keeps_too_much_pushes_out_its_own() {
    let room = Room::of(10_000, 1_000);
    let (mine, yours) = (Streams::new(room.share(&"me".into())), Streams::new(room.share(&"you".into())));
    let say = |streams: &Streams| {
        let (writer, reader) = streams.begin().unwrap();
        writer.push(Bytes::from(vec![b'x'; 400 - 64]));
        reader.place()
    };
    let kept = say(&mine);
    let flood: Vec<_> = (0..20).map(|_| say(&yours)).collect();
    assert!(mine.resume(kept).is_some());
    assert_eq!(flood.iter().filter(|place| yours.resume(**place).is_some()).count(), 2);
    assert_eq!(room.taken().bytes(), 1_200);
    let other = Streams::new(room.share(&"you".into()));
    say(&other);
    assert_eq!(room.taken().bytes(), 1_200, "a second session is of the same share");
}

#[test]
fn in_a_full_room_whoever_keeps_most_makes_room() {
    let room = Room::of(1_000, 800);
    let (mine, yours) = (Streams::new(room.share(&"me".into())), Streams::new(room.share(&"you".into())));
    let say = |streams: &Streams, weight: usize| {
        let (writer, reader) = streams.begin().unwrap();
        writer.push(Bytes::from(vec![b'x'; weight - 64]));
        reader.place()
    };
    let first = say(&mine, 200);
    let most = [say(&yours, 400), say(&yours, 400)];
    let last = say(&mine, 200);
    assert!(mine.resume(first).is_some() && mine.resume(last).is_some());
    assert_eq!(most.map(|place| yours.resume(place).is_some()), [false, true]);
}

#[test]
fn a_reader_that_missed_a_message_ends_and_does_not_come_back() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    writer.push(text("read"));
    assert_eq!(messages(&mut reader), ["read"]);
    for number in 0..MESSAGES {
        writer.push(text(&number.to_string()));
    }
    assert!(streams.resume(reader.place()).is_some(), "nothing is missing yet");
    let (writer, mut reader) = streams.begin().unwrap();
    for number in 0..=MESSAGES {
        writer.push(text(&number.to_string()));
    }
    assert_eq!(read(&mut reader), (Vec::new(), true), "it does not go on behind the gap");
    assert!(streams.resume(reader.place()).is_none());
}

#[test]
fn hints_push_nothing_out_that_is_not_read_and_leave_the_answer_its_place() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    for number in 0..MESSAGES * 2 {
        writer.hint(text(&number.to_string()));
    }
    writer.push(text("answer"));
    let told = messages(&mut reader);
    assert_eq!((told.len(), told[0].as_str(), told.last().unwrap().as_str()), (MESSAGES / 2 + 1, "0", "answer"));
    for number in 0..MESSAGES * 2 {
        writer.hint(text(&number.to_string()));
        assert_eq!(messages(&mut reader), [number.to_string()], "who reads hears all of them");
    }
    writer.hint(Bytes::from(vec![b'x'; BYTES]));
    assert_eq!(read(&mut reader), (Vec::new(), false), "nor one that takes all the room");
}

#[test]
fn an_answer_is_read_though_hints_before_it_fell_out() {
    let streams = Streams::new(Room::of(1_000, 1_000).share(&"me".into()));
    let (writer, mut reader) = streams.begin().unwrap();
    let begin = reader.place();
    writer.hint(Bytes::from(vec![b'h'; 300]));
    writer.hint(Bytes::from(vec![b'h'; 300]));
    writer.push(Bytes::from(vec![b'a'; 600]));
    assert_eq!(messages(&mut reader), ["a".repeat(600)]);
    assert!(streams.resume(begin).is_none(), "who asks for the hints again is refused");
    writer.push(Bytes::from(vec![b'b'; 600]));
    writer.push(Bytes::from(vec![b'c'; 600]));
    assert_eq!(read(&mut reader), (Vec::new(), true), "what fell out now was no hint");
}

#[test]
fn who_reads_news_too_slowly_misses_the_oldest() {
    let streams = Streams::default();
    let (writer, mut reader) = streams.begin().unwrap();
    for number in 0..MESSAGES + 44 {
        writer.mention(text(&number.to_string()));
    }
    let told = messages(&mut reader);
    assert_eq!((told.len(), told[0].as_str()), (MESSAGES, "44"));
}

#[test]
fn answers_that_are_read_slowly_fill_no_more_than_a_share() {
    let room = Room::of(100_000, 1_000);
    let streams = Streams::new(room.share(&"me".into()));
    let mut readers: Vec<Reader> = Vec::new();
    for _ in 0..10 {
        let (writer, reader) = streams.begin().unwrap();
        writer.push(Bytes::from(vec![b'x'; 400 - 64]));
        readers.push(reader);
        assert!(room.taken().bytes() <= 1_000, "{}", room.taken().bytes());
    }
    assert_eq!(read(&mut readers[0]), (Vec::new(), true), "the one that finished first is cut off");
    assert_eq!(messages(&mut readers[9]).len(), 1);
}

#[test]
fn an_ended_session_keeps_nothing() {
    let room = Room::default();
    let streams = Streams::new(room.share(&"me".into()));
    let (writer, mut reader) = streams.begin().unwrap();
    writer.push(text("1"));
    streams.end();
    assert_eq!(read(&mut reader), (Vec::new(), true));
    writer.push(text("2"));
    assert!(streams.resume(reader.place()).is_none());
    assert_eq!(room.taken().bytes(), 0);
}

#[tokio::test]
async fn a_stream_is_deserted_once_nobody_has_read_for_long() {
    let streams = Streams::default();
    let (writer, reader) = streams.begin().unwrap();
    assert!(tokio::time::timeout(PATIENCE * 4, writer.deserted(PATIENCE)).await.is_err());
    let place = reader.place();
    drop(reader);
    let back = streams.resume(place);
    assert!(tokio::time::timeout(PATIENCE * 4, writer.deserted(PATIENCE)).await.is_err());
    drop(back);
    writer.deserted(PATIENCE).await;
}

#[test]
fn a_place_beyond_all_numbers_is_nowhere() {
    assert!(!State::default().holds(u64::MAX));
    assert!(State::default().next(u64::MAX).is_none());
}
