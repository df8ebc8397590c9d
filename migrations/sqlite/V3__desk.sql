-- What belongs to this machine and is not in the ledger. No secret is ever kept here.

-- The program that brought the database to its present form.
CREATE TABLE program (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

-- Damage that was found in the ledger; while a row is here, nothing is added.
CREATE TABLE damage (
    seq    INTEGER,          -- the entry, where it is about one
    detail TEXT NOT NULL,
    found  INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT;

-- What a person has begun to write and not yet signed.
CREATE TABLE draft (
    id   TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    at   INTEGER NOT NULL,
    doc  TEXT NOT NULL
) STRICT;

CREATE INDEX draft_kind ON draft (kind, at);

-- Calls to pipeline systems: one a recorded intent, found by the entry that recorded it.
CREATE TABLE outbox (
    operation  TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('intended', 'sending', 'sent', 'unknown', 'done')),
    run        TEXT,
    attempts   INTEGER NOT NULL DEFAULT 0,
    at         INTEGER NOT NULL, -- when it was intended
    holder     TEXT,             -- the process that works on it
    held_until INTEGER,
    doc        TEXT NOT NULL
) STRICT;

CREATE INDEX outbox_open ON outbox (at, operation) WHERE state <> 'done';

-- Packets as they were shown, by digest, until they are signed or forgotten.
CREATE TABLE shown_packet (
    digest TEXT PRIMARY KEY,
    packet TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE INDEX shown_packet_at ON shown_packet (at);

-- Where a connection is found from this machine.
CREATE TABLE connection_address (
    connection TEXT PRIMARY KEY,
    doc        TEXT NOT NULL
) STRICT;

-- Signed checkpoints that were made or verified here.
CREATE TABLE checkpoint (
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (size, note)
) STRICT, WITHOUT ROWID;

-- What pipeline systems said last. May be emptied at any time.
CREATE TABLE poll_cache (
    key TEXT PRIMARY KEY,
    at  INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT;
