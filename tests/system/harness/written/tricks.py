# SPDX-License-Identifier: Apache-2.0
"""Reports that somebody wrote, or had a share in writing, so that mail of another is lost or a bad one stays. victim is
never to be acted on; each says what must be made of it instead."""
from . import ALICE, BODY, TENANT_ID, having, variant
from .charsets import in_charset
from .field_lines import ID, SENDER, SUBJECT, fields, lines
from .wrapper import outer

VICTIM = "victim@contoso.example"
OTHER_ID = "00000000-1111-4222-8333-444444444444"


# --- text that becomes a line ----------------------------------------------------------------
def injected(subject, *behind, wrapper=None):
    """The subject as the field part would have it, should Exchange not take its line ends out."""
    def change(report):
        word = subject.encode().hex(" ").upper().split()
        report.set("Subject", wrapper or " =?utf-8?Q?" + "".join(f"={byte}" for byte in word) + "?=")
        report.fields = [SENDER, f"Message-Id: {report.id}", *f"Subject: {subject}".split("\r\n"),
                         *behind, "Recipient: alice@contoso.example"]
    return change


def injection():
    for line in (f"Recipient: {VICTIM}", f"To: {VICTIM}", f"bcc:{VICTIM}", f"CC : x\r\nCc: {VICTIM}",
                 f"Recipient: x@contoso.example, Expanded: y\r\nRecipient: {VICTIM}"):
        yield variant(f"subject with {line!r}", injected(f"Hello\r\n{line}"))
    yield variant("the wrapper's subject on one line", injected(f"Hello\r\nRecipient: {VICTIM}", wrapper=f" Hello Recipient: {VICTIM}"),
                  handling="malformed")
    yield variant("a crowd of ids", lambda report: report.set_inner("Message-ID", [
        *(f" <decoy.{i}@x.example>" for i in range(100)), f" {report.id}"]))
    yield variant("a subject with an id", injected("Hello\r\nMessage-Id: <victim@x.example>"))
    yield variant("a subject with another sender", injected("Hello\r\nSender: ceo@contoso.example"))
    yield variant("a subject that is begun again", injected("Hello\r\nSubject: other"))
    yield variant("a subject with a boundary", injected("Hello\r\n\r\n--x\r\nContent-Type: message/rfc822"))
    for end in ("\r", "\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"):
        yield variant(f"another line end {end!r}", _with_line_end(end), subject=None,
                      **({"handling": "malformed"} if end == "\n" else {}))
    for charset in ("utf-7", "utf-16", "hz-gb-2312", "scsu", "utf-7-imap", "cp037", "utf-ebcdic"):
        yield variant(f"hidden in {charset}", _hidden_in(charset))
    yield variant("a line end in iso-2022-jp", _in_escape)
    yield fields("a folded line", [SENDER, SUBJECT, ID, f" Recipient: {VICTIM}", f"\tTo: {VICTIM}"])
    yield fields("a second field part in the id", [SENDER, SUBJECT, ID + f"\rRecipient: {VICTIM}"], handling="malformed")


def _with_line_end(end):
    def change(report):
        report.field_head = "Content-Type: text/plain; charset=utf-8\r\n"
        report.fields = [SENDER, f"Message-Id: {report.id}", f"Subject: Hello{end}Recipient: {VICTIM}", "Recipient: alice@contoso.example"]
        if end == "\n":  # a line end for anybody; the wrapper does not know of it
            report.fields.append("Subject: again")
    return change


def _hidden_in(charset):
    def change(report):
        report.field_head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n"
        report.fields = [SENDER, f"Message-Id: {report.id}", f"Subject: x+AA0ACg-Recipient: {VICTIM}+AA0ACg- ~{{ ~",
                         "Recipient: alice@contoso.example"]
    return change


def _in_escape(report):
    report.field_head = "Content-Type: text/plain; charset=iso-2022-jp\r\n"
    report.field_bytes = (f"{SENDER}\r\nMessage-Id: {report.id}\r\nSubject: \x1b$B@A5a\rRecipient: {VICTIM}\x1b(B\r\n"
                          "Recipient: alice@contoso.example\r\n").encode()


# --- contradictions ------------------------------------------------------------------------------
def contradictions():
    other = " <victim@x.example>"
    yield outer("another parent id", "X-MS-Exchange-Parent-Message-Id", other, handling="malformed")
    yield variant("another id inside", lambda report: report.set_inner("Message-ID", other), handling="malformed")
    yield fields("another id in the field part", [SENDER, SUBJECT, "Message-Id:" + other], handling="malformed")
    yield variant("two parent ids", lambda report: report.set("X-MS-Exchange-Parent-Message-Id", [f" {report.id}", other]),
                  handling="malformed")
    yield variant("an id in other letters", lambda report: report.set_inner("Message-ID", f" {report.id.upper()}"), handling="malformed")
    yield variant("no id outside the message", _no_id, handling="malformed")
    for name, line in (("sender", SENDER), ("subject", SUBJECT), ("id", ID)):
        yield fields(f"a second {name}", [SENDER, SUBJECT, ID, line], handling="malformed")
    yield fields("on behalf of two", [SENDER, SUBJECT, ID, "On-Behalf-Of: a@contoso.example", "On-Behalf-Of: b@contoso.example"],
                 handling="malformed")
    for line in (SENDER, SUBJECT, ID, "On-Behalf-Of: a@contoso.example"):
        yield variant(f"{line.split(':')[0]} behind a recipient", lambda report, line=line: _behind(report, line), handling="malformed")
    yield fields("no sender", [SUBJECT, ID], handling="malformed")
    yield variant("no recipients' part", having(order=[1]), handling="malformed")
    yield variant("no message", having(order=[0]), handling="malformed")
    yield variant("fields as html", having(field_head="Content-Type: text/html\r\n"), handling="malformed")
    yield variant("two content types", _two_types, handling="malformed")
    yield variant("fields in an alternative", _alternative, handling="malformed")
    yield outer("not a multipart", "Content-Type", " text/plain", handling="malformed")
    yield outer("no boundary", "Content-Type", " multipart/mixed", handling="malformed")
    yield outer("another boundary", "Content-Type", " multipart/mixed; boundary=other", handling="malformed")
    yield variant("the message behind a text", lambda report: (report.parts.append(b"\r\nSender: x@x\r\nRecipient: " + VICTIM.encode()),
                                                             setattr(report, "order", [1, 0, 2])), handling="malformed")


def _no_id(report):
    report.fields = [SENDER, SUBJECT, "Recipient: alice@contoso.example"]
    report.set("X-MS-Exchange-Parent-Message-Id", None)


def _behind(report, line):
    report.fields = report.field_lines() + [line.format(id=report.id)]


def _alternative(report):
    report.field_head = "Content-Type: multipart/alternative; boundary=alt\r\n"
    report.field_bytes = f"--alt\r\n\r\n{report.field_text()}--alt--\r\n".encode()


def _two_types(report):
    report.outer[0:0] = [["Content-Type", f" multipart/mixed; boundary={report.boundary}"], ["Content-Type", " multipart/mixed; boundary=x"]]


# --- whose report -----------------------------------------------------------------------------
def marks():
    for name, value in (("X-OriginatorOrg", " evil.onmicrosoft.com"), ("X-OriginatorOrg", None),
                        ("X-OriginatorOrg", " contosotest.onmicrosoft.com.evil.example"),
                        ("X-OriginatorOrg", [" contosotest.onmicrosoft.com", " evil.onmicrosoft.com"]),
                        ("X-LD-Processed", f" {OTHER_ID},ExtAddr"), ("X-LD-Processed", [f" {TENANT_ID}", f" {OTHER_ID}"])):
        yield _unauthentic(f"{name}{value}", lambda report, name=name, value=value: report.set(name, value))
    for value in (f" {OTHER_ID}", [f" {TENANT_ID}", f" {OTHER_ID}"]):
        yield _unauthentic(f"organization id{value}", lambda report, value=value: report.set_inner("X-MS-Exchange-Organization-Id", value))
    yield _unauthentic("no id of the tenant", lambda report: (report.set("X-LD-Processed", None),
                                                              report.set_inner("X-MS-Exchange-Organization-Id", None)))


def _unauthentic(name, change):
    """Read like any other, and never acted on."""
    one = variant(name, change, acts=[])
    one.expected.handling, one.expected.disposition = "unauthentic", None
    return one


# --- addresses ---------------------------------------------------------------------------------
def addresses():
    for address in (f"{VICTIM}@evil.example", f'"{VICTIM}"@evil.example', "victim@contoso.example.evil.example",
                    "victim@evilcontoso.example", "victim@evil.example@contoso.example", f"{VICTIM} x", f"{VICTIM};x@evil.example",
                    f"x@evil.example,{VICTIM}", f"{VICTIM},x@evil.example", f"victim%contoso.example@evil.example", f"@evil.example:{VICTIM}",
                    f"smtp:{VICTIM}", "victim@[contoso.example]", "victim@contoso.example.", "victim@cont\u200boso.example",
                    "victim@\uff43ontoso.example", "@contoso.example", "contoso.example", "victim", f"{VICTIM}\\", f"{VICTIM}(x)",
                    f"x@evil.example <{VICTIM}", f"({VICTIM}) x@evil.example", f"{VICTIM}\u00a0", "vic\u0430tim@evil.example"):
        yield variant(f"address {address!r}", lambda report, address=address: _named(report, address), acts=["alice@contoso.example"])
    yield lines("two redirects", f"To: alice@contoso.example, Expanded: all@contoso.example, Forwarded: {VICTIM}",
                recipients=[("To", "alice@contoso.example", "Expanded", "all@contoso.example")])
    yield lines("a redirect to nobody", "To: alice@contoso.example, Expanded:", recipients=[("To", "alice@contoso.example", None, None)])
    yield lines("nobody redirected", f"To: , Expanded: {VICTIM}", f"To:, Forwarded: {VICTIM}", recipients=[])
    yield lines("a quoted redirect", f'To: "x, Expanded: y"@evil.example, Expanded: {VICTIM}',
                recipients=[("To", '"x, Expanded: y"@evil.example', "Expanded", VICTIM)], acts=[])
    yield lines("control characters", "Recipient: vic\x01tim@contoso.example", f"Recipient: {VICTIM}\x7f", recipients=[])
    yield lines("an address of 5,000 bytes", f"Recipient: {'v' * 5000}@contoso.example", recipients=[], disposition="MALICIOUS")


def _named(report, address):
    report.recipients = [("Recipient", address, None, None), ALICE]
    report.field_head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"


# --- what stands around the message ------------------------------------------------------------------
def around():
    yield variant("a boundary in the message", _smuggled_part, inner_messages=2)
    yield variant("a second field part in the message", _smuggled_fields)
    yield variant("a forged wrapper around the wrapper", _wrapped_again, handling="malformed")
    yield variant("a marker in the message alone", lambda report: (report.set("X-MS-Journal-Report", None),
                                                                   report.set_inner("X-MS-Journal-Report", [""])),
                  handling="plain-message", kinds=("message",))
    yield variant("a marker in the wrapper's text", lambda report: (report.set("X-MS-Journal-Report", None),
                                                                    setattr(report, "preamble", "X-MS-Journal-Report:\r\n")),
                  handling="plain-message", kinds=("message",))
    yield variant("Exchange 2003's mark beside", lambda report: report.outer.append(["Content-Identifer", " ExJournalReport"]))
    yield variant("validator's name on a report", lambda report: report.set("From", " <O365ConnectorValidation@contoso.example>"))
    yield variant("delivery report's type on a report", _as_notice, handling="malformed")
    yield variant("recipients in the wrapper", lambda report: report.outer.extend([["Recipient", f" {VICTIM}"], ["Bcc", f" {VICTIM}"]]))
    yield variant("fields in the part's header", lambda report: setattr(report, "field_head", report.field_head + f"Recipient: {VICTIM}\r\n"))
    for charset in ("windows-1252", "utf-16le", "shift_jis"):
        yield variant(f"{charset} that is another", in_charset("utf-8", "8bit", charset), subject=None)


def _smuggled_part(report):
    report.inner_body = BODY + (f"\r\n--{report.boundary}\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <victim@x.example>\r\n\r\nx\r\n")


def _smuggled_fields(report):
    report.inner_body = BODY + (f"\r\n--{report.boundary}\r\nContent-Type: text/plain\r\n\r\nSender: x@x.example\r\n"
                                f"Message-Id: {report.id}\r\nRecipient: {VICTIM}\r\n")


def _wrapped_again(report):
    inner = report.bytes()
    report.boundary = "_of_the_forger_"
    report.fields = [SENDER, f"Message-Id: {report.id}", f"Recipient: {VICTIM}"]
    report.inner_bytes = inner


def _as_notice(report):
    report.content_type = f" multipart/report; report-type=delivery-status; boundary=\"{report.boundary}\""
    report.order = [1]
