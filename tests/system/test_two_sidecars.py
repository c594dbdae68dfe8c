# SPDX-License-Identifier: Apache-2.0
# seconds: 60
"""Two sidecars, two processes, on one ledger: one works, the other stands by and takes over from one that is dead or
stopped; who comes back too late does nothing more.

CLAWBACK_PAUSES: how often the one at work is stopped (SIGSTOP) past its lease at a random moment (default 4). Judged by
what the practice tenant counted.
"""
import os
import random
import signal
import time
import unittest

from harness import Workspace
from harness.crowd import CrowdStage
from harness.mail import Generator
from harness.report import header
from harness.wait import until

PAUSES = int(os.environ.get("CLAWBACK_PAUSES", "4"))
PEOPLE = 40
LEASE = 2
RELIEVED = 75  # exit status of who was relieved
# Stopped while it waits here, between the intent and the act, a sidecar is at its worst moment.
SLOW = "sidecar.before-act=wait:100"


class Pair:
    """The two sidecars of a stage; answers who is at work."""

    def __init__(self, stage, fault):
        self.stage, self.fault = stage, fault
        stage.relay.retractd.stop()
        self.at_work, self.standby = (stage.relay.another_retractd(name) for name in ("one", "other"))
        self.at_work.start(fault)
        self._stand_by()

    def _stand_by(self):
        self._seen = len(self.standby.log())
        self.standby.start(self.fault)

    def _took_over(self):
        return "event=ready" in self.standby.log()[self._seen:]

    def wait_for_turn(self, seconds):
        """Waits until the one that stood by works; answers how long that took."""
        began = time.monotonic()
        until(self._took_over, seconds, "the standby to take over")
        self.at_work, self.standby = self.standby, self.at_work
        return time.monotonic() - began

    def stop_past_the_lease(self, retractions):
        """Whether the other took over, and ended them all: it cannot while the stopped one is in the middle of a commit."""
        self.at_work.signal(signal.SIGSTOP)
        try:
            self.wait_for_turn(3 * LEASE)
        except TimeoutError:
            self.at_work.signal(signal.SIGCONT)
            return False
        self.stage.wait_until_final(retractions, 90)
        self.standby.signal(signal.SIGCONT)
        return True

    def replace_the_relieved(self):
        status = self.standby.wait()
        self._stand_by()
        return status

    def end(self):
        for each in (self.at_work, self.standby):
            if each.running():
                each.signal(signal.SIGCONT)
            each.kill()


class TwoSidecars(unittest.TestCase):
    def _stage(self):
        folder = self.enter(Workspace("pair"))
        return self.enter(CrowdStage(folder, PEOPLE, sidecar={"lease": f"{LEASE}s"}, practice={"latency": "15ms"}))

    def enter(self, context):
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def _pair(self, fault=SLOW):
        self.stage = self._stage()
        pair = Pair(self.stage, fault)
        self.addCleanup(pair.end)
        return pair

    def _campaign(self, sent, generator):
        sent.append(generator.eicar())
        self.stage.send_to(sent[-1], range(PEOPLE))

    def _each_moved_once(self, sent):
        counters, messages = self.stage.counters(), self.stage.messages()
        for mail in sent:
            self.assertEqual(messages[header(mail, "Message-ID")], {"recoverableitemsdeletions": PEOPLE})
        self.assertEqual((counters["acts"], counters["repeatedActs"]), (len(sent) * PEOPLE, 0), counters)

    def test_one_that_is_stopped_past_its_lease_acts_no_more(self):
        pair, chance, generator, sent, relieved = self._pair(), random.Random(11), Generator(seed=81), [], 0
        for _ in range(PAUSES):
            self._campaign(sent, generator)
            time.sleep(chance.uniform(0.1, 0.6))
            if pair.stop_past_the_lease(len(sent) * PEOPLE):
                relieved += 1
                self.assertEqual(pair.replace_the_relieved(), RELIEVED)
            self.stage.wait_until_final(len(sent) * PEOPLE, 60)
        print(f"{PAUSES} stops past the lease, {relieved} relieved, {len(sent) * PEOPLE} retractions: "
              f"{self.stage.counters()}", flush=True)
        self.assertGreater(relieved, 0)  # who is stopped in the middle of a commit cannot be
        self._each_moved_once(sent)

    def test_one_that_ignores_its_lease_is_found(self):
        for seed in range(6):  # it may be stopped where it has nothing begun
            pair = self._pair(f"{SLOW},sidecar.lease=ignored,ledger.tenure=ignored")  # two that ignore it do not go on together
            self._campaign([], Generator(seed=820 + seed))
            until(lambda: self.stage.counters()["acts"] > 0, 30, "a first act")
            if pair.stop_past_the_lease(PEOPLE) and self._acts_again(within=4):
                return
            pair.end()
        self.fail("nobody acted twice, though the lease was ignored")

    def _acts_again(self, within):
        try:
            until(lambda: self.stage.counters()["repeatedActs"], within, "a second act")
        except TimeoutError:
            return False
        return True

    def test_one_that_is_killed_is_relieved_at_once(self):
        pair, sent = self._pair(), []
        self._campaign(sent, Generator(seed=83))
        time.sleep(0.3)
        pair.at_work.kill()
        self.assertLess(pair.wait_for_turn(15), 5)
        self.stage.wait_until_final(PEOPLE, 30)
        self._each_moved_once(sent)

    def test_one_that_stands_by_ends_when_told_to(self):
        pair = self._pair()
        self.assertEqual(pair.standby.stop(), 0)
        self.assertIn("event=standby", pair.standby.log())
        self.assertNotIn("event=ready", pair.standby.log())
        self._campaign([], Generator(seed=84))
        self.stage.wait_until_final(PEOPLE, 30)


if __name__ == "__main__":
    unittest.main(verbosity=2)
