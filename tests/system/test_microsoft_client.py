# SPDX-License-Identifier: Apache-2.0
"""Microsoft's own JavaScript client does what the sidecar does, over TLS against the practice tenant: what a mailbox
does to Microsoft's client it does to ours. Asserted on mailboxes."""
import unittest

from harness import Workspace, graph_client, node
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.stage import CLIENT_ID, SECRET, ask_control

ALICE = "alice@contoso.example"


class MicrosoftClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        node.packages()
        workspace = Workspace()
        cls.folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.certificates = Certificates(cls.folder / "tls")
        relay = Clawback(cls.folder)
        cls.addClassCleanup(relay.__exit__)
        app = {"client_id": CLIENT_ID, "secrets": [SECRET],
               "certificates": [str(cls.certificates.folder / "app.crt")]}
        cls.urls = relay.start_practice({
            "certificate": str(cls.certificates.server),
            "tenants": [{"name": "contoso", "id": CONTOSO["tenant_id"], "domains": CONTOSO["domains"],
                         "initial_domain": "contosotest.onmicrosoft.com", "apps": [app],
                         "users": [{"address": ALICE}]}]})

    def setUp(self):
        self.ask("/reset", {})
        graph_client.put_mail(self.ask, ALICE)

    def ask(self, path, body=None):
        return ask_control(self.urls["control_url"], path, body)

    def run_client(self, credential):
        return graph_client.run(self.folder, self.certificates, self.urls["login_url"], self.urls["graph_url"],
                                CONTOSO["tenant_id"], CLIENT_ID, ALICE, credential)

    def folders(self):
        """{Message-ID: well-known name of its folder} of Alice's mailbox."""
        user = self.ask("/state")["tenants"][0]["users"][0]
        return {item["internetMessageId"]: folder["wellKnownName"] for folder in user["folders"]
                for item in folder["items"]}

    def assert_mailbox_as_the_client_left_it(self):
        ids = graph_client.ODD_IDS
        folders = self.folders()
        self.assertEqual(folders[ids["moved"]], "junkemail")
        self.assertEqual([folders[each] for each in ids["batched"]], ["deleteditems"] * 2)
        self.assertIn(folders.get(ids["gone"]), (None, "recoverableitemspurges"))

    def test_with_a_secret(self):
        done = self.run_client({"secret": SECRET})
        self.assertIn("permanentDelete", done)
        self.assert_mailbox_as_the_client_left_it()

    def test_with_a_certificate(self):
        done = self.run_client(graph_client.by_certificate(self.certificates))
        self.assertIn("permanentDelete", done)
        self.assert_mailbox_as_the_client_left_it()

    def test_it_comes_back_after_being_throttled(self):
        self.ask("/faults", {"path": "/move", "status": 429, "retryAfter": "1", "times": 1})
        self.run_client({"secret": SECRET})
        self.assert_mailbox_as_the_client_left_it()
        moves = [each for each in self.ask("/requests")["requests"] if "/move" in each["path"]]
        self.assertEqual([each["status"] for each in moves[:2]], [429, 201])
        self.assertEqual(moves[1]["retryAttempt"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
