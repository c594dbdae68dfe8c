# SPDX-License-Identifier: Apache-2.0
"""nghttpx before the practice tenant, which speaks HTTP/1.1 alone: so the sidecar meets HTTP/2, as with Graph."""
import os
import shutil
import signal
import socket
import subprocess
from collections import Counter

from .wait import free_port, until


def program():
    return shutil.which("nghttpx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Http2Front:
    """A gate for Stage. The log says for each request which protocol it came by and over which connection."""

    def __init__(self, folder, certificates):
        self._folder = folder
        self._certificates = certificates
        self._log = folder / "nghttpx-access.log"
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self._process = None

    def lead_to(self, upstream):
        if program() is None:
            raise RuntimeError("nghttpx is not installed: apt-get install nghttp2-proxy")
        port = upstream.rsplit(":", 1)[1]
        pem = str(self._certificates.server)
        with open(self._folder / "nghttpx.log", "ab") as log:
            self._process = subprocess.Popen(
                [program(), "--conf=/dev/null", "--workers=1", "--single-process", f"--frontend=127.0.0.1,{self.port}",
                 f"--backend=127.0.0.1,{port};;tls;sni=localhost", f"--cacert={self._certificates.ca}",
                 "--frontend-http2-max-concurrent-streams=1000", "--no-ocsp", f"--accesslog-file={self._log}",
                 "--accesslog-format=$alpn $remote_port $status", "--backend-read-timeout=300s", pem, pem],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._is_open, 20, "nghttpx to listen")

    def _is_open(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"nghttpx ended: {(self._folder / 'nghttpx.log').read_text()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def pid(self):
        return self._process.pid

    def protocols(self):
        """{ALPN name: requests}"""
        return Counter(line.split()[0] for line in self._log.read_text().splitlines())

    def connections(self):
        """How many connections carried them."""
        return len({line.split()[1] for line in self._log.read_text().splitlines()})

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

