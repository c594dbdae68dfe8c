# SPDX-License-Identifier: Apache-2.0
"""The field part in every charset and transfer encoding."""
import base64
import quopri

from . import ALICE, LIST, having, variant

# A subject in the script of each charset that mail is written in.
SUBJECTS = {"us-ascii": "Invoice 4711", "utf-8": "Fällig – 請求書 Счёт", "iso-8859-1": "Fälliger Betrag für März",
            "iso-8859-2": "Zaległa płatność", "iso-8859-15": "Zahlung über 5 €", "windows-1252": "Rechnung – „fällig“",
            "windows-1251": "Счёт на оплату", "koi8-r": "Счёт на оплату", "iso-8859-7": "Τιμολόγιο",
            "windows-1255": "חשבונית", "windows-1256": "فاتورة", "iso-8859-9": "Ödenmemiş fatura",
            "iso-2022-jp": "請求書について", "shift_jis": "請求書について", "euc-jp": "請求書について",
            "gb2312": "发票到期", "gb18030": "发票到期", "big5": "發票到期", "euc-kr": "송장 기한",
            "iso-2022-kr": "송장 기한", "utf-16": "請求書 überfällig", "utf-16le": "請求書 überfällig",
            "utf-16be": "請求書 überfällig", "utf-32": "請求書 überfällig", "utf-32be": "請求書 überfällig"}
# What Outlook calls some of them: codec of Python, name in the mail, subject.
ALIASES = (("cp949", "ks_c_5601-1987", "송장 기한"), ("gbk", "gbk", "发票到期"), ("gbk", "gb2312", "發票"), ("cp932", "shift_jis", "請求書①"),
           ("cp932", "windows-31j", "請求書①"), ("cp932", "x-sjis", "請求書"), ("cp874", "windows-874", "ใบแจ้งหนี้"),
           ("tis-620", "tis-620", "ใบแจ้งหนี้"), ("cp874", "iso-8859-11", "ใบแจ้งหนี้"), ("koi8-u", "koi8-u", "Рахунок їжа"), ("cp1258", "windows-1258", "Hóa đơn"),
           ("cp1250", "windows-1250", "Zaległa płatność"), ("iso-8859-8", "iso-8859-8-i", "חשבונית"), ("mac-roman", "macintosh", "Fällig"),
           ("cp866", "ibm866", "Счёт"), ("euc_jp", "x-euc-jp", "請求書"), ("iso2022_jp_1", "iso-2022-jp-1", "請求書"),
           ("iso2022_jp_ext", "iso-2022-jp", "請求書ﾃｽﾄ"), ("big5hkscs", "big5-hkscs", "發票到期"), ("cp1252", "ansi_x3.4-1968", "Fällig"), ("utf-8", "unicode-1-1-utf-8", "Fällig"))
NOT_LINES = ("utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32be")  # no lines before they are decoded


def encoded(text, charset, transfer):
    raw = text if isinstance(text, bytes) else text.encode(charset)
    if transfer.lower() == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if transfer.lower() == "quoted-printable":
        lines = [quopri.encodestring(line, quotetabs=False).replace(b"=\n", b"=\r\n") for line in raw.split(b"\r\n")]
        return b"\r\n".join(lines)
    return raw


def in_charset(charset, transfer, declared=None, subject=None):
    def change(report):
        report.recipients = [ALICE, ("Recipient", "bob@contoso.example", "Expanded", LIST)]
        report.subject = subject if subject is not None else SUBJECTS[charset]
        # As Exchange copies it: encoded words in the wrapper, the text itself in the field part.
        word = base64.b64encode(report.subject.encode()).decode()
        report.set("Subject", f" =?utf-8?B?{word}?=")
        report.set_inner("Subject", f" =?utf-8?B?{word}?=")
        report.field_head = (f"Content-Type: text/plain; charset={declared or charset}\r\n"
                             f"Content-Transfer-Encoding: {transfer}\r\n")
        report.field_bytes = encoded(report.field_text(), charset, transfer)
    return change


def charsets():
    for charset, subject in SUBJECTS.items():
        for transfer in ("8bit", "quoted-printable", "base64"):
            if charset in NOT_LINES and transfer != "base64":
                continue  # SMTP carries no NUL, and Exchange would not try
            yield variant(f"{charset} {transfer}", in_charset(charset, transfer), subject=subject)
    for codec, declared, subject in ALIASES:
        yield variant(f"{codec} as {declared}", in_charset(codec, "base64", declared, subject), subject=subject)
    for spelling in ('"utf-8"', "UTF-8", "utf8", '"utf-8"; format=flowed', "utf-8 ; delsp=yes", "Utf-8 (as sent)"):
        yield variant(f"charset={spelling}", in_charset("utf-8", "8bit", spelling), subject=SUBJECTS["utf-8"])
    for transfer in ("BASE64", "Base64 ", "base64 (as sent)"):
        yield variant(f"encoding {transfer}", in_charset("utf-8", transfer.split()[0], '"utf-8"') if transfer.strip() ==
                      transfer else _transfer_written(transfer), subject=SUBJECTS["utf-8"])
    yield variant("charset not said, utf-8", in_charset("utf-8", "8bit", '""'), subject=SUBJECTS["utf-8"])
    yield variant("charset says us-ascii, is utf-8", in_charset("utf-8", "8bit", "us-ascii"), subject=SUBJECTS["utf-8"])
    yield variant("charset says utf-16, is ASCII", in_charset("us-ascii", "7bit", "utf-16"), subject="Invoice 4711")
    yield variant("charset unknown", in_charset("us-ascii", "7bit", "x-never-heard-of"), subject="Invoice 4711")
    yield variant("utf-8 with its mark", _with_mark, subject="Invoice overdue")
    yield variant("base64 on one line", _base64_on_one_line, subject="Invoice overdue")
    yield variant("quoted-printable, every letter", _every_letter_quoted, subject="Invoice overdue")
    yield variant("no part header", having(field_head=""))
    yield variant("only a content type", having(field_head="content-type: TEXT/Plain\r\n"))
    yield variant("part header in another order", having(field_head="Content-Transfer-Encoding: 7bit\r\nContent-Disposition: inline\r\n"
                              "Content-Language: en-US\r\nContent-Type:\r\n\ttext/plain;\r\n\tcharset=us-ascii\r\n"))


def _transfer_written(transfer):
    def change(report):
        in_charset("utf-8", "base64")(report)
        report.field_head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {transfer}\r\n"
    return change


def _with_mark(report):
    report.field_head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    report.field_bytes = b"\xef\xbb\xbf" + report.field_text().encode()


def _base64_on_one_line(report):
    report.recipients = [(kind, f"user{i}@contoso.example", None, None) for i, (kind, *_) in enumerate([ALICE] * 90)]
    report.field_head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    report.field_bytes = base64.b64encode(report.field_text().encode())


def _every_letter_quoted(report):
    report.field_head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    lines = [[f"={byte:02X}" for byte in line] for line in report.field_text().encode().split(b"\r\n")]
    soft = ["=\r\n".join("".join(line[i:i + 20]) for i in range(0, len(line), 20)) for line in lines]
    report.field_bytes = "\r\n".join(soft).encode()


