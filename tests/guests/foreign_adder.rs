//! The adder of the component model's own book, which never heard of Bulkhead.

wit_bindgen::generate!({
    inline: "
        package docs:adder@0.1.0;

        interface add {
            add: func(x: u32, y: u32) -> u32;
        }

        world adder {
            export add;
        }
    ",
});

struct Adder;

impl exports::docs::adder::add::Guest for Adder {
    fn add(x: u32, y: u32) -> u32 {
        x.wrapping_add(y)
    }
}

export!(Adder);
