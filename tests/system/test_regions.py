# SPDX-License-Identifier: Apache-2.0
# seconds: 25
"""Two relays in two regions, and the ready-made configurations of packaging/regions."""

import datetime
import json
import pathlib
import re
import subprocess
import unittest

from harness import BIN, SOURCE, Workspace
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.postfix import Postfix
from harness.segments import decisions
from harness.smtp import JournalClient
from harness.wait import until

REGIONS = SOURCE / "packaging/regions"
NAMES = ("us-east", "us-west", "eu1")
REPORT = (SOURCE / "tests/data/journal/s01-inbound-recipient.eml").read_bytes()
STRICT_US, STRICT_EU = "jrn-s@us.relay.clawback.example", "jrn-s@eu.relay.clawback.example"
OPEN_US, OPEN_EU = "jrn-o@us.relay.clawback.example", "jrn-o@eu.relay.clawback.example"
STRICT = {**CONTOSO, "demands": {**CONTOSO["demands"], "originator_org": "", "tenant_id_mark": False},
          "service_addresses": [{"address": STRICT_US, "region": "us"}, {"address": STRICT_EU, "region": "eu"}]}
OPEN = {**STRICT, "name": "fabrikam", "tenant_id": "11111111-2222-4333-8444-555555555555",
        "domains": ["fabrikam.example"], "region_policy": "primary", "fallback_relays": ["us-east"],
        "service_addresses": [{"address": OPEN_US, "region": "us"}, {"address": OPEN_EU, "region": "eu"}]}


def relays_of(name):
    """The list "relays" of a ready-made clawback.yaml."""
    text = (REGIONS / name / "clawback.yaml").read_text()
    return [dict(zip(("name", "region", "host"), found))
            for found in re.findall(r"  - name: (\S+)\n    region: (\S+)\n    host: (\S+)\n", text)]


def addresses():
    """(address, region) of the ready-made tenants."""
    return [found for file in sorted((REGIONS / "tenants.d").glob("*.yaml"))
            for found in re.findall(r"  - address: (\S+)\n    region: (\S+)\n", file.read_text())]


class ReadyMade(unittest.TestCase):
    def test_each_is_without_fault_and_all_agree(self):
        regions = {}
        for name in NAMES:
            done = subprocess.run([BIN / "clawback", "check", "--json", REGIONS / name / "clawback.yaml"],
                                  capture_output=True, text=True, check=False)
            checked = json.loads(done.stdout)
            self.assertEqual((done.returncode, checked["faults"]), (0, []))
            self.assertEqual(checked["relay"], name)
            self.assertEqual(checked["tenants"], ["contoso", "fabrikam"])
            regions[name] = checked["region"]
            self.assertEqual(relays_of(name), relays_of(NAMES[0]))
        self.assertEqual(regions, {each["name"]: each["region"] for each in relays_of("eu1")})
        self.assertEqual(regions, {"us-east": "us", "us-west": "us", "eu1": "eu"})

    def test_an_address_of_each_region_for_each_tenant(self):
        self.assertEqual(sorted(region for _, region in addresses()), ["eu", "eu", "us", "us"])
        self.assertEqual(len({address for address, _ in addresses()}), 4)

    def test_postfix_takes_the_settings_of_each(self):
        hosts = {each["name"]: each["host"] for each in relays_of("eu1")}
        with Workspace("regions-postfix") as folder:
            tls = Certificates(folder / "tls")
            for name in NAMES:
                postfix = Postfix(folder / name, tls, folder / "milter.sock", domain=None,
                                  options=["--site", REGIONS / name / "main.cf.site"])
                checked = subprocess.run(["postfix", "-c", str(postfix.config), "check"], capture_output=True,
                                         text=True, check=False)
                self.assertEqual(checked.returncode, 0, checked.stderr)
                self.assertEqual(postfix.setting("myhostname"), hosts[name])
                # A domain that is missing here would be a 554 for good, where 451 is promised.
                taken = postfix.setting("relay_domains").replace(",", " ").split()
                for address, _ in addresses():
                    self.assertIn(address.partition("@")[2], taken)

    def test_a_region_without_a_relay_and_an_unknown_fallback_are_found(self):
        with Workspace("regions-planted") as folder:
            for planted, fault in (("region: eu\nregion_policy", "no relay stands in ap"),
                                   ("fallback_relays: [us-east]", "there is no relay ap-1")):
                for file in (*REGIONS.glob("tenants.d/*.yaml"), REGIONS / "us-east/clawback.yaml"):
                    place = folder / (file.name if file.name == "clawback.yaml" else f"tenants.d/{file.name}")
                    place.parent.mkdir(exist_ok=True)
                    text = file.read_text()
                    if planted in text and "fabrikam" in text:
                        text = text.replace(planted, planted.replace("eu", "ap").replace("us-east", "ap-1"))
                    place.write_text(text)
                done = subprocess.run([BIN / "clawback", "check", folder / "clawback.yaml"], capture_output=True,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(fault, done.stdout)


class Relay:
    """One relay of the ready-made three, with Postfix."""

    def __init__(self, folder, name, region, tls):
        self.clawback = Clawback(folder / name, region=region, relay=name, relays=relays_of(name))
        for tenant in (STRICT, OPEN):
            self.clawback.write_tenant(tenant)
        self.postfix = Postfix(folder / name / "postfix", tls, self.clawback.milter_socket, domain=None,
                               options=["--site", REGIONS / name / "main.cf.site"])
        self.tls = tls

    def start(self):
        self.clawback.retractd.start()
        self.clawback.milter.start()
        self.postfix.start()
        return self

    def stop(self):
        self.postfix.stop()
        self.clawback.__exit__()

    def send(self, name, *recipients):
        with JournalClient(self.postfix.port, self.tls.ca, self.tls.client) as client:
            return client.send(f"X-Test: {name}\r\n".encode() + REPORT, recipients)

    def decided(self):
        return len(decisions(self.clawback.segments))

    def rows(self):
        done = self.clawback.command("trace", "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


class TwoRelays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("regions")
        folder = pathlib.Path(workspace.__enter__())
        cls.addClassCleanup(workspace.__exit__)
        tls = Certificates(folder / "tls")
        cls.east = Relay(folder, "us-east", "us", tls)
        cls.addClassCleanup(cls.east.stop)
        cls.eu1 = Relay(folder, "eu1", "eu", tls)
        cls.addClassCleanup(cls.eu1.stop)
        cls.east.start()
        cls.eu1.start()

    def test_the_wrong_relay_names_the_right_one_before_content_and_that_one_takes_it(self):
        cases = ((self.east, self.eu1, STRICT_EU, ["eu1"], "us"), (self.eu1, self.east, STRICT_US, ["us-east", "us-west"], "eu"),
                 (self.eu1, self.east, OPEN_US, ["us-east", "us-west"], "eu"))  # us-east is a fallback, eu1 is none
        for number, (wrong, right, address, named, region) in enumerate(cases):
            with self.subTest(address):
                before = wrong.decided()
                refused = wrong.send(f"wrong {number}", address)
                self.assertEqual((refused.stage, refused.code), ("rcpt", 451))
                for name in NAMES:
                    expected = self.assertIn if name in named else self.assertNotIn
                    expected(f"{name}.relay.clawback.example", refused.text)
                self.assertIn(f"stands in region {region}", refused.text)
                self.assertEqual(wrong.decided(), before)
                self.assertIn("event=other-region", wrong.clawback.milter.log())
                before = right.decided()
                self.assertTrue(right.send(f"right {number}", address).taken)
                self.assertEqual(right.decided(), before + 1)

    def test_a_named_fallback_takes_it_and_trace_and_proof_name_the_relay(self):
        self.assertTrue(self.east.send("fallback", OPEN_EU).taken)
        self.assertIn("event=fallback-region", self.east.clawback.milter.log())
        def row():
            return next((each for each in self.east.rows() if each["tenant"] == "fabrikam"), None)
        until(row, 30, "the trace to have it")
        self.assertEqual((row()["relay"], row()["region"]), ("us-east", "us"))
        story = self.east.clawback.command("trace", str(row()["id"])).stdout
        self.assertRegex(story, r"relay +us-east \(region us\)")
        self.assertRegex(story, r"regions +address of region eu, policy primary: fallback")
        self.assertIn("us-east (us)", self.east.clawback.command("trace").stdout)
        month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
        done = self.east.clawback.command("region", "report", "--month", month, "--json")
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["proven"], report["violation"]), (0, True, 0))
        self.assertEqual(report["ledger_of"], "us-east")
        told = [(each["tenant"], each["relay"], each["address_region"], each["standing"]) for each in report["rows"]]
        self.assertIn(("fabrikam", "us-east", "eu", "fallback"), told)
        people = self.east.clawback.command("region", "report", "--month", month, "--tenant", "fabrikam")
        self.assertIn(f"proven for {month} so far: ", people.stdout)

    def test_addresses_of_two_regions_never_share_a_transaction(self):
        reply = self.east.send("both", OPEN_US, OPEN_EU)
        self.assertEqual((reply.stage, reply.code), ("rcpt", 452))

    def test_wrong_arguments_are_told(self):
        ask = self.east.clawback.command
        self.assertEqual(ask("region").returncode, 2)
        self.assertEqual(ask("region", "report").returncode, 2)
        wrong = ask("region", "report", "--month", "2026-13")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("expected a month such as 2026-11", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
