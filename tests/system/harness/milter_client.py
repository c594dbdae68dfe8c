# SPDX-License-Identifier: Apache-2.0
"""The mail server's side of the milter protocol, for what miltertest and Postfix cannot
say: NUL bytes, and sessions by the hundred with nothing else in between."""

import socket
import struct

VERSION, ACTIONS, STEPS = 6, 0x1FF, 0x1FFFFF  # what Postfix 3.7 offers
CONTINUE, DISCARD, TEMPFAIL, REJECT, REPLY = b"c", b"d", b"t", b"r", b"y"


class MilterClient:
    """One session over TLS from Exchange on 127.0.0.1, unless Postfix is to have seen something else. Steps that the
    filter has said it does not answer are sent and not waited for."""

    def __init__(self, path, timeout=60, client="127.0.0.1", tls="TLSv1.3", certificate="mail.protection.outlook.com"):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._send(b"O", struct.pack(">III", VERSION, ACTIONS, STEPS))
        kind, _ = self._receive()
        if kind != b"O":
            raise ConnectionError(f"negotiation answered with {kind}")
        self._send(b"C", b"client.example\x004" + struct.pack(">H", 25) + client.encode() + b"\0")
        seen = {"{tls_version}": tls, "{cert_subject}": certificate}
        macros = "".join(f"{name}\0{value}\0" for name, value in seen.items() if value)
        self._send(b"D", b"H" + macros.encode())
        self._send(b"H", b"client.example\0")

    def _send(self, command, payload=b""):
        self._socket.sendall(struct.pack(">I", len(payload) + 1) + command + payload)

    def _receive(self):
        size = struct.unpack(">I", self._exactly(4))[0]
        packet = self._exactly(size)
        return packet[:1], packet[1:]

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the filter closed the connection")
            data += more
        return data

    def mail(self, sender=b"<>"):
        self._send(b"M", sender + b"\0")
        return self._receive()

    def recipient(self, address):
        self._send(b"R", address.encode() + b"\0")
        return self._receive()

    def header(self, name, value):
        self._send(b"L", name + b"\0" + value + b"\0")

    def end_of_headers(self):
        self._send(b"N")

    def body(self, data):
        for start in range(0, len(data), 65535):
            self._send(b"B", data[start:start + 65535])

    def end_of_message(self, queue_id=b"4TEST"):
        self._send(b"D", b"Ei\0" + queue_id + b"\0")
        self._send(b"E")
        return self._receive()

    def abort(self):
        self._send(b"A")

    def send(self, address, headers, body):
        """One message whole; answers (kind, text) of its end."""
        self.mail()
        kind, text = self.recipient(address)
        if kind != CONTINUE:
            return kind, text
        for name, value in headers:
            self.header(name, value)
        self.end_of_headers()
        self.body(body)
        return self.end_of_message()

    def send_report(self, address, report):
        """One message as it is, header and body in one."""
        self.mail()
        kind, text = self.recipient(address)
        if kind != CONTINUE:
            return kind, text
        self.body(report)
        return self.end_of_message()

    def close(self):
        try:
            self._send(b"Q")
        except OSError:
            pass
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
