# SPDX-License-Identifier: Apache-2.0
# seconds: 70
"""Every class of Graph's answers, met by a real retraction: how it ends, how often it asks, and how long it waits."""
import email.utils
import time
import unittest
from dataclasses import dataclass, field, replace

from harness import Workspace
from harness.mail import Generator
from harness.pauses import broken_pauses
from harness.report import header
from harness.stage import CLIENT_ID, Stage

MOVE, CONTENT, SEARCH = "/move", "/$value", "/messages?"


@dataclass
class Case:
    """What one mailbox meets, and what the retraction in it must come to. faults: each without its user. asked: how
    many requests for what the fault is about. waits: at least so many seconds between one of them and the next."""
    name: str
    faults: tuple
    outcome: str
    asked: object  # or one of a few numbers
    detail: str = ""
    waits: tuple = ()
    path: str = field(init=False)

    def __post_init__(self):
        self.path = self.faults[0]["path"]

    @property
    def address(self):
        return f"{self.name}@contoso.example"


def fault(path, status, **more):
    return {"host": "graph", "path": path, "status": status, **more}


def final(name, status, outcome, detail="", path=MOVE, **more):
    return Case(name, (fault(path, status, times=0, **more),), outcome, 1, detail)


def again(name, status, wait, path=MOVE, **more):
    return Case(name, (fault(path, status, **more),), "moved", 2, waits=(wait,))


CASES = (
    # final: we asked wrongly
    final("bad-request", 400, "failed", "BadRequest"), final("not-allowed", 405, "failed"),
    final("not-acceptable", 406, "failed"), final("too-large", 413, "failed"), final("media-type", 415, "failed"),
    final("not-implemented", 501, "failed"),
    # a new token once, then final for the mailbox
    Case("token", (fault(MOVE, 401),), "moved", 2),
    # a third where somebody else's new token came just before ours: then everybody waits 5 s
    Case("no-token", (fault(MOVE, 401, times=0),), "not-permitted", (2, 3, 4), "the mailbox alone"),
    # final for the mailbox
    final("denied", 403, "not-permitted", "ErrorAccessDenied"),
    # looked at first: Exchange says this of what is gone, too
    final("cannot-delete", 403, "on-hold", "a hold or retention", code="ErrorCannotDeleteObject"),
    # not there: looked for again, or no mailbox at all
    Case("item-gone", (fault(CONTENT, 404),), "moved", 2),
    final("no-rest", 404, "not-a-mailbox", "MailboxNotEnabledForRESTAPI", SEARCH, code="MailboxNotEnabledForRESTAPI"),
    final("invalid-user", 404, "not-a-mailbox", "ErrorInvalidUser", SEARCH, code="ErrorInvalidUser"),
    Case("gateway-404", (fault(CONTENT, 404, body="html"),), "moved", 2, waits=(0.1,)),
    # Three times in a row it is asked again at once: then the attempt ends, and the next one comes after 3 s.
    Case("gateway-404s", (fault(CONTENT, 404, body="html", times=3),), "moved", 4, waits=(0.1, 0.4, 3)),
    # a few times
    again("conflict", 409, 3), again("precondition", 412, 3), again("locked", 423, 3),
    Case("conflicts", (fault(MOVE, 409, times=0),), "failed", 4, "another change was in the way", (3, 6, 12)),
    # when told, in each way of telling
    again("throttled", 429, 2, retryAfter="2"), again("decimal", 429, 1.249, retryAfter="1.249"),
    again("untold", 429, 3), again("date", 429, 2, retryAfter="DATE"), again("busy-told", 503, 2, retryAfter="2"),
    again("searching", 429, 2, SEARCH, retryAfter="2"),
    # with back-off
    again("general", 500, 3), again("bad-gateway", 502, 3, body="html"), again("unavailable", 503, 3),
    again("bandwidth", 509, 3, body="empty"),
    Case("twice", (fault(MOVE, 503, times=2),), "moved", 3, waits=(3, 6)),
    # perhaps done: looked at before anything is done again
    Case("done-504", (fault(MOVE, 504, when="after", body="html"),), "moved", 1),
    Case("done-cut", (fault(MOVE, 0, when="after", answer="cut"),), "moved", 1),
    again("undone-504", 504, 3, body="html"),
    # final, and the operator can do something
    final("full", 507, "failed", "must make room"),
    final("quota", 507, "failed", "must make room", code="quotaLimitReached"),
    # a success is one, whatever else it says
    Case("success", (fault(MOVE, 0, retryAfter="20"),), "moved", 1),
)


class ManyMailboxes(Stage):
    """Contoso with one mailbox for each case."""

    def _practice_config(self):
        config = super()._practice_config()
        contoso = next(tenant for tenant in config["tenants"] if tenant["name"] == "contoso")
        contoso["users"] += [{"address": case.address} for case in CASES]
        return config


class Answers(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        self.stage = ManyMailboxes(workspace.__enter__())
        self.addCleanup(workspace.__exit__)
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.generator = Generator(seed=61)

    def _send(self, address):
        mail = self.generator.eicar()
        message = mail.message.replace("To: " + ", ".join(f"<{each}>" for each in mail.recipients), f"To: <{address}>")
        mail = replace(mail, recipients=[address], message=message)
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        return mail

    def _requests(self):
        return self.stage.ask("/requests")["requests"]

    def _users(self):
        return {user["userPrincipalName"]: user["id"] for tenant in self.stage.state()["tenants"]
                for user in tenant["users"]}

    @staticmethod
    def _outcomes(stories):
        return {each["recipient"]: each["outcome"] for story in stories for each in story["retractions"]}

    def _order(self, case):
        date = email.utils.formatdate(time.time() + 30, usegmt=True)
        for each in case.faults:
            told = {"retryAfter": date} if each.get("retryAfter") == "DATE" else {}
            self.stage.ask("/faults", {**each, **told, "user": case.address})

    def test_every_answer_ends_as_the_table_says(self):
        for case in CASES:
            self._order(case)
        mails = {case.name: self._send(case.address) for case in CASES}
        outcomes = self._outcomes(self.stage.wait_until_settled(len(CASES), seconds=90))
        requests, users = self._requests(), self._users()
        for case in CASES:
            with self.subTest(case.name):
                outcome = outcomes[case.address]
                self.assertEqual(outcome["kind"], case.outcome, outcome)
                self.assertIn(case.detail, outcome["detail"])
                moved = "Deletions" if case.outcome == "moved" else "Inbox"
                self.assertEqual(self.stage.folders_of(header(mails[case.name], "Message-ID")), {case.address: [moved]})
                asked = [each for each in requests if each["userId"] == users[case.address] and case.path in each["path"]
                         and (case.path != SEARCH or "/mailFolders/" not in each["path"])]
                self.assertIn(len(asked), case.asked if isinstance(case.asked, tuple) else (case.asked,), asked)
                for wait, (before, after) in zip(case.waits, zip(asked, asked[1:])):
                    self.assertGreaterEqual(after["timeMs"] - before["timeMs"], wait * 1000 - 1)
        self.assertEqual(broken_pauses(requests), [])
        self.assertEqual(self.stage.state()["counters"]["earlyReturns"], 0)
        self.assertEqual([each for each in requests if CLIENT_ID in each["path"]], [])

    def test_a_limit_of_the_app_pauses_every_mailbox(self):
        self.stage.ask("/faults", fault("/messages", 429, retryAfter="4", throttleScope="Tenant_Application/ReadWrite"))
        for name in ("alice", "bob", "carol"):
            self._send(f"{name}@contoso.example")
        outcomes = self._outcomes(self.stage.wait_until_settled(3, seconds=60))
        self.assertEqual({outcome["kind"] for outcome in outcomes.values()}, {"moved"})
        requests = self._requests()
        self.assertEqual(sum(each["status"] == 429 for each in requests), 1)
        self.assertEqual(broken_pauses(requests), [])

    def test_one_new_token_serves_all_whose_token_ended(self):
        self._send("alice@contoso.example")
        self.stage.wait_until_settled(1)
        before = self.stage.state()["counters"]["tokensIssued"]
        self.stage.ask("/expire-tokens", {})
        for name in ("bob", "carol", "dave", "erin", "eve"):
            self._send(f"{name}@contoso.example")
        outcomes = self._outcomes(self.stage.wait_until_settled(6, seconds=60))
        self.assertEqual({outcome["kind"] for outcome in outcomes.values()}, {"moved"})
        self.assertEqual(self.stage.state()["counters"]["tokensIssued"] - before, 1)


class TheChecker(unittest.TestCase):
    """A log in which a pause is not obeyed must be seen."""

    @staticmethod
    def _request(at, status=200, user="u-1", retry_after="", scope=""):
        return {"host": "graph", "timeMs": at, "status": status, "userId": user, "retryAfter": retry_after,
                "throttleScope": scope}

    def test_a_pause_that_was_kept_is_no_finding(self):
        self.assertEqual(broken_pauses([self._request(0, 429, retry_after="2"), self._request(50), self._request(500, user="u-2"),
                                        self._request(2000), self._request(2100, retry_after="9"), self._request(2200)]), [])

    def test_who_comes_early_is_found_in_each_way_of_telling(self):
        date = email.utils.formatdate(10, usegmt=True)
        for status, said, early in ((429, "2", 1999), (429, "2.5", 2400), (429, date, 9900), (429, "", 2900), (503, "2", 1500)):
            log = [self._request(0, status, retry_after=said), self._request(early)]
            self.assertEqual(len(broken_pauses(log)), 1, said)

    def test_another_mailbox_must_wait_where_the_limit_is_the_apps(self):
        log = [self._request(0, 429, retry_after="2", scope="Tenant_Application"), self._request(1000, user="u-2")]
        self.assertEqual(len(broken_pauses(log)), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
