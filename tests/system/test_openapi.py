# SPDX-License-Identifier: Apache-2.0
"""Every request that the sidecar sends, and every answer that the practice tenant gives to it and to Microsoft's own
client, is valid by Graph's OpenAPI. Both talk through harness.gate, which holds each call against it."""
import json
import pathlib
import ssl
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import Workspace, graph_client, node
from harness.daemons import CONTOSO
from harness.gate import Gate
from harness.mail import Generator
from harness.stage import CLIENT_ID, SECRET, Stage
from harness.wait import until

ALICE, BOB, ALIAS = "alice@contoso.example", "bob@contoso.example", "a.smith+sales@contoso.example"
GROUP = "everybody@contoso.example"
ODD_IDS = ("<MiMb+7aB868zXSen_fO=NS-q@mail>", "<quote\"and'apostrophe@sender.example>", "<a%b&c#d/e?f\\g@h.example>",
           "<%2B@already.encoded>", "<' or id ne '@x.example>", "no-angle-brackets@sender.example",
           "<a,b;c:d!e*f(g)h$i~j@x.example>", "<gr\u00fc\u00df@sender.example>")
# What a retraction needs: each of these must have been seen, or the test has shown nothing.
BY_THE_SIDECAR = {"users.Get", "users.List", "users.messages.List", "users.mailFolders.messages.List",
                  "users.mailFolders.messages.Get", "users.messages.GetContent", "users.messages.move",
                  "users.mailFolders.Get"}


class WithGroup(Stage):
    """The app may read groups, and contoso has one."""

    def _practice_config(self):
        config = super()._practice_config()
        contoso = next(tenant for tenant in config["tenants"] if tenant["name"] == "contoso")
        contoso["groups"] = [{"address": GROUP}]
        contoso["apps"] = [{**app, "roles": ["Mail.ReadWrite", "User.Read.All", "GroupMember.Read.All"]}
                           for app in contoso["apps"]]
        return config


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        node.packages()
        workspace = Workspace()
        cls.folder = pathlib.Path(workspace.__enter__())
        cls.addClassCleanup(workspace.__exit__)
        cls.stage = WithGroup(cls.folder, gate=Gate)
        cls.addClassCleanup(cls.stage.__exit__)
        cls.stage.__enter__()
        cls.gate = cls.stage.gate

    def setUp(self):
        self.seen = len(self.gate.calls())

    def calls(self):
        """What went through the gate in this test."""
        return self.gate.calls()[self.seen:]

    def assert_valid(self, calls):
        wrong = [call for call in calls if call["faults"] or call["violations"]]
        self.assertEqual(wrong, [])

    def send(self, mails, late=()):
        before = len(self.stage.trace("--limit", "1000"))
        for mail in late:
            self.assertEqual(self.stage.send(mail, delay_ms=3000)["smtpCode"], 250)
        for mail in mails:
            self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        return self.stage.wait_until_settled(before + len(mails) + len(late), seconds=120)

    def with_id(self, message_id, recipient=BOB):
        mail = self.generator.executable()
        own = mail.message.split("Message-ID: ")[1].split("\r\n")[0]
        mail.message = mail.message.replace(own, message_id)
        mail.recipients = [recipient]
        return mail

    generator = Generator(seed=11)

    def test_1_the_sidecar_and_the_answers_it_gets(self):
        mails = [self.with_id(message_id) for message_id in ODD_IDS]
        mails += [self.with_id("<by-alias@partner.example>", ALIAS), self.generator.spoof()]
        # Looked for in Recoverable Items too, since nothing else has it yet.
        self.send(mails, late=[self.with_id("<late@partner.example>")])
        for message_id in ODD_IDS:
            self.assertEqual(self.stage.folders_of(message_id), {BOB: ["Deletions"]}, message_id)
        self.assertEqual(self.stage.folders_of("<by-alias@partner.example>"), {ALICE: ["Deletions"]})
        calls = self.calls()
        self.assert_valid(calls)
        self.assertLessEqual(BY_THE_SIDECAR, {call["operation"] for call in calls})

    def test_2_errors_and_throttling(self):
        self.stage.ask("/faults", {"path": "/move", "status": 429, "retryAfter": "1", "times": 1})
        self.stage.ask("/faults", {"path": "/messages", "status": 503, "retryAfter": "1", "times": 1, "host": "graph"})
        self.send([self.with_id("<throttled@partner.example>"),
                   self.with_id("<to-nobody@partner.example>", "nobody@contoso.example"),
                   self.with_id("<to-a-group@partner.example>", GROUP)])
        self.assertEqual(self.stage.folders_of("<throttled@partner.example>"), {BOB: ["Deletions"]})
        calls = self.calls()
        self.assert_valid(calls)
        self.assertLessEqual({404, 429, 503}, {call["status"] for call in calls})
        self.assertIn("groups.List", {call["operation"] for call in calls})

    def test_2b_what_the_app_may_do_is_asked_validly(self):
        done = self.stage.command("tenant", "status", "contoso", "--json", "--config", str(self.stage.relay.config))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(json.loads(done.stdout)["authorization"]["authorized"], done.stdout)
        calls = self.calls()
        self.assert_valid(calls)
        self.assertEqual({call["operation"] for call in calls}, {"users.List", "users.mailFolders.Get"})

    def test_3_microsofts_client_and_the_answers_it_gets(self):
        graph_client.put_mail(self.stage.ask, ALICE)
        graph_client.run(self.folder, self.stage.certificates, self.stage.login, self.gate.url, CONTOSO["tenant_id"],
                         CLIENT_ID, ALICE, {"secret": SECRET})
        calls = self.calls()
        self.assert_valid(calls)
        self.assertLessEqual({"users.messages.permanentDelete", "batch.Post"}, {call["operation"] for call in calls})
        parts = [part for call in calls for part in call["parts"]]
        self.assertEqual(sorted(part["status"] for part in parts), [200, 201, 201, 404, 424])

    def test_4_every_other_answer_of_the_practice_tenant(self):
        user = f"/v1.0/users/{ALICE}"
        for target, status in ((user, 200), ("/v1.0/users?$top=2", 200), ("/v1.0/users?$top=many", 400),
                               ("/v1.0/users?$filter=nonsense", 400), ("/v1.0/organization", 200),
                               (f"{user}/settings/exchange", 200), (f"{user}/mailFolders?$top=50", 200),
                               (f"{user}/mailFolders/inbox", 200), (f"{user}/mailFolders/nosuch", 400),
                               (f"{user}/messages?$top=3", 200), (f"{user}/messages?$select=subject,from,body", 200),
                               (f"{user}/mailFolders/junkemail/messages", 200), (f"{user}/messages/nosuch", 400),
                               ("/v1.0/users/nobody@contoso.example/messages", 404)):
            with self.subTest(target=target):
                self.assertEqual(self.ask(target), status)
        calls = self.calls()
        # What is asked wrongly on purpose is not valid; its answer was looked at above.
        self.assert_valid([call for call in calls if "many" not in call["target"]])

    def test_5_what_is_spoiled_is_found(self):
        by_prism, beside_prism = "violations", "faults"
        self.stage.ask(f"/users/{ALICE}/items",
                       {"message": graph_client.message("<spoiled@x.example>"), "folder": "inbox"})
        user = f"/v1.0/users/{ALICE}"
        batch = {"requests": [{"id": "1", "method": "GET", "url": f"/users/{ALICE}/messages?$top=1"},
                              {"id": "2", "method": "GET", "url": f"/users/{ALICE}/messages/nosuch"}]}
        for field, value, target, body, found_by in (
                ("parentFolderId", 17, f"{user}/messages?$top=1", None, by_prism),
                ("isRead", "yes", f"{user}/messages?$top=1", None, by_prism),
                ("address", 5, f"{user}/messages?$top=1", None, by_prism),
                ("value", None, f"{user}/messages?$top=1", None, by_prism),
                ("code", 404, f"{user}/messages/nosuch", None, beside_prism),
                ("receivedDateTime", "yesterday", "/v1.0/$batch", batch, beside_prism),
                ("message", {}, "/v1.0/$batch", batch, beside_prism)):
            with self.subTest(field=field, target=target):
                before = len(self.gate.calls())
                with self.gate.spoiling(urllib.parse.unquote(target.split("?")[0]), field, value):
                    self.ask(target, body)
                call = self.gate.calls()[before]
                self.assertTrue(call["faults"])
                self.assertTrue(call[found_by], call)
                self.ask(target, body)
                self.assert_valid([self.gate.calls()[before + 1]])

    def test_6_a_spoiled_answer_to_the_sidecar_is_found(self):
        with self.gate.spoiling("/messages", "internetMessageId", 17):
            self.assertEqual(self.stage.send(self.with_id("<seen-spoiled@partner.example>"))["smtpCode"], 250)
            until(lambda: [call for call in self.calls() if call["violations"] and call["faults"]], 30,
                  "the gate to notice")

    # --- a client of no great skill ---------------------------------------------------------
    def ask(self, target, body=None):
        """The status of a GET, or of a POST of body, through the gate."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.gate.url + urllib.parse.quote(target, safe="/?&=$,@%"), data=data,
                                         headers={"Authorization": f"Bearer {self.token()}"})
        if data:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.tls()) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def tls(self):
        return ssl.create_default_context(cafile=str(self.stage.certificates.ca))

    def token(self):
        form = urllib.parse.urlencode({"client_id": CLIENT_ID, "client_secret": SECRET,
                                       "grant_type": "client_credentials",
                                       "scope": "https://graph.microsoft.com/.default"}).encode()
        request = urllib.request.Request(f"{self.stage.login}/{CONTOSO['tenant_id']}/oauth2/v2.0/token", data=form)
        with urllib.request.urlopen(request, timeout=30, context=self.tls()) as answer:
            return json.loads(answer.read())["access_token"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
