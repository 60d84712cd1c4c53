CREATE TABLE accounts (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL,
    provider    TEXT NOT NULL,
    status      TEXT NOT NULL,
    settings    TEXT NOT NULL,
    credential  BLOB NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    last_error  TEXT
) STRICT;

CREATE INDEX accounts_by_tenant ON accounts (tenant_id, created_at, id);

CREATE TABLE tokens (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    tenant_id   TEXT,
    hash        BLOB NOT NULL,
    created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE facts (
    name        TEXT PRIMARY KEY,
    value       BLOB NOT NULL
) STRICT;
