// SPDX-License-Identifier: Apache-2.0
// Microsoft's own client does to a mailbox what the sidecar does. What it gets is checked here,
// what becomes of the mailbox by whoever started it.
//
// usage: microsoft_client.cjs SETTINGS.json, with NODE_EXTRA_CA_CERTS for the hosts' authority
// settings: login, graph (URLs), tenant, clientId, secret or certificate {thumbprintSha256,
// privateKey, x5c}, user, ids {moved, gone, batched: [2], text}; prints {"done": [step, ...]}
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { ConfidentialClientApplication } = require('@azure/msal-node');
const {
  BatchRequestContent, BatchResponseContent, Client, PageIterator, ResponseType,
} = require('@microsoft/microsoft-graph-client');

const settings = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const IMMUTABLE = 'IdType="ImmutableId"';
const messages = `/users/${encodeURIComponent(settings.user)}/messages`;
const done = [];
let gone;  // the id of what was deleted for good

function application(credential) {
  return new ConfidentialClientApplication({
    auth: {
      clientId: settings.clientId, ...credential,
      authority: `${settings.login}/${settings.tenant}/v2.0`, knownAuthorities: [new URL(settings.login).host],
    },
    system: { protocolMode: 'OIDC' } });
}

const credential = settings.secret
  ? { clientSecret: settings.secret } : { clientCertificate: settings.certificate };

function graphClient() {
  const entra = application(credential);
  const getAccessToken = async () => {
    const token = await entra.acquireTokenByClientCredential(
      { scopes: ['https://graph.microsoft.com/.default'] });
    return token.accessToken;
  };
  return Client.initWithMiddleware({
    baseUrl: `${settings.graph}/`, defaultVersion: 'v1.0', customHosts: new Set(['localhost']),
    authProvider: { getAccessToken } });
}

const client = graphClient();
const call = (path) => client.api(path).header('Prefer', IMMUTABLE);
// The client puts a filter into the URL as it is: + & # % are the caller's to encode.
const quoted = (text) => encodeURIComponent(`'${text.replaceAll("'", "''")}'`);

async function find(id) {
  const page = await call(messages).filter(`internetMessageId eq ${quoted(id)}`)
    .select('id,internetMessageId,parentFolderId').get();
  return page.value;
}

async function one(id) {
  const found = await find(id);
  assert.equal(found.length, 1, id);
  assert.equal(found[0].internetMessageId, id);
  return found[0];
}

const steps = {
  async 'a wrong secret is refused'() {
    const wrong = application({ clientSecret: 'not the secret' });
    await assert.rejects(wrong.acquireTokenByClientCredential(
      { scopes: ['https://graph.microsoft.com/.default'] }), { errorCode: 'invalid_client' });
  },

  async 'find and $value'() {
    const item = await one(settings.ids.moved);
    const mime = await call(`${messages}/${item.id}/$value`).responseType(ResponseType.TEXT).get();
    assert.ok(mime.includes(settings.ids.moved), mime);
    assert.ok(mime.includes(settings.text), mime);
    assert.deepEqual(await find('<nobody-has-this@nowhere.example>'), []);
  },

  async 'move keeps the immutable id'() {
    const item = await one(settings.ids.moved);
    const moved = await call(`${messages}/${item.id}/move`).post({ destinationId: 'junkemail' });
    assert.equal(moved.id, item.id);
    assert.notEqual(moved.parentFolderId, item.parentFolderId);
    const junk = await call(`/users/${settings.user}/mailFolders/junkemail`).get();
    assert.equal(moved.parentFolderId, junk.id);
    assert.equal((await call(`${messages}/${item.id}`).get()).parentFolderId, junk.id);
  },

  async 'permanentDelete'() {
    const item = await one(settings.ids.gone);
    gone = item.id;
    assert.equal(await call(`${messages}/${item.id}/permanentDelete`).post(), undefined);
    await assert.rejects(call(`${messages}/${item.id}`).get(), { statusCode: 404, code: 'ErrorItemNotFound' });
    assert.deepEqual(await find(settings.ids.gone), []);
  },

  async '$batch in order, and with a part that fails'() {
    const items = await Promise.all(settings.ids.batched.map(one));
    const base = `https://localhost${messages}`;  // the client takes the host off again
    const headers = { Prefer: IMMUTABLE };
    const move = (id, item, dependsOn) => ({
      id, dependsOn,
      request: new Request(`${base}/${item.id}/move`, {
        method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ destinationId: 'deleteditems' }) }) });
    const get = (id, target, dependsOn) => (
      { id, dependsOn, request: new Request(`${base}/${target}`, { headers }) });
    const content = new BatchRequestContent([
      move('1', items[0]),
      move('2', items[1], ['1']),
      get('3', `${items[1].id}?$select=id,parentFolderId`, ['2']),
      get('4', gone, ['3']),
      get('5', items[0].id, ['4'])]);
    const answer = new BatchResponseContent(await client.api('/$batch').post(await content.getContent()));
    const statuses = ['1', '2', '3', '4', '5'].map((id) => answer.getResponseById(id).status);
    assert.deepEqual(statuses, [201, 201, 200, 404, 424]);
    const trash = await call(`/users/${settings.user}/mailFolders/deleteditems`).get();
    assert.equal((await answer.getResponseById('3').json()).parentFolderId, trash.id);
    assert.equal((await answer.getResponseById('4').json()).error.code, 'ErrorItemNotFound');
  },

  async 'a listing is followed page by page'() {
    const seen = [];
    const first = await call(messages).select('id,internetMessageId').top(1).get();
    await new PageIterator(client, first, (item) => seen.push(item.internetMessageId),
      { headers: { Prefer: IMMUTABLE } }).iterate();
    for (const id of [settings.ids.moved, ...settings.ids.batched]) assert.ok(seen.includes(id), id);
    assert.ok(!seen.includes(settings.ids.gone));
    assert.equal(new Set(seen).size, seen.length);
  },
};

async function main() {
  for (const [name, step] of Object.entries(steps)) {
    await step().catch((error) => {
      throw new Error(`${name}: ${error.message || error.code}`, { cause: error });
    });
    done.push(name);
  }
  console.log(JSON.stringify({ done }));
}

main().catch((error) => { console.error(error); process.exit(1); });
