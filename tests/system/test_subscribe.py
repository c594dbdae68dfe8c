# SPDX-License-Identifier: Apache-2.0
# seconds: 12
"""A subscriber hears of every row and outcome once, whatever becomes of the sidecar or of other subscribers."""
import json
import queue
import signal
import socket
import subprocess
import threading
import unittest

from harness import BIN, Workspace
from harness.mail import Generator
from harness.stage import Stage
from harness.wait import until

MESSAGES = 100


class Follower:
    """clawback trace --follow --json as a child; events as they come."""

    def __init__(self, stage):
        self.process = subprocess.Popen([BIN / "clawback", "trace", "--follow", "--json", "--config", stage.relay.config],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.events, self.told = [], []
        self.threads = [threading.Thread(target=self._read, daemon=True),
                        threading.Thread(target=self._hear, daemon=True)]
        for thread in self.threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def _hear(self):
        for line in self.process.stderr:
            self.told.append(line)

    def rows(self):
        return [event["row"]["id"] for event in list(self.events) if event["kind"] == "row"]

    def outcomes(self):
        return [(event["retraction"]["id"], event["retraction"]["state"])
                for event in list(self.events) if event["kind"] == "outcome"]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(20)
        for thread in self.threads:
            thread.join(20)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


class Subscribe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__(), sidecar={"lease": "2s"})
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.generator = Generator(seed=5)
        cls.sent = 0

    def send(self, mail):
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        type(self).sent += 1

    def follow(self):
        begun = self.stage.relay.retractd.log().count("event=subscribed")
        follower = Follower(self.stage)
        until(lambda: self.stage.relay.retractd.log().count("event=subscribed") > begun, 20, "the subscription")
        return follower

    def subscribe(self):
        """A bare subscriber, after the answer."""
        peer = socket.socket(socket.AF_UNIX)
        self.addCleanup(peer.close)
        peer.connect(str(self.stage.relay.sidecar_socket))
        peer.sendall(b'{"version":1,"operation":"subscribe"}\n')
        return peer

    def test_1_row_and_outcome_of_a_report_arrive(self):
        follower = self.follow()
        mail = self.generator.eicar()
        self.send(mail)
        until(lambda: len(follower.outcomes()) == len(mail.recipients), 60, "the outcomes")
        self.assertEqual(len(follower.rows()), 1)
        row = next(event["row"] for event in follower.events if event["kind"] == "row")
        self.assertEqual(row["disposition"], mail.expected)
        outcome = next(event for event in follower.events if event["kind"] == "outcome")
        self.assertEqual(outcome["row"]["id"], row["id"])
        self.assertEqual(outcome["retraction"]["outcome"]["kind"], "moved")
        self.assertEqual(follower.end(), 0)

    def test_2_nothing_is_lost_or_repeated_over_kills_of_the_sidecar(self):
        follower = self.follow()
        known = {row["id"] for row in self.stage.trace("--limit", "1000")}
        done = queue.Queue()
        sender = threading.Thread(target=lambda: done.put([self.send(mail) for mail in self.generator.some(MESSAGES)]))
        sender.start()
        for part in range(1, 4):
            until(lambda part=part: len(follower.rows()) >= part * MESSAGES // 4, 180, "a quarter of the rows")
            self.stage.relay.retractd.kill()
            self.stage.relay.retractd.start()
        sender.join(300)
        self.assertEqual(len(done.get(timeout=1)), MESSAGES)
        stories = [story for story in self.stage.wait_until_settled(self.sent, 180) if story["row"]["id"] not in known]
        rows = sorted(story["row"]["id"] for story in stories)
        outcomes = sorted((each["id"], each["state"]) for story in stories for each in story["retractions"])
        self.assertEqual(len(rows), MESSAGES)
        until(lambda: len(follower.rows()) >= len(rows) and len(follower.outcomes()) >= len(outcomes), 60, "the events")
        self.assertEqual(follower.rows(), rows)
        self.assertEqual(sorted(follower.outcomes()), outcomes)
        self.assertEqual(follower.end(), 0)
        self.assertEqual(sum("trying again" in line for line in follower.told), 3, follower.told)

    def test_3_one_that_never_reads_holds_up_nobody(self):
        for _ in range(3):
            self.subscribe()
        follower = self.follow()
        for mail in self.generator.some(10):
            self.send(mail)
        self.stage.wait_until_settled(self.sent, 120)
        until(lambda: len(follower.rows()) == 10, 20, "all rows")
        self.assertEqual(follower.end(), 0)

    def test_4_a_clean_stop_ends_the_stream_with_a_last_line(self):
        lines = self.subscribe().makefile()
        self.addCleanup(lines.close)
        self.assertIn("result", json.loads(lines.readline()))
        self.stage.relay.retractd.stop()
        self.assertEqual([json.loads(line)["event"] for line in lines][-1], {"kind": "end", "reason": "stopping"})
        self.stage.relay.retractd.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
