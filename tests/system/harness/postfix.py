# SPDX-License-Identifier: Apache-2.0
"""A private Postfix: own configuration, queue and data directories below one folder,
own ports, own log file. The host's instance and /etc/postfix are never touched."""

import grp
import os
import pwd
import shutil
import socket
import subprocess

from . import SOURCE
from .wait import free_port, until

APPLY = SOURCE / "packaging/postfix/apply"
MASTER = "/usr/share/postfix/master.cf.dist"
NEEDED = ("pickup cleanup qmgr tlsmgr rewrite bounce defer trace verify flush proxymap proxywrite smtp"
          " relay error retry discard anvil postlog").split()


def runs(pid):
    """Whether the process has not ended. In a container nobody may wait for an orphan: then it stays, as a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Postfix:
    """The relay's Postfix with the settings of packaging/postfix, in folder (absolute)."""

    def __init__(self, folder, certificates, milter_socket, domain="relay.clawback.example",
                 settings=None, options=()):
        """options: further ones of packaging/postfix/apply. domain: None leaves it to them."""
        self.folder = folder
        self.port = free_port()
        self.config = folder / "etc"
        self.log_file = folder / "postfix.log"
        self._make_folders()
        self._configure(certificates, milter_socket, domain, settings or {}, options)

    def _make_folders(self):
        account = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(parents=True)
        os.chown(self.folder / "data", account.pw_uid, account.pw_gid)

    def _configure(self, certificates, milter_socket, domain, settings, options):
        (self.config / "main.cf").write_text("")
        self._write_master()
        # Everything beyond packaging/postfix: where things are, and what a machine
        # without syslog and DNS needs.
        here = {
            "compatibility_level": "3.6",
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "maillog_file": self.log_file,
            "maillog_file_prefixes": "/tmp",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "alias_maps": "",
            "alias_database": "",
            "clawback_milter": f"unix:{milter_socket}",
            "smtpd_tls_cert_file": certificates.server,
            "smtpd_tls_key_file": certificates.server,
            "smtpd_tls_CAfile": certificates.ca,
            "smtpd_client_connection_count_limit": "0",
            "import_environment": "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C",
        }
        if domain is not None:
            here["clawback_domain"] = domain
        here.update(settings)
        overrides = [f"{name}={value}" for name, value in here.items()]
        self._run([APPLY, self.config, "--listen", f"127.0.0.1:{self.port}", *options, *overrides])

    def _write_master(self):
        """Debian's master.cf without services that a relay has no use for, no chroots."""
        kept, keep = [], False
        with open(MASTER, encoding="ascii") as lines:
            for line in lines:
                if not line.startswith((" ", "\t", "#")) and line.strip():
                    name, kind = line.split()[:2]
                    keep = name in NEEDED and kind != "inet"
                if keep and not line.startswith("#"):
                    kept.append(line)
        (self.config / "master.cf").write_text("".join(kept))
        self._run(["postconf", "-c", self.config, "-F", "*/*/chroot=n"])

    def _run(self, command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}{self.log()}")
        return done.stdout

    def start(self):
        self._run(["postfix", "-c", self.config, "check"])
        self._run(["postfix", "-c", self.config, "start"])
        until(self._answers, 30, "Postfix to answer")
        return self

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                return connection.recv(4).startswith(b"220")
        except OSError:
            return False

    def stop(self):
        """Stops and waits until the last process is gone."""
        pid_file = self.folder / "queue/pid/master.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text())
        subprocess.run(["postfix", "-c", self.config, "stop"], capture_output=True)
        until(lambda: not runs(pid), 30, "Postfix to stop")

    def setting(self, name):
        """The value of one setting of main.cf."""
        return self._run(["postconf", "-c", self.config, "-hx", name]).strip()

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def queued(self):
        """Names of the messages that stay in the queue: always none, if all is well."""
        queues = ("active", "incoming", "deferred", "hold", "maildrop", "corrupt")
        return [name for queue in queues for _, _, names in os.walk(self.folder / "queue" / queue)
                for name in names]

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()


def socket_folder(path):
    """Makes a folder whose sockets belong to Postfix's group, as in production: the
    daemons need no rights of Postfix, and nobody else can connect."""
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, group=grp.getgrnam("postfix").gr_gid)
    path.chmod(0o2750)
    return path
