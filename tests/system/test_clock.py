# SPDX-License-Identifier: Apache-2.0
# seconds: 20
"""The wall clock of milter and sidecar is set ahead by ten days and back by more, while they work: every report is taken, each
copy is moved once, nothing is given up and nothing waits for the old time."""
import time
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import header, wrap
from harness.set_clock import SetClock
from harness.stage import Stage
from harness.wait import until

TEN_DAYS, A_DAY = 240, 24


class ClockIsSet(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        folder = workspace.__enter__()
        self.addCleanup(workspace.__exit__)
        self.clock = SetClock(folder)
        self.stage = Stage(folder)
        for daemon in (self.stage.relay.milter, self.stage.relay.retractd):
            daemon.add_environment(self.clock.environment)
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.generator = Generator(seed=2026)
        self.sent = []

    def send(self):
        mail = self.generator.eicar()
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        self.sent.append(mail)

    def put(self, mail):
        for recipient in mail.recipients:
            self.stage.ask(f"/users/{recipient}/items", {"message": mail.message, "folder": "inbox"})

    def counts(self):
        return self.stage.status()["counts"]

    def test_reports_before_and_after_each_step_and_a_copy_that_comes_late(self):
        late = self.generator.eicar()
        self.assertEqual(self.stage.send_report_bytes(wrap(late), "contoso", deliver=False)["smtpCode"], 250)
        until(lambda: self.counts()["armed"], 20, "the copy to be looked for")
        for hours in (0, TEN_DAYS, -A_DAY, 0):
            self.clock.set(hours)
            self.send()
            time.sleep(1)
        # Ten days seem to have passed, then none: it was not given up, and it does not wait for them.
        self.assertEqual(self.counts()["armed"], len(late.recipients))
        self.put(late)
        self.sent.append(late)
        self.stage.wait_until_settled(len(self.sent), seconds=40)
        for mail in self.sent:
            self.assertEqual(set(map(tuple, self.stage.folders_of(header(mail, "Message-ID")).values())), {("Deletions",)})
        moves = [request["path"] for request in self.stage.ask("/requests")["requests"]
                 if request["method"] == "POST" and request["path"].endswith("/move") and request["status"] == 201]
        self.assertEqual(len(moves), len(set(moves)))
        self.assertIn("event=clock-set-back", self.stage.relay.retractd.log())

    def test_an_address_that_ends_next_week_is_refused_by_no_clock(self):
        ask = lambda *words: self.stage.command(*words, "--config", str(self.stage.relay.config)).stdout.strip()
        old = ask("address", "add", "contoso", "--why", "to be rotated")
        self.assertTrue(ask("address", "rotate", "contoso", "--address", old, "--ends", "7d", "--why", "yearly"))
        time.sleep(1)
        self.stage.service_address = lambda tenant: old
        for hours, code in ((0, 250), (TEN_DAYS, 451), (-A_DAY, 250), (0, 250)):
            self.clock.set(hours)
            self.assertEqual(self.stage.send(self.generator.plain_note())["smtpCode"], code, hours)


if __name__ == "__main__":
    unittest.main(verbosity=2)
