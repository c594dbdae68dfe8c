# SPDX-License-Identifier: Apache-2.0
"""Hostile mail of any size: for each kind, what makes a careless reader slow. KINDS maps a name to a function from about so
many bytes to a message."""
import base64
import gzip
import io
import lzma
import random
import struct
import zipfile
import zlib

from .wrappings import cpio, iso9660, seven_zip, tarred, tnef

KINDS = {}


def kind(name):
    def keep(function):
        KINDS[name] = function
        return function
    return keep


HEAD = b"From: A Sender <a@partner.example>\nTo: b@company.example\nSubject: a subject\nMIME-Version: 1.0\n"


def times(piece, size):
    """piece over and over, about size bytes; {} in it is the number of the copy."""
    if b"{}" not in piece:
        return piece * (size // len(piece) + 1)
    return b"".join(piece.replace(b"{}", str(number).encode()) for number in range(size // len(piece) + 1))


def plain(text, header=b"", charset=b"utf-8"):
    return HEAD + header + b"Content-Type: text/plain; charset=" + charset + b"\n\n" + text + b"\n"


def html(text):
    return HEAD + b"Content-Type: text/html; charset=utf-8\n\n<html><body><p>Hello</p>" + text + b"\n"


def parts(*each, subtype=b"mixed"):
    body = b"".join(b"--q\n" + one + b"\n" for one in each)
    return HEAD + b"Content-Type: multipart/" + subtype + b"; boundary=q\n\n" + body + b"--q--\n"


def attached(content, name=b"a.bin", media=b"application/octet-stream"):
    return parts(b"\nSee the attachment.", b"Content-Type: " + media + b"\nContent-Disposition: attachment; filename=" + name +
                 b"\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(content))


def simple(name, piece, into=plain):
    KINDS[name] = lambda size: into(times(piece, size))


def between(name, before, piece, after=b"", into=plain):
    KINDS[name] = lambda size: into(before + times(piece, size) + after)


def noise(size):
    return random.Random(size).randbytes(size)


# --- text -------------------------------------------------------------------------------
simple("text: the same words", b"please verify your account now ")
simple("text: words of all kinds", b"w{} gift card password: urgent {} ")
simple("text: one word", b"a")
simple("text: almost addresses", b"a@b")
simple("text: almost addresses, dots", b"a@.")
simple("text: almost links", b"http:/")
simple("text: www", b"www.")
simple("text: links", b"https://h{}.example/p ")
simple("text: links in links", b"https://a.example/?u=")
simple("text: one host of dots", b".a", lambda text: plain(b"https://h" + text + b".example/"))
simple("text: an address of user names", b"u@", lambda text: plain(b"https://" + text + b"h.example/"))
simple("text: percents of percents", b"25", lambda text: plain(b"https://r.example/?url=https%" + text + b"3A%2F%2Fb.example"))
simple("text: password is", b"password ")
simple("text: pass: pass:", b"pass:")
simple("text: line ends", b"\n")
simple("text: blanks", b" ")
simple("text: NUL", b"\0")
simple("text: no UTF-8", b"\xff\xc3")
simple("text: confusables", "раураl ".encode())
simple("text: zero width", "a\u200b".encode())
simple("text: soft hyphens", "a\u00ad".encode())
simple("text: styled letters", "\U0001d400\u24d0 ".encode())
simple("text: marks upon one letter", "\u0301\u0316".encode())
simple("text: Hangul pieces", "\u1100\u1161\u11a8".encode())
simple("text: ligatures", "\ufdfa".encode())
simple("text: no blanks", "確認".encode())
simple("text: EICAR almost", b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$")
KINDS["text: UTF-7"] = lambda size: plain(times(b"+AGE-", size), charset=b"utf-7")
KINDS["text: ISO-2022-JP"] = lambda size: plain(times(b"\x1b$B$3\x1b(B", size), charset=b"iso-2022-jp")
KINDS["text: UTF-16"] = lambda size: plain(times(b"\xd8a", size), charset=b"utf-16")
KINDS["text: base64 with noise"] = lambda size: HEAD + b"Content-Transfer-Encoding: base64\n\n" + times(b"Y!*W-J\n", size)
KINDS["text: quoted printable"] = lambda size: HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + times(b"=\n=4", size)
KINDS["text: uuencode"] = lambda size: (HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + times(b"M" + b"#" * 60 + b"\n", size))

# --- HTML -------------------------------------------------------------------------------
for tag in (b"<div>", b"<table><tr><td>", b"<a href=https://h{}.example/>", b"<a href=x>y", b"<b style=color:red>x",
            b"<font color=#fff>x", b"<i style='font-size:0'>x", b"<div style=display:none>", b"<form action=/a>",
            b"<meta http-equiv=refresh content='0;url=https://a.example/'>", b"<img src=cid:a>", b"<base href=/>",
            b"<", b"<!", b"<!--", b"<!-- x -->", b"</", b"<script>", b"<script></script>", b"<style></style>", b"<title>",
            b"<a href='", b"<a =", b"<p a=\"", b"&amp;", b"&#x41;", b"&#", b"&", b"&aaaaaaaaaaaaaaaa", b"<svg><script>",
            b"<br", b"<br>x", b"<p style='height:1200px'>x", b"<p style='position:fixed;top:-999px;transform:scale(0'>x",
            b"height:", b"margin-top:99999", b"javascript:", b"atob(", b"data:text/html;base64,PGI+", b"<input type=password>", b"<template>",
            b"<meta ", b"<form><input ", b"<a ", b"<x on", b"<!--[if mso]><a href=x>", b"<base href=https://a.example/><a href=x>"):
    simple("HTML: " + tag.decode(), tag, html)
between("HTML: one tag of attributes", b"<p ", b"a{}=b ", b">x", html)
between("HTML: one style", b"<p style='", b"color:red;", b"'>x", html)
between("HTML: one style of places", b"<p style='", b"position:absolute;left:-1;", b"'>x", html)
between("HTML: one style of blanks", b"<p style='", b" ", b"'>x", html)
between("HTML: a script of almost ends", b"<script>", b"</scrip", b"", html)
between("HTML: a script of base64", b"<script>x=atob('", b"QUFB", b"');new Blob([x])</script>", html)
between("HTML: a link's text", b"<a href=https://a.example/>", b"https://b.example ", b"</a>", html)
between("HTML: one link of entities", b"<a href='https://a.example/", b"&amp;", b"'>x</a>", html)

# --- MIME and headers --------------------------------------------------------------------
for name, field in {"a Subject of encoded words": b"Subject: " + b"{}", "From of encoded words": b"From: {} <a@b.example>",
                    "To of encoded words": b"To: {} <a@b.example>"}.items():
    KINDS["header: " + name] = (lambda field: lambda size: field.replace(b"{}", times(b"=?utf-8?Q?=41=42?=\n ", size)) + b"\n" + HEAD + b"\nx\n")(field)
for name, before, piece, after in (
        ("many fields", b"", b"X-A{}: b\n", b""), ("one field", b"X-A: ", b"b", b"\n"), ("one folded field", b"X-A: ", b"b\n ", b"\n"),
        ("Received", b"", b"Received: from a ([192.0.2.1]) by b; Tue, 3 Nov 2026 09:00:00 +0000\n", b""),
        ("References", b"References: ", b"<a{}@b.example>\n ", b"\n"), ("recipients", b"To: ", b"a{}@b.example,\n ", b"c@d.example\n"),
        ("groups", b"To: ", b"g:", b";\n"), ("comments", b"From: ", b"(", b" a@b.example\n"), ("comments in the date", b"Date: ", b"(", b"\n"),
        ("quotes", b"From: ", b"\"\\", b"\" <a@b.example>\n"), ("angles", b"Reply-To: ", b"<", b"\n"),
        ("results", b"Authentication-Results: a; ", b"spf=pass ;", b"\n"), ("results, comments", b"Authentication-Results: ", b"(", b"\n"),
        ("parameters", b"Content-Type: text/plain; ", b"a{}=b;", b" x=y\n"),
        ("RFC 2231 pieces", b"Content-Disposition: attachment; ", b"filename*{}*=%41;", b" x=y\n"),
        ("boundaries", b"Content-Type: multipart/mixed; ", b"boundary=a{};", b"\n"),
        ("List-Unsubscribe", b"List-Unsubscribe: ", b"<https://a.example/{}>,", b"\n"),
        ("a Subject of words", b"Subject: ", b"urgent ", b"\n"), ("a Subject of digits", b"Subject: ", b"0rder1 ", b"\n"),
        ("a Subject of marks", b"Subject: a", "\u0301\u0316".encode(), b"\n")):
    between("header: " + name, before, piece, after, lambda field: field + HEAD + b"\nx\n")
KINDS["MIME: many parts"] = lambda size: parts(*[b"\nx"] * (size // 7))
KINDS["MIME: many small attachments"] = lambda size: parts(*[b"Content-Type: application/zip; name=a.zip\n\nPK\3\4"] * (size // 50))
KINDS["MIME: boundaries that are none"] = lambda size: parts(b"\n" + times(b"--x\n", size))
KINDS["MIME: boundaries in one another"] = lambda size: HEAD + b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size // 50))
KINDS["MIME: messages in one another"] = lambda size: HEAD + times(b"Content-Type: message/rfc822\n\n", size) + b"x"
KINDS["MIME: alternatives"] = lambda size: parts(*[b"Content-Type: text/html\n\n<p>x</p>"] * (size // 35), subtype=b"alternative")


@kind("MIME: encoded messages in one another")
def encoded_messages(size):
    message = HEAD + b"\n" + b"x" * 100
    while len(message) < size:
        message = HEAD + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(message)
    return message


# --- archives ---------------------------------------------------------------------------
def zip_of(files, method=zipfile.ZIP_DEFLATED):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return memory.getvalue()


KINDS["archive: a ZIP of nothing, packed a thousand times"] = lambda size: attached(zip_of([("a.txt", bytes(size * 100))]), b"a.zip")
KINDS["archive: a ZIP of many"] = lambda size: attached(zip_of([(f"f{n}.txt", b"x") for n in range(size // 110)]), b"a.zip")
KINDS["archive: ZIPs in a ZIP"] = lambda size: attached(
    zip_of([(f"a{n}.zip", zip_of([("setup.txt", b"x" * 50)])) for n in range(size // 300)], zipfile.ZIP_STORED), b"a.zip")
KINDS["archive: ends of a ZIP"] = lambda size: attached(times(b"PK\5\6" + bytes(18), size), b"a.zip")
KINDS["archive: fronts of a ZIP"] = lambda size: attached(times(b"PK\3\4" + bytes(26), size), b"a.zip")
KINDS["archive: a tar of many"] = lambda size: attached(tarred("a.txt", b"x")[:1024] * (size // 1024) + bytes(1024), b"a.tar")
KINDS["archive: a tar of nothing, packed"] = lambda size: attached(gzip.compress(bytes(size * 20), mtime=0), b"a.tar.gz")
KINDS["archive: xz of nothing"] = lambda size: attached(lzma.compress(bytes(size * 20)), b"a.xz")
KINDS["archive: a cpio of many"] = lambda size: attached(cpio("a.txt", b"x" * 20)[:144] * (size // 144), b"a.cpio")
KINDS["archive: 7z in a ZIP, many"] = lambda size: attached(
    zip_of([(f"a{n}.7z", seven_zip("a.txt", b"x" * 50)) for n in range(size // 300)], zipfile.ZIP_STORED), b"a.zip")
KINDS["archive: a 7z that lies"] = lambda size: attached(seven_zip("a.txt", b"x" * 50)[:32] + noise(size), b"a.7z")
KINDS["archive: an image of a disk"] = lambda size: attached(iso9660("a.exe", b"MZ" + noise(size)), b"a.iso")
KINDS["archive: a RAR that lies"] = lambda size: attached(b"Rar!\x1a\x07\x01\0" + noise(size), b"a.rar")
KINDS["archive: a cabinet that lies"] = lambda size: attached(b"MSCF\0\0\0\0" + noise(size), b"a.cab")
KINDS["archive: lha that lies"] = lambda size: attached(times(b"\x1f\0-lh5-\x01\0\0\0\x01\0\0\0\0\0\0\0\x20\0\x05a.txt\0\0", size), b"a.lzh")

# --- pictures ---------------------------------------------------------------------------


def png(size, shade):
    """A grey picture of about size / 2 pixels; shade: row number -> bytes of a row."""
    width = max(64, int((size / 2) ** .5))

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    rows = b"".join(b"\0" + shade(y, width) for y in range(width))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def corners(y, width):
    """Rows of squares like those in the corners of codes."""
    line = ("#######.", "#.....#.", "#.###.#.", "#.###.#.", "#.###.#.", "#.....#.", "#######.", "........")[y // 2 % 8]
    row = b"".join(b"\0\0" if c == "#" else b"\xff\xff" for c in line)
    return (row * (width // 16 + 1))[:width]


PICTURES = {"white": lambda y, width: b"\xff" * width, "noise": lambda y, width: random.Random(y).randbytes(width),
            "chequered": lambda y, width: ((b"\0\xff" if y % 2 else b"\xff\0") * width)[:width], "corners of codes": corners,
            "stripes": lambda y, width: (b"\0\xff\xff\0\0\0\xff\0\xff\xff" * width)[:width]}
for shape, shade in PICTURES.items():
    KINDS["picture: " + shape] = (lambda shade: lambda size: attached(png(size, shade), b"a.png", b"image/png"))(shade)
KINDS["picture: many"] = lambda size: parts(*[b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n" +
                                              base64.encodebytes(png(8192, corners))] * min(size // 2000, 900))

# --- documents --------------------------------------------------------------------------


def pdf(*objects):
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return attached(b"%PDF-1.4\n" + body + b"trailer\n<</Root 1 0 R>>\n", b"a.pdf", b"application/pdf")


def stream(content, dictionary=b""):
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(content), dictionary, content)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
KINDS["PDF: links"] = lambda size: pdf(CATALOG, *[b"<</S/URI/URI(https://h%d.example/)>>" % n for n in range(size // 60)])
KINDS["PDF: pages in pages"] = lambda size: pdf(CATALOG, *[b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (n + 3) for n in range(size // 60)])
KINDS["PDF: one object in itself"] = lambda size: pdf(CATALOG, times(b"[", size) + times(b"]", size))
KINDS["PDF: one dictionary"] = lambda size: pdf(CATALOG, b"<<" + times(b"/A{} 1 ", size) + b">>")
KINDS["PDF: scripts"] = lambda size: pdf(CATALOG, *[b"<</S/JavaScript/JS(app.launchURL\\(1\\))>>"] * (size // 60))
KINDS["PDF: files"] = lambda size: pdf(CATALOG, *[each for n in range(size // 120) for each in (
    b"<</Type/Filespec/F(a.txt)/EF<</F %d 0 R>>>>" % (2 * n + 3), stream(b"x"))])
KINDS["PDF: nothing, packed"] = lambda size: pdf(CATALOG, stream(zlib.compress(bytes(size * 50)), b"/Type/EmbeddedFile/Filter/FlateDecode"))
KINDS["PDF: nothing, packed in object streams"] = lambda size: pdf(CATALOG, stream(
    zlib.compress(times(b" ", size * 50)), b"/Type/ObjStm/N 9/First 9/Filter/FlateDecode"))
KINDS["PDF: no table"] = lambda size: attached(b"%PDF-1.4\n" + times(b"{} 0 obj\n", size), b"a.pdf")
KINDS["PDF: starts of tables"] = lambda size: attached(b"%PDF-1.4\n" + times(b"xref\n0 1\ntrailer\n<</Prev 9>>\nstartxref\n9\n%%EOF\n", size), b"a.pdf")
KINDS["PDF: pictures"] = lambda size: pdf(CATALOG, *[stream(bytes(4096), b"/Subtype/Image/Width 64/Height 64/BitsPerComponent 8/ColorSpace/DeviceGray")] * (size // 4200))
KINDS["Office: relations"] = lambda size: attached(zip_of([("[Content_Types].xml", b"<Types/>"), (
    "word/_rels/document.xml.rels", b"<Relationships>" + times(b'<Relationship TargetMode="External" Type="x/attachedTemplate" Target="https://h{}.example"/>', size))]), b"a.docx")
KINDS["Office: a document of nothing"] = lambda size: attached(zip_of([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", times(b"DDEAUTO ", size * 20))]), b"a.docx")
KINDS["Office: OLE"] = lambda size: attached(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + times(b"A\0u\0t\0o\0O\0p\0e\0n\0_VBA_PROJECT", size), b"a.doc")
KINDS["Office: OLE of noise"] = lambda size: attached(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(size), b"a.doc")
KINDS["RTF: groups"] = lambda size: attached(b"{\\rtf1" + times(b"{", size), b"a.rtf")
KINDS["RTF: objects"] = lambda size: attached(b"{\\rtf1" + times(b"{\\object\\objdata 0105{\\*\\x}}", size), b"a.rtf")
KINDS["RTF: one object"] = lambda size: attached(b"{\\rtf1{\\object\\objdata " + times(b"01 05\n", size), b"a.rtf")

# --- TNEF, invitations, signatures --------------------------------------------------------


def attributes(size):
    one = tnef("a.bin", b"x")[6:]
    return tnef("a.bin", b"x")[:6] + one * (size // len(one))


def winmail(content):
    return attached(content, b"winmail.dat", b"application/ms-tnef")


KINDS["TNEF: attachments"] = lambda size: winmail(attributes(size))
KINDS["TNEF: one attachment"] = lambda size: winmail(tnef("a.txt", times(b"verify your account ", size)))


@kind("TNEF: in TNEF")
def nested_tnef(size):
    content = tnef("a.txt", b"x" * 50)
    while len(content) < size and size > 0:
        content = tnef("winmail.dat", content)
        size -= 2000
    return winmail(content)


simple("calendar: events", b"BEGIN:VEVENT\nURL:https://h{}.example/\nEND:VEVENT\n",
       lambda text: HEAD + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + text)
simple("calendar: one folded line", b"\n a", lambda text: HEAD + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nX:" + text)
KINDS["S/MIME: noise"] = lambda size: attached(b"\x30\x80" + noise(size), b"smime.p7m", b"application/pkcs7-mime")


@kind("report: recipients")
def recipients(size):
    fields = b"Sender: a@partner.example\nSubject: x\nMessage-Id: <1@b.example>\n" + times(b"To: u{}@company.example\n", size)
    inner = b"From: a@partner.example\nSubject: x\nMessage-ID: <1@b.example>\n\nx\n"
    return (b"From: x@company.example\nX-MS-Journal-Report:\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=q\n\n--q\n"
            b"Content-Type: text/plain\n\n" + fields + b"\n--q\nContent-Type: message/rfc822\n\n" + inner + b"\n--q--\n")
