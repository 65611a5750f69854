//! A stand-in for whoever a plugin talks HTTP to.

use std::cell::RefCell;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::http::{Request, Response, Url};

type Handler = Rc<dyn Fn(&Request) -> Result<Response>>;

thread_local! {
    static UPSTREAM: RefCell<Option<Handler>> = const { RefCell::new(None) };
}

/// Until it is dropped, requests of this thread are answered by its function.
#[derive(Debug)]
#[must_use = "requests are answered until it is dropped"]
pub struct Upstream(());

impl Drop for Upstream {
    fn drop(&mut self) {
        UPSTREAM.with_borrow_mut(Option::take);
    }
}

/// Answers the requests of this thread with `handler`. An error stands for
/// what the host would say: [`Error::denied`] for what is not granted.
pub fn upstream(handler: impl Fn(&Request) -> Result<Response> + 'static) -> Upstream {
    UPSTREAM.with_borrow_mut(|upstream| *upstream = Some(Rc::new(handler)));
    Upstream(())
}

pub(crate) fn answer_upstream(request: &Request, url: &Url<'_>) -> Result<Response> {
    let handler = UPSTREAM.with_borrow(Clone::clone);
    let denied = || Error::denied(format!("this request to {} is not granted to this plugin", url.host()));
    handler.ok_or_else(denied)?(request)
}
