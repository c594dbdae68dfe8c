-- SPDX-License-Identifier: Apache-2.0
-- What the macros of HELO and the client's address must show before a recipient is taken.
function try(address, macros, reply, what)
  local connection = open()
  must(mt.conninfo(connection, "client.example", address), "connect")
  if #macros > 0 then mt.macro(connection, SMFIC_HELO, (table.unpack or unpack)(macros)) end
  must(mt.helo(connection, "client.example"), "helo")
  mail(connection, CONTOSO)
  expect(connection, reply, what)
  mt.disconnect(connection)
end

local exchange = "mail.protection.outlook.com"
local proven = {"{tls_version}", "TLSv1.3", "{cert_subject}", exchange, "{cert_issuer}", "an authority"}
try("127.0.0.1", proven, SMFIR_CONTINUE, "all that is demanded")
try("127.0.0.1", {"{tls_version}", "TLSv1.2", "{cert_subject}", exchange}, SMFIR_CONTINUE, "the minimum")
try("127.0.0.1", {"{tls_version}", "TLSv1.1", "{cert_subject}", exchange}, SMFIR_REPLYCODE, "older TLS")
try("127.0.0.1", {"{tls_version}", "TLSv1.3"}, SMFIR_REPLYCODE, "no verified certificate")
try("127.0.0.1", {"{tls_version}", "TLSv1.3", "{cert_subject}", exchange .. ".evil.example"}, SMFIR_REPLYCODE,
    "another certificate")
try("127.0.0.1", {"{cert_subject}", exchange}, SMFIR_REPLYCODE, "a certificate without TLS")
try("192.0.2.7", proven, SMFIR_REPLYCODE, "another network")
try("127.0.0.1", {}, SMFIR_REPLYCODE, "nothing")

-- What one greeting proved is gone with the next.
connection = greet()
mt.macro(connection, SMFIC_HELO, "{tls_version}", "TLSv1.3", "{cert_subject}", "", "{cert_issuer}", "")
must(mt.helo(connection, "client.example"), "helo")
mail(connection, CONTOSO)
expect(connection, SMFIR_REPLYCODE, "the greeting after")
mt.disconnect(connection)
