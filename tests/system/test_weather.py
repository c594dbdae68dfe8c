# SPDX-License-Identifier: Apache-2.0
# seconds: 200
"""Microsoft Graph in bad weather: every retraction ends right, nothing is moved twice, nobody comes back early.

CLAWBACK_WEATHER: how many retractions the storm has (default 40), CLAWBACK_IN_FLIGHT how many requests at once
(default 32). The storm is judged by the practice tenant's state alone: what stands where, acts, early comers.
"""
import email.utils
import os
import signal
import time
import unittest
from collections import Counter

from harness import Workspace
from harness.crowd import CrowdStage
from harness.http2 import Http2Front
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


RETRACTIONS = int(os.environ.get("CLAWBACK_WEATHER", "40"))
IN_FLIGHT = int(os.environ.get("CLAWBACK_IN_FLIGHT", "32"))
# What arrives so soon after a refusal was sent before it was heard of: a loaded machine is slow to tell.
ON_THE_WAY = "150ms"


def storm(percent, **fault):
    return {"host": "graph", "times": 0, "percent": percent, **fault}


# What throttles is met in mailboxes ("/m": messages, mailFolders); in the directory one pauses the search for all people,
# and one of APP_LIMIT everything. Each request meets the first of these that chance picks: some 32 in 100 meet one.
STORM = (
    storm(8, path="/m", status=429, retryAfter="1"), storm(4, path="/m", status=429, retryAfter="0.4"),
    storm(3, path="/m", status=429, retryAfter="in 2"), storm(1, path="/m", status=429),
    storm(4, path="/m", status=503, retryAfter="1", body="html"), storm(1, status=429, retryAfter="1"), storm(2, status=500),
    storm(1, status=502),
    storm(2, status=504, when="after", body="html"), storm(3, answer="cut"), storm(2, answer="cut", when="after"),
    storm(2, answer="cut-within"), storm(1, answer="stalled", slowMs=700), storm(1, answer="slow", slowMs=300),
    storm(1, status=200, when="after", body="html"), storm(3, path="/messages?", body="truncated"),
    storm(2, path="/move", body="truncated"), storm(1, path="/mailFolders/", status=200, body="empty"),
)
APP_LIMIT = {"host": "graph", "status": 429, "retryAfter": "1", "throttleScope": "Tenant_Application/ReadWrite", "times": 3,
             "skip": 100}


def findings(counters, acts):
    """What a storm must not have done; empty if all is well."""
    wrong = {name: counters[name] for name in ("earlyReturns", "overConcurrency", "repeatedActs") if counters[name]}
    if counters["mostInFlight"] > 4:
        wrong["mostInFlight"] = counters["mostInFlight"]
    if counters["acts"] != acts:
        wrong["acts"] = (counters["acts"], acts)
    return wrong


class Storm(unittest.TestCase):
    def _raise(self, retractions, fault=None, seconds=None):
        """Bad messages to everybody, and two good ones; answers the stage's findings, and what was counted."""
        messages = 10 if retractions >= 1000 else 4  # in few mailboxes many would wait for one another
        people = max(1, retractions // messages)
        with Workspace("storm") as folder, CrowdStage(
                folder, people, gate=Http2Front, sidecar={"requests_in_flight": IN_FLIGHT},
                practice={"on_the_way": ON_THE_WAY, "moved_on_percent": 3}) as stage:
            stage.relay.retractd.restart(fault)
            stage.ask("/faults", {"faults": [APP_LIMIT, *STORM], "seed": 5})
            generator = Generator(seed=51)
            good = [generator.plain_note() for _ in range(2)]
            bad = [generator.eicar() for _ in range(messages)]
            for number, mail in enumerate(bad):
                stage.send_in_parts(mail, people, delay_ms=2000 if number == 3 else 0)
                if number < len(good):
                    stage.send_in_parts(good[number], people)
            armed = people * len(bad)
            began = time.monotonic()
            ended = stage.wait_until_final(armed, seconds or 300 + armed // 10, every=1)
            return self._accounts(stage, people, good, bad, ended - began)

    def _accounts(self, stage, people, good, bad, seconds):
        status, counters, messages = stage.status()["counts"], stage.counters(), stage.messages()
        protocols = stage.gate.protocols()
        share = (counters["failed"] + counters["throttled"]) / counters["requests"]
        print(f"{people * len(bad)} retractions in {seconds:.0f} s, {status}, {share:.1%} of requests failed; {counters}; "
              f"{dict(protocols)} over {stage.gate.connections()} connections; bound at 95 %: "
              f"{3 / (people * len(bad)):.6f}", flush=True)
        wrong = findings(counters, people * len(bad))
        for mail, folder in [(each, "recoverableitemsdeletions") for each in bad] + [(each, "inbox") for each in good]:
            where = messages[header(mail, "Message-ID")]
            if where != {folder: people}:
                wrong[header(mail, "Message-ID")] = where
        return wrong, status, share, protocols

    def test_every_retraction_of_a_storm_ends_once_and_right(self):
        wrong, status, share, protocols = self._raise(RETRACTIONS)
        self.assertEqual(wrong, {})
        self.assertEqual((status["held"], status["armed"], status["claimed"]), (0, 0, 0))
        self.assertGreater(share, 0.3 if RETRACTIONS >= 1000 else 0.2)
        self.assertEqual(set(protocols), {"h2"})

    def test_a_client_that_does_not_wait_is_found(self):
        wrong, *_ = self._raise(40, fault="graph.retry-after=ignored", seconds=120)
        self.assertIn("earlyReturns", wrong)


class SilentTenant(unittest.TestCase):
    """Nobody answers what is asked about one tenant's many mailboxes: another tenant's mail is moved all the same."""

    def test_others_get_on_beside_a_tenant_that_is_not_answered(self):
        people = 120
        silence = {"host": "graph", "path": "person", "answer": "stalled", "slowMs": 12000, "times": 0}
        with Workspace("silent") as folder, CrowdStage(folder, people, sidecar={"requests_in_flight": 16}) as stage:
            stage.ask("/faults", {"faults": [silence]})
            generator = Generator(seed=62)
            stage.send_to(generator.eicar(), range(people))
            until(lambda: stage.status()["counts"]["claimed"] >= 24, 30, "as many workers as one tenant gets to be at work")
            time.sleep(1)
            for number in range(3):
                mail = generator.eicar()
                mail.recipients = ["user.one@company.example"]
                self.assertEqual(stage.send(mail, tenant="company")["smtpCode"], 250)
                until(lambda: self._moved(stage) == number + 1, 5, "the other tenant's mail to be moved")
            self.assertGreaterEqual(stage.status()["counts"]["claimed"], 24)  # the others are silent still

    def _moved(self, stage):
        company = next(each for each in stage.ask("/summary")["tenants"] if each["name"] == "company")
        return sum(where.get("recoverableitemsdeletions", 0) for where in company["messages"].values())


class CrowdedMailboxes(unittest.TestCase):
    """Many messages to few people: Exchange takes four requests at once in a mailbox, and all four are used."""

    def _most_in_flight(self, fault=None, until_too_many=False):
        people, messages = 2, 15
        with Workspace("crowded") as folder, CrowdStage(
                folder, people, sidecar={"requests_in_flight": 32}, practice={"latency": "60ms"}) as stage:
            stage.relay.retractd.restart(fault)
            generator = Generator(seed=61)
            sent = [generator.eicar() for _ in range(messages)]
            for mail in sent:
                stage.send_to(mail, range(people))
            if until_too_many:  # who is turned away so often may not end
                until(lambda: stage.counters()["overConcurrency"], 60, "five at once")
                return stage.counters()
            stage.wait_until_final(people * messages, 90)
            counters, where = stage.counters(), stage.messages()
            print(f"{people * messages} retractions in {people} mailboxes: {counters}", flush=True)
            for mail in sent:
                self.assertEqual(where[header(mail, "Message-ID")], {"recoverableitemsdeletions": people})
            return counters

    def test_four_at_once_and_never_five(self):
        counters = self._most_in_flight()
        self.assertEqual((counters["mostInFlight"], counters["overConcurrency"]), (4, 0))
        self.assertEqual(findings(counters, 30), {})

    def test_a_client_that_sends_five_is_found(self):
        counters = self._most_in_flight("graph.mailbox-cap=five", until_too_many=True)
        self.assertIn("overConcurrency", findings(counters, 30))


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
