//! Statements about what may be used once.

/// Schema 3: what may be used once and was.
pub(crate) const CREATE: &str = "
CREATE TABLE spent (
    nonce BLOB NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX spent_holder ON spent (holder);
CREATE INDEX spent_expiry ON spent (expires);
";

pub(crate) const FORGET: &str = "DELETE FROM spent WHERE expires < $1";

pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM spent WHERE holder = $1";

pub(crate) const SPEND: &str =
    "INSERT INTO spent (nonce, holder, expires) VALUES ($1, $2, $3) ON CONFLICT (nonce) DO NOTHING";
