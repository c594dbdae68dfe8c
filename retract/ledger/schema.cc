// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/schema.h"

#include <array>
#include <string>

namespace clawback {
namespace {

// A segment is appended to and read in order, so it has no index. Digests stand
// apart from the records: the writer reads all of them when it starts.
constexpr std::string_view kSegmentSteps[] = {
    R"(
CREATE TABLE decision(sequence INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE report(sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT;
CREATE TABLE strike(id INTEGER PRIMARY KEY, digest BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
)",
    // What leaves no record, counted by the minute; a minute may have several rows.
    R"(
CREATE TABLE counted(
  sequence INTEGER PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
  minute INTEGER NOT NULL, count INTEGER NOT NULL, last INTEGER NOT NULL
) STRICT;
)"};

// Times are milliseconds since 1970. Words are those of ToString, so that a file
// can be read by hand and an enumeration may grow in the middle.
constexpr std::string_view kLedgerSteps[] = {
    R"(
CREATE TABLE followed(
  relay TEXT PRIMARY KEY, segment TEXT NOT NULL, sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE trace(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  report BLOB NOT NULL, received INTEGER NOT NULL,
  tenant TEXT NOT NULL, relay TEXT NOT NULL, region TEXT NOT NULL,
  message_id TEXT NOT NULL, sender TEXT NOT NULL COLLATE NOCASE, subject TEXT NOT NULL,
  handling TEXT NOT NULL, disposition TEXT NOT NULL, score REAL NOT NULL,
  main_reason TEXT NOT NULL, recipients INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX trace_report ON trace(report, tenant);
CREATE INDEX trace_message_id ON trace(message_id);
CREATE INDEX trace_sender ON trace(sender);
CREATE INDEX trace_disposition ON trace(disposition) WHERE disposition<>'NONE';
CREATE TABLE trace_record(trace INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE trace_recipient(
  address TEXT NOT NULL, trace INTEGER NOT NULL, PRIMARY KEY(address, trace)
) STRICT, WITHOUT ROWID;

-- What reports said of one message, once for all its recipients. instance is the
-- Network-Message-Id, or else the fingerprint's key.
CREATE TABLE message(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, message_id TEXT NOT NULL, instance TEXT NOT NULL,
  fingerprint TEXT NOT NULL, received INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_key ON message(tenant, message_id, instance);

-- due: when it may be claimed next; of a claimed one, when its lease ends.
CREATE TABLE retraction(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL REFERENCES message(id),
  recipient_key TEXT NOT NULL, recipient TEXT NOT NULL,
  action TEXT NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL,
  armed INTEGER NOT NULL, due INTEGER NOT NULL,
  fence INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX retraction_key ON retraction(message, recipient_key);
CREATE INDEX retraction_due ON retraction(due) WHERE state IN ('armed','claimed');

CREATE TABLE outcome(
  retraction INTEGER PRIMARY KEY REFERENCES retraction(id),
  kind TEXT NOT NULL, detail TEXT NOT NULL, mailbox_id TEXT NOT NULL, item_ids TEXT NOT NULL,
  folder_before TEXT NOT NULL, folder_before_id TEXT NOT NULL, folder_after TEXT NOT NULL,
  request_id TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- One act an item, whoever asked for it: two recipients in one mailbox share it.
CREATE TABLE act(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, mailbox_id TEXT NOT NULL, item_id TEXT NOT NULL,
  from_folder_id TEXT NOT NULL, from_folder TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX act_key ON act(tenant, mailbox_id, item_id);
CREATE TABLE act_of(
  retraction INTEGER NOT NULL REFERENCES retraction(id),
  act INTEGER NOT NULL REFERENCES act(id), PRIMARY KEY(retraction, act)
) STRICT, WITHOUT ROWID;
)",
    R"(
CREATE TABLE audit(
  sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL,
  kind TEXT NOT NULL, uid INTEGER NOT NULL, name TEXT NOT NULL,
  what TEXT NOT NULL, tenant TEXT NOT NULL, target TEXT NOT NULL, why TEXT NOT NULL,
  evidence TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
)",
    R"(
CREATE TABLE settings(
  version INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;
)",
    // What persons ask for. An automatic retraction stays one per message and
    // recipient; of those by hand there may be many, one at a time.
    R"(
ALTER TABLE retraction ADD COLUMN task TEXT NOT NULL DEFAULT 'retract';
ALTER TABLE retraction ADD COLUMN origin TEXT NOT NULL DEFAULT 'automatic';
ALTER TABLE retraction ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE retraction ADD COLUMN reason TEXT NOT NULL DEFAULT '';
DROP INDEX retraction_key;
CREATE UNIQUE INDEX retraction_key ON retraction(message, recipient_key)
  WHERE origin='automatic';
CREATE UNIQUE INDEX retraction_by_hand ON retraction(message, recipient_key, task)
  WHERE origin='by-hand' AND state IN ('armed','claimed');
CREATE INDEX retraction_message ON retraction(message);

-- action: what was last done to the item, hence where it was put.
ALTER TABLE act ADD COLUMN action TEXT NOT NULL DEFAULT 'none';
ALTER TABLE act ADD COLUMN undone INTEGER NOT NULL DEFAULT 0;
UPDATE act SET action=COALESCE((
  SELECT r.action FROM act_of o JOIN retraction r ON r.id=o.retraction
  WHERE o.act=act.id ORDER BY r.id DESC LIMIT 1), 'none');

-- What was undone: automatic work leaves it alone, whatever report comes.
CREATE TABLE block(
  tenant TEXT NOT NULL, mailbox_id TEXT NOT NULL, message_id TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(tenant, mailbox_id, message_id)
) STRICT, WITHOUT ROWID;
)",
    // What happened, in the order in which it became visible: subscribers read on from
    // where they were. Made by triggers, in the transaction of what it tells of, so
    // that no writer can forget it. subject: the id of the row that changed.
    R"(
CREATE TABLE change(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, tenant TEXT NOT NULL, subject INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT ''
) STRICT;

-- trace: the row of the report that armed it; of an older ledger, the first one with
-- that Message-ID, 0 where there is none.
ALTER TABLE retraction ADD COLUMN trace INTEGER NOT NULL DEFAULT 0;
UPDATE retraction SET trace=COALESCE((
  SELECT min(t.id) FROM message m JOIN trace t ON t.message_id=m.message_id AND t.tenant=m.tenant
  WHERE m.id=retraction.message), 0);
ALTER TABLE settings ADD COLUMN tenant TEXT NOT NULL DEFAULT '';

CREATE TRIGGER row_is_a_change AFTER INSERT ON trace BEGIN
  INSERT INTO change(kind, tenant, subject) VALUES('row', NEW.tenant, NEW.id);
END;
CREATE TRIGGER outcome_is_a_change AFTER INSERT ON outcome BEGIN
  INSERT INTO change(kind, tenant, subject, state)
    SELECT 'outcome', m.tenant, r.id, r.state
    FROM retraction r JOIN message m ON m.id=r.message WHERE r.id=NEW.retraction;
END;
-- A person settled what was held.
CREATE TRIGGER settling_is_a_change AFTER UPDATE OF state ON retraction
  WHEN OLD.state='held' AND NEW.state<>'held' BEGIN
  INSERT INTO change(kind, tenant, subject, state)
    SELECT 'outcome', m.tenant, NEW.id, NEW.state FROM message m WHERE m.id=NEW.message;
END;
CREATE TRIGGER settings_are_a_change AFTER INSERT ON settings BEGIN
  INSERT INTO change(kind, tenant, subject) VALUES('settings', NEW.tenant, NEW.version);
END;
CREATE TRIGGER audit_is_a_change AFTER INSERT ON audit BEGIN
  INSERT INTO change(kind, tenant, subject) VALUES('audit', NEW.tenant, NEW.sequence);
END;
)",
    R"(
-- How many attempts another change was in the way of.
ALTER TABLE retraction ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;
)",
    R"(
-- How a report stood to its tenant's regions when it came; of one from before this was
-- recorded nothing can be proven. A month's proof reads its rows by time.
ALTER TABLE trace ADD COLUMN address_region TEXT NOT NULL DEFAULT '';
ALTER TABLE trace ADD COLUMN region_policy TEXT NOT NULL DEFAULT '';
ALTER TABLE trace ADD COLUMN region_standing TEXT NOT NULL DEFAULT 'unproven';
CREATE INDEX IF NOT EXISTS trace_received ON trace(received);
)",
    R"(
-- How many attempts in a row an error ended that may pass.
ALTER TABLE retraction ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
)",
    // Turns, the breaker, what is held for a person, and jobs.
    R"(
-- turn: 0 at once, 1 of a job. hold: what a breaker or a paused job holds ('breaker',
-- 'job'); 'released': a breaker lets it pass; 'discarded'. settles: the held retraction
-- whose copy a person took for the message.
ALTER TABLE retraction ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE retraction ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE retraction ADD COLUMN job INTEGER NOT NULL DEFAULT 0;
ALTER TABLE retraction ADD COLUMN hold TEXT NOT NULL DEFAULT '';
ALTER TABLE retraction ADD COLUMN settles INTEGER NOT NULL DEFAULT 0;
UPDATE retraction SET tenant=COALESCE((
  SELECT m.tenant FROM message m WHERE m.id=retraction.message), '');
CREATE INDEX retraction_turn ON retraction(turn, tenant, due) WHERE state IN ('armed','claimed');
CREATE INDEX retraction_claimed ON retraction(tenant) WHERE state='claimed';
CREATE INDEX retraction_held ON retraction(tenant, hold) WHERE state='held';
CREATE INDEX retraction_of_job ON retraction(job, state) WHERE job<>0;
CREATE INDEX retraction_asked ON retraction(asked_by, armed) WHERE origin='by-hand' AND job=0;
ALTER TABLE outcome ADD COLUMN copy_print TEXT NOT NULL DEFAULT '';
CREATE INDEX act_at ON act(at);

DROP TRIGGER settling_is_a_change;
CREATE TRIGGER settling_is_a_change AFTER UPDATE OF state ON retraction
  WHEN OLD.state='held' AND NEW.state<>'held' AND OLD.hold<>'job' AND NEW.hold<>'discarded' BEGIN
  INSERT INTO change(kind, tenant, subject, state)
    SELECT 'outcome', m.tenant, NEW.id, NEW.state FROM message m WHERE m.id=NEW.message;
END;

-- What is discarded is told when it ends, not when its outcome is written before.
DROP TRIGGER outcome_is_a_change;
CREATE TRIGGER outcome_is_a_change AFTER INSERT ON outcome WHEN NEW.kind<>'discarded' BEGIN
  INSERT INTO change(kind, tenant, subject, state)
    SELECT 'outcome', m.tenant, r.id, r.state
    FROM retraction r JOIN message m ON m.id=r.message WHERE r.id=NEW.retraction;
END;
CREATE TRIGGER discarding_is_a_change AFTER UPDATE OF state ON retraction
  WHEN NEW.hold='discarded' AND OLD.state<>'final' BEGIN
  INSERT INTO change(kind, tenant, subject, state) VALUES('outcome', NEW.tenant, NEW.id, NEW.state);
END;

-- tripped: when, 0: it has not. base: retractions up to this number count no more.
CREATE TABLE breaker(
  tenant TEXT PRIMARY KEY, tripped INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '',
  base INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
-- The automatic retractions that began to act, numbered: how many there were in a window
-- is the difference of two numbers. And the mailboxes that reports named, by the minute.
CREATE TABLE passage(
  tenant TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(tenant, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX passage_at ON passage(tenant, at);
CREATE TABLE inbound(
  tenant TEXT NOT NULL, minute INTEGER NOT NULL, mailboxes INTEGER NOT NULL,
  PRIMARY KEY(tenant, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE job(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, task TEXT NOT NULL, action TEXT NOT NULL, state TEXT NOT NULL,
  asked_kind TEXT NOT NULL, asked_uid INTEGER NOT NULL, asked_name TEXT NOT NULL,
  reason TEXT NOT NULL, made INTEGER NOT NULL, expires INTEGER NOT NULL,
  messages INTEGER NOT NULL DEFAULT 0, mailboxes INTEGER NOT NULL DEFAULT 0,
  begun INTEGER NOT NULL DEFAULT 0, left_out INTEGER NOT NULL DEFAULT 0,
  dispositions TEXT NOT NULL DEFAULT '{}', digest TEXT NOT NULL DEFAULT '',
  needs_approval INTEGER NOT NULL DEFAULT 0,
  approved_kind TEXT NOT NULL DEFAULT '', approved_uid INTEGER NOT NULL DEFAULT -1,
  approved_name TEXT NOT NULL DEFAULT '', approval_reason TEXT NOT NULL DEFAULT '',
  started INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_running ON job(tenant) WHERE state='running';
CREATE TABLE job_item(
  job INTEGER NOT NULL, number INTEGER NOT NULL, trace INTEGER NOT NULL, message INTEGER NOT NULL,
  recipient_key TEXT NOT NULL, recipient TEXT NOT NULL,
  retraction INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(job, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX job_item_once ON job_item(job, message, recipient_key);
)",
    // How reports flow, counted by the hour; of before: what the trace still tells.
    R"(
CREATE TABLE flow(
  tenant TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, hour INTEGER NOT NULL,
  count INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY(tenant, kind, detail, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE followed_counts(
  relay TEXT PRIMARY KEY, segment TEXT NOT NULL, sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO flow SELECT tenant,
    CASE handling WHEN 'decided' THEN 'report' WHEN 'parked' THEN 'malformed' ELSE handling END,
    '', received/3600000*3600000, count(*), max(received)
  FROM trace WHERE handling IN ('decided','unauthentic','malformed','parked','connector-validation')
  GROUP BY 1, 2, 4;
)",
    // Which process is the writer (retract/ledger/tenure.h). ends: unless it is prolonged.
    R"(
CREATE TABLE tenure(number INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT;
INSERT INTO tenure VALUES(0, 0);

-- Consent of administrators that was asked for: the digest of the state that comes back.
CREATE TABLE consent(
  digest BLOB PRIMARY KEY, tenant TEXT NOT NULL, asked_kind TEXT NOT NULL,
  asked_uid INTEGER NOT NULL, asked_name TEXT NOT NULL, ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)",
    // By what a hunt finds messages (retract/ledger/trace_features.h). A part is a stretch of
    // trace rows, so that new ones are written close together however large this grows.
    R"(
CREATE TABLE trace_feature(
  part INTEGER NOT NULL, key INTEGER NOT NULL, trace INTEGER NOT NULL,
  PRIMARY KEY(part, key, trace)
) STRICT, WITHOUT ROWID;
)",
    // What is known for ever of what was pruned (retract/ledger/pruned.h), and by what it is
    // found what a message still has. until: the latest time at which a pruned report was
    // received, 0: there is none.
    R"(
CREATE TABLE pruned_report(
  report BLOB NOT NULL, tenant TEXT NOT NULL, PRIMARY KEY(report, tenant)
) STRICT, WITHOUT ROWID;
CREATE TABLE pruned_retraction(key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE pruned(until INTEGER NOT NULL) STRICT;
INSERT INTO pruned VALUES(0);
CREATE INDEX act_of_act ON act_of(act);
CREATE INDEX job_item_message ON job_item(message);
)"};

}  // namespace

SchemaSteps SegmentSchema() { return kSegmentSteps; }
SchemaSteps LedgerSchema() { return kLedgerSteps; }

Status Migrate(Database& database, SchemaSteps steps) {
  const Result<std::int64_t> version = database.Number("PRAGMA user_version");
  if (!version.ok()) return version.error();
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (*version < 0 || *version > newest) {
    return Error{ErrorKind::kInvalid,
                 database.path() + ": schema version " + std::to_string(*version) +
                     ", this program knows versions up to " + std::to_string(newest)};
  }
  for (std::int64_t next = *version; next < newest; ++next) {
    Result<Transaction> transaction = Transaction::Begin(database);
    if (!transaction.ok()) return transaction.error();
    const std::string sql = std::string(steps[static_cast<std::size_t>(next)]) +
                            "PRAGMA user_version=" + std::to_string(next + 1) + ";";
    if (Status stepped = database.Execute(sql); !stepped.ok()) {
      return Within("schema version " + std::to_string(next + 1), stepped.error());
    }
    if (Status committed = transaction->Commit(); !committed.ok()) return committed;
  }
  return {};
}

}  // namespace clawback
