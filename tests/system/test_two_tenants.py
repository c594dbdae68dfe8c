# SPDX-License-Identifier: Apache-2.0
# seconds: 20
"""Mixed reports of two tenants whose people write to one another, and of senders who name other people's mailboxes: no
retraction names a mailbox of the other tenant, no request about one is made with its credential, and every bad message is
gone from the mailboxes of the tenant that reported it, and from no other."""
import collections
import os
import random
import re
import threading
import unittest
import urllib.parse

from harness import Workspace
from harness.mail import Generator
from harness.milter_client import DISCARD, MilterClient
from harness.report import header, wrap
from harness.sidecar_client import SidecarClient
from harness.stage import TENANTS, Stage

REPORTS = int(os.environ.get("CLAWBACK_MIXED_REPORTS", "600"))
SESSIONS = 6
BATCH = 5000  # the practice tenant remembers so many requests that a batch never fills it
BAD = 20      # one report in so many is about bad mail, and a copy of it lies in a mailbox of each tenant
# Of some 66,000 notes of words drawn by lot one was taken for spam.
NOTE = "Hello,\r\n\r\nthe minutes of Tuesday's meeting are in the usual folder. See you next week.\r\n\r\nKind regards\r\n"
BOTH = {tenant["settings"]["name"]: tenant for tenant in TENANTS if tenant["settings"]["name"] in ("contoso", "company")}


def domain(name):
    return BOTH[name]["settings"]["domains"][0]


def ways_to_name(own, other):
    """Recipient lines that name both: own is in the mailbox's own tenant, other must never be acted on."""
    own_domain, other_domain = own.split("@")[1], other.split("@")[1]
    return ([own, other], [f"{own}, Expanded: {other}"], [other + f", Forwarded: {own}", own], [f"{own}, Forwarded: {other}", other],
            [f'"{other}"@{own_domain}', own], [f"{other}@{own_domain}", own], [own, f"<{other}>"], [own, f"{own} <{other}>"],
            [own, other.upper()], [own, f"x@{other_domain}.{own_domain}"], [own, f"{own},{other}"], [own.upper(), other])


class TwoTenants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("two-tenants")
        cls.stage = Stage(workspace.__enter__(), practice={"mailbox_requests": 100_000_000, "mailbox_concurrency": 100})
        cls.addClassCleanup(workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.random = random.Random(2026)
        # Seeds that differ: two streams that fall into step would give both tenants the same Message-ID.
        cls.generators = {name: Generator(seed=name, domain=domain(name)) for name in BOTH}
        cls.reports = 0
        cls.stored = {}  # Message-ID of a bad message: (whose report, own mailbox, the other's)

    def next_report(self):
        """(tenant, report): about good mail, or bad mail that lies in two mailboxes."""
        name, other_name = self.random.sample(sorted(BOTH), 2)
        own, other = (self.random.choice(BOTH[each]["users"]) for each in (name, other_name))
        generator = self.generators[name]
        self.reports += 1
        bad = self.reports % BAD == 0
        mail = generator.eicar() if bad else generator.plain_note(NOTE)
        mail.recipients = self.random.choice(ways_to_name(own, other))
        if bad:
            for user in (own, other):
                self.stage.ask(f"/users/{user}/items", {"message": mail.message, "folder": "inbox"})
            self.assertNotIn(header(mail, "Message-ID"), self.stored)
            self.stored[header(mail, "Message-ID")] = (name, own, other)
        settings = BOTH[name]["settings"]
        return name, wrap(mail, settings["tenant_id"], settings["demands"]["originator_org"])

    def send(self, count):
        """So many more, straight to the milter, in several sessions as Postfix has them."""
        written = threading.Lock()
        end = self.reports + count
        answers = collections.Counter()

        def session():
            with MilterClient(self.stage.relay.milter_socket) as client:
                while True:
                    with written:
                        if self.reports >= end:
                            return
                        name, report = self.next_report()
                    kind, _ = client.send_report(f"<{self.stage.service_address(name)}>", report)
                    with written:
                        answers[kind] += 1

        sessions = [threading.Thread(target=session) for _ in range(SESSIONS)]
        for each in sessions:
            each.start()
        for each in sessions:
            each.join()
        self.assertEqual(answers, {DISCARD: count})

    # --- checking -----------------------------------------------------------------------------
    def no_retraction_crosses(self, newer_than=0):
        """Every retraction in the ledger is about a mailbox of the tenant that reported it. Answers how many there are."""
        count = 0
        with SidecarClient(self.stage.relay.sidecar_socket) as sidecar:
            for row in sidecar.rows(disposition="MALICIOUS", after=newer_than):
                for each in sidecar.story(row)["retractions"]:
                    count += 1
                    self.assertEqual(each["recipient"].lower().split("@")[-1], domain(row["tenant"]), row)
        return count

    def no_request_crosses(self):
        """With a tenant's token nothing is asked about anybody of the other."""
        users = {user["id"]: tenant["id"] for tenant in self.stage.state()["tenants"] for user in tenant["users"]}
        foreign = {tenant["settings"]["tenant_id"]: re.compile(rf'@{re.escape(domain(other))}(?![\w."@])')
                   for name, tenant in BOTH.items() for other in BOTH if other != name}
        asked = collections.Counter()
        for each in self.stage.ask("/requests")["requests"]:
            if each["host"] != "graph" or each["path"].endswith("/$batch"):  # the parts of a batch stand there too
                continue
            asked[each["tenantId"]] += 1
            self.assertEqual(users.get(each["userId"], each["tenantId"]), each["tenantId"], each)
            self.assertIsNone(foreign[each["tenantId"]].search(urllib.parse.unquote(each["path"]).lower()), each)
        return asked

    def mailboxes_are_right(self):
        lies = {}  # (mailbox, Message-ID): folder
        for tenant in self.stage.state()["tenants"]:
            for user in tenant["users"]:
                for folder in user.get("folders", []):
                    for item in folder["items"]:
                        lies[user["userPrincipalName"], item["internetMessageId"]] = folder["displayName"]
        for message_id, (name, own, other) in self.stored.items():
            self.assertEqual((lies[own, message_id], lies[other, message_id]), ("Deletions", "Inbox"), (name, message_id))

    def test_1_no_retraction_and_no_request_is_about_the_other_tenant(self):
        moved = 0
        for begin in range(0, REPORTS, BATCH):
            with SidecarClient(self.stage.relay.sidecar_socket) as sidecar:
                newest = next((row["id"] for row in sidecar.rows()), 0)
            self.send(min(BATCH, REPORTS - begin))
            self.stage.wait_until_settled(self.reports, seconds=180)
            moved += self.no_retraction_crosses(newest)
            self.assertEqual(len(self.no_request_crosses()), len(BOTH))
        self.assertGreaterEqual(moved, len(self.stored))
        self.mailboxes_are_right()

    def test_2_a_domain_in_the_wrong_tenants_file_would_be_noticed(self):
        relay, other = self.stage.relay, BOTH["company"]["users"][0]
        settings = {**BOTH["contoso"]["settings"], "domains": ["contoso.example", domain("company")]}
        access = self.stage.graph_access
        relay.write_tenant(settings, graph=access)
        for daemon in (relay.milter, relay.retractd):
            daemon.restart()
        mail = self.generators["contoso"].eicar()
        mail.recipients = [other]
        with MilterClient(relay.milter_socket) as client:
            client.send_report(f"<{self.stage.service_address('contoso')}>", wrap(mail))
        self.stage.wait_until_settled(self.reports + 1)
        for check in (self.no_retraction_crosses, self.no_request_crosses):
            with self.assertRaises(AssertionError):
                check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
