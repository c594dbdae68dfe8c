# SPDX-License-Identifier: Apache-2.0
"""A journal report around a generated message, as Exchange Online builds it, as bytes: for tests that must send the very
same report again, which the practice tenant's own journal sender never does."""
import re
import uuid

OUTER = """Content-Type: multipart/mixed;
\tboundary="_{boundary}_"
Subject: {subject}
To: {to}
From: <{sender}>
MIME-Version: 1.0
Sender:
\t<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{organisation}>
Message-ID: <{report}@journal.report.generator>
Date: Tue, 03 Nov 2026 09:14:22 +0000
X-MS-Journal-Report:
X-MS-Exchange-Parent-Message-Id:
\t{message_id}
Auto-Submitted: auto-generated
X-MS-Exchange-Generated-Message-Source: Journal Agent
X-LD-Processed: {tenant_id},ExtAddr
X-OriginatorOrg: {organisation}

--_{boundary}_
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: 7bit

Sender: {sender}
Subject: {subject}
Message-Id: {message_id}
{recipients}

--_{boundary}_
Content-Type: message/rfc822

Received: from mail.partner.example (192.0.2.7) by
 AM1EUR01FT001.mail.protection.outlook.com (10.152.0.1) with Microsoft SMTP
 Server id 15.20.1.1 via Frontend Transport; Tue, 3 Nov 2026 09:14:20 +0000
Authentication-Results: {authentication}
X-MS-Exchange-Organization-Network-Message-Id: {network}
X-MS-Exchange-Organization-Id: {tenant_id}
X-MS-Exchange-Organization-AuthAs: Anonymous
X-Forefront-Antispam-Report: {antispam}
"""


def under_headers_of(message, donor):
    """message under the sender, subject, date and Message-ID of donor."""
    for name in ("From", "Subject", "Date", "Message-ID"):
        line = re.search(rf"{name}: [^\r]*", donor).group()
        message = re.sub(rf"{name}: [^\r]*", lambda _, line=line: line, message, count=1)
    return message


def header(mail, name):
    return mail.message.split(f"{name}: ")[1].split("\r\n")[0]


def wrap(mail, tenant_id="7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1", organisation="contosotest.onmicrosoft.com"):
    boundary = uuid.uuid4()
    head = OUTER.format(
        boundary=boundary, subject=header(mail, "Subject"), to=header(mail, "To"), sender=mail.sender,
        organisation=organisation, report=uuid.uuid4(), message_id=header(mail, "Message-ID"), tenant_id=tenant_id,
        recipients="\n".join(f"Recipient: {address}" for address in mail.recipients),
        authentication=mail.authentication_results, antispam=mail.antispam_report, network=uuid.uuid4())
    return head.replace("\n", "\r\n").encode() + mail.message.encode() + f"\r\n--_{boundary}_--\r\n".encode()


def wrap_bytes(message, tenant_id="7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1", organisation="contosotest.onmicrosoft.com",
               recipient="alice@contoso.example"):
    """A report around a message as it is, to the byte. Its Sender is what the message says of its envelope."""
    head, _, _ = message.partition(b"\r\n\r\n")

    def field(name, default):
        found = re.search(rb"(?im)^" + name + rb":[ \t]*(?:.*<)?([^<>\r\n]+)", head)
        return found.group(1).decode("utf-8", "replace").strip() if found else default

    sender = field(b"Return-Path", field(b"From", ""))
    boundary = uuid.uuid4()
    before = OUTER[:OUTER.index("Received: from mail.partner")].format(
        boundary=boundary, subject="x", to=recipient, sender=sender if "@" in sender else "jana@partner.example",
        organisation=organisation, report=uuid.uuid4(), message_id=f"<{field(b'Message-ID', '')}>", tenant_id=tenant_id,
        recipients=f"Recipient: {recipient}")
    return before.replace("\n", "\r\n").encode() + message + f"\r\n--_{boundary}_--\r\n".encode()
