# SPDX-License-Identifier: Apache-2.0
# ctest: faults
"""Daemons killed (-9) at their worst moments, under load: nothing acknowledged is lost, nothing is moved twice.

CLAWBACK_KILLS kills of each daemon (default 100). The milter dies between commit and reply, the sidecar between the
move and its record. A report that is not answered 250 is sent again, as Exchange does. The checker at the end counts
what went in against what came out, and a planted loss shows that it would notice.
"""
import hashlib
import os
import random
import threading
import time
import unittest
from collections import Counter

from harness import Workspace
from harness.crowd import CrowdStage
from harness.mail import Generator
from harness.report import header, wrap
from harness.segments import decisions
from harness.smtp import send_report
from harness.stage import NDR, Stage
from harness.wait import until

KILLS = int(os.environ.get("CLAWBACK_KILLS", "100"))
RANDOM_KILLS = int(os.environ.get("CLAWBACK_RANDOM_KILLS", str(max(1, KILLS // 5))))
SENDERS = 4


class Sender(threading.Thread):
    """Sends new reports of bad mail until stopped, each again until it is answered 250."""

    def __init__(self, stage, number, stop):
        super().__init__(daemon=True)
        self.stage, self.stop = stage, stop
        self.generator = Generator(seed=1000 + number)
        self.acknowledged = {}  # SHA-256 of the report: (message id, recipients)
        self.failures = 0

    def run(self):
        chance = random.Random(self.name)
        while not self.stop.is_set():
            mail = chance.choice((self.generator.eicar, self.generator.spam_by_exchange))()
            report = wrap(mail)
            taken = self._deliver_and_send(report)
            while not taken:
                self.failures += 1
                time.sleep(0.05)
                taken = self._send_again(report)
            self.acknowledged[hashlib.sha256(report).hexdigest()] = (header(mail, "Message-ID"), mail.recipients)

    def _deliver_and_send(self, report):
        answer = self.stage.send_report_bytes(report, "contoso")
        return answer["smtpCode"] == 250

    def _send_again(self, report):
        tls = self.stage.certificates
        address = self.stage.service_address("contoso")
        return send_report(self.stage.postfix.port, report, [address], tls.ca, tls.client, NDR).taken


def check(stage, senders):
    """Jepsen's counts: what was acknowledged against what was recorded and done."""
    acknowledged = {digest: what for sender in senders for digest, what in sender.acknowledged.items()}
    recorded = Counter(record["report_digest"] for record in decisions(stage.relay.segments))
    moves = Counter(request["path"] for request in stage.ask("/requests")["requests"]
                    if request["method"] == "POST" and request["path"].endswith("/move") and request["status"] == 201)
    inbox = {item["internetMessageId"] for tenant in stage.state()["tenants"] for user in tenant["users"]
             for folder in user.get("folders", []) if folder["displayName"] == "Inbox" for item in folder["items"]}
    return {"acknowledged": len(acknowledged), "recorded": len(recorded),
            "lost": sum(digest not in recorded for digest in acknowledged),
            "recorded twice": sum(count > 1 for count in recorded.values()),
            "moves": sum(moves.values()), "moved twice": sum(count > 1 for count in moves.values()),
            "not moved": sum(message_id in inbox for message_id, _ in acknowledged.values())}


class Kills(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace()
        self.stage = Stage(self.workspace.__enter__(), sidecar={"lease": "2s"})
        self.addCleanup(self.workspace.__exit__)
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)

    def _under_load(self, daemon, point):
        stop = threading.Event()
        senders = [Sender(self.stage, number, stop) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        chance = random.Random(1)
        for kill in range(KILLS):
            daemon.stop()
            daemon.start(fault=f"{point}=kill:{chance.randint(1, 4)}")
            until(lambda: not daemon.running(), 60, f"kill {kill + 1} of {daemon.name}")
            self.assertEqual(daemon.wait(), -9)
        daemon.start()
        stop.set()
        for sender in senders:
            sender.join(120)
            self.assertFalse(sender.is_alive())
        return senders

    def _nothing_lost_nothing_twice(self, senders):
        self.stage.wait_until_settled(1, seconds=180)
        counts = check(self.stage, senders)
        print(f"{KILLS} kills: {counts}; bound at 95 %: {3 / max(1, counts['acknowledged']):.4f}", flush=True)
        self.assertGreater(counts["acknowledged"], KILLS // 2)
        for name in ("lost", "recorded twice", "moved twice", "not moved"):
            self.assertEqual(counts[name], 0, (name, counts))
        return counts

    def test_milter_killed_between_commit_and_reply(self):
        senders = self._under_load(self.stage.relay.milter, "milter.after-commit")
        self._nothing_lost_nothing_twice(senders)

    def test_sidecar_killed_between_move_and_record(self):
        senders = self._under_load(self.stage.relay.retractd, "sidecar.after-act")
        self._nothing_lost_nothing_twice(senders)

    def test_the_checker_notices_a_lost_decision(self):
        stop = threading.Event()
        sender = Sender(self.stage, 99, stop)
        sender.start()
        until(lambda: len(sender.acknowledged) >= 3, 60, "three reports")
        stop.set()
        sender.join(60)
        sender.acknowledged["00" * 32] = ("<never-committed@partner.example>", [])
        self.assertEqual(check(self.stage, [sender])["lost"], 1)


class RandomKills(unittest.TestCase):
    """The sidecar alone, killed at any moment of a campaign, CLAWBACK_RANDOM_KILLS times (default a fifth of
    CLAWBACK_KILLS). Judged by what the practice tenant counted."""

    def test_sidecar_killed_at_random_points(self):
        people, chance = 60, random.Random(7)
        with Workspace() as folder, CrowdStage(folder, people, sidecar={"lease": "2s"},
                                               practice={"latency": "15ms"}) as stage:
            generator, sent, kills = Generator(seed=71), [], 0
            while kills < RANDOM_KILLS:
                counts = stage.status()["counts"]
                if counts["final"] + counts["held"] >= len(sent) * people:
                    sent.append(generator.eicar())
                    stage.send_to(sent[-1], range(people))
                time.sleep(chance.uniform(0, 0.5))
                stage.relay.retractd.kill()
                kills += 1
                stage.relay.retractd.start()
            stage.wait_until_final(len(sent) * people, 120)
            counters, messages, held = stage.counters(), stage.messages(), stage.status()["counts"]["held"]
            print(f"{kills} kills at random points, {len(sent) * people} retractions: {counters}", flush=True)
            for mail in sent:
                self.assertEqual(messages[header(mail, "Message-ID")], {"recoverableitemsdeletions": people})
            self.assertEqual((counters["acts"], counters["repeatedActs"], held), (len(sent) * people, 0, 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
