# SPDX-License-Identifier: Apache-2.0
"""The wrapper around the parts, and the ids that name the message."""
from . import TENANT_ID, having, variant


def outer(name, field, value, **expected):
    return variant(name, lambda report: report.set(field, value), **expected)


def wrapper():
    yield variant("header in reverse", lambda report: report.outer.reverse())
    yield variant("header sorted", lambda report: report.outer.sort())
    for case in (str.lower, str.upper, str.title):
        yield variant(f"names {case.__name__}", lambda report, case=case: setattr(
            report, "outer", [[case(name), value] for name, value in report.outer]))
    for value in (" ", " true", "\r\n\t", " 1\r\n\tfolded"):
        yield outer(f"marker {value!r}", "X-MS-Journal-Report", value)
    yield outer("marker twice", "X-MS-Journal-Report", ["", ""])
    for extra in ("ARC-Seal", "DKIM-Signature", "Received", "X-Unknown"):
        yield variant(f"{extra} on top", lambda report, extra=extra: report.outer.insert(0, [extra, " i=1; a=b\r\n c=d"]))
    yield variant("local delivery on top", lambda report: report.outer.__setitem__(slice(0, 0), [
        ["Return-Path", " <journal-ndr@archive.example>"], ["Delivered-To", " jrn@relay.clawback.example"],
        ["X-Original-To", " jrn@relay.clawback.example"]]))
    yield outer("no subject", "Subject", None)
    yield outer("no sender", "Sender", None)
    yield outer("no mime version", "MIME-Version", None)
    yield outer("no report id", "Message-ID", None)
    yield outer("no parent id", "X-MS-Exchange-Parent-Message-Id", None)
    yield variant("the parent id not folded", lambda report: report.set("X-MS-Exchange-Parent-Message-Id", f" {report.id}"))
    yield variant("the parent id twice, the same", lambda report: report.set("X-MS-Exchange-Parent-Message-Id",
                                                                            [f" {report.id}", f"\r\n {report.id}"]))
    yield outer("no processed tenant", "X-LD-Processed", None)
    yield outer("processed tenant alone", "X-LD-Processed", f" {TENANT_ID}")
    yield outer("processed tenant in capitals", "X-LD-Processed", f" {TENANT_ID.upper()},ExtAddr,ExtAddr")
    yield variant("no organization id", lambda report: report.set_inner("X-MS-Exchange-Organization-Id", None))
    yield outer("the organisation in capitals", "X-OriginatorOrg", " ContosoTest.OnMicrosoft.COM")
    for written in (' multipart/mixed; boundary="{b}"', " MULTIPART/Mixed;\r\n boundary={b}",
                    ' multipart/mixed;\r\n\tcharset="us-ascii";\r\n\tboundary="{b}";\r\n\ttype="text/plain"',
                    " multipart/mixed ; Boundary = \"{b}\" ;", '\r\n\tmultipart/mixed;\r\n\tboundary="{b}"',
                    " multipart/related; boundary=\"{b}\""):
        yield variant(f"content type{written!r}", lambda report, written=written: setattr(
            report, "content_type", written.format(b=report.boundary)))
    for boundary in ("----=_NextPart_000_0001", "a", "=_b'()+,-./:=?", "x" * 70, "with blank in it"):
        yield variant(f"boundary {boundary[:24]}", having(boundary=boundary))
    yield variant("a preamble", having(preamble="This is a multi-part message.\r\n\r\n"))
    yield variant("an epilogue", lambda report: setattr(report, "end", f"\r\n--{report.boundary}--\r\nbye\r\n\r\n"))
    yield variant("blanks behind the boundary", lambda report: setattr(report, "change", lambda all_, b=report.boundary.encode():
                                                                       all_.replace(b"--" + b + b"\r\n", b"--" + b + b" \t\r\n")))
    yield variant("no closing boundary", having(end="\r\n"))
    yield variant("no last line end", lambda report: setattr(report, "end", f"\r\n--{report.boundary}--"))
    yield variant("an empty part behind", lambda report: report.parts.append(b"\r\n"), disposition=None)


def ids():
    for identifier in ("<a b@sender.example>", "<a'b\"c@sender.example>", "no-brackets@sender.example", "<[1234]>", "<x>",
                       "<a%20b&c=d?e#f@sender.example>", "<a+b/c==@sender.example>", "<(comment)id@sender.example>", "<<double@x>>",
                       "<=?utf-8?Q?not_a_word?=@x>", "<a@b@c>", "<>", "id with blanks but without brackets", "<Case@Sender.Example>",
                       f"<{'long' * 200}@sender.example>", "<odd,comma;semicolon:colon@x>", "<back\\slash@x>", "< spaced@x >"):
        yield variant(f"id {identifier[:30]}", lambda report, identifier=identifier: report.name(identifier))
    yield variant("a folded id", lambda report: report.set_inner("Message-ID", f"\r\n\t{report.id}"))
    yield variant("an id behind a comment-like tail", lambda report: report.set_inner("Message-ID", f" {report.id}  "))
    yield variant("the id twice, the same", lambda report: report.set_inner("Message-ID", [f" {report.id}", f" {report.id}"]))
    yield variant("of two ids the named one", lambda report: report.set_inner("Message-ID", [" <0@x>", f" {report.id}"]))
    yield variant("the message has no id", lambda report: report.set_inner("Message-ID", None))
    yield variant("an id in small letters", lambda report: report.set_inner("message-id", None) or report.inner_fields.append(
        ["message-id", f" {report.id}"]))
    yield variant("letters beyond ASCII in the id", lambda report: report.name("<jürgen@sender.example>") or setattr(
        report, "field_head", "Content-Type: text/plain; charset=utf-8\r\n"))


