use crate::links::host_of;

/// Longest address that a user is sent to. Answers "the end of the address is
/// not seen any more".
const LONGEST: usize = 2048;

/// Hosts that a browser reaches without leaving its machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Why a user is not sent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Longer than a person reads.
    #[error("an address has at most {LONGEST} bytes")]
    TooLong,
    /// A letter that is not ASCII may look like another; white space hides the end.
    #[error("an address is written in visible ASCII")]
    NotAscii,
    /// `javascript:`, `data:`, or `http:` to elsewhere than this machine.
    #[error("an address begins with https://, or http:// of the user's own machine")]
    Scheme,
    /// `https://bank.example@evil.example/` goes to the second.
    #[error("an address names its host, without a user before it or a backslash in it")]
    Host,
}

/// Whether a user may be sent to `address`: one that can be read before it is
/// opened, and goes where it seems to.
///
/// # Errors
/// It may not.
pub fn check_address(address: &str) -> Result<(), AddressError> {
    if address.len() > LONGEST {
        return Err(AddressError::TooLong);
    }
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AddressError::NotAscii);
    }
    let (scheme, rest) = address.split_once("://").ok_or(AddressError::Scheme)?;
    let host = host_of(rest);
    let is_https = scheme.eq_ignore_ascii_case("https");
    let is_own = scheme.eq_ignore_ascii_case("http") && LOOPBACK.contains(&host);
    if !is_https && !is_own {
        return Err(AddressError::Scheme);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || authority.contains(['@', '\\', '%']) || address.contains('\\') {
        return Err(AddressError::Host);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_goes_where_it_seems_to() {
        for good in ["https://a.example/x?y=1#z", "https://a.example:8443", "http://localhost:3000/cb", "http://[::1]/"]
        {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for (bad, error) in [
            ("javascript:alert(1)", AddressError::Scheme),
            ("data:text/html,x", AddressError::Scheme),
            ("http://a.example/", AddressError::Scheme),
            ("http://localhost.evil.example/", AddressError::Scheme),
            ("https:///x", AddressError::Host),
            ("https://bank.example@evil.example/", AddressError::Host),
            ("https://bank.example\\@evil.example/", AddressError::Host),
            ("https://a.example\\b", AddressError::Host),
            ("https://аpple.com/", AddressError::NotAscii),
            ("https://a.example/ https://b.example", AddressError::NotAscii),
        ] {
            assert_eq!(check_address(bad), Err(error), "{bad}");
        }
        assert_eq!(check_address(&format!("https://a/{}", "x".repeat(LONGEST))), Err(AddressError::TooLong));
    }
}
