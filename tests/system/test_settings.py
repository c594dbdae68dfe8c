# SPDX-License-Identifier: Apache-2.0
# seconds: 23
"""Settings that live: a changed action is followed by the next report, and is audited."""
import json
import sqlite3
import time
import unittest

from harness import Workspace
from harness.mail import ACTIONS, Generator
from harness.stage import Stage
from harness.wait import until


class Settings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__())
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        # What the file does not name can be changed.
        file = cls.stage.relay.tenants / "contoso.yaml"
        tenant = json.loads(file.read_text())
        tenant["actions"] = {key: action for key, action in ACTIONS.items() if key != "SPAM"}
        file.write_text(json.dumps(tenant))
        cls.stage.relay.reload()
        until(lambda: "event=reloaded" in cls.stage.relay.milter.log(), 20, "the tenants to be read again")

    def ask(self, *arguments):
        return self.stage.command(*arguments, "--config", str(self.stage.relay.config))

    def decision_on_spam(self, reports):
        mail = Generator(seed=reports).spam_by_exchange()
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        self.stage.wait_until_settled(reports)
        row = self.stage.trace("--limit", "1")[0]
        return self.stage.trace(str(row["id"]))[0]["record"]["decision"]

    def test_1_the_next_report_follows_a_changed_action(self):
        before = self.decision_on_spam(1)
        self.assertEqual({each["action"] for each in before["recipients"]}, {"none"})
        done = self.ask("tenant", "set", "contoso", "actions.SPAM", "junk", "--why", "ticket 7",
                                  "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        time.sleep(1)  # the second that is promised
        after = self.decision_on_spam(2)
        self.assertEqual({each["action"] for each in after["recipients"]}, {"junk"})
        self.assertEqual(after["settings_version"], before["settings_version"] + "+1")

        refused = self.ask("tenant", "set", "contoso", "mode", "observe", "--why", "no")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("pinned at", refused.stderr)
        self.assertIn("contoso.yaml:", refused.stderr)

        listed = self.ask("audit", "list", "--what", "settings.set", "--json")
        entries = [json.loads(line) for line in listed.stdout.splitlines()]
        self.assertEqual([(each["target"], each["why"], each["evidence"]["to"]) for each in entries],
                         [("actions.SPAM", "ticket 7", "junk")])
        self.assertEqual(self.ask("audit", "verify").returncode, 0)
        self.tamper()
        verified = self.ask("audit", "verify")
        self.assertEqual(verified.returncode, 1)
        self.assertIn("entry 1: was changed", verified.stdout)

    def test_2_what_was_changed_holds_over_a_restart_of_the_milter_alone(self):
        relay = self.stage.relay
        done = self.ask("tenant", "set", "contoso", "actions.SPAM", "trash", "--why", "for the restart")
        self.assertEqual(done.returncode, 0, done.stderr)
        until(lambda: "from=snapshot" in relay.milter.log(), 20, "the milter to take the settings")
        time.sleep(1)
        relay.retractd.stop()
        try:
            whole = relay.snapshot.read_text()
            for name, damage in (("damaged", lambda: relay.snapshot.write_text(whole.replace("trash", "junk"))),
                                 ("removed", relay.snapshot.unlink)):
                with self.subTest(name):
                    begin = len(relay.milter.log())
                    damage()
                    if name == "damaged":  # while it runs: said, and nothing changes
                        until(lambda: "event=settings-not-read" in relay.milter.log()[begin:], 20, "the fault")
                        self.assertNotIn("event=settings ", relay.milter.log()[begin:])
                    begin = len(relay.milter.log())
                    relay.milter.restart()
                    self.assertIn("from=own-copy", relay.milter.log()[begin:])
                    mail = Generator(seed=100 + len(name)).spam_by_exchange()
                    self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        finally:
            relay.retractd.start()
        self.stage.wait_until_settled(4)
        for row in self.stage.trace("--limit", "2"):
            decision = self.stage.trace(str(row["id"]))[0]["record"]["decision"]
            self.assertEqual({each["action"] for each in decision["recipients"]}, {"trash"})

    def tamper(self):
        database = sqlite3.connect(self.stage.relay.ledger / "ledger.db")
        with database:
            database.execute("DROP TRIGGER audit_is_not_changed")
            database.execute("UPDATE audit SET why='nothing' WHERE sequence=1")
        database.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
