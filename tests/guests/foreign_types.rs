//! Every type of WIT, given back as it was given; and a resource. It never heard of Bulkhead.

use std::cell::Cell;

wit_bindgen::generate!({
    inline: "
        package tests:kinds@1.2.3;

        interface echo {
            enum colour { red, green, dark-blue }
            flags rights { read, write, run }
            record point { x: s32, y: option<f64>, label: string }
            variant form { nothing, circle(point), polygon(list<point>), named(string) }

            booleans: func(v: bool) -> bool;
            small: func(a: s8, b: u8, c: s16, d: u16, e: s32, f: u32) -> tuple<s8, u8, s16, u16, s32, u32>;
            signed: func(v: s64) -> s64;
            unsigned: func(v: u64) -> u64;
            single: func(v: f32) -> f32;
            double: func(v: f64) -> f64;
            character: func(v: char) -> char;
            text: func(v: string) -> string;
            bytes: func(v: list<u8>) -> list<u8>;
            texts: func(v: list<list<string>>) -> list<list<string>>;
            maybe: func(v: option<option<u8>>) -> option<option<u8>>;
            either: func(v: list<result<u8, string>>) -> list<result<u8, string>>;
            colours: func(v: list<colour>) -> list<colour>;
            allowed: func(v: rights) -> rights;
            points: func(v: point) -> point;
            forms: func(v: form) -> form;
            nothing: func();
            check: func(v: u8) -> result<u8, string>;
            refuse: func(v: form) -> result<_, form>;
            give: func(bytes: u32) -> list<u8>;
            overflow: func(v: u8) -> u8;
        }

        interface counters {
            resource counter {
                constructor(first: u32);
                add: func(n: u32) -> u32;
                twice: static func(of: counter) -> u32;
                fork: func() -> counter;
            }
            live: func() -> u32;
            sum: func(a: borrow<counter>, b: borrow<counter>) -> u32;
        }

        world everything {
            export echo;
            export counters;
            export where-am-i: func() -> string;
        }
    ",
});

use exports::tests::kinds::{
    counters::{Counter, CounterBorrow, Guest as Counters, GuestCounter},
    echo::{Colour, Form, Guest as Echo, Point, Rights},
};

struct Component;

impl Guest for Component {
    fn where_am_i() -> String {
        "in the world".to_owned()
    }
}

impl Echo for Component {
    fn booleans(v: bool) -> bool {
        v
    }
    fn small(a: i8, b: u8, c: i16, d: u16, e: i32, f: u32) -> (i8, u8, i16, u16, i32, u32) {
        (a, b, c, d, e, f)
    }
    fn signed(v: i64) -> i64 {
        v
    }
    fn unsigned(v: u64) -> u64 {
        v
    }
    fn single(v: f32) -> f32 {
        v
    }
    fn double(v: f64) -> f64 {
        v
    }
    fn character(v: char) -> char {
        v
    }
    fn text(v: String) -> String {
        v
    }
    fn bytes(v: Vec<u8>) -> Vec<u8> {
        v
    }
    fn texts(v: Vec<Vec<String>>) -> Vec<Vec<String>> {
        v
    }
    fn maybe(v: Option<Option<u8>>) -> Option<Option<u8>> {
        v
    }
    fn either(v: Vec<Result<u8, String>>) -> Vec<Result<u8, String>> {
        v
    }
    fn colours(v: Vec<Colour>) -> Vec<Colour> {
        v
    }
    fn allowed(v: Rights) -> Rights {
        v
    }
    fn points(v: Point) -> Point {
        v
    }
    fn forms(v: Form) -> Form {
        v
    }
    fn nothing() {}
    fn check(v: u8) -> Result<u8, String> {
        if v < 10 { Ok(v) } else { Err(format!("{v} is too many")) }
    }
    fn refuse(v: Form) -> Result<(), Form> {
        Err(v)
    }
    fn give(bytes: u32) -> Vec<u8> {
        vec![7; bytes as usize]
    }
    fn overflow(v: u8) -> u8 {
        assert!(v < 10, "a guest that falls");
        v
    }
}

thread_local!(static LIVE: Cell<u32> = const { Cell::new(0) });

/// Counts, and knows how many there are.
struct Count(Cell<u32>);

impl Drop for Count {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl GuestCounter for Count {
    fn new(first: u32) -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(Cell::new(first))
    }
    fn add(&self, n: u32) -> u32 {
        self.0.set(self.0.get() + n);
        self.0.get()
    }
    fn twice(of: Counter) -> u32 {
        2 * of.get::<Count>().0.get()
    }
    fn fork(&self) -> Counter {
        Counter::new(Self::new(self.0.get()))
    }
}

impl Counters for Component {
    type Counter = Count;
    fn live() -> u32 {
        LIVE.get()
    }
    fn sum(a: CounterBorrow<'_>, b: CounterBorrow<'_>) -> u32 {
        a.get::<Count>().0.get() + b.get::<Count>().0.get()
    }
}

export!(Component);
