# SPDX-License-Identifier: Apache-2.0
"""What opens mailboxes stays in the sidecar's memory: secret, private key, another issuer's token, assertions and access
tokens are looked for everywhere after a session with errors in it. The sidecar is not dumpable (PR_SET_DUMPABLE 0), so
there is no core file to find them in, whatever the limit for core files says."""
import base64
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import unittest
from urllib.parse import quote

from harness import Workspace
from harness.mail import ACTIONS, Generator
from harness.stage import TENANTS, Stage

SECRET = "canary-Secret+of/this=test&" + "7d0c" * 6
FEDERATED = "canary.federated.token-" + "91ab" * 6


def jwt_start(algorithm_first):
    """How every token of that kind begins."""
    return base64.urlsafe_b64encode(algorithm_first).decode().rstrip("=")


class Credentials(Stage):
    """Contoso by secret, company by certificate, receiver by another issuer's token."""

    def _practice_config(self):
        config = super()._practice_config()
        (self.folder / "federated.token").touch(mode=0o600)
        (self.folder / "federated.token").write_text(FEDERATED)
        for tenant in config["tenants"]:
            tenant["apps"] = [{**app, "secrets": [SECRET], "federated_tokens": [str(self.folder / "federated.token")]}
                              for app in tenant["apps"]]
        return config

    def _graph_access(self, urls):
        access = super()._graph_access(urls)
        (self.folder / "app.secret").write_text(SECRET)
        return access

    def sign_in_in_every_way(self):
        urls = {key: value for key, value in self._access.items() if key != "client_secret"}
        key = self.certificates.folder / "app.key"
        key.chmod(0o600)
        certificate = {"certificate": str(self.certificates.folder / "app.crt"), "certificate_key": f"file:{key}"}
        federated = {"federated_token": f"file:{self.folder / 'federated.token'}"}
        for tenant, credential in zip(TENANTS[1:], (certificate, federated)):
            self.relay.write_tenant(tenant["settings"], graph={**urls, **credential}, actions=ACTIONS)
        done = self.command("tenant", "reload", "--why", "every credential", "--config", str(self.relay.config))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def write_access(self, access):
        self._access = access


class Canaries(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        self.folder = workspace.__enter__()
        self.addCleanup(workspace.__exit__)

    def start(self):
        stage = Credentials(self.folder)
        access = stage._graph_access
        stage._graph_access = lambda urls: stage.write_access(access(urls)) or stage._access
        self.addCleanup(stage.__exit__)
        stage.__enter__()
        stage.sign_in_in_every_way()
        return stage

    def canaries(self):
        key = (self.folder / "tls" / "app.key").read_text().splitlines()
        return {"secret": SECRET, "secret, encoded": quote(SECRET, safe=""), "federated token": FEDERATED,
                "private key": key[3], "access token": jwt_start(b'{"typ":"JWT","alg":"HS256"}') + ".",
                "assertion": jwt_start(b'{"alg":"PS256","typ":"JWT"')[:-2]}

    def found_in(self, places):
        """[(place, canary)]; places: (name, bytes)."""
        return [(name, canary) for name, content in places for canary, text in self.canaries().items()
                if text.encode() in content]

    @staticmethod
    def files_below(*folders):
        for folder in folders:
            for path in pathlib.Path(folder).rglob("*"):
                if path.is_file():
                    yield str(path), path.read_bytes()

    @staticmethod
    def process_and_children(pid):
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        yield pid
        for child in children.read_text().split() if children.exists() else ():
            yield int(child)

    def about_processes(self, *daemons):
        for daemon in daemons:
            for pid in self.process_and_children(daemon.pid):
                for what in ("cmdline", "environ"):
                    try:
                        yield f"/proc/{pid}/{what} of {daemon.name}", pathlib.Path(f"/proc/{pid}/{what}").read_bytes()
                    except FileNotFoundError:
                        pass  # a judge that has ended meanwhile

    @staticmethod
    def tenant_status(stage, name):
        done = stage.command("tenant", "status", name, "--json", "--config", str(stage.relay.config))
        return (done.stdout + done.stderr).encode()

    def session(self, stage):
        """Good and bad, and every error that quotes what was sent."""
        generator = Generator(seed=17)
        mails = [generator.eicar(), generator.plain_note(), generator.spoof()]
        quoting = f"You sent {quote(SECRET, safe='')}, that is {SECRET}, and {FEDERATED}"
        bearer = f"You sent Bearer {self.canaries()['access token']}xyz"
        refused = {"host": "login", "path": "/token", "status": 401, "code": "invalid_client", "message": quoting}
        stage.ask("/faults", {**refused, "times": 1})
        said = [("a refused sign-in", self.tenant_status(stage, "contoso"))]
        self.assertIn(b"invalid_client", said[0][1])
        for fault in ({"host": "login", "path": "/token", "status": 503, "retryAfter": "1", "message": quoting},
                      {"host": "graph", "path": "/move", "status": 401, "message": bearer},
                      {"host": "graph", "path": "/messages", "status": 503, "retryAfter": "1", "message": bearer},
                      {"host": "graph", "path": "/messages", "status": 502, "body": "html", "message": bearer}):
            stage.ask("/faults", {**fault, "times": 1})
        stage.ask("/expire-tokens", {})
        for mail in mails:
            self.assertEqual(stage.send(mail)["smtpCode"], 250)
        stage.wait_until_settled(len(mails), seconds=120)
        for tenant in TENANTS:
            name = tenant["settings"]["name"]
            said.append((f"tenant status {name}", self.tenant_status(stage, name)))
            self.assertIn(b'"authorized":true', said[-1][1], name)
        for words in (("trace", "--json"), ("audit", "list", "--json"), ("status", "--json"), ("tenant", "list", "--json")):
            done = stage.command(*words, "--config", str(stage.relay.config))
            said.append((" ".join(words), (done.stdout + done.stderr).encode()))
        said.append(("stories", repr(stage.stories()).encode()))
        return said

    def abort(self, daemon):
        """Ends it by SIGABRT, with no limit for core files where that may be lifted; answers what is new in its folder."""
        folder = pathlib.Path(os.readlink(f"/proc/{daemon.pid}/cwd"))
        before = set(folder.glob("core*"))
        try:
            resource.prlimit(daemon.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except PermissionError:
            print("LOUD: the limit that the sidecar set itself (no core file) may not be lifted here", file=sys.stderr)
        daemon.signal(signal.SIGABRT)
        self.assertEqual(daemon.wait(), -signal.SIGABRT)
        return set(folder.glob("core*")) - before

    def test_nothing_is_found_anywhere(self):
        stage = self.start()
        places = self.session(stage)
        relay = stage.relay
        places += self.about_processes(relay.retractd, relay.milter)
        self.assertEqual(self.abort(relay.retractd), set())
        logs = [(daemon.name, daemon.log().encode() + daemon.out().encode()) for daemon in (relay.retractd, relay.milter)]
        places += logs
        places += self.files_below(relay.ledger, relay.segments, relay.sidecar_socket.parent,
                                   self.folder / "postfix", relay.tenants)
        self.assertGreater(len(places), 20)
        self.assertTrue([name for name, _ in places if name.endswith("ledger.db") or "/ledger/" in name])
        self.assertEqual(self.found_in(places), [])

    def test_planted_canaries_are_found(self):
        (self.folder / "tls").mkdir()
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "tls" / "app.key", "2048"], check=True,
                       capture_output=True)
        for name, text in self.canaries().items():
            (self.folder / "planted").mkdir(exist_ok=True)
            (self.folder / "planted" / "file").write_bytes(b"\0" + text.encode() + b"\n")
            found = {canary for _, canary in self.found_in(self.files_below(self.folder / "planted"))}
            self.assertIn(name, found)

    def test_planted_in_the_memory_of_a_program_that_is_dumpable(self):
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
        if not re.fullmatch(r"core[^/|]*", pattern):
            self.skipTest(f"LOUD: core files go elsewhere here ({pattern}): that a dumpable program writes one with the "
                          "secret in it was not shown")
        program = ("import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2); "
                   "held = os.environ['HELD']; os.abort()")
        subprocess.run([sys.executable, "-c", program], cwd=self.folder, env={"HELD": SECRET}, check=False,
                       capture_output=True)
        cores = list(self.folder.glob("core*"))
        self.assertEqual(len(cores), 1)
        self.assertIn(SECRET.encode(), cores[0].read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
