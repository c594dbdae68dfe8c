# SPDX-License-Identifier: Apache-2.0
# seconds: 85
"""Microsoft Graph in bad weather: every retraction ends right, nothing is moved twice, nobody comes back early."""
import email.utils
import signal
import time
import unittest
from collections import Counter

from harness import Workspace
from harness.mail import Generator
from harness.report import header
from harness.stage import Stage
from harness.wait import until

WEATHER = (
    {"host": "graph", "status": 429, "retryAfter": "2", "times": 3},
    {"host": "graph", "path": "/users/", "status": 429, "times": 2, "skip": 4},
    {"host": "graph", "status": 503, "body": "html", "times": 2, "skip": 8},
    {"host": "graph", "path": "/move", "status": 504, "when": "after", "body": "html", "times": 2},
    {"host": "graph", "path": "/move", "status": 500, "times": 1, "skip": 3},
    {"host": "graph", "path": "%24value", "answer": "cut-within", "status": 200, "body": "empty", "skip": 2},
    {"host": "graph", "latencyMs": 300, "times": 20},
    {"host": "login", "status": 503, "body": "html", "times": 1},
)


class Weather(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace()
        self.stage = Stage(self.workspace.__enter__(), sidecar={"lease": "2s"})
        self.addCleanup(self.workspace.__exit__)
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.generator = Generator(seed=31)

    def _send(self, count):
        mails = [self.generator.eicar() for _ in range(count)]
        for mail in mails:
            answer = self.stage.send(mail)
            self.assertEqual(answer["smtpCode"], 250, answer)
        return mails

    def _all_moved_once(self, mails):
        for mail in mails:
            self.assertEqual(self.stage.folders_of(header(mail, "Message-ID")),
                             {user: ["Deletions"] for user in mail.recipients})
        moves = Counter(request["path"] for request in self.stage.ask("/requests")["requests"]
                        if request["path"].endswith("/move") and request["status"] == 201)
        self.assertEqual([path for path, count in moves.items() if count > 1], [])
        self.assertEqual(self.stage.state()["counters"]["earlyReturns"], 0)

    def test_every_retraction_ends_right_in_bad_weather(self):
        date = email.utils.formatdate(time.time() + 4, usegmt=True)
        faults = [*WEATHER, {"host": "graph", "path": "/messages", "status": 429, "retryAfter": date, "skip": 5}]
        self.stage.ask("/faults", {"faults": faults})
        mails = self._send(4)
        self.stage.ask("/expire-tokens", {})
        mails += self._send(4)
        self.stage.wait_until_settled(len(mails), seconds=120)
        outcomes = {each["outcome"]["kind"] for story in self.stage.stories() for each in story["retractions"]}
        self.assertEqual(outcomes, {"moved"})
        self._all_moved_once(mails)

    def test_a_sidecar_that_slept_past_its_leases_moves_nothing_twice(self):
        self.stage.ask("/faults", {"host": "graph", "path": "/move", "latencyMs": 500, "times": 0})
        mails = self._send(6)
        until(lambda: any(request["path"].endswith("/move") for request in self.stage.ask("/requests")["requests"]), 30,
              "a first move")
        self.stage.relay.retractd.signal(signal.SIGSTOP)
        time.sleep(3)  # longer than the lease: the pause is what is tested
        self.stage.relay.retractd.signal(signal.SIGCONT)
        self.stage.wait_until_settled(len(mails), seconds=60)
        self._all_moved_once(mails)


if __name__ == "__main__":
    unittest.main(verbosity=2)
