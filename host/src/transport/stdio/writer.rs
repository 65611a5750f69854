//! The one writer: whole lines, in the order they were said.

use std::io;

use bytes::{BufMut as _, BytesMut};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
};

use crate::transport::service::Said;

/// Lines are written together up to this size.
const TOGETHER: usize = 64 << 10;

/// Writes messages, one a line, until everybody who could say something is gone.
pub(super) async fn write<O: AsyncWrite + Unpin>(mut output: O, mut inbox: mpsc::Receiver<Said>) -> io::Result<()> {
    let mut lines = BytesMut::new();
    while let Some(said) = inbox.recv().await {
        add(&mut lines, said);
        while lines.len() < TOGETHER
            && let Ok(said) = inbox.try_recv()
        {
            add(&mut lines, said);
        }
        output.write_all(&lines).await?;
        output.flush().await?;
        lines.clear();
    }
    Ok(())
}

fn add(lines: &mut BytesMut, said: Said) {
    // Nobody can leave standard output, and come back.
    let Some(message) = said.message() else { return };
    debug_assert!(!message.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
    lines.put_slice(&message);
    lines.put_u8(b'\n');
}
