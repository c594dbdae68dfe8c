# SPDX-License-Identifier: Apache-2.0
"""A tenant's administrator lets the app in: clawback tenant authorize and status against the practice tenant, whose
consent page answers at once."""
import datetime
import json
import os
import ssl
import subprocess
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import BIN, Workspace
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.stage import CLIENT_ID, SECRET, ask_control

REDIRECT = "https://localhost/clawback-consent"
FABRIKAM = "11111111-2222-4333-8444-555555555555"
RBAC_ID, FEDERATED_ID, POOR_ID = (f"0a8c6f0e-0d0b-4a55-9d1c-00000000000{n}" for n in (1, 2, 3))
ALICE, BOB = "alice@contoso.example", "bob@contoso.example"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *unused):
        return None


class Authorize(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace()
        cls.folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.certificates = Certificates(cls.folder / "tls")
        cls.token = cls.folder / "federated.token"
        cls.relay = Clawback(cls.folder)
        cls.addClassCleanup(cls.relay.__exit__)
        cls.urls = cls.relay.start_practice(cls.practice())
        secret = cls.folder / "app.secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET)
        cls.secret = f"file:{secret}"
        cls.write_token("token-of-monday")
        cls.write("contoso", CONTOSO["tenant_id"], client_secret=cls.secret, client_secret_ends="2999-01-01")
        cls.write("fabrikam", FABRIKAM, client_secret=cls.secret)
        cls.relay.segments.mkdir(mode=0o2750)
        cls.relay.retractd.start()

    @classmethod
    def practice(cls):
        app = {"secrets": [SECRET], "redirect_uris": [REDIRECT], "consented": False}
        certificate = {"certificates": [str(cls.certificates.folder / "app.crt")]}
        return {"certificate": str(cls.certificates.server), "tenants": [
            {"name": "contoso", "id": CONTOSO["tenant_id"], "initial_domain": "contosotest.onmicrosoft.com",
             "domains": ["contoso.example"], "users": [{"address": ALICE}, {"address": BOB}],
             "apps": [{**app, "client_id": CLIENT_ID, **certificate},
                      {**app, "client_id": RBAC_ID, "consented": True, "roles": ["User.Read.All"],
                       "rbac_mailboxes": [BOB]},
                      {**app, "client_id": FEDERATED_ID, "consented": True, "federated_tokens": [str(cls.token)]},
                      {**app, "client_id": POOR_ID, "consented": True, "roles": ["Mail.Read", "User.ReadBasic.All"]}]},
            {"name": "fabrikam", "id": FABRIKAM, "initial_domain": "fabrikam.onmicrosoft.com",
             "domains": ["fabrikam.example"], "users": [{"address": "eve@fabrikam.example"}],
             "apps": [{**app, "client_id": CLIENT_ID}]}]}

    @classmethod
    def write(cls, name, tenant_id, client_id=CLIENT_ID, **credential):
        cls.relay.write_tenant({
            **CONTOSO, "name": name, "tenant_id": tenant_id, "domains": [f"{name}.example"],
            "service_addresses": [{"address": f"jrn-{name}-1@relay.clawback.example", "region": "us"}],
            "graph": {"cloud": "global", "client_id": client_id, "login_url": cls.urls["login_url"],
                      "graph_url": cls.urls["graph_url"], "ca_file": str(cls.certificates.ca), **credential}})

    @classmethod
    def write_token(cls, text):
        """As Kubernetes does: a link that is exchanged."""
        file = cls.folder / f"token-{time.monotonic_ns()}"
        file.touch(mode=0o600)
        file.write_text(text)
        link = cls.folder / "fresh-link"
        link.symlink_to(file)
        link.rename(cls.token)

    def run_command(self, *arguments, text=None, uid=None):
        prefix = ["setpriv", f"--reuid={uid}", "--clear-groups"] if uid else []
        return subprocess.run([*prefix, BIN / "clawback", *arguments, "--socket", str(self.relay.sidecar_socket)],
                              input=text, capture_output=True, text=True, timeout=60, check=False)

    def ask(self, *arguments, **more):
        done = self.run_command(*arguments, "--json", **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def begin(self, tenant="contoso"):
        return self.ask("tenant", "authorize", tenant)["url"]

    def browse(self, url):
        """Where the administrator's browser ends."""
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.certificates.ca))),
            NoRedirect)
        with self.assertRaises(urllib.error.HTTPError) as answer:
            opener.open(url, timeout=20)
        self.assertEqual(answer.exception.code, 302, answer.exception.read())
        return answer.exception.headers["Location"]

    def finish(self, redirect, tenant="contoso", **more):
        return self.run_command("tenant", "authorize", tenant, "--redirect", redirect, "--mailbox", ALICE, **more)

    def assert_refused(self, done, text):
        self.assertEqual(done.returncode, 1)
        self.assertIn(text, done.stderr)

    def status(self, tenant="contoso", *more):
        done = self.run_command("tenant", "status", tenant, *more, "--json")
        found = json.loads(done.stdout)["authorization"]
        self.assertEqual(done.returncode, 0 if found["authorized"] else 1, done.stderr)
        self.assertEqual(self.run_command("tenant", "status", tenant, *more).returncode, done.returncode)
        return found

    def audited(self):
        done = self.run_command("audit", "list", "--json", "--limit", "1000")
        return [entry["what"] for entry in map(json.loads, done.stdout.splitlines())]

    def test_1_before_consent_it_says_so(self):
        status = self.status()
        self.assertFalse(status["authorized"])
        self.assertIn("AADSTS700016", status["sign_in_fault"])
        self.assertIn("clawback tenant authorize", status["missing"])

    def test_2_the_address_asks_for_what_the_app_is_registered_with(self):
        parts = urllib.parse.urlsplit(self.begin())
        query = dict(urllib.parse.parse_qsl(parts.query))
        self.assertEqual(parts.path, f"/{CONTOSO['tenant_id']}/v2.0/adminconsent")
        self.assertEqual((query["client_id"], query["redirect_uri"]), (CLIENT_ID, REDIRECT))
        self.assertTrue(query["scope"].endswith("/.default"))
        self.assertGreaterEqual(len(query["state"]), 32)

    def test_3_an_administrator_who_refuses_is_believed_first(self):
        ask_control(self.urls["control_url"], "/settings", {"adminConsents": False})
        redirect = self.browse(self.begin())
        ask_control(self.urls["control_url"], "/settings", {"adminConsents": True})
        self.assertIn("admin_consent=True", redirect)
        self.assert_refused(self.finish(redirect), "did not consent: access_denied")
        self.assertIn("consent.refused", self.audited())

    def test_4_what_proves_nothing_links_nothing(self):
        claimed = f"{REDIRECT}?admin_consent=True&tenant={CONTOSO['tenant_id']}"
        self.assert_refused(self.finish(claimed), "unknown")
        self.assert_refused(self.finish(f"{claimed}&state=abcdefghijklmnopqrstuvwxyz234567"), "unknown")
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(self.begin()).query)["state"][0]
        # All is said, nothing was done: no token is to be had.
        self.assert_refused(self.finish(f"{claimed}&state={state}"), "consent is not proven")
        self.assert_refused(self.finish(f"{claimed}&state={state}"), "used before")
        for bad in ("https://evil.example/?state=a", "nonsense", f"{claimed}&state=a&state=b"):
            self.assertEqual(self.finish(bad).returncode, 1, bad)

    def test_5_a_state_is_of_one_tenant_and_one_asker(self):
        redirect = self.browse(self.begin("fabrikam"))
        self.assert_refused(self.finish(redirect, "contoso"), "another tenant")
        self.assert_refused(self.finish(redirect, "fabrikam"), "used before")
        # Consent in another tenant, under the state of this one.
        url = self.begin("contoso").replace(CONTOSO["tenant_id"], FABRIKAM)
        self.assert_refused(self.finish(self.browse(url), "contoso"), "in another tenant")
        self.relay.sidecar_socket.chmod(0o666)
        self.folder.joinpath("run").chmod(0o755)
        url = self.begin("contoso")
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["state"][0]
        stolen = f"{REDIRECT}?admin_consent=True&tenant={CONTOSO['tenant_id']}&state={state}"
        self.assert_refused(self.finish(stolen, "contoso", uid=65534), "somebody else")
        self.assert_refused(self.finish(stolen, "contoso"), "used before")

    def test_6_consent_is_proven_by_a_token_and_taken_once(self):
        redirect = self.browse(self.begin())
        self.relay.retractd.kill()  # while the administrator was asked
        self.relay.retractd.start()
        done = self.finish(redirect)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertIn("authorized    yes", done.stdout)
        self.assert_refused(self.finish(redirect), "used before")
        self.assertIn("consent.given", self.audited())
        status = self.status()
        self.assertTrue(status["authorized"], status)
        self.assertEqual(status["credential_ends"], "2999-01-01T00:00:00.000Z")
        self.assertEqual({each["address"]: each["reached"] for each in status["mailboxes"]}, {ALICE: True, BOB: True})
        self.assertEqual({each["role"]: each["granted"] for each in status["roles"]},
                         {"Mail.ReadWrite": True, "User.Read.All": True, "GroupMember.Read.All": False})

    def test_7_pasted_at_the_terminal(self):
        self.browse(self.begin("fabrikam"))  # the administrator is quick
        process = subprocess.Popen([BIN / "clawback", "tenant", "authorize", "fabrikam", "--socket",
                                    str(self.relay.sidecar_socket)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True)
        url = ""
        while not url.startswith("https://"):
            url = process.stdout.readline().strip()
        out, _ = process.communicate(self.browse(url) + "\n", timeout=30)
        self.assertEqual(process.returncode, 0, out)
        self.assertIn("eve@fabrikam.example", out)
        self.assert_refused(self.run_command("tenant", "authorize", "fabrikam", text="\n"), "no address was given")

    def change(self, **graph):
        """Another app of contoso's."""
        self.write("contoso", CONTOSO["tenant_id"], **graph)
        self.assertEqual(self.run_command("tenant", "reload", "--why", "another app").returncode, 0)

    def test_8_without_a_mail_role_what_can_be_reached_counts(self):
        self.change(client_id=RBAC_ID, client_secret=self.secret)
        status = self.status()
        self.assertTrue(status["authorized"], status)
        self.assertTrue(status["by_rbac"])
        reached = {each["address"]: each["reached"] for each in status["mailboxes"]}
        self.assertEqual(reached, {ALICE: False, BOB: True})
        self.assertFalse(self.status("contoso", "--mailbox", ALICE)["authorized"])
        # Reading alone is not enough, and neither is half of a directory.
        self.change(client_id=POOR_ID, client_secret=self.secret)
        status = self.status("contoso", "--mailbox", ALICE)
        self.assertFalse(status["authorized"])
        self.assertIn("Authorization_RequestDenied", status["directory_fault"])
        self.assertIn("User.Read.All", status["missing"])

    def test_9_each_credential_and_its_end(self):
        key = self.certificates.folder / "app.key"
        key.chmod(0o600)
        self.change(certificate=str(self.certificates.folder / "app.crt"), certificate_key=f"file:{key}")
        status = self.status()
        self.assertTrue(status["authorized"], status)
        self.assertEqual(status["credential"], "certificate")
        end = datetime.datetime.fromisoformat(status["credential_ends"].replace("Z", "+00:00"))
        self.assertGreater(end, datetime.datetime.now(datetime.timezone.utc))
        self.change(client_secret=self.secret, client_secret_ends="2020-01-01")
        self.assertIn("ended at 2020-01-01", self.status()["credential_warning"])
        self.assertIn("event=credential-ends", self.relay.retractd.log())
        self.change(client_id=FEDERATED_ID, federated_token=f"file:{self.token}")
        self.assertTrue(self.status()["authorized"])
        self.write_token("token-of-tuesday")
        self.assertTrue(self.status()["authorized"])
        os.chmod(os.path.realpath(self.token), 0o644)
        self.assertIn("too open", self.status()["sign_in_fault"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
