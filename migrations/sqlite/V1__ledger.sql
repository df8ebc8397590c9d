-- The ledger: entries as they were signed, the tree over them, and its head.
-- Everything in the other migrations is derived from these tables or has nothing to do with the ledger.

PRAGMA application_id = 1399284344; -- 'Sgbx'

CREATE TABLE entry (
    seq       INTEGER PRIMARY KEY CHECK (seq >= 0), -- index of the leaf
    id        TEXT NOT NULL UNIQUE,
    header    BLOB NOT NULL, -- canonical JSON, signed
    signature BLOB NOT NULL, -- armoured SSH signature over the header
    payload   BLOB           -- canonical JSON of the fact; absent when redacted, its digest stands in the header
) STRICT;

CREATE TRIGGER entry_only_at_the_end BEFORE INSERT ON entry
WHEN new.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM entry)
BEGIN
    SELECT raise(ABORT, 'an entry is only ever added at the end');
END;

CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
BEGIN
    SELECT raise(ABORT, 'an entry never changes');
END;

CREATE TRIGGER entry_never_leaves BEFORE DELETE ON entry
BEGIN
    SELECT raise(ABORT, 'an entry never leaves');
END;

-- Roots of the perfect subtrees (RFC 6962). Level 0 holds the leaves; node (l, p) covers the entries
-- from p * 2^l up to (p + 1) * 2^l. The root at any size can be computed from a few of them.
CREATE TABLE tree (
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tree_never_changes BEFORE UPDATE ON tree
BEGIN
    SELECT raise(ABORT, 'the tree only grows');
END;

CREATE TRIGGER tree_never_shrinks BEFORE DELETE ON tree
BEGIN
    SELECT raise(ABORT, 'the tree only grows');
END;

CREATE TABLE head (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    ledger TEXT,             -- the ledger's id, from its first entry
    size   INTEGER NOT NULL CHECK (size >= 0),
    root   BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;

-- The root of no entries is the SHA-256 of nothing.
INSERT INTO head (one, ledger, size, root)
VALUES (1, NULL, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

CREATE TRIGGER head_never_leaves BEFORE DELETE ON head
BEGIN
    SELECT raise(ABORT, 'the head never leaves');
END;
