-- The tables of version 1 of the ledger, in which each request was a row of its own, and three requests.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE kind (
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL,
    bucket   INTEGER NOT NULL,
    op       INTEGER NOT NULL,
    provider INTEGER NOT NULL,
    class    INTEGER NOT NULL,
    region   INTEGER NOT NULL,
    method   INTEGER NOT NULL,
    host     INTEGER NOT NULL,
    caller   INTEGER NOT NULL,
    UNIQUE (account, bucket, op, provider, class, region, method, host, caller)
) STRICT;
CREATE TABLE request (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    payer      INTEGER NOT NULL,
    status     INTEGER,
    charged    INTEGER NOT NULL,
    up         INTEGER NOT NULL,
    down       INTEGER NOT NULL,
    took       INTEGER NOT NULL,
    currency   TEXT,
    whole      INTEGER NOT NULL,
    parts      INTEGER NOT NULL,
    request_id TEXT,
    path       TEXT NOT NULL
) STRICT;
CREATE INDEX request_kind ON request (kind);
CREATE TABLE day (day INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE by_bucket (
    day       INTEGER NOT NULL,
    account   INTEGER NOT NULL,
    bucket    INTEGER NOT NULL,
    op        INTEGER NOT NULL,
    currency  TEXT    NOT NULL,
    requests  INTEGER NOT NULL,
    retries   INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    up        INTEGER NOT NULL,
    down      INTEGER NOT NULL,
    payer     INTEGER NOT NULL,
    charged   INTEGER NOT NULL,
    uncharged INTEGER NOT NULL,
    unpriced  INTEGER NOT NULL,
    whole     INTEGER NOT NULL,
    parts     INTEGER NOT NULL,
    PRIMARY KEY (account, bucket, currency, day, op)
) STRICT, WITHOUT ROWID;
CREATE TABLE by_account (
    day       INTEGER NOT NULL,
    account   INTEGER NOT NULL,
    bucket    INTEGER NOT NULL,
    op        INTEGER NOT NULL,
    currency  TEXT    NOT NULL,
    requests  INTEGER NOT NULL,
    retries   INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    up        INTEGER NOT NULL,
    down      INTEGER NOT NULL,
    payer     INTEGER NOT NULL,
    charged   INTEGER NOT NULL,
    uncharged INTEGER NOT NULL,
    unpriced  INTEGER NOT NULL,
    whole     INTEGER NOT NULL,
    parts     INTEGER NOT NULL,
    PRIMARY KEY (day, account, bucket, op, currency)
) STRICT, WITHOUT ROWID;
INSERT INTO name (id, text) VALUES
    (1, 'research'), (2, 'tiles'), (3, 'GetObject'), (4, 'us-west-2'), (5, 'GET'), (6, 'tiles.example'), (7, 'PutObject'), (8, 'PUT'),
    (9, 'arn:aws:iam::1:user/ines');
INSERT INTO kind (id, account, bucket, op, provider, class, region, method, host, caller) VALUES
    (1, 1, 2, 3, 0, 2, 4, 5, 6, 0),
    (2, 1, 2, 7, 0, 1, 4, 8, 6, 9);
INSERT INTO request (id, at, kind, attempt, payer, status, charged, up, down, took, currency, whole, parts, request_id, path) VALUES
    (1, 1793491200000, 1, 1, 1, 206, 2, 0, 4096, 40, 'USD', 0, 400000, 'R1', '/a'),
    (2, 1793491201000, 2, 2, 0, 503, 1, 9, 0, 41, NULL, 0, 0, NULL, '/b'),
    (3, 1793577600000, 1, 1, 1, 200, 0, 0, 5, 42, 'USD', 1, 2, 'R3', '/c');
INSERT INTO day (day, first, last) VALUES (20758, 1, 2), (20759, 3, 3);
INSERT INTO by_bucket VALUES
    (20758, 1, 2, 3, 'USD', 1, 0, 0, 0, 4096, 1, 1, 0, 0, 0, 400000),
    (20758, 1, 2, 7, '', 1, 1, 1, 9, 0, 0, 0, 0, 1, 0, 0),
    (20759, 1, 2, 3, 'USD', 1, 0, 0, 0, 5, 1, 0, 0, 0, 1, 2);
INSERT INTO by_account VALUES
    (20758, 1, 0, 3, 'USD', 1, 0, 0, 0, 4096, 1, 1, 0, 0, 0, 400000),
    (20758, 1, 0, 7, '', 1, 1, 1, 9, 0, 0, 0, 0, 1, 0, 0),
    (20759, 1, 0, 3, 'USD', 1, 0, 0, 0, 5, 1, 0, 0, 0, 1, 2);
PRAGMA user_version = 1;
