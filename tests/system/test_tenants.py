# SPDX-License-Identifier: Apache-2.0
"""Tenants come and go while everything runs: clawback tenant add, remove, reload."""
import json
import time
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.stage import Stage
from harness.wait import until

GUID = "11111111-2222-4333-8444-555555555555"


class Tenants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__())
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.folder = cls.stage.relay.tenants
        # A new tenant demands Exchange Online's networks; here that is the practice tenant's.
        (cls.folder / "exchange-online.networks").write_text("networks: [127.0.0.0/8]\n")
        cls.secret = cls.stage.folder / "litware.secret"
        cls.secret.write_text("a secret of the test")
        cls.secret.chmod(0o600)

    def run_command(self, *arguments):
        return self.stage.command(*arguments, "--config", str(self.stage.relay.config))

    def ask(self, *arguments):
        done = self.run_command(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def add(self, name, tenant_id=GUID, domain="litware.example"):
        return self.run_command("tenant", "add", name, "--tenant-id", tenant_id, "--domain", domain,
                                "--originator-org", "litware.onmicrosoft.com", "--client-id",
                                "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e", "--client-secret", f"file:{self.secret}",
                                "--why", "a new customer")

    def entries(self, what):
        lines = self.ask("audit", "list", "--json").splitlines()
        return [entry for entry in map(json.loads, lines) if entry["what"] == what]

    def smtp_code(self, address, seed):
        usual = self.stage.service_address
        self.stage.service_address = lambda tenant: address
        try:
            return self.stage.send(Generator(seed=seed).plain_note())["smtpCode"]
        finally:
            self.stage.service_address = usual

    def reload_milter(self):
        milter = self.stage.relay.milter
        before = milter.log().count("event=reloaded")
        self.stage.relay.reload()
        until(lambda: milter.log().count("event=reloaded") > before, 10, "the milter to reload")

    def test_1_a_new_tenant_takes_reports(self):
        done = self.add("litware")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("next:", done.stdout)
        self.assertTrue((self.folder / "litware.yaml").exists())
        self.assertIn('originator_org: "litware.onmicrosoft.com"', (self.folder / "litware.yaml").read_text())
        entry = self.entries("tenant.add")[0]
        self.assertEqual((entry["tenant"], entry["why"], entry["who"]["kind"]), ("litware", "a new customer", "user"))
        self.assertIn("digest", entry["evidence"])
        self.assertIn("litware", self.ask("tenant", "list"))
        self.assertIn("observe", self.ask("tenant", "show", "litware"))
        address = self.ask("address", "add", "litware", "--domain", "relay.clawback.example", "--why", "first").strip()
        time.sleep(1)  # the second that is promised; nobody tells the milter of the file
        self.assertEqual(self.smtp_code(address, seed=1), 250)
        self.stage.wait_until_settled(1)
        # The practice tenant journals for another one: taken for litware, and never acted on.
        row = self.stage.trace("--limit", "1")[0]
        self.assertEqual((row["tenant"], row["handling"]), ("litware", "unauthentic"))
        story = self.stage.trace(str(row["id"]))[0]
        checks = {each["check"]: each for each in story["record"]["source"]}
        demanded = {name for name, each in checks.items() if each["demanded"]}
        self.assertEqual(demanded, {"tls", "network", "secret-address", "originator-org", "tenant-id"})
        self.assertEqual({name for name in demanded if not checks[name]["met"]}, {"originator-org", "tenant-id"})
        self.assertEqual(checks["certificate-subject"],
                         {"check": "certificate-subject", "demanded": False, "met": True,
                          "seen": "mail.protection.outlook.com"})
        self.assertRegex(self.ask("trace", str(row["id"])), r"network +met +demanded +127\.0\.0\.1")
        type(self).address = address

    def test_2_what_does_not_fit_is_refused_and_writes_nothing(self):
        before = sorted(self.folder.iterdir())
        done = self.add("litware")
        self.assertEqual((done.returncode, "already" in done.stderr), (1, True), done.stderr)
        done = self.add("other")  # the id is litware's
        self.assertEqual(done.returncode, 1)
        self.assertIn("litware.yaml", done.stderr)
        done = self.add("third", tenant_id="no-guid")
        self.assertRegex(done.stderr, r"third\.yaml:\d+:\d+.*GUID")
        self.assertEqual(self.run_command("tenant", "add", "../x", "--why", "w").returncode, 2)
        self.assertEqual(self.run_command("tenant", "remove", "litware", "--why", "w").returncode, 2)  # no --yes
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_3_a_removed_tenant_is_refused_and_can_come_back(self):
        self.ask("tenant", "remove", "litware", "--yes", "--why", "contract ended")
        kept = self.folder / "litware.yaml.removed"
        self.assertTrue(kept.exists())
        self.reload_milter()
        self.assertEqual(self.smtp_code(self.address, seed=2), 550)
        self.assertEqual(self.entries("tenant.remove")[0]["why"], "contract ended")
        kept.rename(self.folder / "litware.yaml")
        self.ask("tenant", "reload", "--why", "they came back")
        self.reload_milter()
        self.assertEqual(self.smtp_code(self.address, seed=3), 250)
        self.assertEqual(len(self.entries("tenant.add")), 2)
        self.assertIn("whole", self.ask("audit", "verify").lower())

    def test_4_without_the_sidecar_it_says_what_was_done(self):
        self.stage.relay.retractd.stop()
        done = self.run_command("tenant", "remove", "litware", "--yes", "--why", "again")
        self.assertEqual(done.returncode, 1)
        self.assertIn("kept as:", done.stdout)
        self.assertIn("clawback tenant reload", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
