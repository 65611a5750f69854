//! A request over HTTP.

use bulkhead_sdk::{http, prelude::*};

/// Largest page that is read.
const MAX_PAGE_BYTES: usize = 1 << 20;

#[derive(Deserialize, JsonSchema)]
pub struct Title {
    /// Where the page is.
    pub url: String,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct Page {
    /// The status of the answer.
    pub status: u16,
    /// What its first `<title>` says.
    pub title: Option<String>,
}

/// Fetches a page and tells its title.
#[tool(open_world)]
pub fn title(args: Title) -> Result<Json<Page>> {
    let answer = http::get(args.url)
        .max_bytes(MAX_PAGE_BYTES)
        .send()
        .map_err(|error| Error::failed(format!("the page could not be reached: {error}")))?;
    Ok(Json(Page { status: answer.status(), title: first_title(&String::from_utf8_lossy(answer.bytes())) }))
}

/// The text of the first `<title>`, in whatever case it is written.
fn first_title(page: &str) -> Option<String> {
    // ASCII letters alone change, so places are the same in both.
    let lower = page.to_ascii_lowercase();
    let from = lower.find("<title>")? + "<title>".len();
    let end = from + lower[from..].find("</title>")?;
    Some(page[from..end].trim().to_owned())
}

#[cfg(test)]
mod tests {
    use bulkhead_sdk::testing;

    use super::*;

    #[test]
    fn a_title_is_found_in_any_case() {
        assert_eq!(first_title("<html><TITLE> Fünf Halte </Title>"), Some("Fünf Halte".to_owned()));
        for none in ["", "<p>no title</p>", "<title>never ends", "</title><p>"] {
            assert_eq!(first_title(none), None, "{none}");
        }
    }

    #[test]
    fn a_page_is_fetched() {
        let _upstream = testing::upstream(|request| {
            assert_eq!((request.method(), request.url()), ("GET", "http://127.0.0.1:8000/"));
            Ok(http::Response::new(200, "<title>Home</title>"))
        });
        let page = title(Title { url: "http://127.0.0.1:8000/".to_owned() });
        assert_eq!(page, Ok(Json(Page { status: 200, title: Some("Home".to_owned()) })));
    }

    #[test]
    fn what_is_not_granted_could_not_be_reached() {
        let refused = title(Title { url: "https://example.com/".to_owned() });
        assert!(matches!(refused, Err(Error::Failed(text)) if text.contains("could not be reached")));
    }
}
