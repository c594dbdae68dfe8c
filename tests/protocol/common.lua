-- SPDX-License-Identifier: Apache-2.0
-- Words for the scripts beside this file. run.py starts the built clawback-milter and
-- gives each script the variable "socket"; an error ends it and fails the test.

CONTOSO = "<jrn-7f3c1a52@relay.clawback.example>"
CONTOSO_EU = "<jrn-7f3c1a52@eu1.relay.clawback.example>"
FABRIKAM = "<jrn-fabrikam@relay.clawback.example>"
WOODGROVE = "<jrn-woodgrove@relay.clawback.example>"  -- has an archive, in archive.lua alone

function must(failure, what)
  if failure ~= nil then error(what .. ": " .. tostring(failure), 2) end
end

function expect(connection, reply, what)
  local got = mt.getreply(connection)
  if got ~= reply then
    error(what .. ": expected reply '" .. string.char(reply) .. "', got '" .. string.char(got) .. "'", 2)
  end
end

function open()
  local connection = mt.connect("unix:" .. socket, 20, 0.1)
  if connection == nil then error("no connection to " .. socket, 2) end
  return connection
end

-- A session over TLS from Exchange, up to HELO.
function greet()
  local connection = open()
  greet_on(connection)
  return connection
end

function greet_on(connection)
  must(mt.conninfo(connection, "client.example", "127.0.0.1"), "connect")
  mt.macro(connection, SMFIC_HELO, "{tls_version}", "TLSv1.3", "{cert_subject}",
           "mail.protection.outlook.com", "{cert_issuer}", "an authority")
  must(mt.helo(connection, "client.example"), "helo")
end

function mail(connection, recipient)
  must(mt.mailfrom(connection, "<>"), "mail")
  expect(connection, SMFIR_CONTINUE, "mail")
  must(mt.rcptto(connection, recipient), "rcpt")
end

-- Headers and body of a plain message; serial makes its bytes its own.
function content(connection, serial)
  must(mt.header(connection, "Subject", " protocol test " .. serial), "header")
  must(mt.header(connection, "Message-ID", " <" .. serial .. "@client.example>"), "header")
  must(mt.eoh(connection), "eoh")
  must(mt.bodystring(connection, "first line\r\n"), "body")
end

function finish(connection)
  must(mt.eom(connection), "eom")
end

-- A whole report must be taken: what came before it left nothing behind.
function take(connection, serial)
  mail(connection, CONTOSO)
  expect(connection, SMFIR_CONTINUE, "rcpt")
  content(connection, serial)
  finish(connection)
  expect(connection, SMFIR_DISCARD, "end of message " .. serial)
end
