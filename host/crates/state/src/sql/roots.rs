//! Roots. The root called nothing is every principal's own.

pub(crate) const CREATE: &str = "
CREATE TABLE context_root (
    principal TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    metadata TEXT,
    prompt TEXT,
    sampling TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (principal, id)
);
CREATE INDEX context_root_use ON context_root (used);
";

pub(crate) const LIST: &str = "
SELECT id, name, metadata, prompt, sampling, created, used FROM context_root WHERE principal = $1
ORDER BY created, id LIMIT $2";

pub(crate) const EVERY: &str = "SELECT principal, id FROM context_root";

pub(crate) const FIND: &str = "
SELECT id, name, metadata, prompt, sampling, created, used FROM context_root WHERE principal = $1 AND id = $2";

pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM context_root WHERE principal = $1 AND id <> $2";

pub(crate) const OPEN: &str = "
INSERT INTO context_root (principal, id, name, metadata, prompt, sampling, created, used)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(crate) const ALTER: &str =
    "UPDATE context_root SET prompt = $1, sampling = $2, used = $3 WHERE principal = $4 AND id = $5";

pub(crate) const CLOSE: &str = "DELETE FROM context_root WHERE principal = $1 AND id = $2";

pub(crate) const EXPIRE: &str = "
DELETE FROM context_root WHERE (principal, id) IN (
    SELECT principal, id FROM context_root WHERE used < $1 ORDER BY used LIMIT $2
) RETURNING principal, id";
