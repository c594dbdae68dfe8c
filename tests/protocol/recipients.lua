-- SPDX-License-Identifier: Apache-2.0
-- What RCPT is answered. (The codes are the session tests' matter: miltertest shows only
-- that there is one.)
connection = greet()
mail(connection, "<someone@relay.clawback.example>")
expect(connection, SMFIR_REPLYCODE, "unknown address")

must(mt.rcptto(connection, CONTOSO_EU), "rcpt")
expect(connection, SMFIR_REPLYCODE, "other region")

must(mt.rcptto(connection, CONTOSO), "rcpt")
expect(connection, SMFIR_CONTINUE, "first tenant")
must(mt.rcptto(connection, FABRIKAM), "rcpt")
expect(connection, SMFIR_REPLYCODE, "second tenant")
content(connection, "recipients-1")
finish(connection)
expect(connection, SMFIR_DISCARD, "end of message")

-- A size over the limit is known at MAIL.
must(mt.mailfrom(connection, "<>", "SIZE=167772161"), "mail")
expect(connection, SMFIR_REPLYCODE, "announced size")
mt.disconnect(connection)

-- The proof of the connection is HELO's, and none is no proof.
connection = open()
must(mt.conninfo(connection, "client.example", "127.0.0.1"), "connect")
must(mt.helo(connection, "client.example"), "helo")
mail(connection, CONTOSO)
expect(connection, SMFIR_REPLYCODE, "without TLS")
mt.disconnect(connection)
