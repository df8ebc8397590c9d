-- What the ledger folds into. Each table holds one kind of value: the domain's own document and the columns
-- that it is found by. All of it can be dropped and folded again from the entries.

-- Up to which entry the projections are folded, and in which shape of documents.
CREATE TABLE projection (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    shape INTEGER NOT NULL,
    size  INTEGER NOT NULL
) STRICT;

INSERT INTO projection (one, shape, size) VALUES (1, 0, 0);

-- Entries by what a person looks for.
CREATE TABLE entry_index (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL, -- milliseconds since 1970
    author TEXT NOT NULL,
    kind   TEXT NOT NULL,
    act    TEXT NOT NULL
) STRICT;

CREATE INDEX entry_index_at ON entry_index (at, seq);
CREATE INDEX entry_index_author ON entry_index (author, seq);
CREATE INDEX entry_index_kind ON entry_index (kind, seq);
CREATE INDEX entry_index_act ON entry_index (act, seq);

CREATE TABLE entry_subject (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (kind, id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_info (
    id  TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE person (
    id     TEXT PRIMARY KEY,
    handle TEXT NOT NULL,
    doc    TEXT NOT NULL
) STRICT;

CREATE TABLE product (
    id  TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE strategy (
    product TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (product, version)
) STRICT;

CREATE TABLE connection (
    id  TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE line (
    id      TEXT PRIMARY KEY, -- the service
    product TEXT NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

CREATE INDEX line_product ON line (product);

CREATE TABLE build (
    id      TEXT PRIMARY KEY,
    product TEXT NOT NULL,
    service TEXT NOT NULL,
    number  INTEGER NOT NULL,
    label   TEXT NOT NULL,
    live    INTEGER NOT NULL CHECK (live IN (0, 1)),
    doc     TEXT NOT NULL
) STRICT;

CREATE INDEX build_number ON build (service, number);
CREATE INDEX build_label ON build (service, label);
CREATE INDEX build_live ON build (product) WHERE live = 1;

-- The searched tables have a row number of their own: the one that their text is found by.
CREATE TABLE release (
    row     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    product TEXT NOT NULL,
    open    INTEGER NOT NULL CHECK (open IN (0, 1)),
    at      INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

CREATE INDEX release_at ON release (at, id);
CREATE INDEX release_open ON release (product) WHERE open = 1;
CREATE VIRTUAL TABLE release_text USING fts5(name, sections, steps, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE feature (
    row     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE, -- the key
    product TEXT NOT NULL,
    state   TEXT NOT NULL,
    open    INTEGER NOT NULL CHECK (open IN (0, 1)), -- not in production yet
    since   INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

CREATE INDEX feature_since ON feature (since, id);
CREATE INDEX feature_open ON feature (product) WHERE open = 1;
CREATE VIRTUAL TABLE feature_text USING fts5(key, title, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE issue (
    row     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    product TEXT NOT NULL,
    key     TEXT NOT NULL,
    open    INTEGER NOT NULL CHECK (open IN (0, 1)),
    at      INTEGER NOT NULL,
    service TEXT,
    stage   TEXT,
    doc     TEXT NOT NULL
) STRICT;

CREATE INDEX issue_at ON issue (at, id);
CREATE INDEX issue_open ON issue (product) WHERE open = 1;
CREATE INDEX issue_place ON issue (service, stage);
CREATE VIRTUAL TABLE issue_text USING fts5(
    key, problem, symptoms, cause, solution, lesson,
    tokenize = 'unicode61 remove_diacritics 2'
);
