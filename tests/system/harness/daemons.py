# SPDX-License-Identifier: Apache-2.0
"""Clawback's programs with all their files in one folder."""

import hashlib
import json
import os
import signal
import subprocess

from . import BIN
from .postfix import socket_folder
from .wait import until


class Daemon:
    """One program, its standard error in a file. ready(log text, stdout text) says when
    it can be used; start waits for that."""

    def __init__(self, name, arguments, log_file, ready, environment=None):
        self.name = name
        self._command = [str(BIN / name), *[str(word) for word in arguments]]
        self.log_file = log_file
        self._out_file = log_file.with_suffix(".out")
        self._ready = ready
        self._environment = environment or {}
        self._process = None

    def add_environment(self, variables):
        """For its next start."""
        self._environment.update(variables)

    def start(self, fault=None, seconds=30):
        """fault goes into CLAWBACK_FAULT for this run (policy/base/fault_point.h)."""
        environment = {**os.environ, **self._environment}
        environment.pop("CLAWBACK_FAULT", None)
        if fault:
            environment["CLAWBACK_FAULT"] = fault
        begin = len(self.log())
        with open(self.log_file, "ab") as log, open(self._out_file, "wb") as out:
            self._process = subprocess.Popen(self._command, stdout=out, stderr=log,
                                             stdin=subprocess.DEVNULL, env=environment)
        until(lambda: self._is_ready(begin), seconds, f"{self.name} to be ready")
        return self

    def _is_ready(self, begin):
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended ({self._process.returncode}):\n{self.log()}")
        return self._ready(self.log()[begin:], self.out())

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def out(self):
        return self._out_file.read_text(errors="replace") if self._out_file.exists() else ""

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process is not None and self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds=30):
        """The exit status; negative is the signal that ended it."""
        return self._process.wait(seconds)

    def stop(self, seconds=30):
        """SIGTERM, and the exit status; kills what does not end in time."""
        if not self.running():
            return None if self._process is None else self._process.returncode
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        if self.running():
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)

    def restart(self, fault=None):
        self.stop()
        return self.start(fault)


def yaml(value):
    """YAML of plain values. JSON is YAML, and quotes everything that needs it."""
    return json.dumps(value, indent=2) + "\n"


CONTOSO = {
    "name": "contoso",
    "tenant_id": "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1",
    "domains": ["contoso.example", "subdomain.contoso.example"],
    "service_addresses": [{"address": "jrn-7f3c1a52@relay.clawback.example", "region": "us"}],
    "demands": {
        "minimum_tls": "1.2",
        "certificate_subject": "mail.protection.outlook.com",
        "networks": ["127.0.0.0/8"],
        "secret_address": False,
        "originator_org": "contosotest.onmicrosoft.com",
        "tenant_id_mark": True,
    },
    "mode": "enforce",
    "actions": {"MALICIOUS": "soft-delete", "SUSPICIOUS": "junk", "SPOOF": "junk", "SPAM": "junk",
                "BULK": "none"},
}


class Clawback:
    """The daemons of one relay below folder. Configuration is written by configure();
    daemons that run see a change of tenants after reload()."""

    def __init__(self, folder, region="us", relay="us-east", milter=None, judge=None,
                 sidecar=None, relays=None, **sections):
        """sections: of the relay's file, beside those that every relay has."""
        self.folder = folder
        self.config = folder / "clawback.yaml"
        self.tenants = folder / "tenants.d"
        self.segments = folder / "segments"
        self.ledger = folder / "ledger"
        self.milter_socket = socket_folder(folder / "milter-run") / "milter.sock"
        self.sidecar_socket = folder / "run" / "retractd.sock"
        self.sidecar_socket.parent.mkdir(parents=True, exist_ok=True)
        self.tenants.mkdir(parents=True, exist_ok=True)
        self.configure(region, relay, milter or {}, judge or {}, sidecar or {}, relays or [], **sections)
        self.milter = self._daemon("clawback-milter")
        self.retractd = self._daemon("clawback-retractd")
        self.practice = None

    def _daemon(self, name):
        return Daemon(name, ["--config", self.config], self.folder / f"{name}.log",
                      lambda log, out: "event=ready" in log)

    def another_retractd(self, name="another"):
        """One more sidecar with the files of the first: it stands by while that one works."""
        return Daemon("clawback-retractd", ["--config", self.config], self.folder / f"{name}-retractd.log",
                      lambda log, out: "event=ready" in log or "event=standby" in log)

    def configure(self, region, relay, milter, judge, sidecar, relays=(), **sections):
        self.config.write_text(yaml({
            "relay": {"name": relay, "region": region},
            "relays": list(relays),
            "milter": {"socket": str(self.milter_socket), "segments": str(self.segments),
                       **milter},
            "judge": {"program": str(BIN / "clawback-judge"), **judge},
            "sidecar": {"socket": str(self.sidecar_socket), "ledger": str(self.ledger),
                        **sidecar},
            "tenants": str(self.tenants),
            **sections,
        }))

    def write_tenant(self, tenant=None, **changes):
        """Writes tenants.d/NAME.yaml: CONTOSO, or tenant, with changes. Where the tenant
        names no access to Graph, one that reaches nothing is filled in."""
        settings = {**(tenant or CONTOSO), **changes}
        # Tests retract more in a minute than anybody's mail should: those about the breaker say so.
        settings.setdefault("breaker", {"count": 0, "share": 100})
        settings.setdefault("graph", {
            "cloud": "global", "client_id": "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e",
            "login_url": "https://localhost:9", "graph_url": "https://localhost:9",
            "client_secret": f"file:{self._secret()}"})
        (self.tenants / f"{settings['name']}.yaml").write_text(yaml(settings))

    def _secret(self):
        path = self.folder / "unused.secret"
        path.write_text("unused")
        path.chmod(0o600)
        return path

    @property
    def snapshot(self):
        """Where the sidecar publishes the settings to the milter."""
        return self.sidecar_socket.with_name(self.sidecar_socket.name + ".settings")

    def publish_settings(self, settings=None):
        """For a milter without a sidecar: what a sidecar would have published."""
        text = json.dumps(settings or {"version": 0, "tenants": {}})
        self.snapshot.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")

    def command(self, *arguments):
        """The operator's command, asking this relay's sidecar."""
        return subprocess.run([str(BIN / "clawback"), *arguments, "--config", str(self.config)],
                              capture_output=True, text=True, timeout=60, check=False)

    def reload(self):
        self.milter.signal(signal.SIGUSR1)

    def start_practice(self, config):
        """Starts clawback-practice with config (a dict); answers its addresses."""
        path = self.folder / "practice.yaml"
        path.write_text(yaml(config))
        self.practice = Daemon("clawback-practice", ["serve", "--config", path],
                               self.folder / "clawback-practice.log",
                               lambda log, out: out.count("\n") >= 1)
        self.practice.start()
        return json.loads(self.practice.out().splitlines()[0])

    def stop(self):
        """Stops what runs; answers {name: exit status}."""
        daemons = [each for each in (self.milter, self.retractd, self.practice) if each]
        return {each.name: each.stop() for each in daemons if each.running()}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for daemon in (self.milter, self.retractd, self.practice):
            if daemon:
                try:
                    daemon.stop()
                except subprocess.TimeoutExpired:
                    pass
