# SPDX-License-Identifier: Apache-2.0
"""Certificates for loopback: an authority, a server, and Exchange's client."""

import subprocess

from . import BIN


class Certificates:
    """Files in a folder: ca.pem; server.pem and journal-client.pem hold certificate and
    key; app.crt and app.key are those of a registered application."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        program = BIN / "clawback-practice"
        if program.exists():
            subprocess.run([program, "certificates", folder], check=True, capture_output=True)
        else:
            self._by_openssl()
        self.ca = folder / "ca.pem"
        self.server = folder / "server.pem"
        self.client = folder / "journal-client.pem"

    def _by_openssl(self):
        self._openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.pem"
                      " -subj /CN=practice-authority")
        self._issue("server", "localhost",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth")
        self._issue("journal-client", "mail.protection.outlook.com", "extendedKeyUsage=clientAuth")
        self._openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -keyout app.key -out app.crt"
                      " -subj /CN=clawback-app")

    def _issue(self, name, common_name, extensions):
        (self.folder / f"{name}.ext").write_text(extensions)
        self._openssl(f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr"
                      f" -subj /CN={common_name}")
        self._openssl(f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
                      f" -days 2 -extfile {name}.ext -out {name}.crt")
        pem = (self.folder / f"{name}.key").read_text() + (self.folder / f"{name}.crt").read_text()
        (self.folder / f"{name}.pem").write_text(pem)

    def _openssl(self, arguments):
        subprocess.run(["openssl", *arguments.split()], cwd=self.folder, check=True,
                       capture_output=True)
