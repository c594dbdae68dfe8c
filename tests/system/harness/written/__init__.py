# SPDX-License-Identifier: Apache-2.0
"""A journal report of Exchange Online, part by part, so that each part can be written in another way. What a reader must
find in it stands beside it and is written down by hand, never taken from what the product answered."""
import dataclasses
import itertools

from ..mail import EICAR

TENANT_ID = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1"
ORGANISATION = "contosotest.onmicrosoft.com"
LIST = "all-staff@contoso.example"
ALICE = ("Recipient", "alice@contoso.example", None, None)

# Bad whatever else is in it, so that the decision names everybody who is acted on.
BODY = ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=inside\r\n\r\n--inside\r\n\r\nSee the attachment.\r\n"
        f"--inside\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n{EICAR}\r\n--inside--\r\n")

_numbers = itertools.count(1)


def line_of(recipient):
    kind, address, redirect, original = recipient
    return f"{kind}: {address}" + (f", {redirect}: {original}" if redirect else "")


@dataclasses.dataclass
class Expected:
    """kind, handling and the rest as in the trace. A handling other than decided names nobody. acts: who is to lose the
    message; None stands for every recipient. kinds: more than one may be right."""
    handling: str = "decided"
    kinds: tuple = ("journal-report",)
    sender: str = "billing@sender.example"
    on_behalf_of: str = ""
    subject: str = None
    message_id: str = None
    recipients: list = dataclasses.field(default_factory=lambda: [ALICE])
    acts: list = None
    disposition: str = "MALICIOUS"
    inner_messages: int = 1
    tenant: str = "contoso"

    @property
    def acted_on(self):
        return [each[1] for each in self.recipients] if self.acts is None else self.acts


class WrittenReport:
    """str and bytes parts as they go onto the wire, line ends CRLF. Every report has ids of its own."""

    def __init__(self):
        self.number = next(_numbers)
        self.id = f"<written.{self.number}@sender.example>"
        self.boundary = f"_9b1c{self.number:04}-77aa-4c3e-8f10-0123456789ab_"
        self.content_type = None  # of the wrapper; None: as Exchange writes it
        self.outer = [
            ["Subject", " Invoice overdue"], ["To", " <alice@contoso.example>"],
            ["From", ' "Billing Dept" <billing@sender.example>'], ["MIME-Version", " 1.0"],
            ["Sender", f"\r\n\t<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{ORGANISATION}>"],
            ["Message-ID", f" <{self.number:08}-0000-4000-8000-000000000000@journal.report.generator>"],
            ["Date", " Tue, 03 Nov 2026 09:14:22 +0000"], ["X-MS-PublicTrafficType", " Email"],
            ["X-MS-Journal-Report", ""], ["X-MS-Exchange-Parent-Message-Id", f"\r\n\t{self.id}"],
            ["Auto-Submitted", " auto-generated"], ["X-MS-Exchange-Generated-Message-Source", " Journal Agent"],
            ["X-MS-TrafficTypeDiagnostic", " AM9PR04MB8123:JournalingReport"],
            ["X-LD-Processed", f" {TENANT_ID},ExtAddr"], ["X-OriginatorOrg", f" {ORGANISATION}"]]
        self.sender = "billing@sender.example"
        self.subject = "Invoice overdue"
        self.fields = None  # lines; None: Sender, Subject, Message-Id, recipients
        self.recipients = [ALICE]
        self.field_head = 'Content-Type: text/plain; charset="us-ascii"\r\nContent-Transfer-Encoding: 7bit\r\n'
        self.field_bytes = None  # the field part as it is encoded; None: fields in ASCII
        self.inner_head = "Content-Type: message/rfc822\r\n"
        self.inner_fields = [
            ["Received", " from mail.sender.example (192.0.2.7) by AM1EUR01FT001.mail.protection.outlook.com\r\n"
                         " (10.152.0.1) with Microsoft SMTP Server id 15.20.1.1 via Frontend Transport;\r\n"
                         " Tue, 3 Nov 2026 09:14:20 +0000"],
            ["From", ' "Billing Dept" <billing@sender.example>'], ["To", " <alice@contoso.example>"],
            ["Subject", " Invoice overdue"], ["Date", " Tue, 03 Nov 2026 09:14:05 +0000"],
            ["Message-ID", f" {self.id}"],
            ["X-MS-Exchange-Organization-Network-Message-Id", f" 6a0c17d2-0000-4000-8000-{self.number:012}"],
            ["X-MS-Exchange-Organization-Id", f" {TENANT_ID}"], ["X-MS-Exchange-Organization-AuthAs", " Anonymous"]]
        self.inner_body = BODY
        self.inner_bytes = None   # the message part as it is encoded; None: fields and body
        self.parts = []           # further parts, bytes with their headers
        self.order = None         # of [fields, message, *parts]; None: that
        self.preamble = ""
        self.end = None           # after the last part; None: the closing boundary
        self.change = lambda report: report  # of the finished bytes

    # --- changing ------------------------------------------------------------------------
    def name(self, identifier, field=None):
        """The message's id in all three places; field: as the field part has it, if it differs."""
        self.set("X-MS-Exchange-Parent-Message-Id", f"\r\n\t{identifier}")
        self.set_inner("Message-ID", f" {identifier}")
        self.id = field or identifier

    def set(self, name, value):
        self._set(self.outer, name, value)

    def set_inner(self, name, value):
        self._set(self.inner_fields, name, value)

    @staticmethod
    def _set(fields, name, value):
        """value None takes the field out; a list puts in several."""
        at = next((i for i, each in enumerate(fields) if each[0].lower() == name.lower()), len(fields))
        values = [] if value is None else value if isinstance(value, list) else [value]
        fields[at:at + 1] = [[name, each] for each in values]

    # --- the bytes -----------------------------------------------------------------------
    def field_lines(self):
        if self.fields is not None:
            return self.fields
        return [f"Sender: {self.sender}", f"Subject: {self.subject}", f"Message-Id: {self.id}",
                *map(line_of, self.recipients)]

    def field_text(self):
        return "\r\n".join(self.field_lines()) + "\r\n"

    def message(self):
        head = "".join(f"{name}:{value}\r\n" for name, value in self.inner_fields)
        body = self.inner_body if isinstance(self.inner_body, bytes) else self.inner_body.encode()
        return head.encode() + body

    def bytes(self):
        fields = self.field_text().encode() if self.field_bytes is None else self.field_bytes
        message = self.message() if self.inner_bytes is None else self.inner_bytes
        parts = [self.field_head.encode() + b"\r\n" + fields, self.inner_head.encode() + b"\r\n" + message, *self.parts]
        if self.order is not None:
            parts = [parts[i] for i in self.order]
        content_type = self.content_type or f' multipart/mixed;\r\n\tboundary="{self.boundary}"'
        outer = [[name, value] for name, value in self.outer]
        if not any(name.lower() == "content-type" for name, _ in outer):
            outer.insert(0, ["Content-Type", content_type])
        head = "".join(f"{name}:{value}\r\n" for name, value in outer).encode()
        delimiter = f"--{self.boundary}\r\n".encode()
        end = f"\r\n--{self.boundary}--\r\n" if self.end is None else self.end
        body = self.preamble.encode() + delimiter + (b"\r\n" + delimiter).join(parts) + end.encode()
        return self.change(head + b"\r\n" + body)


@dataclasses.dataclass
class Variant:
    name: str
    report: bytes
    expected: Expected


def variant(name, change=lambda report: None, **expected):
    """One way to write a report: change(report) is applied to a fresh one. What is expected follows it, unless told."""
    report = WrittenReport()
    change(report)
    if expected.get("handling", "decided") != "decided":
        expected = {"kinds": (expected["handling"],), "recipients": [], "acts": [], "disposition": None,
                    "inner_messages": None, "message_id": None, "sender": None, **expected}
    expected.setdefault("message_id", report.id)
    expected.setdefault("recipients", report.recipients)
    return Variant(name, report.bytes(), Expected(**expected))


def having(**attributes):
    """A change that sets these attributes of the report."""
    def change(report):
        for name, value in attributes.items():
            setattr(report, name, value)
    return change


def all_of(*families):
    """What each family yields, named after it."""
    for family in families:
        for each in family():
            each.name = f"{family.__name__}: {each.name}"
            yield each
