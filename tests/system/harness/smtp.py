# SPDX-License-Identifier: Apache-2.0
"""Exchange's side of the journal path: SMTP with STARTTLS and a client certificate,
the report's bytes and its envelope exactly as given."""

import dataclasses
import smtplib
import ssl
import time

CLIENT_HELO = "mail-eopbgr60128.outbound.protection.outlook.com"


@dataclasses.dataclass
class Reply:
    """The first reply that was not positive, or the last one. end_of_data is the
    wall clock when the final dot was sent, in seconds; 0 if it never was."""
    stage: str  # connect, starttls, helo, mail, rcpt, data, end-of-data
    code: int
    text: str
    end_of_data: float = 0.0

    @property
    def taken(self):
        return self.stage == "end-of-data" and self.code == 250


class JournalClient:
    """One SMTP session. A certificate of None shows none; tls=False stays in the clear. context: an SSL
    context of the caller's, instead of ca, certificate and tls_versions."""

    def __init__(self, port, ca=None, certificate=None, tls=True, timeout=60,
                 tls_versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), context=None):
        self._smtp = smtplib.SMTP(timeout=timeout, local_hostname=CLIENT_HELO)
        self._refused = None  # why no report can be sent at all
        try:
            self._smtp.connect("127.0.0.1", port)
            self._smtp._host = "localhost"  # the name that the server's certificate must show
            self._smtp.ehlo()
            if tls:
                self._start_tls(context or self._context(ca, certificate, tls_versions))
        except smtplib.SMTPResponseException as refused:
            text = refused.smtp_error.decode(errors="replace")
            self._refused = Reply("starttls", refused.smtp_code, text)
        except (smtplib.SMTPServerDisconnected, OSError) as gone:
            self._refused = Reply("connect", 421, f"no session: {gone}")

    @staticmethod
    def _context(ca, certificate, tls_versions):
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version, context.maximum_version = tls_versions
        if certificate:
            context.load_cert_chain(certificate)
        return context

    def _start_tls(self, context):
        self._smtp.starttls(context=context)
        self._smtp.ehlo()

    def send(self, report, recipients, mail_from="", options=None):
        """Sends report (bytes, CRLF lines) once. Answers a Reply, also where the server
        refuses the session or ends it."""
        if self._refused:
            return self._refused
        try:
            return self._send(report, recipients, mail_from, options)
        except (smtplib.SMTPServerDisconnected, OSError) as gone:
            return Reply("connect", 421, f"connection lost: {gone}")

    def begin(self, recipients, mail_from="", options=()):
        """Up to DATA; the Reply is 354 where content may follow."""
        if self._refused:
            return self._refused
        try:
            return self._begin(recipients, mail_from, options)
        except (smtplib.SMTPServerDisconnected, OSError) as gone:
            return Reply("connect", 421, f"connection lost: {gone}")

    def _begin(self, recipients, mail_from, options):
        code, text = self._smtp.mail(mail_from, options)
        if code != 250:
            return self._failed("mail", code, text)
        for recipient in recipients:
            code, text = self._smtp.rcpt(recipient)
            if code not in (250, 251):
                return self._failed("rcpt", code, text)
        code, text = self._smtp.docmd("DATA")
        return Reply("data", code, "") if code == 354 else self._failed("data", code, text)

    def _send(self, report, recipients, mail_from, options):
        begun = self._begin(recipients, mail_from, [f"size={len(report)}"] if options is None else options)
        if begun.code != 354:
            return begun
        self._smtp.send(dotted(report))
        end_of_data = time.time()
        code, text = self._smtp.getreply()
        return Reply("end-of-data", code, text.decode(errors="replace"), end_of_data)

    def _failed(self, stage, code, text):
        self._smtp.rset()
        return Reply(stage, code, text.decode(errors="replace"))

    def command(self, line):
        """One raw command; answers (code, text)."""
        code, text = self._smtp.docmd(line)
        return code, text.decode(errors="replace")

    def raw(self, data):
        """Bytes as they are, without waiting for a reply."""
        self._smtp.send(data)

    def reply(self):
        """The next reply: (code, text)."""
        code, text = self._smtp.getreply()
        return code, text.decode(errors="replace")

    def close(self):
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def dotted(report):
    """The bytes of DATA: dots doubled, the end marked (RFC 5321 4.5.2)."""
    body = report if report.endswith(b"\r\n") else report + b"\r\n"
    if body.startswith(b"."):
        body = b"." + body
    return body.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def send_report(port, report, recipients, ca, certificate, mail_from=""):
    """One session, one report."""
    with JournalClient(port, ca, certificate) as client:
        return client.send(report, recipients, mail_from)
