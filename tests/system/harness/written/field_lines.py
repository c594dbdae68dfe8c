# SPDX-License-Identifier: Apache-2.0
"""The lines of the field part: recipients and what stands before them."""
import itertools

from . import ALICE, LIST, having, variant

CAROL = ("Cc", "carol@contoso.example", None, None)


def lines(name, *written, recipients, acts=None, **expected):
    """These recipient lines as they stand."""
    def change(report):
        report.recipients = []
        report.fields = report.field_lines() + list(written)
    return variant(name, change, recipients=recipients, acts=acts, **expected)


def recipients():
    for kind, redirect in itertools.product(("To", "Cc", "Bcc", "Recipient"), (None, "Expanded", "Forwarded")):
        one = (kind, "alice@contoso.example", redirect, LIST if redirect else None)
        yield variant(f"{kind} {redirect}", having(recipients=[one]))
    for kind in ("TO", "cc", "bCC", "RECIPIENT"):
        name = {"TO": "To", "cc": "Cc", "bCC": "Bcc", "RECIPIENT": "Recipient"}[kind]
        yield lines(f"{kind}:", f"{kind}: alice@contoso.example", recipients=[(name, "alice@contoso.example", None, None)])
    expanded = [("To", "alice@contoso.example", "Expanded", LIST)]
    for text in (f"alice@contoso.example,Expanded:{LIST}", f"alice@contoso.example , expanded: {LIST}",
                 f"alice@contoso.example,\tEXPANDED:\t{LIST} ", f"<alice@contoso.example>, Expanded: <{LIST}>",
                 f'"Smith, Alice" <alice@contoso.example>, Expanded: "All, Staff" <{LIST}>'):
        yield lines(f"To: {text}", f"To: {text}", recipients=expanded)
    for text in ("alice@contoso.example", "  alice@contoso.example  ", "\talice@contoso.example\t", "<alice@contoso.example>",
                 "alice@contoso.example,", '"Expanded: x" <alice@contoso.example>', "Alice <alice@contoso.example>"):
        yield lines(f"Recipient:{text!r}", f"Recipient:{text}", recipients=[ALICE])
    yield lines("the case of an address", "Recipient: Alice@CONTOSO.Example",
                recipients=[("Recipient", "Alice@CONTOSO.Example", None, None)])
    yield lines("a subdomain that is accepted", "Recipient: x@subdomain.contoso.example",
                recipients=[("Recipient", "x@subdomain.contoso.example", None, None)])
    yield lines("plus and odd characters", "Recipient: a.smith+sales=x!#$&'*/?^_`{|}~@contoso.example",
                recipients=[("Recipient", "a.smith+sales=x!#$&'*/?^_`{|}~@contoso.example", None, None)])
    yield lines("an apostrophe", "To: o'hara@contoso.example", recipients=[("To", "o'hara@contoso.example", None, None)])
    yield variant("letters beyond ASCII", _beyond_ascii, recipients=[("Recipient", "jürgen@contoso.example", None, None)])
    yield lines("mixed company", "To: alice@contoso.example", "Cc: partner@fabrikam.example", "Bcc: bob@contoso.example",
                recipients=[("To", "alice@contoso.example", None, None), ("Cc", "partner@fabrikam.example", None, None),
                            ("Bcc", "bob@contoso.example", None, None)],
                acts=["alice@contoso.example", "bob@contoso.example"])
    yield lines("twice, directly and by a list", "To: alice@contoso.example", f"To: alice@contoso.example, Expanded: {LIST}",
                recipients=[("To", "alice@contoso.example", None, None), ("To", "alice@contoso.example", "Expanded", LIST)],
                acts=["alice@contoso.example"])
    yield lines("forwarded to the outside", "To: frank@gmail.example, Forwarded: frank@contoso.example",
                recipients=[("To", "frank@gmail.example", "Forwarded", "frank@contoso.example")], acts=[])
    yield lines("forwarded from the outside", "To: frank@contoso.example, Forwarded: frank@gmail.example",
                recipients=[("To", "frank@contoso.example", "Forwarded", "frank@gmail.example")])
    yield lines("list of the outside", "To: alice@contoso.example, Expanded: all@fabrikam.example",
                recipients=[("To", "alice@contoso.example", "Expanded", "all@fabrikam.example")])
    for name in ("/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=0b1c-alice",
                 "EX:/o=First Organization/ou=First/cn=Recipients/cn=alice", "IMCEAEX-_o=Exch_ou=x_cn=bob@contoso.example",
                 "IMCEAINVALID-x+40y@contoso.example", "X400:c=US;a= ;p=First;o=Exchange;s=Smith;"):
        yield lines(f"To: {name[:16]}", f"To: {name}", "Cc: carol@contoso.example",
                    recipients=[("To", name, None, None), CAROL], acts=["carol@contoso.example"])
    yield lines("a list by its distinguished name", "To: alice@contoso.example, Expanded: /o=ExchangeLabs/cn=all",
                recipients=[("To", "alice@contoso.example", "Expanded", "/o=ExchangeLabs/cn=all")])
    yield variant("nobody", having(recipients=[]))
    yield variant("a thousand", _a_thousand)


def _beyond_ascii(report):
    report.recipients = [("Recipient", "jürgen@contoso.example", None, None)]
    report.field_head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"


def _a_thousand(report):
    report.recipients = [("Recipient", f"user{i:04}@contoso.example", "Expanded", LIST) for i in range(1000)]


def fields(name, order, **expected):
    """The fields before the recipients as given; {id} stands for the message's id."""
    def change(report):
        recipient = [f"Recipient: {address}" for _, address, _, _ in report.recipients]
        report.fields = [line.format(id=report.id) for line in order] + recipient
    return variant(name, change, **expected)


SENDER, SUBJECT, ID = "Sender: billing@sender.example", "Subject: Invoice overdue", "Message-Id: {id}"
OBO = "On-Behalf-Of: ceo@contoso.example"
MORE = ("Label: Confidential", "Mailbox: alice@contoso.example", "SentUtc: 11/3/2026 9:14:05 AM",
        "ReceivedUtc: 2026-11-03T09:14:20Z")


def other_fields():
    for order in itertools.permutations((SUBJECT, ID, OBO)):
        yield fields("order " + " ".join(line.split(":")[0] for line in order), [SENDER, *order],
                     on_behalf_of="ceo@contoso.example", subject="Invoice overdue")
    for extra in MORE:
        yield fields(f"{extra} in front", [extra, SENDER, SUBJECT, ID])
        yield fields(f"{extra} behind", [SENDER, SUBJECT, ID, extra])
    yield fields("every optional field", [SENDER, OBO, ID, SUBJECT, *MORE], on_behalf_of="ceo@contoso.example")
    yield fields("unknown fields", [SENDER, SUBJECT, ID, "X-Later: 1", "Retention: 7 years", "no field at all"])
    yield fields("capital names", ["SENDER: billing@sender.example", "SUBJECT: Invoice overdue", "MESSAGE-ID: {id}"])
    yield fields("small names", ["sender: billing@sender.example", "subject: Invoice overdue", "message-id: {id}"])
    yield fields("trailing blanks", [SENDER + "  ", SUBJECT + "\t", ID + " \t "], subject="Invoice overdue")
    yield fields("no blank after the colon", ["Sender:billing@sender.example", "Subject:Invoice overdue", "Message-ID:{id}"],
                 subject="Invoice overdue")
    yield fields("empty lines between", [SENDER, "", SUBJECT, "", ID, ""])
    yield fields("empty lines in front", ["", "", SENDER, SUBJECT, ID])
    yield fields("no message id", [SENDER, SUBJECT])
    yield fields("no subject", [SENDER, ID])
    yield fields("an empty subject", [SENDER, "Subject:", ID])
    yield fields("a subject like a field", [SENDER, "Subject: Recipient: bob@contoso.example", ID],
                 subject="Recipient: bob@contoso.example")
    for null in ("Sender: <>", "Sender:", "Sender: "):
        yield fields(f"{null!r}", [null, SUBJECT, ID], sender="<>")
    yield fields("a sender in brackets", ["Sender: <billing@sender.example>", SUBJECT, ID])
    yield fields("a sender with a name", ['Sender: "Billing, Dept" <billing@sender.example>', SUBJECT, ID])
    yield fields("a sender by distinguished name", ["Sender: /o=ExchangeLabs/cn=dave", SUBJECT, ID],
                 sender="/o=ExchangeLabs/cn=dave")
    yield fields("on behalf of a distinguished name", [SENDER, "On-Behalf-Of: /o=ExchangeLabs/cn=ceo", SUBJECT, ID],
                 on_behalf_of="/o=ExchangeLabs/cn=ceo")


