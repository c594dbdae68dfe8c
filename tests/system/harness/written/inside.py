# SPDX-License-Identifier: Apache-2.0
"""The message in the report, and what is no report of Exchange Online."""
import base64
import itertools

from ..mail import EICAR
from . import BODY, having, variant
from .charsets import encoded
from .wrapper import outer


def inner_encoded(transfer):
    def change(report):
        report.inner_head = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {transfer}\r\n"
        report.inner_bytes = encoded(report.message(), "ascii", transfer)
    return change


def body(name, content_type, text, **expected):
    def change(report):
        report.inner_body = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n{text}"
    return variant(name, change, **{"disposition": "MALICIOUS" if EICAR in text else None, **expected})


def double(clear_first, by_class=False):
    def change(report):
        clear = report.message()
        head = clear[:clear.index(b"MIME-Version")]
        mark = b"Content-Class: rpmsg.message\r\n" if by_class else b""
        protected = head + mark + (b"Content-Type: multipart/mixed; boundary=rms\r\n\r\n--rms\r\n\r\nProtected.\r\n--rms\r\n"
                                   b"Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\r\n\r\nx\r\n--rms--\r\n")
        first, second = (clear, protected) if clear_first else (protected, clear)
        report.inner_bytes = first
        report.parts = [b"Content-Type: message/rfc822\r\n\r\n" + second]
    return change


def inside():
    for transfer in ("7bit", "8bit", "binary", "base64", "quoted-printable", "BINARY"):
        yield variant(f"message {transfer}", inner_encoded(transfer))
    for more in ("Content-Disposition: attachment\r\n", 'Content-Description: the message\r\nContent-ID: <1@x>\r\n'):
        yield variant(more[:22], lambda report, more=more: setattr(report, "inner_head", report.inner_head + more))
    yield variant("internationalised", having(inner_head="Content-Type: message/global\r\n"))
    yield variant("part type in capitals", having(inner_head="CONTENT-TYPE: MESSAGE/RFC822\r\n"))
    yield variant("part with a name", having(inner_head='Content-Type: message/rfc822;\r\n\tname="x.eml"\r\n'))
    yield variant("the message in front", having(order=[1, 0]))
    for clear_first, by_class in itertools.product((True, False), (True, False)):
        yield variant(f"decrypted double {clear_first} {by_class}", double(clear_first, by_class), inner_messages=2)
    attached = BODY.replace("\r\nContent-Type: multipart", "\r\nX: 1\r\nContent-Type: multipart")
    yield body("forwarded as an attachment", "message/rfc822", f"Message-ID: <deeper@x>\r\n{attached}")
    yield body("three levels", "message/rfc822", f"Message-ID: <2@x>\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <3@x>\r\n{attached}")
    yield body("a report inside", "message/rfc822", "X-MS-Journal-Report:\r\nMessage-ID: <fake@x>\r\nContent-Type: multipart/mixed; "
               "boundary=f\r\n\r\n--f\r\n\r\nSender: a@x\r\nMessage-Id: <victim@x>\r\nRecipient: bob@contoso.example\r\n--f\r\n"
               f"Content-Type: message/rfc822\r\n\r\nMessage-ID: <victim@x>\r\n{BODY}\r\n--f--\r\n")
    yield body("a meeting", 'text/calendar; method=REQUEST; charset="utf-8"', "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
               "UID:1\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    yield body("signed", 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s', "--s\r\n\r\n" + EICAR +
               "\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIIB\r\n--s--\r\n")
    yield body("encrypted", 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', "MIIBAQ==\r\n")
    yield body("a notice of non-delivery", "multipart/report; report-type=delivery-status; boundary=d", "--d\r\n\r\nNot delivered.\r\n--d\r\n"
               "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\nFinal-Recipient: rfc822;a@x\r\nAction: failed\r\n"
               "Status: 5.1.1\r\n\r\n--d\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <sent@contoso.example>\r\n\r\nx\r\n--d--\r\n")
    yield body("broken TNEF", 'application/ms-tnef; name="winmail.dat"', "x\r\n", disposition="UNSCANNABLE")
    yield body("nothing", "text/plain", "")
    yield body("only dots", "text/plain", ".\r\n..\r\n.\r\n")
    yield variant("its boundary begins like the wrapper's", _boundary_begins_alike)
    yield variant("no blank line, no body", having(inner_body=""), disposition=None)
    yield variant("line feeds alone", having(change=lambda all_: all_.replace(b"\r\n", b"\n")))
    yield variant("fields in line feeds alone", lambda report: setattr(report, "field_bytes", report.field_text().replace("\r\n", "\n").encode()))
    yield variant("lines of 3,000 bytes", lambda report: report.inner_fields.insert(0, ["X-Long", " " + "y" * 3000]))
    yield variant("70 kB of header", lambda report: report.inner_fields.__setitem__(slice(0, 0), [
        [f"X-MS-Exchange-Forest-IndexAgent-{i}", " " + "QUJD" * 220] for i in range(80)]))


def _boundary_begins_alike(report):
    longer = report.boundary + "2"
    report.inner_body = BODY.replace("boundary=inside", f'boundary="{longer}"').replace("--inside", f"--{longer}")


def other_kinds():
    for field, value in (("Content-Identifer", " ExJournalReport"), ("Content-Identifier", " ExJournalReport"),
                         ("content-identifer", "\r\n\texjournalreport"), ("X-WM-Journal-Report", " journal"),
                         ("X-MS-Exchange-Organization-Journal-Report", "")):
        yield variant(f"marked {field}: {value.strip()}", lambda report, field=field, value=value: _marked(report, field, value),
                      handling="unsupported")
    for name in ("X-MS-Journal-Reports", "X-MS-Journal", "X-Journal-Report"):
        yield variant(f"marked {name!r}", lambda report, name=name: _marked(report, name, ""), handling="plain-message",
                      kinds=("message",))
    yield outer("a bare copy", "X-MS-Journal-Report", None, handling="plain-message", kinds=("message",))
    yield variant("a bare copy without a wrapper", lambda report: setattr(report, "change", lambda _, own=report.message(): own),
                  handling="plain-message", kinds=("message",))
    for sender in ("<O365ConnectorValidation@contosotest.onmicrosoft.com>", "o365connectorvalidation@contoso.example",
                   '"Office 365" <O365ConnectorValidation@contoso.example>'):
        yield variant(f"validation {sender}", lambda report, sender=sender: setattr(
            report, "change", lambda _: f"From: {sender}\r\nX: {report.id}\r\nSubject: Test email for connector validation\r\n\r\n"
                                        "This is a test.\r\n".encode()), handling="connector-validation")
    for part in ("message/rfc822", "text/rfc822-headers", "message/rfc822\r\nContent-Transfer-Encoding: base64"):
        yield variant(f"notice with {part[:24]!r}", lambda report, part=part: _notice(report, part), handling="undeliverable-report")
    yield variant("notice of other mail", lambda report: report.set("X-MS-Journal-Report", None) or _notice(report, "message/rfc822"),
                  handling="plain-message", kinds=("message",))


def _marked(report, name, value):
    report.set("X-MS-Journal-Report", None)
    report.outer.append([name, value])


def _notice(report, part):
    returned = report.bytes()
    if "base64" in part:
        returned = base64.encodebytes(returned).replace(b"\n", b"\r\n")
    report.change = lambda _: (
        "From: postmaster@contoso.example\r\nSubject: Undeliverable\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n"
        "\treport-type=delivery-status; boundary=ndr\r\n\r\n--ndr\r\n\r\nNot delivered.\r\n--ndr\r\nContent-Type: "
        "message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\nFinal-Recipient: rfc822;jrn@relay.example\r\nAction: failed\r\n"
        f"Status: 4.4.7\r\n\r\n--ndr\r\nContent-Type: {part}\r\n\r\n").encode() + returned + b"\r\n--ndr--\r\n"


