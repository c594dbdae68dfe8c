# SPDX-License-Identifier: Apache-2.0
"""The whole system on loopback: Postfix, the milter with its judges, the sidecar and the practice tenant, for the
quickstart and the system tests. Assertions are made on mailboxes (`folders_of`) and on what `clawback trace` says."""
import base64
import json
import os
import pwd
import subprocess
import urllib.error
import urllib.request

from . import BIN, SOURCE
from .certificates import Certificates
from .daemons import CONTOSO, Clawback
from .mail import ACTIONS
from .postfix import Postfix
from .wait import until

REPORTS = SOURCE / "tests/data/journal"
CLIENT_ID = "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e"
SECRET = "rehearsal-secret-that-opens-nothing"
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "eve", "grace", "heidi", "soc")
NDR = "journal-ndr@archive.example"

# The organisations that the reports under tests/data name, and the one that generated mail is for.
TENANTS = (
    {"settings": CONTOSO, "initial_domain": "contosotest.onmicrosoft.com",
     "users": [f"{name}@contoso.example" for name in PEOPLE],
     "aliases": {"alice@contoso.example": ["a.smith+sales@contoso.example"]}},
    {"settings": {**CONTOSO, "name": "company", "tenant_id": "6e1e3a0a-cb5b-4699-9a6a-595e9ef289e9",
                  "domains": ["company.example"],
                  "service_addresses": [{"address": "company@mail.relay.example", "region": "us"}],
                  "demands": {**CONTOSO["demands"], "originator_org": "teamcompany-test.onmicrosoft.com"}},
     "initial_domain": "teamcompany-test.onmicrosoft.com",
     "users": ["lulu.zingzing@company.example", "user.one@company.example"]},
    {"settings": {**CONTOSO, "name": "receiver", "tenant_id": "d278989d-1867-4992-aefc-07283e73df94",
                  "domains": ["receiver.example"],
                  "service_addresses": [{"address": "receiver@mail.relay.example", "region": "us"}],
                  "demands": {**CONTOSO["demands"], "originator_org": "receiverorg-test.onmicrosoft.com"}},
     "initial_domain": "receiverorg-test.onmicrosoft.com", "users": ["abuse@receiver.example"]},
)


def ask_control(control, path, body=None):
    """GET, or POST of a body, at a practice tenant's control port; RuntimeError unless it answers 2xx."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(control + path, data=data, method="GET" if body is None else "POST",
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=240) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{path}: {error.code} {error.read().decode(errors='replace')}") from error


class Stage:
    """with Stage(folder) as stage: ... everything runs; stage.send(...) delivers and journals."""

    def __init__(self, folder, certificate_of_app=False, practice=None, postfix=None, gate=None, **settings):
        """gate: a class such as harness.gate.Gate, through which the sidecar then reaches Graph."""
        self.folder = folder
        self.certificates = Certificates(folder / "tls")
        self.relay = Clawback(folder, **settings)
        self._certificate_of_app = certificate_of_app
        self.postfix = Postfix(folder / "postfix", self.certificates, self.relay.milter_socket,
                               domain="relay.clawback.example, mail.relay.example", settings=postfix or {})
        self._practice_settings = practice or {}
        self.graph_access = None  # of a tenant's file, once it runs
        self.gate = gate(folder, self.certificates) if gate else None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        self.postfix.stop()
        self.relay.__exit__()
        if self.gate:
            self.gate.stop()

    def _more_settings(self):
        """Of every tenant."""
        return {}

    def _start(self):
        urls = self.relay.start_practice(self._practice_config())
        self.control = urls["control_url"]
        self.login = urls["login_url"]
        if self.gate:
            self.gate.lead_to(urls["graph_url"])
            urls["graph_url"] = self.gate.url
        self.graph_access = self._graph_access(urls)
        for tenant in TENANTS:
            self.relay.write_tenant(tenant["settings"], graph=self.graph_access, actions=ACTIONS, **self._more_settings())
        self.relay.milter.start()
        self.relay.retractd.start()
        self.postfix.start()

    def _graph_access(self, urls):
        access = {"cloud": "global", "client_id": CLIENT_ID, "login_url": urls["login_url"],
                  "graph_url": urls["graph_url"], "ca_file": str(self.certificates.ca)}
        if self._certificate_of_app:
            key = self.certificates.folder / "app.key"
            key.chmod(0o600)
            return {**access, "certificate": str(self.certificates.folder / "app.crt"),
                    "certificate_key": f"file:{key}"}
        secret = self.folder / "app.secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET)
        return {**access, "client_secret": f"file:{secret}"}

    def _practice_config(self):
        app = {"client_id": CLIENT_ID, "secrets": [SECRET],
               "certificates": [str(self.certificates.folder / "app.crt")]}
        return {"certificate": str(self.certificates.server), "settings": self._practice_settings,
                "graph_public_url": self.gate.url if self.gate else "",
                "tenants": [{"name": tenant["settings"]["name"], "id": tenant["settings"]["tenant_id"],
                             "initial_domain": tenant["initial_domain"], "domains": tenant["settings"]["domains"],
                             "apps": [app], "users": [{"address": user, "aliases": tenant.get("aliases", {}).get(user, [])}
                                                       for user in tenant["users"]]}
                            for tenant in TENANTS]}

    # --- the practice tenant's control port ---------------------------------------------
    def ask(self, path, body=None):
        return ask_control(self.control, path, body)

    def _smtp(self):
        return {"host": "127.0.0.1", "port": self.postfix.port, "caFile": str(self.certificates.ca),
                "clientCertificate": str(self.certificates.client)}

    def send(self, mail, delay_ms=0, changes=None, tenant="contoso"):
        """Delivers a harness.mail.Mail into its recipients' mailboxes, and journals it; the answer has smtpCode."""
        body = {"tenant": tenant, "mailFrom": mail.sender,
                "recipients": [{"type": "Recipient", "address": address} for address in mail.recipients],
                "messageBase64": base64.b64encode(mail.message.encode()).decode(), "deliveryDelayMs": delay_ms,
                "verdict": {"authenticationResults": mail.authentication_results,
                            "antispamReport": mail.antispam_report},
                "smtp": self._smtp(), "serviceAddress": self.service_address(tenant), "journalNdrTo": NDR}
        if changes is not None:
            body["changes"] = changes
        return self.ask("/deliver-and-journal", body)

    def send_report(self, path, envelope, tenant, deliver=True, delay_ms=0):
        """Sends a ready-made report; with deliver, the journaled message is put into the mailboxes too."""
        return self.send_report_bytes(path.read_bytes(), tenant, envelope["mail_from"], deliver, delay_ms)

    def send_report_bytes(self, report, tenant, mail_from=NDR, deliver=True, delay_ms=0):
        body = {"reportBase64": base64.b64encode(report).decode(), "mailFrom": mail_from,
                "serviceAddress": self.service_address(tenant), "smtp": self._smtp()}
        if deliver:
            body["deliver"] = {"tenant": tenant, "deliveryDelayMs": delay_ms}
        return self.ask("/send-report", body)

    @staticmethod
    def service_address(tenant):
        settings = next(each["settings"] for each in TENANTS if each["settings"]["name"] == tenant)
        return settings["service_addresses"][0]["address"]

    def state(self):
        return self.ask("/state")

    def folders_of(self, message_id):
        """{user principal name: [folder display names]} of every mailbox that holds the message."""
        found = {}
        for tenant in self.state()["tenants"]:
            for user in tenant["users"]:
                folders = [folder["displayName"] for folder in user.get("folders", [])
                           for item in folder["items"] if item["internetMessageId"] == message_id]
                if folders:
                    found[user["userPrincipalName"]] = folders
        return found

    # --- the operator's command ----------------------------------------------------------
    def command(self, *arguments, user=None, seconds=600):
        """user: runs as that one, in the socket's group. At most so many seconds."""
        as_user = {"user": pwd.getpwnam(user).pw_uid, "group": 0, "extra_groups": []} if user else {}
        return subprocess.run([BIN / "clawback", *arguments], capture_output=True, text=True, timeout=seconds,
                              env={**os.environ, "CLAWBACK_CONFIG": str(self.relay.config)}, check=False, **as_user)

    def trace(self, *arguments):
        """The trace as a list of objects, newest first."""
        done = self.command("trace", "--config", str(self.relay.config), "--json", *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"clawback trace: {done.returncode} {done.stderr}")
        return [json.loads(line) for line in done.stdout.split("\n") if line]

    def stories(self):
        """The whole trace, each row with its retractions."""
        return [self.trace(str(row["id"]))[0] for row in self.trace("--limit", "1000")]

    def wait_until_settled(self, reports, seconds=60):
        """Waits until so many reports are in the trace and nothing is armed or claimed any more; answers their
        stories, newest first. What is still open is named when the time is up."""
        def still_open():
            status = self.status()["counts"]
            return status["reports"] < reports or status["armed"] or status["claimed"]
        try:
            until(lambda: not still_open(), seconds, f"{reports} reports to be settled")
        except TimeoutError as late:
            left = [(story["row"]["message_id"], each["recipient"], each["state"], each["last_error"])
                    for story in self.stories() for each in story["retractions"]
                    if each["state"] in ("armed", "claimed")]
            raise TimeoutError(f"{late}; {self.status()}; open: {left}") from late
        return self.stories()

    def status(self):
        done = self.command("status", "--config", str(self.relay.config), "--json")
        if done.returncode != 0:
            raise RuntimeError(f"clawback status: {done.returncode} {done.stderr}")
        return json.loads(done.stdout)
