-- A file of conversations as version 1 of its tables wrote it.
CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            model_id TEXT NOT NULL,
            sampler TEXT NOT NULL,                       -- JSON, all fields of SamplerSettings
            join_rule TEXT NOT NULL,
            head_turn_id INTEGER,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            use_number INTEGER NOT NULL,                 -- orders sessions by last use, whatever the clock does
            FOREIGN KEY (session_id, head_turn_id) REFERENCES turns (session_id, turn_id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
CREATE TABLE turns (
            turn_id INTEGER PRIMARY KEY AUTOINCREMENT,
            session_id TEXT NOT NULL REFERENCES sessions (session_id) DEFERRABLE INITIALLY DEFERRED,
            parent_id INTEGER CHECK (parent_id < turn_id), -- older than the turn, so there are no circles
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            token_ids BLOB NOT NULL,                     -- uint32, little-endian
            logprobs BLOB NOT NULL,                      -- float64, little-endian
            status TEXT NOT NULL,
            start_position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            sampler TEXT,
            created_at TEXT NOT NULL,
            UNIQUE (session_id, turn_id),
            FOREIGN KEY (session_id, parent_id) REFERENCES turns (session_id, turn_id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
CREATE INDEX turns_by_parent ON turns (session_id, parent_id);
CREATE TABLE snapshots (
            turn_id INTEGER PRIMARY KEY REFERENCES turns (turn_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL
        ) STRICT;
INSERT INTO sessions VALUES ('aa11', 'It''s a beginning', 'm-1', '{"temperature": 0.7, "top_k": 0, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.1, "max_words": 80, "stop": "sentence", "seed": 7}', 'paragraph', 4, '2026-01-01T00:00:00+00:00', '2026-02-01T00:00:00+00:00', 1);
INSERT INTO sessions VALUES ('bb22', 'другой', 'm-1', '{"temperature": 0.7, "top_k": 0, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.1, "max_words": 80, "stop": "sentence", "seed": 7}', 'inline', 6, '2026-01-02T00:00:00+00:00', '2026-02-02T00:00:00+00:00', 2);
INSERT INTO sessions VALUES ('cc33', 'gone', 'm-1', '{"temperature": 0.7, "top_k": 0, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.1, "max_words": 80, "stop": "sentence", "seed": 7}', 'inline', 7, '2026-01-03T00:00:00+00:00', '2026-02-03T00:00:00+00:00', 3);
INSERT INTO turns VALUES (1, 'aa11', NULL, 'person', ' It was late', x'0100000002000000', x'000000000000e0bf000000000000f0bf', 'complete', 0, 'm-1', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO turns VALUES (2, 'aa11', 1, 'network', ' and cold.', x'0100000002000000', x'000000000000e0bf000000000000f0bf', 'complete', 2, 'm-1', '{"temperature": 0.7, "top_k": 0, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.1, "max_words": 80, "stop": "sentence", "seed": 7}', '2026-01-01T00:00:00+00:00');
INSERT INTO turns VALUES (4, 'aa11', 2, 'person', ' “Why?”', x'0100000002000000', x'000000000000e0bf000000000000f0bf', 'complete', 2, 'm-1', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO turns VALUES (5, 'bb22', NULL, 'person', '漢字', x'0100000002000000', x'000000000000e0bf000000000000f0bf', 'complete', 0, 'm-1', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO turns VALUES (6, 'bb22', 5, 'forget', '', x'', x'', 'complete', 2, 'm-1', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO turns VALUES (7, 'cc33', NULL, 'person', ' gone', x'0100000002000000', x'000000000000e0bf000000000000f0bf', 'complete', 0, 'm-1', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO turns VALUES (9, 'aa11', 2, 'network', ' another way', x'0100000002000000', x'000000000000e0bf000000000000f0bf', 'stopped', 2, 'm-1', '{"temperature": 0.7, "top_k": 0, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.1, "max_words": 80, "stop": "sentence", "seed": 7}', '2026-01-01T00:00:00+00:00');
INSERT INTO snapshots VALUES (1, 2, 'm-1', x'01020304');
INSERT INTO snapshots VALUES (2, 4, 'm-1', x'05060708');
INSERT INTO snapshots VALUES (9, 4, 'm-1', x'09');
PRAGMA application_id = 1380863572;
PRAGMA user_version = 1;
