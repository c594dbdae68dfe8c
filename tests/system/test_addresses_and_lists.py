# SPDX-License-Identifier: Apache-2.0
"""An address issued while everything runs is known within a second; lists change what is decided."""
import json
import time
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.stage import Stage


class AddressesAndLists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__())
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)

    def ask(self, *arguments):
        done = self.stage.command(*arguments, "--config", str(self.stage.relay.config))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def decide(self, reports, mail, address=None):
        """The decision on mail, the so-manieth report; sent to that service address."""
        usual = self.stage.service_address
        if address:
            self.stage.service_address = lambda tenant: address
        try:
            self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        finally:
            self.stage.service_address = usual
        self.stage.wait_until_settled(reports)
        row = self.stage.trace("--limit", "1")[0]
        return self.stage.trace(str(row["id"]))[0]["record"]

    def test_1_an_issued_address_takes_reports_within_a_second(self):
        address = self.ask("address", "add", "contoso", "--why", "a second rule").strip()
        self.assertRegex(address, r"^[a-z2-7]{32}@relay\.clawback\.example$")
        time.sleep(1)  # the second that is promised
        record = self.decide(1, Generator(seed=1).spam_by_exchange(), address)
        self.assertEqual(record["tenant"], "contoso")
        self.assertEqual(record["channel"]["service_address"], address)
        rows = [json.loads(line) for line in self.ask("address", "list", "contoso", "--json").splitlines()]
        self.assertEqual([each["from"] == "settings" for each in rows], [False, True])
        self.assertIn("contoso.yaml:", rows[0]["from"])
        record = self.decide(2, Generator(seed=2).spam_by_exchange())  # the file's stays valid
        self.assertEqual(record["decision"]["handling"], "decided")
        self.assertNotIn(address, self.ask("audit", "list", "--json"))

    def test_2_a_list_changes_the_next_decision_and_is_named_by_it(self):
        mail = Generator(seed=3).spam_by_exchange()
        self.ask("tenant", "list-add", "contoso", "exempt_recipients", mail.recipients[0], "--why", "legal hold")
        time.sleep(1)
        recipients = self.decide(3, mail)["decision"]["recipients"]
        found = {each["address"]: (each["action"], each["reason"]) for each in recipients}
        self.assertEqual(found[mail.recipients[0]], ("none", "exempt-recipient"))
        self.assertIn(mail.recipients[0], self.ask("tenant", "show", "contoso"))
        self.ask("tenant", "list-remove", "contoso", "exempt_recipients", mail.recipients[0], "--why", "lifted")
        sender = mail.sender
        self.ask("tenant", "list-add", "contoso", "blocked_senders", sender, "--why", "complaints")
        time.sleep(1)
        record = self.decide(4, Generator(seed=4).plain_note())
        self.assertEqual(record["judgement"]["verdict"]["disposition"], "NONE")
        self.assertEqual({(each["action"], each["reason"]) for each in record["decision"]["recipients"]},
                         {("junk", "blocked-sender")})
        self.ask("tenant", "list-remove", "contoso", "blocked_senders", sender, "--why", "sorry")
        self.ask("tenant", "list-add", "contoso", "trusted_senders", "partner.example", "--why", "our partner")
        time.sleep(1)
        record = self.decide(5, Generator(seed=5).spam_by_exchange())
        self.assertTrue(record["judgement"]["sender"]["authenticated"])
        self.assertEqual({(each["action"], each["reason"]) for each in record["decision"]["recipients"]},
                         {("none", "trusted-sender")})
        what = [json.loads(line)["what"] for line in self.ask("audit", "list", "--json").splitlines()]
        self.assertEqual([each for each in what if each.startswith("settings.list")],
                         ["settings.list-add", "settings.list-remove"] * 2 + ["settings.list-add"])

    def test_3_a_rotation_loses_no_report_and_its_end_is_final(self):
        old = self.ask("address", "add", "contoso", "--why", "to be rotated").strip()
        new = self.ask("address", "rotate", "contoso", "--address", old, "--why", "yearly").strip()
        time.sleep(1)
        for seed, address in ((31, old), (32, new)):  # both at once
            self.assertEqual(self.code(Generator(seed=seed).plain_note(), address), 250)
        self.assertRegex(self.ask("address", "retire", old[:8], "--why", "nothing comes there"), "^ends at ")
        time.sleep(1)
        self.assertEqual(self.code(Generator(seed=33).plain_note(), old), 550)
        self.assertEqual(self.code(Generator(seed=34).plain_note(), new), 250)
        self.assertIn("event=ended-address", self.stage.relay.milter.log())
        for start, says in ((new[:5], "six at least"), ("zzzzzz", "no service address begins so")):
            refused = self.stage.command("address", "retire", start, "--why", "a slip", "--config", str(self.stage.relay.config))
            self.assertEqual(refused.returncode, 1)
            self.assertIn(says, refused.stderr)
        # By itself, without anybody asking.
        soon = self.ask("address", "rotate", "contoso", "--address", new[:8].upper(), "--ends", "2s", "--why", "leaked").strip()
        self.assertEqual(self.code(Generator(seed=35).plain_note(), new), 250)
        time.sleep(3)
        self.assertEqual(self.code(Generator(seed=36).plain_note(), new), 550)
        self.assertEqual(self.code(Generator(seed=37).plain_note(), soon), 250)
        self.assertIn("ended ", self.ask("address", "list", "contoso"))
        entries = self.ask("audit", "list", "--json")
        self.assertFalse([each for each in (old, new, soon) if each in entries])
        what = [json.loads(line)["what"] for line in entries.splitlines()][:4]
        self.assertEqual(what, ["address.rotate", "address.retire", "address.rotate", "address.add"])

    def code(self, mail, address):
        usual = self.stage.service_address
        self.stage.service_address = lambda tenant: address
        try:
            return self.stage.send(mail)["smtpCode"]
        finally:
            self.stage.service_address = usual


if __name__ == "__main__":
    unittest.main(verbosity=2)
