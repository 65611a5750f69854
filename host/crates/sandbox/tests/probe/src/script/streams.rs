use wasip2::{
    cli::{stderr::get_stderr, stdin::get_stdin, stdout::get_stdout},
    io::{poll::poll, streams::StreamError},
};

use super::{Script, let_go, one};

impl Script<'_> {
    pub(super) fn streams(&mut self, what: u8) {
        match what {
            0 => self.inputs.push(get_stdin()),
            1 => self.outputs.push(get_stdout()),
            2 => self.outputs.push(get_stderr()),
            3..=9 => self.input(what),
            10..=24 => self.output(what),
            25..=28 => self.wait(),
            29 => {
                let which = self.byte();
                let_go(&mut self.inputs, which);
            }
            30 => {
                let which = self.byte();
                let_go(&mut self.outputs, which);
            }
            _ => {
                let which = self.byte();
                let_go(&mut self.pollables, which);
            }
        }
    }

    fn input(&mut self, what: u8) {
        let (which, len) = (self.byte(), self.number());
        let Some(input) = one(&self.inputs, which) else { return };
        let read = match what {
            3 | 4 => input.read(len),
            5 | 6 => input.blocking_read(len),
            7 => input.skip(len).map(|_| Vec::new()),
            8 => input.blocking_skip(len).map(|_| Vec::new()),
            _ => {
                let pollable = input.subscribe();
                self.pollables.push(pollable);
                return;
            }
        };
        match read {
            Ok(bytes) => self.hear(&bytes),
            Err(error) => self.failed(error),
        }
    }

    fn output(&mut self, what: u8) {
        let which = self.byte();
        let data = if matches!(what, 10..=15) { self.data() } else { Vec::new() };
        let len = if data.is_empty() { self.number() } else { 0 };
        let source = self.byte();
        let Some(output) = one(&self.outputs, which) else { return };
        let done = match what {
            10..=12 => output.blocking_write_and_flush(&data),
            13 | 14 => output.check_write().and_then(|most| output.write(&data[..data.len().min(most as usize)])),
            // More than was permitted.
            15 => output.write(&data),
            16 => output.check_write().map(|_| ()),
            17 => output.flush(),
            18 => output.blocking_flush(),
            19 => output.check_write().and_then(|most| output.write_zeroes(len.min(most))),
            20 => output.blocking_write_zeroes_and_flush(len),
            21 | 22 => one(&self.inputs, source).map_or(Ok(()), |input| output.splice(input, len).map(|_| ())),
            23 => one(&self.inputs, source).map_or(Ok(()), |input| output.blocking_splice(input, len).map(|_| ())),
            _ => {
                let pollable = output.subscribe();
                self.pollables.push(pollable);
                return;
            }
        };
        if let Err(error) = done {
            self.failed(error);
        }
    }

    fn failed(&mut self, error: StreamError) {
        match error {
            StreamError::Closed => self.hear(b"closed\n"),
            StreamError::LastOperationFailed(error) => {
                self.hear_of(wasip2::filesystem::types::filesystem_error_code(&error));
                self.hear_of(wasip2::http::types::http_error_code(&error));
                let text = error.to_debug_string();
                self.hear(text.as_bytes());
            }
        }
    }

    /// Asks which are ready. Waits only where one is: the rest is the call's time.
    fn wait(&mut self) {
        let count = usize::from(self.byte());
        let asked: Vec<_> = (0..count).filter_map(|at| one(&self.pollables, at as u8)).collect();
        if asked.iter().any(|pollable| pollable.ready()) || (count == 0 && self.rest.len() > 200) {
            let ready = poll(&asked);
            self.hear_of(ready);
        }
    }
}
