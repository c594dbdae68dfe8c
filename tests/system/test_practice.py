# SPDX-License-Identifier: Apache-2.0
"""The practice tenant from outside: what Microsoft's contract says, by Python's own TLS and HTTP, and by the openssl
command for assertions. Nothing of Clawback's client is used here, so that the two cannot be wrong together."""
import base64
import email
import email.policy
import hashlib
import http.client
import json
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import unittest
import urllib.parse
import uuid

from harness import BIN, Workspace
from harness.wait import until

TENANT = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1"
APP = "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e"
READER = "11111111-0d0b-4a55-9d1c-0f4b8f1c2d3e"
SECRET = "p+ss & w=rd"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
ALICE = "alice@contoso.example"
MAIL = ("From: Mallory <mallory@evil.example>\r\nTo: alice@contoso.example\r\nSubject: Rechnung {n}\r\n"
        "Message-ID: <{n}@evil.example>\r\nDate: Tue, 03 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\nSee http://evil.example/{n}\r\n.a line with a dot\r\n")

CONFIG = {
    "certificate": "server.pem",
    "tenants": [
        {"name": "contoso", "id": TENANT, "initial_domain": "contosotest.onmicrosoft.com",
         "domains": ["contoso.example"],
         "apps": [{"client_id": APP, "secrets": [SECRET], "certificates": ["app.crt"]},
                  {"client_id": READER, "secrets": ["reader"], "roles": ["Mail.ReadBasic.All", "User.ReadBasic.All"]}],
         "users": [{"address": ALICE, "aliases": ["o'hara+news@contoso.example"], "folders": ["Projects"]},
                   {"address": "bob@contoso.example", "mail": "robert@contoso.example"},
                   {"address": "carol@contoso.example", "mailbox": "on-premises"},
                   {"address": "dave@contoso.example", "mailbox": "undiscovered"},
                   {"address": "erin@contoso.example", "mailbox": "forbidden"},
                   {"address": "guest_x#EXT#@contoso.example", "mail": "x@else.example", "guest": True}]},
        {"name": "fabrikam", "id": "22222222-9d0e-4b7a-8c11-5e2f90a4d6b1", "cloud": "gcc-high",
         "domains": ["fabrikam.example"],
         "apps": [{"client_id": APP, "secrets": [SECRET]}], "users": [{"address": "gov@fabrikam.example"}]},
    ],
}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SmtpSink(socketserver.ThreadingTCPServer):
    """An SMTP server that demands TLS and a client certificate, and keeps what it got."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), SmtpSession)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.pem")
        self.context.load_cert_chain(folder / "server.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.taken = []
        self.refuse_with = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that breaks off is what some tests are about."""


class SmtpSession(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self):
        envelope = {}
        self.say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "EHLO":
                self.say("250-sink\r\n250-STARTTLS\r\n250 CHUNKING")
            elif verb == "STARTTLS":
                self.say("220 go")
                tls = self.server.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile, self.connection = tls.makefile("rb"), tls.makefile("wb"), tls
                envelope["subject"] = tls.getpeercert()["subject"][0][0][1]
            elif verb in ("MAIL", "RCPT"):
                envelope[verb] = line
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go")
                self.take(envelope, self.data())
            elif verb == "BDAT":
                envelope.setdefault("chunks", []).append(self.rfile.read(int(line.split()[1])))
                if "LAST" in line:
                    self.take(envelope, b"".join(envelope["chunks"]))
                else:
                    self.say("250 more")
            else:
                self.say("221 bye")
                return

    def finish(self):
        super().finish()
        self.connection.close()

    def data(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def take(self, envelope, report):
        self.server.taken.append({**envelope, "report": report})
        self.say(self.server.refuse_with or "250 2.0.0 taken")


class Practice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("practice")
        cls.folder = cls.workspace.__enter__()
        cls.addClassCleanup(cls.workspace.__exit__)
        subprocess.run([BIN / "clawback-practice", "certificates", cls.folder], check=True)
        (cls.folder / "practice.json").write_text(json.dumps(CONFIG))
        cls.process = subprocess.Popen([BIN / "clawback-practice", "serve", "--config", cls.folder / "practice.json"],
                                       stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.process.stdout.close)
        cls.addClassCleanup(cls.process.wait)
        cls.addClassCleanup(cls.process.terminate)
        cls.urls = json.loads(cls.process.stdout.readline())
        cls.tls = ssl.create_default_context(cafile=cls.folder / "ca.pem")

    def setUp(self):
        self.control("/reset", {})
        self._token = None

    # --- speaking to it -------------------------------------------------------------------
    def http(self, base, method, path, body=None, headers=None):
        url = urllib.parse.urlsplit(base)
        connection = (http.client.HTTPSConnection(url.hostname, url.port, context=self.tls, timeout=20)
                      if url.scheme == "https" else http.client.HTTPConnection(url.hostname, url.port, timeout=20))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def control(self, path, body=None, method=None):
        status, _, text = self.http(self.urls["control_url"], method or ("GET" if body is None else "POST"), path,
                                    None if body is None else json.dumps(body))
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def login(self, tenant=TENANT, headers=None, **form):
        form = {"client_id": APP, "scope": "https://graph.microsoft.com/.default",
                "grant_type": "client_credentials", **form}
        status, _, text = self.http(self.urls["login_url"], "POST", f"/{tenant}/oauth2/v2.0/token?client-request-id=x",
                                    urllib.parse.urlencode({k: v for k, v in form.items() if v is not None}),
                                    {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        return status, json.loads(text)

    def token(self, **form):
        if form:
            return self.login(**form)[1]["access_token"]
        self._token = self._token or self.token(client_secret=SECRET)
        return self._token

    def graph(self, method, path, body=None, token=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Authorization"] = "Bearer " + (token or self.token())
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, str) else json.dumps(body)
        status, seen, text = self.http(self.urls["graph_url"], method, "/v1.0" + path, body, headers)
        self.assertTrue(seen["request-id"] and seen["client-request-id"] and seen["Date"])
        value = json.loads(text) if seen.get("Content-Type", "").startswith("application/json") else text
        if status >= 400 and isinstance(value, dict):
            self.assertTrue({"date", "request-id", "client-request-id"} <= set(value["error"]["innerError"]))
        return status, value, seen

    def code(self, *arguments, **more):
        status, value, _ = self.graph(*arguments, **more)
        return status, value["error"]["code"]

    def store(self, n, user=ALICE, folder="inbox", message=None):
        return self.control(f"/users/{user}/items", {"message": message or MAIL.format(n=n), "folder": folder})

    def folder_of(self, message_id, user=ALICE):
        for tenant in self.control("/state")["tenants"]:
            for each in tenant["users"]:
                for folder in each["folders"]:
                    if each["userPrincipalName"] == user and any(
                            item["internetMessageId"] == message_id for item in folder["items"]):
                        return folder["wellKnownName"] or folder["displayName"]
        return None

    @staticmethod
    def filter_for(message_id):
        return "$filter=" + urllib.parse.quote(f"internetMessageId eq '{message_id}'", safe="")

    # --- login ------------------------------------------------------------------------------
    def test_the_openid_document_names_what_clients_need(self):
        for name in (TENANT, "contoso.example"):
            status, _, text = self.http(self.urls["login_url"], "GET", f"/{name}/v2.0/.well-known/openid-configuration")
            document = json.loads(text)
            self.assertEqual(status, 200)
            self.assertEqual(document["token_endpoint"], f"{self.urls['login_url']}/{name}/oauth2/v2.0/token")
            self.assertTrue({"issuer", "authorization_endpoint", "jwks_uri"} <= set(document))

    def test_a_secret_gives_a_token_by_form_and_by_basic(self):
        status, answer = self.login(client_secret=SECRET)
        self.assertEqual((status, answer["token_type"], answer["expires_in"]), (200, "Bearer", 3599))
        pair = urllib.parse.quote_plus(APP) + ":" + urllib.parse.quote_plus(SECRET)
        basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        self.assertEqual(self.login(client_id=None, headers=basic)[0], 200)

    def test_login_errors_have_microsofts_shape_and_numbers(self):
        cases = [(401, "invalid_client", 7000215, {"client_secret": "wrong"}),
                 (401, "invalid_client", 7000218, {}),
                 (400, "unauthorized_client", 700016, {"client_secret": SECRET, "client_id": str(uuid.uuid4())}),
                 (400, "invalid_request", 90002, {"client_secret": SECRET, "tenant": str(uuid.uuid4())}),
                 (400, "invalid_scope", 70011, {"client_secret": SECRET, "scope": "https://graph.microsoft.com/Mail.Read"}),
                 (400, "invalid_resource", 500011, {"client_secret": SECRET, "scope": "https://graph.microsoft.us/.default"}),
                 (400, "unsupported_grant_type", 70003, {"client_secret": SECRET, "grant_type": "password"})]
        for status, error, number, form in cases:
            got, answer = self.login(**form)
            self.assertEqual((got, answer["error"], answer["error_codes"]), (status, error, [number]))
            self.assertTrue(answer["error_description"].startswith(f"AADSTS{number}: "))
            self.assertTrue({"timestamp", "trace_id", "correlation_id"} <= set(answer))

    def assertion(self, algorithm="PS256", key="app.key", header=None, **claims):
        der = subprocess.run(["openssl", "x509", "-in", self.folder / "app.crt", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        now = int(time.time())
        head = {"alg": algorithm, "typ": "JWT", "x5t#S256": base64url(hashlib.sha256(der).digest()), **(header or {})}
        body = {"aud": f"{self.urls['login_url']}/{TENANT}/oauth2/v2.0/token", "iss": APP, "sub": APP,
                "jti": str(uuid.uuid4()), "nbf": now, "iat": now, "exp": now + 600, **claims}
        signed = base64url(json.dumps(head).encode()) + "." + base64url(json.dumps(body).encode())
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if algorithm == "PS256" else []
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.folder / key, *pss],
                                   input=signed.encode(), check=True, capture_output=True).stdout
        return {"client_assertion": signed + "." + base64url(signature),
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}

    def test_an_assertion_is_checked_in_every_point(self):
        now = int(time.time())
        self.assertEqual(self.login(**self.assertion())[0], 200)
        self.assertEqual(self.login(**self.assertion("RS256"))[0], 200)
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "other.key", "2048"], check=True, capture_output=True)
        cases = [(700027, self.assertion(key="other.key")),
                 (700027, self.assertion(header={"x5t#S256": base64url(b"x" * 32)})),
                 (700024, self.assertion(nbf=now - 2000, iat=now - 2000, exp=now - 1000)),
                 (700024, self.assertion(nbf=now + 1000)),
                 (700024, self.assertion(exp=now + 7200)),
                 (700023, self.assertion(aud="https://graph.microsoft.com")),
                 (700021, self.assertion(iss=READER))]
        for number, form in cases:
            status, answer = self.login(**form)
            self.assertEqual((status, answer["error_codes"]), (401, [number]), answer)
        once = self.assertion()
        self.assertEqual(self.login(**once)[0], 200)
        self.assertEqual(self.login(**once)[1]["error_codes"], [50012])
        tampered = self.assertion()
        tampered["client_assertion"] = tampered["client_assertion"][:-4] + "AAAA"
        self.assertEqual(self.login(**tampered)[1]["error_codes"], [700027])

    def test_tokens_end_and_belong_to_one_tenant(self):
        self.assertEqual(self.http(self.urls["graph_url"], "GET", "/v1.0/users")[0], 401)
        self.assertEqual(self.code("GET", "/users", token="x.y.z"), (401, "InvalidAuthenticationToken"))
        self.control("/settings", {"tokenLifetimeMs": 1})
        short = self.token(client_secret=SECRET)
        status, _, seen = until(lambda: (got := self.graph("GET", "/users", token=short))[0] == 401 and got)
        self.assertIn("Bearer", seen["WWW-Authenticate"])
        self.control("/settings", {"tokenLifetimeMs": 60000})
        other = self.login("fabrikam.example", client_secret=SECRET, scope="https://graph.microsoft.us/.default")[1]
        self.assertEqual(self.code("GET", f"/users/{ALICE}/messages", token=other["access_token"]),
                         (404, "ErrorInvalidUser"))

    # --- directory ---------------------------------------------------------------------------
    def users(self, expression, **more):
        status, value, _ = self.graph("GET", "/users?$select=id,mail,userPrincipalName&$filter=" +
                                      urllib.parse.quote(expression, safe=""), **more)
        self.assertEqual(status, 200, value)
        return [user["userPrincipalName"] for user in value["value"]]

    def test_addresses_resolve_as_entra_resolves_them(self):
        self.assertEqual(self.graph("GET", f"/users/{ALICE}")[1]["userPrincipalName"], ALICE)
        alias = urllib.parse.quote("o'hara+news@contoso.example", safe="")
        self.assertEqual(self.code("GET", f"/users/{alias}"), (404, "Request_ResourceNotFound"))
        self.assertEqual(self.users("mail eq 'robert@contoso.example'"), ["bob@contoso.example"])
        self.assertEqual(self.users("proxyAddresses/any(p:p eq 'smtp:o''hara+news@contoso.example')"), [ALICE])
        guest = urllib.parse.quote("guest_x#EXT#@contoso.example", safe="")
        self.assertEqual(self.graph("GET", f"/users/{guest}?$select=userType")[1]["userType"], "Guest")
        for bad in ("mail ne 'x'", "nosuch eq 'x'", "mail eq 'x", "mail eq x", "endswith(mail,'x')"):
            self.assertEqual(self.code("GET", "/users?$filter=" + urllib.parse.quote(bad)),
                             (400, "Request_UnsupportedQuery"), bad)
        self.assertEqual(self.code("GET", "/users?$count=true")[0], 400)
        self.assertEqual(self.graph("GET", "/users?$count=true", ConsistencyLevel="eventual")[1]["@odata.count"], 6)

    def test_permissions_of_the_token_decide(self):
        reader = self.token(client_id=READER, client_secret="reader")
        item = self.store(1)
        path = f"/users/{ALICE}/messages/{item['immutableId']}"
        self.assertNotIn("body", self.graph("GET", path, token=reader)[1])
        self.assertEqual(self.code("GET", path + "/$value", token=reader), (403, "ErrorAccessDenied"))
        self.assertEqual(self.code("POST", path + "/move", {"destinationId": "junkemail"}, token=reader),
                         (403, "ErrorAccessDenied"))
        self.assertEqual(self.code("GET", "/users?$select=proxyAddresses", token=reader),
                         (403, "Authorization_RequestDenied"))

    def test_addresses_without_a_mailbox_answer_each_in_their_way(self):
        for user, expected in (("carol@contoso.example", (404, "MailboxNotEnabledForRESTAPI")),
                               ("dave@contoso.example", (404, "ResourceNotFound")),
                               ("erin@contoso.example", (403, "ErrorAccessDenied")),
                               ("nobody@contoso.example", (404, "ErrorInvalidUser"))):
            self.assertEqual(self.code("GET", f"/users/{user}/messages"), expected)

    # --- messages ------------------------------------------------------------------------------
    def test_a_message_is_found_only_by_a_well_encoded_filter(self):
        message_id = "<a+b'c#d%e&f@evil.example>"
        self.store(1, message=f"From: a@b.example\r\nMessage-ID: {message_id}\r\n\r\nx\r\n")
        path = f"/users/{ALICE}/messages?$select=internetMessageId&"
        found = self.graph("GET", path + self.filter_for(message_id.replace("'", "''")))[1]["value"]
        self.assertEqual([each["internetMessageId"] for each in found], [message_id])
        raw_plus = self.filter_for(message_id.replace("'", "''")).replace("%2B", "+")
        self.assertEqual(self.graph("GET", path + raw_plus)[1]["value"], [])
        self.assertEqual(self.code("GET", path + self.filter_for(message_id))[0], 400)

    def test_queries_that_the_service_does_not_know_are_refused(self):
        base = f"/users/{ALICE}/messages?"
        for query in ("$top=0", "$top=1001", "$top=x", "$nosuch=1", "$select=nosuch", "filter=x", "$search=x",
                      "$filter=isRead%20eq%20'x'", "$top=1&$top=2", "$filter=%zz"):
            self.assertEqual(self.graph("GET", base + query)[0], 400, query)
        self.assertEqual(self.code("GET", base + "$orderby=receivedDateTime&" + self.filter_for("<x>")),
                         (400, "InefficientFilter"))
        self.assertEqual(self.graph("PUT", f"/users/{ALICE}/messages")[0], 405)
        self.assertEqual(self.graph("GET", "/nosuch")[0], 400)
        self.assertEqual(self.code("GET", f"/users/{ALICE}/messages/rubbish"), (400, "ErrorInvalidIdMalformed"))

    def test_a_listing_over_one_page_is_followed_by_its_links(self):
        for n in range(25):
            self.store(n)
        link, pages, seen = f"/users/{ALICE}/messages?$select=subject", [], set()
        while link:
            status, value, _ = self.graph("GET", link)
            pages.append(len(value["value"]))
            seen |= {each["id"] for each in value["value"]}
            link = value.get("@odata.nextLink", "").replace(self.urls["graph_url"] + "/v1.0", "")
        self.assertEqual((pages, len(seen)), ([10, 0, 10, 0, 5], 25))

    def test_a_move_changes_the_ordinary_id_and_not_the_immutable_one(self):
        item = self.store(1)
        path = f"/users/{ALICE}/messages/"
        status, moved, seen = self.graph("POST", f"{path}{item['immutableId']}/move", {"destinationId": "junkemail"},
                                         **IMMUTABLE)
        self.assertEqual((status, moved["id"], seen["Preference-Applied"]),
                         (201, item["immutableId"], 'IdType="ImmutableId"'))
        self.assertEqual(self.folder_of("<1@evil.example>"), "junkemail")
        self.assertEqual(self.code("GET", path + item["ordinaryId"]), (404, "ErrorItemNotFound"))
        status, again, seen = self.graph("POST", f"{path}{item['immutableId']}/move", {"DestinationId": "Inbox"})
        self.assertNotIn("Preference-Applied", seen)
        self.assertNotIn(again["id"], (item["immutableId"], item["ordinaryId"]))
        self.assertEqual(self.code("GET", path + again["id"].swapcase())[0] // 100, 4)
        self.assertEqual(self.code("POST", f"{path}{again['id']}/move", {"destinationId": "nosuchfolder"}),
                         (400, "ErrorInvalidIdMalformed"))
        self.assertEqual(self.code("POST", f"{path}{again['id']}/move", {})[0], 400)

    def test_recoverable_items_are_reached_by_name_only(self):
        item = self.store(1)
        base = f"/users/{ALICE}"
        self.graph("POST", f"{base}/messages/{item['immutableId']}/move",
                   {"destinationId": "recoverableitemsdeletions"})
        self.assertEqual(self.graph("GET", f"{base}/messages?" + self.filter_for("<1@evil.example>"))[1]["value"], [])
        found = self.graph("GET", f"{base}/mailFolders/recoverableitemsdeletions/messages?" +
                           self.filter_for("<1@evil.example>"), **IMMUTABLE)[1]["value"]
        self.assertEqual([each["id"] for each in found], [item["immutableId"]])
        self.assertEqual(self.code("DELETE", f"{base}/messages/{item['immutableId']}"), (403, "ErrorCannotDeleteObject"))
        self.assertEqual(self.code("GET", f"{base}/mailFolders/recoverableitemspurges")[0], 400)

    def test_deletes_go_where_exchange_puts_them(self):
        soft, hard, lost = self.store(1), self.store(2), self.store(3)
        base = f"/users/{ALICE}/messages/"
        self.assertEqual(self.graph("DELETE", base + soft["ordinaryId"])[0], 204)
        self.assertEqual(self.folder_of("<1@evil.example>"), "recoverableitemsdeletions")
        self.assertEqual(self.graph("POST", base + hard["immutableId"] + "/permanentDelete")[0], 204)
        self.assertEqual(self.folder_of("<2@evil.example>"), "recoverableitemspurges")
        self.assertEqual(self.graph("GET", base + hard["immutableId"])[0], 404)
        self.control(f"/users/{ALICE}/recovery", {"singleItemRecovery": False})
        self.graph("POST", base + lost["immutableId"] + "/permanentDelete", "{}")
        self.assertIsNone(self.folder_of("<3@evil.example>"))
        self.control(f"/users/{ALICE}/recovery", {"singleItemRecovery": True})

    def test_permanent_delete_is_absent_outside_the_global_cloud(self):
        item = self.store(1, user="gov@fabrikam.example")
        token = self.login("fabrikam.example", client_secret=SECRET,
                           scope="https://graph.microsoft.us/.default")[1]["access_token"]
        self.assertEqual(self.code("POST", f"/users/gov@fabrikam.example/messages/{item['immutableId']}/permanentDelete",
                                   token=token), (400, "BadRequest"))

    def test_folders_have_names_and_content_is_the_stored_mime(self):
        item = self.store(1, folder="Projects")
        status, value, seen = self.graph("GET", f"/users/{ALICE}/messages/{item['immutableId']}/$value")
        self.assertEqual((status, hashlib.sha256(value).hexdigest()), (200, item["sha256"]))
        self.assertTrue(seen["Content-Type"].startswith("text/plain"))
        message = self.graph("GET", f"/users/{ALICE}/messages/{item['immutableId']}")[1]
        self.assertEqual(message["from"]["emailAddress"], {"name": "Mallory", "address": "mallory@evil.example"})
        folder = self.graph("GET", f"/users/{ALICE}/mailFolders/{message['parentFolderId']}")[1]
        self.assertEqual((folder["displayName"], folder["totalItemCount"]), ("Projects", 1))
        inbox = self.graph("GET", f"/users/{ALICE}/mailFolders/INBOX/messages/{item['immutableId']}")
        self.assertEqual(inbox[0], 404)

    # --- batch, limits, faults -----------------------------------------------------------------
    def batch(self, *parts):
        return self.graph("POST", "/$batch", {"requests": list(parts)})

    def test_a_batch_answers_each_part_by_its_id(self):
        item = self.store(1)
        message = f"/users/{ALICE}/messages/{item['immutableId']}"
        json_type = {"Content-Type": "application/json", **IMMUTABLE}
        status, value, _ = self.batch(
            {"id": "a", "method": "GET", "url": message, "headers": IMMUTABLE},
            {"id": "b", "method": "POST", "url": message + "/move", "headers": json_type, "dependsOn": ["a"],
             "body": {"destinationId": "junkemail"}},
            {"id": "c", "method": "GET", "url": "/users/nobody"},
            {"id": "d", "method": "GET", "url": message, "dependsOn": ["c"]},
            {"id": "e", "method": "GET", "url": message + "/$value"})
        self.assertEqual(status, 200)
        by_id = {each["id"]: each for each in value["responses"]}
        self.assertEqual({key: each["status"] for key, each in by_id.items()},
                         {"a": 200, "b": 201, "c": 404, "d": 424, "e": 200})
        self.assertEqual(by_id["b"]["body"]["id"], item["immutableId"])
        self.assertIn(b"evil.example", base64.b64decode(by_id["e"]["body"]))
        self.assertNotEqual([each["id"] for each in value["responses"]], list("abcde"))

    def test_a_malformed_batch_is_refused_whole(self):
        part = {"id": "1", "method": "GET", "url": "/users"}
        for parts in ([], [part] * 2, [{**part, "id": str(n)} for n in range(21)], [{"id": "1"}],
                      [{**part, "dependsOn": ["9"]}], [{**part, "method": "POST", "body": {"a": 1}}],
                      [{**part, "id": "x"}, {**part, "id": "X"}]):
            self.assertEqual(self.batch(*parts)[0], 400, parts)

    def test_the_fifth_request_in_one_mailbox_is_throttled(self):
        self.control("/settings", {"latencyMs": 300, "retryAfter": "2"})
        self.token()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.graph("GET", f"/users/{ALICE}/messages")))
                   for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(each[0] for each in answers), [200, 200, 200, 200, 429, 429])
        refused = next(each for each in answers if each[0] == 429)
        self.assertEqual((refused[1]["error"]["code"], refused[2]["Retry-After"]), ("ApplicationThrottled", "2"))
        self.control("/settings", {"latencyMs": 0})
        self.assertEqual(self.graph("GET", f"/users/{ALICE}/messages")[0], 429)
        self.assertEqual(self.graph("GET", "/users/bob@contoso.example/messages")[0], 200)
        counters = self.control("/state")["counters"]
        self.assertEqual((counters["earlyReturns"], counters["mostInFlight"]), (1, 4))
        until(lambda: self.graph("GET", f"/users/{ALICE}/messages")[0] == 200)

    def test_ordered_faults_are_met_in_their_number(self):
        item = self.store(1)
        move = ("POST", f"/users/{ALICE}/messages/{item['immutableId']}/move", {"destinationId": "junkemail"})
        self.control("/faults", {"path": "/move", "skip": 1, "status": 503, "times": 2})
        self.assertEqual([self.graph(*move)[0] for _ in range(4)], [201, 503, 503, 201])
        self.control("/faults", {"path": "/move", "status": 504, "when": "after", "body": "html"})
        status, text, seen = self.graph("POST", move[1], {"destinationId": "deleteditems"})
        self.assertEqual((status, seen["Content-Type"]), (504, "text/html"))
        self.assertEqual(self.folder_of("<1@evil.example>"), "deleteditems")
        self.control("/faults", {"method": "GET", "answer": "cut"})
        with self.assertRaises(http.client.RemoteDisconnected):
            self.graph("GET", "/users")
        self.control("/faults", {"method": "GET", "answer": "cut-within"})
        with self.assertRaises(http.client.IncompleteRead):
            self.graph("GET", "/users")
        self.control("/expire-tokens", {})
        self.assertEqual(self.graph("GET", "/users")[0], 401)

    def test_the_log_shows_what_graph_saw(self):
        given = str(uuid.uuid4())
        self.graph("GET", f"/users/{ALICE}/messages?$top=1", client_request_id=given)
        logged = self.control("/requests")["requests"][-1]
        self.assertEqual((logged["method"], logged["path"], logged["status"], logged["clientRequestId"]),
                         ("GET", f"/v1.0/users/{ALICE}/messages?$top=1", 200, given))

    # --- the journal sender ----------------------------------------------------------------------
    def journal(self, sink, **more):
        body = {"tenant": "contoso", "mailFrom": "mallory@evil.example", "journalNdrTo": "ndr@archive.example",
                "recipients": [{"type": "Recipient", "address": ALICE},
                               {"type": "To", "address": "bob@contoso.example", "redirect": "Expanded",
                                "original": "all@contoso.example"},
                               {"type": "Recipient", "address": "someone@else.example"}],
                "message": MAIL.format(n=7), "serviceAddress": "jrn-7@relay.example",
                "smtp": {"port": sink.server_address[1], "caFile": str(self.folder / "ca.pem"),
                         "clientCertificate": str(self.folder / "journal-client.pem")}}
        return self.control("/deliver-and-journal", {**body, **more})

    def sink(self):
        sink = SmtpSink(self.folder)
        self.addCleanup(sink.server_close)
        self.addCleanup(sink.shutdown)
        return sink

    def test_a_report_has_exchanges_form(self):
        sink = self.sink()
        answer = self.journal(sink, verdict={"antispamReport": "SCL:9;CAT:HPHISH;"})
        self.assertEqual((answer["smtpCode"], answer["mailboxes"]), (250, 2))
        self.assertLess(abs(answer["endOfDataMs"] / 1000 - time.time()), 60)
        taken = sink.taken[0]
        self.assertEqual(taken["subject"], "mail.protection.outlook.com")
        self.assertTrue(taken["MAIL"].startswith("MAIL FROM:<ndr@archive.example>"))
        self.assertEqual(taken["RCPT"], "RCPT TO:<jrn-7@relay.example>")
        self.assertIn(b"\r\nX-MS-Journal-Report:\r\n", taken["report"])
        report = email.message_from_bytes(taken["report"], policy=email.policy.SMTP)
        self.assertEqual([name for name in report.keys()][:11],
                         ["Content-Type", "Subject", "To", "From", "MIME-Version", "Sender", "Message-ID", "Date",
                          "X-MS-PublicTrafficType", "X-MS-Journal-Report", "X-MS-Exchange-Parent-Message-Id"])
        self.assertEqual((report["X-OriginatorOrg"], report["X-LD-Processed"]),
                         ("contosotest.onmicrosoft.com", TENANT + ",ExtAddr"))
        fields, inner = report.iter_parts()
        self.assertEqual(fields.get_content().splitlines(),
                         ["Sender: mallory@evil.example", "Subject: Rechnung 7", "Message-Id: <7@evil.example>",
                          f"Recipient: {ALICE}", "To: bob@contoso.example, Expanded: all@contoso.example",
                          "Recipient: someone@else.example"])
        message = inner.get_payload(0)
        self.assertEqual(message["X-Forefront-Antispam-Report"], "SCL:9;CAT:HPHISH;")
        self.assertTrue(message["Authentication-Results"].startswith("spf="))
        self.assertEqual(message["X-MS-Exchange-Organization-Id"], TENANT)
        self.assertIn("X-MS-Exchange-Organization-Network-Message-Id", message)
        self.assertIn(b"\r\n.a line with a dot\r\n", taken["report"])

    def test_the_stored_copy_is_not_the_reports_bytes_and_comes_when_it_is_due(self):
        sink = self.sink()
        self.journal(sink, deliveryDelayMs=400, changes=["disclaimer", "external-banner", "rewrite-links"])
        self.assertIsNone(self.folder_of("<7@evil.example>"))
        until(lambda: self.folder_of("<7@evil.example>") == "inbox")
        found = self.graph("GET", f"/users/{ALICE}/messages?" + self.filter_for("<7@evil.example>"))[1]["value"]
        self.assertEqual(len(found), 1)
        copy = self.graph("GET", f"/users/{ALICE}/messages/{found[0]['id']}/$value")[1]
        self.assertNotIn(b"X-MS-Exchange-Organization-", copy)
        self.assertNotIn(copy, sink.taken[0]["report"])
        text = email.message_from_bytes(copy, policy=email.policy.SMTP).get_content()
        self.assertIn("safelinks.protection.outlook.com/?url=http%3A%2F%2Fevil.example%2F7", text)
        self.assertTrue(text.startswith("CAUTION:"))
        self.assertIn("meant for the persons", text)

    def test_chunks_refusals_and_wrong_certificates(self):
        sink = self.sink()
        smtp = {"port": sink.server_address[1], "caFile": str(self.folder / "ca.pem"), "transfer": "chunks",
                "clientCertificate": str(self.folder / "journal-client.pem")}
        self.journal(sink, smtp=smtp)
        self.assertIn("chunks", sink.taken[0])
        self.assertTrue(sink.taken[0]["report"].endswith(b"_--\r\n"))
        sink.refuse_with = "451 4.3.0 later"
        self.assertEqual(self.journal(sink)["smtpCode"], 451)
        for wrong in ({"serverName": "relay.example"}, {"caFile": str(self.folder / "app.crt")}):
            status, _, text = self.http(self.urls["control_url"], "POST", "/send-report", json.dumps(
                {"report": "x", "serviceAddress": "a@b.example", "smtp": {**smtp, **wrong}}))
            self.assertEqual(status, 502, text)

    def test_a_ready_made_report_is_sent_as_it_is(self):
        sink = self.sink()
        self.journal(sink)
        report = sink.taken[0]["report"]
        self.control("/reset", {})
        self.control("/send-report", {
            "reportBase64": base64.b64encode(report).decode(), "mailFrom": "", "serviceAddress": "jrn-7@relay.example",
            "deliver": {"tenant": "contoso"},
            "smtp": {"port": sink.server_address[1], "caFile": str(self.folder / "ca.pem"),
                     "clientCertificate": str(self.folder / "journal-client.pem")}})
        self.assertEqual(sink.taken[1]["report"], report)
        self.assertTrue(sink.taken[1]["MAIL"].startswith("MAIL FROM:<>"))
        self.assertEqual(self.folder_of("<7@evil.example>"), "inbox")
        self.assertEqual(self.folder_of("<7@evil.example>", "bob@contoso.example"), "inbox")

    def test_wrong_control_calls_say_what_is_wrong(self):
        for path, body, what in (("/faults", {"stat": 1}, "stat: unknown field"), ("/nosuch", {}, "no such call"),
                                 ("/deliver-and-journal", {"message": "x", "changes": ["nosuch"]}, "nosuch"),
                                 (f"/users/{ALICE}/move", {"immutableId": "x"}, "no such item")):
            status, _, text = self.http(self.urls["control_url"], "POST", path, json.dumps(body))
            self.assertIn(status, (400, 404))
            self.assertIn(what, text.decode())


if __name__ == "__main__":
    unittest.main()
