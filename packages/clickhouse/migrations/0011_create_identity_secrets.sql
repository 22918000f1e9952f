-- The secrets that user hashes are made with, where a project verifies identities. A change is a new row; the newest version counts
-- (read with FINAL: the table is tiny). The API must make the same hash, so what is stored can be opened again, but only with KEY_PEPPER.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS identity_secrets_v1
(
    project_id String,
    secret_id String COMMENT 'public name of the secret',
    sealed String COMMENT 'AES-256-GCM under a key derived from KEY_PEPPER: nonce, tag and text, base64',
    created_at DateTime64(3, 'UTC'),
    expires_at Nullable(DateTime64(3, 'UTC')) COMMENT 'rotated or revoked: proves nothing from then on',
    updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (project_id, secret_id);
