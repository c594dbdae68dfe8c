# SPDX-License-Identifier: Apache-2.0
# seconds: 12
"""Lists in files and lists by hand, as the judges look them up behind real Postfix: the next report follows a change
within a second, and a file with a bad line leaves in force what was there."""
import hashlib
import json
import time
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import wrap
from harness.stage import Stage
from harness.wait import until


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        folder = cls.workspace.__enter__()
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.new_domains = folder / "new-domains"
        cls.new_domains.write_text("# of this week\nfresh.example\n")
        cls.stage = Stage(folder, list_files={"new_domains": str(cls.new_domains)})
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.mail = Generator(seed=11)
        cls.reports = 0

    def ask(self, *arguments):
        done = self.stage.command(*arguments, "--config", str(self.stage.relay.config))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def record(self, mail):
        """What was decided about mail, and why."""
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        type(self).reports += 1
        self.stage.wait_until_settled(self.reports)
        return self.stage.trace(str(self.stage.trace("--limit", "1")[0]["id"]))[0]["record"]

    def test_1_a_list_of_the_relay_is_looked_up_for_every_tenant(self):
        verdict = self.record(self.linking("www.fresh.example"))["judgement"]["verdict"]
        self.assertIn("new-domain-link", verdict["attributes"])
        self.assertNotIn("new-domain-link", self.verdict(self.linking("www.stale.example"))["attributes"])

    def test_2_a_file_that_changes_is_read_again_and_a_bad_one_is_not(self):
        self.replace("stale.example\n")
        self.wait_for_log("event=lists", 2)
        self.assertIn("new-domain-link", self.verdict(self.linking("www.stale.example"))["attributes"])
        self.replace("<html>503 Service Unavailable</html>\n")
        self.wait_for_log("event=list-refused", 1)
        self.assertIn("new-domains:1:1: ", self.stage.relay.milter.log())
        self.assertIn("new-domain-link", self.verdict(self.linking("www.stale.example"))["attributes"])
        check = self.stage.command("check", str(self.stage.relay.config))
        self.assertEqual(check.returncode, 1)
        self.assertIn("new-domains:1:1: ", check.stdout)

    def test_3_a_host_and_a_file_that_are_blocked_by_hand_are_acted_on(self):
        self.ask("tenant", "list-add", "contoso", "blocked_hosts", "evil.example", "--why", "reported")
        content = b"a,b\n3,4\n" * 9
        self.ask("tenant", "list-add", "contoso", "blocked_hashes", hashlib.sha256(content).hexdigest(), "--why",
                 "reported")
        time.sleep(1)  # the second that is promised
        record = self.record(self.linking("files.evil.example"))
        self.assertEqual(record["judgement"]["verdict"]["disposition"], "SUSPICIOUS")
        self.assertEqual({each["action"] for each in record["decision"]["recipients"]}, {"junk"})
        mail = self.mail._attached("figures", "MALICIOUS", "figures.csv", content, "text/csv")
        record = self.record(mail)
        self.assertEqual(record["judgement"]["verdict"]["disposition"], "MALICIOUS")
        self.assertEqual(len(record["judgement"]["lists"]), 2)  # the relay's file, and by hand
        self.assertIn("blocked-hash", json.dumps(record["judgement"]["verdict"]["findings"]))

    def test_4_a_threshold_of_the_tenant_is_weighed_with_and_recorded(self):
        self.ask("tenant", "set", "contoso", "thresholds.suspicious", "75", "--why", "too many")
        time.sleep(1)
        verdict = self.verdict(self.linking("files.evil.example"))
        self.assertEqual(verdict["disposition"], "SPAM")
        self.assertEqual(verdict["thresholds"]["suspicious"], 75)

    def test_5_a_brand_is_added_and_borrowed(self):
        self.ask("tenant", "brand-add", "contoso", "Contoso Pay", "contosopay.example", "--why", "launched")
        self.assertIn("Contoso Pay <contosopay.example>", self.ask("tenant", "show", "contoso"))
        time.sleep(1)
        mail = self.mail._mail("contoso-pay", "SUSPICIOUS", 'text/plain; charset="utf-8"', self.mail.text())
        self.assertIn("tenant-brand", json.dumps(self.verdict(mail)["findings"]))
        self.ask("tenant", "brand-remove", "contoso", "Contoso Pay", "--why", "sold")
        what = [json.loads(line)["what"] for line in self.ask("audit", "list", "--json").splitlines()]
        self.assertEqual([each for each in what if each.startswith("settings.brand")],
                         ["settings.brand-remove", "settings.brand-add"])

    def test_6_a_file_at_hand_is_judged_by_the_relays_lists_too(self):
        """What explain and policy test say of a file is what the milter decided about it."""
        self.replace("fresh.example\n")
        self.wait_for_log("event=lists", 3)
        mail = self.linking("www.fresh.example")
        recorded = self.record(mail)
        path = self.stage.folder / "at-hand.eml"
        path.write_text(mail.message, newline="")
        tenant = ("--tenant", "contoso"), ("--tenant-file", str(self.stage.relay.tenants / "contoso.yaml"))
        for options in ((), *tenant):
            with self.subTest("explain", options=options):
                told = json.loads(self.ask("explain", "--json", *options, str(path)))
                self.assertIn("new-domain-link", [each["reason"] for each in told["findings"]])
                self.assertIn(told["versions"]["lists"][0], recorded["judgement"]["lists"])
                self.assertEqual(told["versions"]["relay"], str(self.stage.relay.config))
        for options in tenant:
            with self.subTest("policy test", options=options):
                told = json.loads(self.ask("policy", "test", "--json", *options, "--recipient", mail.recipients[0], str(path)))
                self.assertIn("new_domains", [each["list"] for each in told["listed"]])
        report = self.stage.folder / "report.eml"
        report.write_bytes(wrap(mail))
        row = self.stage.trace("--limit", "1")[0]
        done = self.stage.command("explain", "--json", "--config", str(self.stage.relay.config), str(row["id"]), "--against",
                                  str(report))
        self.assertEqual(json.loads(done.stdout)["replay"]["inputs"], [], done.stderr)

    def linking(self, host):
        return self.mail._mail("a-note", "NONE", 'text/plain; charset="utf-8"',
                               f"{self.mail.text(30)}\r\nhttps://{host}/notes\r\n")

    def verdict(self, mail):
        return self.record(mail)["judgement"]["verdict"]

    def replace(self, text):
        fresh = self.new_domains.with_suffix(".fresh")
        fresh.write_text(text)
        fresh.rename(self.new_domains)

    def wait_for_log(self, words, times):
        until(lambda: self.stage.relay.milter.log().count(words) >= times, 10, f"{words} in the log")


if __name__ == "__main__":
    unittest.main(verbosity=2)
