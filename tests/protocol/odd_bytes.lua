-- SPDX-License-Identifier: Apache-2.0
-- Bytes that mean something elsewhere. (NULs: test_raw.py, miltertest cannot send them.)
connection = greet()
mail(connection, CONTOSO)
must(mt.header(connection, "Subject", " 100% %s %n \255\254 folded\n\tline"), "header")
must(mt.header(connection, "X-Empty", ""), "header")
must(mt.eoh(connection), "eoh")
must(mt.bodystring(connection, "\r alone \n and \255\r\n"), "body")
finish(connection)
expect(connection, SMFIR_DISCARD, "odd bytes")

-- A recipient whose reply text must not be read as a format.
mail(connection, "<%s%n%d@relay.clawback.example>")
expect(connection, SMFIR_REPLYCODE, "odd recipient")
must(mt.rcptto(connection, "<"), "rcpt")
expect(connection, SMFIR_REPLYCODE, "half a recipient")
must(mt.abort(connection), "abort")

-- Much body in chunks that are aligned to nothing.
mail(connection, CONTOSO)
must(mt.header(connection, "Subject", " many chunks"), "header")
must(mt.eoh(connection), "eoh")
must(mt.bodyrandom(connection, 3000000), "body")
finish(connection)
expect(connection, SMFIR_DISCARD, "many chunks")
mt.disconnect(connection)
