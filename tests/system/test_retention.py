# SPDX-License-Identifier: Apache-2.0
# seconds: 15
"""Messages that are older than sidecar.retention go out of the ledger; what is still open stays. When their reports come again,
by segments that are followed from the beginning or from Exchange, nothing is made anew and nothing is acted on: not even what a
person has put back since."""
import shutil
import sqlite3
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import header, wrap
from harness.stage import Stage
from harness.wait import until

AT_ONCE = "sidecar.first-prune=at-once"
DAYS = 401 * 86400 * 1000
TIMES = {"trace": ("received",), "message": ("received",), "retraction": ("armed", "due"), "outcome": ("at",), "act": ("at",)}


class Retention(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        self.stage = Stage(workspace.__enter__())
        self.addCleanup(workspace.__exit__)
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.relay = self.stage.relay
        self.generator = Generator(seed=400)

    def _in_ledger(self, *statements):
        """With the sidecar stopped."""
        database = sqlite3.connect(self.relay.ledger / "ledger.db")
        with database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def _grow_older(self):
        self._in_ledger(*[f"UPDATE {table} SET {column}={column}-{DAYS}"
                          for table, columns in TIMES.items() for column in columns])

    def _started(self):
        self.relay.retractd.start(AT_ONCE)
        return until(lambda: self.stage.status()["pruned"] if "passed" in self.stage.status()["pruned"] else None,
                     20, "a pass to be over")

    def _send(self, report, deliver=True):
        self.assertEqual(self.stage.send_report_bytes(report, "contoso", deliver=deliver)["smtpCode"], 250)

    def _followed(self, sequence):
        until(lambda: self.stage.status()["followed_to"]["sequence"] >= sequence, 20, f"row {sequence} to be followed")

    def _moves(self):
        return [request["path"] for request in self.stage.ask("/requests")["requests"]
                if request["method"] == "POST" and request["path"].endswith("/move")]

    def _nothing_came_of_it(self, mail, moves):
        self.assertEqual(self._folders(mail), {("Inbox",)})
        self.assertEqual(self._moves(), moves)
        self.assertEqual(len(self.stage.trace()), 1)
        self.assertEqual(self.stage.status()["counts"]["final"], 0)

    def _folders(self, mail):
        return set(map(tuple, self.stage.folders_of(header(mail, "Message-ID")).values()))

    def test_old_messages_go_and_do_not_come_back(self):
        put_back, stays_moved, good, late = self.generator.eicar(), self.generator.eicar(), self.generator.plain_note(), \
            self.generator.eicar()
        report = wrap(put_back)
        self._send(report)
        self._send(wrap(stays_moved))
        self._send(wrap(good))
        self.stage.wait_until_settled(3)
        self.assertEqual(self._folders(put_back), {("Deletions",)})
        self._send(wrap(late), deliver=False)
        until(lambda: self.stage.status()["counts"]["armed"] == len(late.recipients), 20, "the late one to be waited for")
        for person in put_back.recipients:
            self.stage.ask(f"/users/{person}/move", {"internetMessageId": header(put_back, "Message-ID"), "destination": "inbox"})

        self.relay.retractd.stop()
        self._grow_older()
        pruned = self._started()
        self.assertEqual((pruned["messages"], pruned["needed"], pruned["unreadable"]), (3, 1, 0))
        self.assertIn("400d: 3 messages pruned", self.relay.command("status").stdout)
        self.assertEqual([row["message_id"] for row in self.stage.trace()], [header(late, "Message-ID")])
        self.assertEqual(self.relay.command("audit", "verify").returncode, 0)
        self.assertIn("retraction.moved", self.relay.command("audit", "list").stdout)
        moves = self._moves()

        with self.subTest("the segments are followed from their beginning"):
            self.relay.retractd.stop()
            self._in_ledger("DELETE FROM followed", "DELETE FROM followed_counts")
            self._started()
            self._followed(4)
            self._nothing_came_of_it(put_back, moves)

        with self.subTest("Exchange sends the report again, and the milter has forgotten it"):
            self.relay.milter.stop()
            self.relay.retractd.stop()
            shutil.rmtree(self.relay.segments)
            self._in_ledger("DELETE FROM followed", "DELETE FROM followed_counts")
            self.relay.retractd.start(AT_ONCE)
            self.relay.milter.start()
            self._send(report, deliver=False)
            self._followed(1)
            self._nothing_came_of_it(put_back, moves)

        with self.subTest("what was waited for comes"):
            for person in late.recipients:
                self.stage.ask(f"/users/{person}/items", {"message": late.message, "folder": "inbox"})
            until(lambda: self._folders(late) == {("Deletions",)}, 60, "the late one to be moved")


if __name__ == "__main__":
    unittest.main(verbosity=2)
