# SPDX-License-Identifier: Apache-2.0
"""One file wrapped in every way that mail knows: archives, images of disks, documents, messages in messages. Archives that
the standard library cannot write are written here, stored and not packed."""
import base64
import binascii
import gzip
import hashlib
import io
import lzma
import quopri
import struct
import tarfile
import zlib

from .mail import zipped

WHEN = 1_793_696_400  # of every archive's entries, so that the bytes are the same each time


def tarred(name, content, mode="w"):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode=mode) as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime = len(content), WHEN
        archive.addfile(entry, io.BytesIO(content))
    return memory.getvalue()


def zipped_deep(name, content, depth):
    for level in range(depth):
        content = zipped({name: content})
        name = f"level{level}.zip"
    return content


def cpio(name, content):
    """The portable form, "newc"."""
    def entry(name, content, mode, inode):
        fields = (inode, mode, 0, 0, 1, WHEN, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)
    whole = entry(name, content, 0o100644, 1) + entry("TRAILER!!!", b"", 0, 0)
    return whole + bytes(-len(whole) % 512)


def iso9660(name, content):
    """One file in the root of a disk image."""
    sector = 2048

    def both(number, size):
        return number.to_bytes(size, "little") + number.to_bytes(size, "big")

    def record(name, place, size, flags):
        body = (bytes([0]) + both(place, 4) + both(size, 4) + bytes((126, 11, 3, 9, 0, 0, 0)) + bytes((flags, 0, 0)) +
                both(1, 2) + bytes([len(name)]) + name)
        body += bytes((len(body) + 1) % 2)
        return bytes([len(body) + 1]) + body

    root = record(b"\0", 20, sector, 2)
    volume = (b"\x01CD001\x01\0" + b" " * 32 + b"DISK".ljust(32) + bytes(8) + both(32, 4) + bytes(32) + both(1, 2) +
              both(1, 2) + both(sector, 2) + both(10, 4) + (18).to_bytes(4, "little") + bytes(4) +
              (19).to_bytes(4, "big") + bytes(4) + root)
    volume = volume.ljust(813, b" ") + (b"2026110309000000\0") * 4 + b"\x01\0"
    table = b"\x01\0" + (20).to_bytes(4, "little") + b"\x01\0\0\0"
    folder = root + record(b"\x01", 20, sector, 2) + record(name.upper().encode() + b";1", 21, len(content), 0)
    sectors = [volume, b"\xffCD001\x01", table, table.replace(b"\x14\0\0\0", b"\0\0\0\x14"), folder, content]
    return bytes(16 * sector) + b"".join(each.ljust(sector, b"\0") for each in sectors)


def seven_zip(name, content):
    """Stored ("Copy"), one file."""
    crc = struct.pack("<I", binascii.crc32(content))
    text = name.encode("utf-16-le") + b"\0\0"
    header = (b"\x01"                                                  # Header
              b"\x04\x06\x00\x01\x09" + bytes([len(content)]) + b"\x00"  # where the packed bytes are
              b"\x07\x0b\x01\x00\x01\x01\x00\x0c" + bytes([len(content)]) + b"\x0a\x01" + crc + b"\x00"
              b"\x08\x00\x00"
              b"\x05\x01\x11" + bytes([len(text) + 1]) + b"\x00" + text + b"\x00\x00")
    assert len(content) < 128 and len(text) < 127  # numbers of one byte
    start = struct.pack("<QQI", len(content), len(header), binascii.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", binascii.crc32(start)) + start + content + header


def cabinet(name, content):
    """Not packed, one folder, one file, no checksum."""
    files = 36 + 8
    data = files + 16 + len(name) + 1
    size = data + 8 + len(content)
    head = b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, size, 0, files, 0, 3, 1, 1, 1, 0, 4711, 0)
    folder = struct.pack("<IHH", data, 1, 0)
    entry = struct.pack("<IIHHHH", len(content), 0, 0, 0x5b63, 0x4800, 0x20) + name.encode() + b"\0"
    return head + folder + entry + struct.pack("<IHH", 0, len(content), len(content)) + content


def lha(name, content):
    """Not packed ("-lh0-"), header of level 0."""
    crc = 0
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    body = (b"-lh0-" + struct.pack("<III", len(content), len(content), 0x5b634800) + b"\x20\0" + bytes([len(name)]) +
            name.encode() + struct.pack("<H", crc))
    return bytes([len(body), sum(body) & 255]) + body + content + b"\0"


def tnef(name, content):
    """winmail.dat with one attachment."""
    def attribute(level, kind, value):
        return bytes([level]) + struct.pack("<II", kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return (struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x00010000)) +
            attribute(2, 0x00069002, bytes((1, 0)) + bytes(4) + bytes(4) + bytes(4)) +
            attribute(2, 0x00018010, name.encode() + b"\0") + attribute(2, 0x0006800F, content))


def pdf(name, content):
    return (b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n2 0 obj\n<</Type/Filespec/F(" + name.encode() +
            b")/EF<</F 3 0 R>>>>\nendobj\n3 0 obj\n<</Length " + str(len(content)).encode() + b">>\nstream\n" + content +
            b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n")


def document(name, content):
    """A file packed into a Word document."""
    return zipped({"[Content_Types].xml": b'<?xml version="1.0"?><Types/>', "word/document.xml": b"<w:document/>",
                   f"word/embeddings/{name}": content})


def warc(name, content):
    """One record."""
    return (b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://www.partner.example/" + name.encode() +
            b"\r\nWARC-Date: 2026-11-03T09:14:22Z\r\nWARC-Record-ID: <urn:uuid:1>\r\nContent-Length: " +
            str(len(content)).encode() + b"\r\n\r\n" + content + b"\r\n\r\n")


def rpm(name, content):
    """A package whose headers are empty."""
    lead = (b"\xED\xAB\xEE\xDB\3\0\0\0\0\1" + b"a-1-1").ljust(78, b"\0") + b"\0\5" + bytes(16)
    return lead + 2 * (b"\x8E\xAD\xE8\1" + bytes(12)) + gzip.compress(cpio(name, content), mtime=WHEN)


def xar(name, content):
    """As macOS packs its installers; the file is stored."""
    toc = (f'<?xml version="1.0" encoding="UTF-8"?><xar><toc><checksum style="sha1"><size>20</size><offset>0</offset></checksum>'
           f'<file id="1"><name>{name}</name><type>file</type><data><length>{len(content)}</length><offset>20</offset>'
           f'<size>{len(content)}</size><encoding style="application/octet-stream"/></data></file></toc></xar>').encode()
    packed = zlib.compress(toc)
    return struct.pack(">4sHHQQI", b"xar!", 28, 1, len(packed), len(toc), 1) + packed + hashlib.sha1(packed).digest() + content


def uuencoded(name, content):
    lines = [binascii.b2a_uu(content[at:at + 45], backtick=True) for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n".encode() + b"".join(lines) + b"`\nend\n"


def part(content, file_name="a.bin", media="application/octet-stream", encoding="base64", encoded=None):
    """A MIME part; encoded: its content where base64 is not as the library writes it."""
    encoded = base64.encodebytes(content) if encoded is None else encoded
    return (f'Content-Type: {media}; name="{file_name}"\nContent-Disposition: attachment; filename="{file_name}"\n'
            f"Content-Transfer-Encoding: {encoding}\n\n").encode() + encoded


def noisy_base64(content):
    """With what no alphabet of base64 knows between its letters."""
    letters = base64.b64encode(content).decode()
    return "".join(f"*{letter}!\n" if index % 7 == 0 else f" {letter}-" for index, letter in enumerate(letters)).encode()


def message_about(inner):
    return b"From: a@partner.example\nSubject: inner\nMIME-Version: 1.0\n" + inner


def rare_archives(name, content):
    """{how: MIME part} of content, called name, in archives that ClamAV does not open all of."""
    return {how: part(pack(name, content), f"a.{how}")
            for how, pack in (("warc", warc), ("rpm", rpm), ("xar", xar), ("uu", uuencoded))}


def wrappings(name, content):
    """{how: MIME part} of content, called name, in every wrapping."""
    deep = {f"zip, {depth} deep": zipped_deep(name, content, depth) for depth in (1, 2, 3)}
    archives = {
        **deep, "tar": tarred(name, content), "tar.gz": tarred(name, content, "w:gz"),
        "tar.bz2": tarred(name, content, "w:bz2"), "tar.xz": tarred(name, content, "w:xz"),
        "gz": gzip.compress(content, mtime=WHEN), "xz": lzma.compress(content), "cpio": cpio(name, content),
        "iso": iso9660(name, content), "7z": seven_zip(name, content), "cab": cabinet(name, content),
        "lha": lha(name, content), "pdf": pdf(name, content), "docx": document(name, content),
        "zip in tar.gz": tarred("a.zip", zipped({name: content}), "w:gz"),
        "7z in zip": zipped({"a.7z": seven_zip(name, content)}),
        "iso in zip": zipped({"a.iso": iso9660(name, content)}),
        "zip in iso": iso9660("a.zip", zipped({name: content})),
    }
    plain = part(content, name)
    parts = {how: part(archive, "a." + how.split(" in ")[0].split(",")[0]) for how, archive in archives.items()}
    return {**parts, "attached": plain, "as a picture": part(content, "a.png", "image/png"),
            "quoted-printable": part(content, name, encoding="quoted-printable", encoded=quopri.encodestring(content)),
            "not encoded": part(content, name, encoding="7bit", encoded=content),
            "base64 with noise": part(content, name, encoded=noisy_base64(content)),
            "tnef": part(tnef(name, content), "winmail.dat", "application/ms-tnef"),
            "message": part(b"", "a.eml", "message/rfc822", "7bit", message_about(plain)),
            "message, encoded": part(message_about(plain), "a.eml", "message/rfc822"),
            "message in a message": part(b"", "a.eml", "message/rfc822", "7bit", message_about(
                part(b"", "b.eml", "message/rfc822", "7bit", message_about(plain)))),
            "zip in a message": part(b"", "a.eml", "message/rfc822", "7bit", message_about(parts["zip, 2 deep"]))}

