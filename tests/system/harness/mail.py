# SPDX-License-Identifier: Apache-2.0
"""Generated messages, good and bad, the same for the same seed.

Each is what an outside sender would have written, with the results that Exchange would have stamped on it; the practice
tenant adds Exchange's own headers, stores a copy and sends the journal report. `expected` is the disposition that the
message must get, `bad` whether it must leave the inbox under the actions of `ACTIONS`.
"""
import base64
import io
import random
import zipfile
from dataclasses import dataclass, field

EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

# The headers of a Windows program, without a program.
PROGRAM = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0\x4c\x01" + bytes(200)

ACTIONS = {"MALICIOUS": "soft-delete", "SUSPICIOUS": "junk", "SPOOF": "junk", "SPAM": "junk", "BULK": "none"}

PASS = ("spf=pass (sender IP is 192.0.2.7) smtp.mailfrom={d}; dkim=pass (signature was verified) header.d={d}; "
        "dmarc=pass action=none header.from={d}; compauth=pass reason=100")
FAIL = ("spf=fail (sender IP is 203.0.113.9) smtp.mailfrom={d}; dkim=none (message not signed) header.d=none; "
        "dmarc=fail action=oreject header.from={d}; compauth=fail reason=000")


@dataclass
class Mail:
    name: str
    expected: str
    sender: str
    recipients: list
    message: str
    authentication_results: str
    antispam_report: str
    extra: dict = field(default_factory=dict)

    @property
    def bad(self):
        return ACTIONS.get(self.expected, "none") != "none"


WORDS = ("the quarterly figures for our northern office are attached please review them before the meeting on thursday "
         "and tell me whether the delivery dates still hold because the supplier asked again about the changed order "
         "we also need a decision on the new printers for the second floor and the travel plan for the spring fair "
         "thank you for the notes from last week they were a great help to everyone in the planning group").split()


class Generator:
    def __init__(self, seed=1, domain="contoso.example", users=("alice", "bob", "carol", "dave", "erin")):
        self.random = random.Random(seed)
        self.domain = domain
        self.users = users
        self.count = 0

    def text(self, words=60):
        chosen = [self.random.choice(WORDS) for _ in range(words)]
        lines = [" ".join(chosen[i:i + 10]) for i in range(0, words, 10)]
        return "\r\n".join(line.capitalize() + "." for line in lines) + "\r\n"

    def recipients(self, count=None):
        names = self.random.sample(self.users, count or self.random.choice((1, 1, 2, 3)))
        return [f"{name}@{self.domain}" for name in names]

    def _mail(self, name, expected, body_type, body, *, sender=None, authentication=PASS, category="NONE", scl=1,
              subject=None, bcl=0):
        self.count += 1
        sender = sender or f"sender{self.count}@partner.example"
        to = self.recipients()
        boundary_free = f"{name}.{self.count}.{self.random.getrandbits(48):012x}@{sender.split('@')[1]}"
        head = [f"From: {name.replace('-', ' ').title()} <{sender}>", "To: " + ", ".join(f"<{r}>" for r in to),
                f"Subject: {subject or name.replace('-', ' ').capitalize()} {self.count}",
                f"Date: Tue, 03 Nov 2026 09:{self.count % 60:02}:05 +0000", f"Message-ID: <{boundary_free}>",
                "MIME-Version: 1.0", f"Content-Type: {body_type}"]
        report = (f"CIP:192.0.2.7;CTRY:US;LANG:en;SCL:{scl};SRV:;IPV:NLI;SFV:{'SPM' if scl >= 5 else 'NSPM'};"
                  f"H:mail.partner.example;PTR:mail.partner.example;CAT:{category};SFTY:;DIR:INB;")
        return Mail(name, expected, sender, to, "\r\n".join(head) + "\r\n\r\n" + body,
                    authentication.format(d=sender.split("@")[1]), report, {"bcl": bcl})

    def _multipart(self, parts):
        boundary = f"=_{self.random.getrandbits(64):016x}"
        body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
        return f'multipart/mixed; boundary="{boundary}"', body

    def _attached(self, name, expected, file_name, content, media="application/octet-stream", **more):
        encoded = base64.encodebytes(content).decode().replace("\n", "\r\n")
        body_type, body = self._multipart([
            'Content-Type: text/plain; charset="utf-8"\r\n\r\n' + self.text(),
            f'Content-Type: {media}; name="{file_name}"\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment; filename="{file_name}"\r\n\r\n{encoded}'])
        return self._mail(name, expected, body_type, body, **more)

    # --- good -------------------------------------------------------------------------
    def plain_note(self, body=None):
        return self._mail("plain-note", "NONE", 'text/plain; charset="utf-8"', body or self.text())

    def html_mail(self):
        html = "<html><body><p>" + self.text(80).replace("\r\n", "<br>\r\n") + \
               '</p><p><a href="https://www.partner.example/notes">Our notes</a></p></body></html>\r\n'
        return self._mail("html-mail", "NONE", 'text/html; charset="utf-8"', html)

    def pdf_attached(self):
        pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n" \
              b"trailer<</Root 1 0 R>>\n%%EOF\n"
        return self._attached("pdf-attached", "NONE", "figures.pdf", pdf, "application/pdf")

    def zip_of_texts(self):
        return self._attached("zip-of-texts", "NONE", "notes.zip",
                              zipped({"notes.txt": self.text().encode(), "more/plan.csv": b"a,b\n1,2\n"}),
                              "application/zip")

    def picture(self):
        png = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
                               "RU5ErkJggg==")
        return self._attached("picture", "NONE", "floor.png", png, "image/png")

    # --- bad --------------------------------------------------------------------------
    def executable(self):
        return self._attached("executable", "MALICIOUS", "invoice.pdf", PROGRAM, "application/pdf")

    def eicar(self):
        return self._attached("eicar", "MALICIOUS", "readme.txt", EICAR.encode(), "text/plain")

    def zipped_executable(self):
        return self._attached("zipped-executable", "MALICIOUS", "documents.zip", zipped({"setup.exe": PROGRAM}),
                              "application/zip")

    def phish_by_exchange(self):
        html = '<html><body><p>Your mailbox is full.</p><p><a href="https://login.attacker.example/x">Sign in</a></p>' \
               "<p>" + self.text(40) + "</p></body></html>\r\n"
        return self._mail("phish-by-exchange", "SUSPICIOUS", 'text/html; charset="utf-8"', html, category="PHSH", scl=5)

    def spoof(self):
        return self._mail("spoof", "SPOOF", 'text/plain; charset="utf-8"', self.text(), sender=f"ceo@{self.domain}",
                          authentication=FAIL, category="SPOOF", scl=5)

    def spam_by_exchange(self):
        return self._mail("spam-by-exchange", "SPAM", 'text/plain; charset="utf-8"', self.text(), category="SPM", scl=6)

    GOOD = ("plain_note", "html_mail", "pdf_attached", "zip_of_texts", "picture")
    BAD = ("executable", "eicar", "zipped_executable", "phish_by_exchange", "spoof", "spam_by_exchange")

    def some(self, count):
        """count messages, each kind in turn, good and bad mixed."""
        kinds = [kind for pair in zip(self.GOOD + self.GOOD[:1], self.BAD) for kind in pair]
        return [getattr(self, kinds[i % len(kinds)])() for i in range(count)]


def zipped(files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 3, 9, 0, 0)), content)
    return memory.getvalue()
