# SPDX-License-Identifier: Apache-2.0
"""An archive's end of SMTP: keeps what it is sent, byte for byte, or refuses it."""

import socketserver
import threading


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 archive.example")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self._say("250-archive.example\r\n250 SIZE 200000000")  # no 8BITMIME: the bytes must come all the same
            elif verb == b"DATA":
                self._data()
            elif verb == b"QUIT":
                return self._say("221 bye")
            elif verb in (b"MAIL", b"RCPT", b"RSET"):
                self._envelope(verb, line)
                self._say("250 ok")
            else:
                self._say("502 no")

    def _envelope(self, verb, line):
        if verb == b"MAIL":
            self.sender, self.recipients = line.split(b":", 1)[1].strip().decode(), []
        elif verb == b"RCPT":
            self.recipients.append(line.split(b":", 1)[1].split()[0].strip(b"<>\r\n").decode())

    def _data(self):
        if self.server.refusal:
            return self._say(self.server.refusal)
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.taken.append((self.recipients, b"".join(lines)))
        return self._say("250 archived")

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Sink(socketserver.ThreadingTCPServer):
    """with Sink() as sink: ... sink.taken is a list of (recipients, bytes). refusal: the answer to DATA, if set."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.port = self.server_address[1]
        self.taken = []
        self.refusal = ""

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.shutdown()
        self.server_close()
