# SPDX-License-Identifier: Apache-2.0
# seconds: 15
"""How a tenant's reports flow, through real Postfix: what was taken, refused and repeated, the connector's validation,
and what a resumed TLS session proves of the client's certificate. Postfix keeps TLS sessions here, unlike in
packaging/postfix."""
import json
import ssl
import subprocess
import unittest

from harness import BIN, SOURCE, Workspace
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.postfix import Postfix
from harness.segments import decisions
from harness.smtp import JournalClient, send_report
from harness.wait import until

REPORTS = SOURCE / "tests/data/journal"
REPORT = (REPORTS / "s01-inbound-recipient.eml").read_bytes()
ADDRESS = "jrn-7f3c1a52@relay.clawback.example"
STRICT = "jrn-strict@relay.clawback.example"
EU = "jrn-7f3c1a52@eu1.relay.clawback.example"
OPEN_DEMANDS = {**CONTOSO["demands"], "certificate_subject": ""}
STRICT_TENANT = {**CONTOSO, "name": "strict", "domains": ["strict.example"],
                 "tenant_id": "11111111-2222-4333-8444-555555555555",
                 "demands": {**CONTOSO["demands"], "certificate_issuers": []},
                 "service_addresses": [{"address": STRICT, "region": "us"}]}


def numbered(name):
    return f"X-Test: {name}\r\n".encode() + REPORT


class Resuming:
    """Stands in for an SSLContext, and offers the last session again."""

    def __init__(self, ca, version):
        self.context = ssl.create_default_context(cafile=ca)
        self.context.minimum_version = self.context.maximum_version = version
        self.session = self.socket = None

    def wrap_socket(self, sock, server_hostname):
        self.socket = self.context.wrap_socket(sock, server_hostname=server_hostname, session=self.session)
        return self.socket


class Flow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("flow")
        folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.tls = Certificates(folder / "tls")
        cls.relay = Clawback(folder)
        cls.addClassCleanup(cls.relay.__exit__)
        config = json.loads(cls.relay.config.read_text())
        cls.certificate = folder / "relay.crt"
        cls.make_certificate(20)
        config["relay"]["certificate"] = str(cls.certificate)
        cls.relay.config.write_text(json.dumps(config))
        cls.relay.write_tenant(service_addresses=[{"address": ADDRESS, "region": "us"}, {"address": EU, "region": "eu"}],
                               demands=OPEN_DEMANDS)
        STRICT_TENANT["demands"]["certificate_issuers"] = [cls.issuer()]
        cls.relay.write_tenant(STRICT_TENANT)
        cls.postfix = Postfix(folder / "postfix", cls.tls, cls.relay.milter_socket,
                              domain="relay.clawback.example, eu1.relay.clawback.example",
                              settings={"smtpd_tls_session_cache_database": "btree:$data_directory/smtpd_scache",
                                        "tls_ssl_options": ""})
        cls.relay.retractd.start()
        cls.relay.milter.start()
        cls.postfix.start()
        cls.addClassCleanup(cls.postfix.stop)

    @classmethod
    def make_certificate(cls, days):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=relay", "-days",
                        str(days), "-keyout", "/dev/null", "-out", cls.certificate], check=True, capture_output=True)

    @classmethod
    def issuer(cls):
        shown = subprocess.run(["openssl", "x509", "-in", cls.tls.client, "-noout", "-issuer", "-nameopt", "multiline"],
                               capture_output=True, text=True, check=True).stdout
        return next(line.partition("=")[2].strip() for line in shown.splitlines() if "commonName" in line)

    def send(self, report, address=ADDRESS, certificate=None):
        return send_report(self.postfix.port, report, [address], self.tls.ca, certificate)

    def status(self, *arguments):
        done = subprocess.run([BIN / "clawback", "tenant", "status", *arguments, "--config", self.relay.config],
                              capture_output=True, text=True, check=False)
        # Of one tenant it tells too whether the app is authorized: here it cannot even be asked.
        named = bool(arguments) and not arguments[0].startswith("--")
        self.assertEqual(done.returncode, 1 if named else 0, done.stderr)
        return done.stdout

    def flow(self, tenant="contoso"):
        rows = [json.loads(line) for line in self.status("--json").splitlines()]
        return next(each for each in rows if each["tenant"] == tenant)

    def counts(self, tenant="contoso"):
        return {(each["kind"], each.get("detail", "")): each["day"] for each in self.flow(tenant)["counts"]}

    def wait_for(self, tenant, expected):
        def seen():
            counts = self.counts(tenant)
            return all(counts.get(key, 0) >= value for key, value in expected.items())
        until(seen, 30, f"{expected} in the status of {tenant}")
        counts = self.counts(tenant)
        self.assertEqual({key: counts[key] for key in expected}, expected)

    def test_1_the_connectors_validation_is_taken_and_told(self):
        self.assertEqual(self.flow()["state"], "waiting")
        self.assertIn("not validated yet", self.status())
        mail = (REPORTS / "s21-connector-validation-mail.eml").read_bytes()
        self.assertTrue(self.send(mail).taken)
        self.wait_for("contoso", {("connector-validation", ""): 1, ("report", ""): 0})
        self.assertRegex(self.status(), r"connector +validated at 20\d\d-")
        listed = subprocess.run([BIN / "clawback", "trace", "--config", self.relay.config, "--json"],
                                capture_output=True, text=True, check=True).stdout
        self.assertEqual([json.loads(line)["handling"] for line in listed.splitlines()], ["connector-validation"])

    def test_2_what_is_taken_refused_and_repeated_is_counted(self):
        for report in (numbered("a"), numbered("a"), numbered("b")):  # a repeat; a fork
            self.assertTrue(self.send(report).taken)
        self.assertTrue(self.send(numbered("c"), certificate=self.tls.client).taken)
        self.assertTrue(self.send(REPORT.replace(b"X-OriginatorOrg: contosotest", b"X-OriginatorOrg: evil")).taken)
        self.assertTrue(self.send((REPORTS / "m04-no-inner-part.eml").read_bytes()).taken)
        self.assertEqual(self.send(numbered("d"), EU).code, 451)
        self.assertEqual(self.send(numbered("e"), STRICT).code, 451)
        self.assertEqual(self.send(numbered("f"), "someone@relay.clawback.example").code, 550)
        self.wait_for("contoso", {("report", ""): 3, ("repeat", ""): 1, ("fork", ""): 2, ("malformed", ""): 1,
                                  ("unauthentic", "originator-org"): 1, ("other-region", ""): 1,
                                  ("no-certificate", ""): 2, ("unmet-demand", ""): 0})
        self.wait_for("strict", {("unmet-demand", "certificate-subject"): 1, ("report", ""): 0})
        status = self.flow()
        self.assertEqual(status["state"], "flowing")
        self.assertEqual(status["certificate"], {"demanded": False, "would_refuse": 2, "of": 3, "days": 7})
        self.assertIn("last_report", status["addresses"][0])
        self.assertRegex(self.status(), "demanding it would have refused, of 3 reports in 7 days 2 came without")
        self.assertRegex(self.status(), "never issued, any tenant: 1 in 24 hours")
        # Of one tenant it stands beside what the app may do there.
        both = json.loads(self.status("contoso", "--json"))
        self.assertEqual(both["flow"]["counts"], status["counts"])
        self.assertRegex(self.status("contoso"), "reports an hour")

    def test_3_the_relays_certificate_is_looked_at(self):
        status = self.flow()
        self.assertIn("ends", status["relay_certificate"])
        self.assertEqual([each["kind"] for each in status["alerts"]], ["relay-certificate"])
        self.assertIn("event=certificate-ends", self.relay.retractd.log())
        self.assertRegex(self.status(), r"ALERT +the relay's certificate .* ends in (19|20) days")
        self.make_certificate(40)
        self.assertEqual(self.flow()["alerts"], [])

    def record_of(self, name):
        found = [each for each in decisions(self.relay.segments) if name in json.dumps(each["channel"])]
        self.assertEqual(len(found), 1)
        return found[0]

    def over(self, resuming, name):
        """Sends one report to the strict tenant, and keeps the TLS session."""
        with JournalClient(self.postfix.port, context=resuming) as client:
            reply = client.send(numbered(name), [STRICT], mail_from=f"{name}@archive.example")
            resumed, resuming.session = resuming.socket.session_reused, resuming.socket.session
        return reply, resumed

    def test_4_a_resumed_session_shows_the_certificate_it_was_made_with_and_no_other(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version.name):
                proven = Resuming(self.tls.ca, version)
                proven.context.load_cert_chain(self.tls.client)
                for turn, resumed in (("first", False), ("second", True)):
                    name = f"{turn}-{version.name}".lower().replace("_", "-")
                    reply, was_resumed = self.over(proven, name)
                    self.assertEqual((was_resumed, reply.code), (resumed, 250), reply.text)
                    channel = self.record_of(name)["channel"]
                    self.assertEqual(channel["certificate_subject"], "mail.protection.outlook.com")
                    self.assertEqual(channel["certificate_issuer"], self.issuer())
                # A session made without one proves none, whatever the client has by now.
                bare = Resuming(self.tls.ca, version)
                reply, was_resumed = self.over(bare, "bare")
                self.assertEqual((was_resumed, reply.stage, reply.code), (False, "rcpt", 451))
                bare.context.load_cert_chain(self.tls.client)
                reply, was_resumed = self.over(bare, "bare")
                self.assertEqual((was_resumed, reply.stage, reply.code), (True, "rcpt", 451))
                self.assertIn("verified client certificate: none", reply.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
