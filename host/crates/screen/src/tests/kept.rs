use super::{Numbers, SCREEN, baseline::Driven};
use crate::{Answer, Place, Policy, Reach};

/// Answers as the kept plugins write them; their words are copied from their sources.
fn kept(plugin: &str, numbers: &mut Numbers) -> (&'static str, String, Vec<String>) {
    let n = numbers.next() % 1_000_000;
    let of = |item, arguments: String, texts: Vec<String>| (item, arguments, texts);
    match (plugin, numbers.below(10)) {
        ("calc", 0) => of("evaluate", format!("{{\"expression\":\"{n}/0\"}}"), vec!["division by zero".into()]),
        ("calc", 1) => {
            let text =
                "the result has more than 10000 digits: use smaller numbers, or a function that rounds".to_owned();
            of("evaluate", format!("{{\"expression\":\"9**9**{n}\"}}"), vec![text])
        }
        ("calc", _) => {
            let result = n.to_string().repeat(1 + numbers.below(if n.is_multiple_of(50) { 1500 } else { 3 }));
            of(
                "evaluate",
                format!("{{\"expression\":\"{n}+1\"}}"),
                vec![format!("{{\"result\":\"{result}\",\"exact\":true}}"), result],
            )
        }
        ("weather", 0) => {
            let text = format!(
                "no place called \"p{n}\" is known; try a larger town nearby, another spelling, or \"latitude,longitude\""
            );
            of("getCurrent", format!("{{\"location\":\"p{n}\"}}"), vec![text])
        }
        ("weather", 1) => {
            let text = "this plugin may not reach api.open-meteo.com: the operator has not granted it".to_owned();
            of("getForecast", format!("{{\"location\":\"q{n}\"}}"), vec![text])
        }
        ("weather", _) => {
            let sky = numbers.pick(&[
                "clear sky",
                "mainly clear",
                "thunderstorm with slight hail",
                "moderate rain showers",
                "light freezing drizzle",
            ]);
            let day = format!(
                "{{\"date\":\"2026-01-01\",\"condition\":\"{sky}\",\"temperatureMax\":{},\"precipitationProbability\":{},\"sunrise\":\"2026-01-01T07:58\"}}",
                n % 40,
                n % 100
            );
            let days = vec![day; 1 + numbers.below(16)].join(",");
            let text = format!(
                "{{\"location\":{{\"name\":\"Town {n}\",\"latitude\":52.5,\"longitude\":13.4}},\"days\":[{days}],\"timezone\":\"Europe/Berlin\",\"units\":{{\"temperature\":\"°C\",\"windSpeed\":\"km/h\",\"precipitation\":\"mm\"}}}}"
            );
            of("getForecast", format!("{{\"location\":\"Town {n}\"}}"), vec![text, sky.to_owned()])
        }
        ("file", 0) => of("read", format!("{{\"path\":\"/data/{n}\"}}"), vec![format!("there is no `/data/{n}`")]),
        ("file", 1) => {
            let text = format!("`/data/{n}` is being written by another call; try again");
            of("write", format!("{{\"path\":\"/data/{n}\"}}"), vec![text])
        }
        ("file", 2) => {
            let text = format!("`/data/{n}` may not be touched in this way: the grant does not cover it");
            of("write", format!("{{\"path\":\"/data/{n}\",\"text\":\"\"}}"), vec![text])
        }
        ("file", _) => {
            let header = ADAPTED[numbers.below(ADAPTED.len())];
            let lines: String =
                (0..numbers.below(200)).map(|k| format!("let value_{k} = {};\n", numbers.next())).collect();
            let link = if numbers.below(4) == 0 {
                format!("see https://site{}.example/{n}\n", numbers.below(30))
            } else {
                String::new()
            };
            of("read", format!("{{\"path\":\"/data/{n}.rs\"}}"), vec![format!("{header}{link}{lines}")])
        }
        (_, k) => {
            let texts = [
                "This is a simple text response for testing.",
                "Tool with progress executed successfully",
                "Tool with logging executed successfully",
                "Logged, if the request named a level",
                "This tool intentionally returns an error for testing",
                "Reconnection test completed successfully",
                "The client can answer nothing",
                "This is the content of the watched resource.",
                "This is an embedded resource content.",
                "The list of tools has changed",
            ];
            of(
                "test_tool",
                format!("{{\"n\":{n}}}"),
                vec![texts[k].to_owned(), format!("Hello, {n}! state-ok: began=true, confirmed=true")],
            )
        }
    }
}

/// How files begin that somebody may ask for.
const ADAPTED: [&str; 5] = [
    "",
    "// Licensed under the Apache License, Version 2.0 (the \"License\");\n// you may not use this file except in compliance with the License.\n// You may obtain a copy of the License at\n//\n//     http://www.apache.org/licenses/LICENSE-2.0\n//\n// Unless required by applicable law or agreed to in writing, software\n// distributed under the License is distributed on an \"AS IS\" BASIS,\n// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.\n",
    "/* This Source Code Form is subject to the terms of the Mozilla Public\n * License, v. 2.0. If a copy of the MPL was not distributed with this\n * file, You can obtain one at https://mozilla.org/MPL/2.0/. */\n",
    "// Copyright 2026 The Authors. All rights reserved.\n// Use of this source code is governed by a BSD-style\n// license that can be found in the LICENSE file.\n",
    "# This program is free software: you can redistribute it and/or modify\n# it under the terms of the GNU General Public License as published by\n# the Free Software Foundation, either version 3 of the License, or\n# (at your option) any later version.\n",
];

#[test]
fn the_kept_plugins_raise_nothing_in_ten_thousand_answers() {
    for (plugin, reach, hosts) in [
        ("calc", Reach::Own, &[][..]),
        ("weather", Reach::Outside, &["api.open-meteo.com", "geocoding-api.open-meteo.com"]),
        ("file", Reach::Outside, &[]),
        ("everything", Reach::Own, &[]),
    ] {
        let (mut driven, mut numbers) = (Driven::of(reach, hosts), Numbers(7));
        for number in 0..10_000 {
            let (item, arguments, texts) = kept(plugin, &mut numbers);
            let mut pass = SCREEN.pass(Policy::Block);
            for text in &texts {
                pass.text(Place::Content, text)
                    .unwrap_or_else(|refusal| panic!("{plugin} {number}: {refusal}: {text}"));
            }
            let report = pass.finish();
            let alerts = driven.0.observe(&Answer { item, arguments: &arguments, report: &report });
            assert_eq!(alerts, [], "{plugin} in answer {number}");
        }
    }
}
