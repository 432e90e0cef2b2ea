// SPDX-License-Identifier: Apache-2.0
// The tables of the profile database, from version to version.
#include "adaptive/profile/profile_store.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kMigrations[] = {
    // 0 -> 1
    R"sql(
CREATE TABLE profile (
  id         INTEGER PRIMARY KEY,
  model      TEXT NOT NULL,
  machine    TEXT NOT NULL,
  engine     TEXT NOT NULL,
  model_name TEXT NOT NULL,
  processor  TEXT NOT NULL,
  isa        TEXT NOT NULL,
  threads    INTEGER NOT NULL,
  dtype      TEXT NOT NULL,
  memory     INTEGER NOT NULL,
  bandwidth  REAL,
  peak       REAL,
  created    TEXT NOT NULL,
  updated    TEXT NOT NULL,
  UNIQUE (model, machine, engine)
);
CREATE TABLE task (
  id      INTEGER PRIMARY KEY,
  profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,
  kind    TEXT NOT NULL,
  name    TEXT NOT NULL,
  digest  TEXT NOT NULL,
  items   INTEGER NOT NULL,
  chance  REAL NOT NULL,
  current INTEGER NOT NULL,
  UNIQUE (profile, kind, digest)
);
CREATE TABLE variant (
  id              INTEGER PRIMARY KEY,
  profile         INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,
  source          TEXT NOT NULL,
  source_digest   TEXT NOT NULL,
  format          TEXT NOT NULL,
  kv              TEXT NOT NULL,
  current         INTEGER NOT NULL,
  load_s          REAL,
  resident_bytes  INTEGER,
  weight_bytes    INTEGER,
  position_bytes  REAL,
  kl_mean         REAL,
  kl_low          REAL,
  kl_high         REAL,
  kl_same_top     REAL,
  kl_positions    INTEGER,
  UNIQUE (profile, source, source_digest, format, kv)
);
CREATE TABLE speed (
  variant           INTEGER NOT NULL REFERENCES variant ON DELETE CASCADE,
  prompt_tokens     INTEGER NOT NULL,
  batch             INTEGER NOT NULL,
  prefill           REAL NOT NULL,
  decode            REAL NOT NULL,
  reference_prefill REAL NOT NULL,
  reference_decode  REAL NOT NULL,
  measured          TEXT NOT NULL,
  PRIMARY KEY (variant, prompt_tokens, batch)
) WITHOUT ROWID;
CREATE TABLE answer (
  task          INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  variant       INTEGER NOT NULL REFERENCES variant ON DELETE CASCADE,
  thinking      TEXT NOT NULL,
  item          INTEGER NOT NULL,
  value         REAL NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  reply_tokens  INTEGER NOT NULL,
  PRIMARY KEY (task, variant, thinking, item)
) WITHOUT ROWID;
CREATE TABLE speculation (
  task     INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  variant  INTEGER NOT NULL REFERENCES variant ON DELETE CASCADE,
  thinking TEXT NOT NULL,
  mode     TEXT NOT NULL,
  draft    TEXT NOT NULL,
  speed_up REAL NOT NULL,
  low      REAL NOT NULL,
  high     REAL NOT NULL,
  PRIMARY KEY (task, variant, thinking, mode, draft)
) WITHOUT ROWID;
CREATE TABLE digest (
  path    TEXT PRIMARY KEY,
  size    INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  digest  TEXT NOT NULL
) WITHOUT ROWID;
)sql",
};

}  // namespace

Migrations profile_migrations() {
  return kMigrations;
}

}  // namespace pangu::adaptive
