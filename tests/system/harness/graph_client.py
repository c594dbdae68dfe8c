# SPDX-License-Identifier: Apache-2.0
"""Microsoft's own Graph client against a practice tenant: what it needs to know, and the mail it works on."""
import json
import subprocess

from . import node

TEXT = "These words are what $value must bring back."
ODD_IDS = {"moved": "<moved+'quoted'@partner.example>", "gone": "<gone&b=c%2B@partner.example>",
           "batched": ["<first#of?two@partner.example>", "<second of two@partner.example>"]}


def message(message_id):
    return (f"From: a@partner.example\r\nSubject: For Microsoft's client\r\nMessage-ID: {message_id}\r\n"
            f"Date: Tue, 03 Nov 2026 09:00:00 +0000\r\n\r\n{TEXT}\r\n")


def put_mail(ask, user):
    for message_id in (ODD_IDS["moved"], ODD_IDS["gone"], *ODD_IDS["batched"]):
        ask(f"/users/{user}/items", {"message": message(message_id), "folder": "inbox"})


def by_certificate(certificates):
    """The certificate as msal wants it: thumbprint, private key, and the chain to send along."""
    pem = (certificates.folder / "app.crt").read_text()
    printed = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=pem, text=True, check=True,
                             capture_output=True).stdout
    return {"certificate": {"thumbprintSha256": printed.split("=")[1].strip().replace(":", ""), "x5c": pem,
                            "privateKey": (certificates.folder / "app.key").read_text()}}


def run(folder, certificates, login, graph, tenant, client_id, user, credential):
    """Everything microsoft_client.cjs does; answers the names of its steps."""
    settings = folder / "microsoft_client.json"
    settings.write_text(json.dumps({"login": login, "graph": graph, "tenant": tenant, "clientId": client_id,
                                    "user": user, "ids": ODD_IDS, "text": TEXT, **credential}))
    return node.run("microsoft_client.cjs", settings, authority=certificates.ca)["done"]
