// SPDX-License-Identifier: Apache-2.0
// What an administrator's script does on Microsoft's own client: one mailbox after the other,
// in each the least there is to do, a search and a move. Nothing is verified or read back.
//
// usage: sequential_client.cjs SETTINGS.json, with NODE_EXTRA_CA_CERTS for the hosts' authority
// settings: login, graph (URLs), tenant, clientId, secret, id (Message-ID), destination,
// users: [address, ...]; prints {"moved": number, "ms": milliseconds for all}
'use strict';
const fs = require('node:fs');
const { ConfidentialClientApplication } = require('@azure/msal-node');
const { Client } = require('@microsoft/microsoft-graph-client');

const settings = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const entra = new ConfidentialClientApplication({
  auth: {
    clientId: settings.clientId, clientSecret: settings.secret,
    authority: `${settings.login}/${settings.tenant}/v2.0`, knownAuthorities: [new URL(settings.login).host],
  },
  system: { protocolMode: 'OIDC' } });
const getAccessToken = async () => (await entra.acquireTokenByClientCredential(
  { scopes: ['https://graph.microsoft.com/.default'] })).accessToken;
const client = Client.initWithMiddleware({
  baseUrl: `${settings.graph}/`, defaultVersion: 'v1.0', customHosts: new Set(['localhost']),
  authProvider: { getAccessToken } });
const filter = `internetMessageId eq ${encodeURIComponent(`'${settings.id.replaceAll("'", "''")}'`)}`;

async function main() {
  await getAccessToken();
  const began = performance.now();
  let moved = 0;
  for (const user of settings.users) {
    const messages = `/users/${encodeURIComponent(user)}/messages`;
    const page = await client.api(messages).filter(filter).select('id').get();
    for (const item of page.value) {
      await client.api(`${messages}/${item.id}/move`).post({ destinationId: settings.destination });
      ++moved;
    }
  }
  console.log(JSON.stringify({ moved, ms: performance.now() - began }));
}

main();
