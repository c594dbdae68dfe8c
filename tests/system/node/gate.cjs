// SPDX-License-Identifier: Apache-2.0
// The gate between a Graph client and the practice tenant:
//
//   client --TLS--> gate --> Prism (validating proxy) --> gate's back --TLS--> practice tenant
//
// Every call is held against Graph's OpenAPI twice: by Prism (header sl-violations) and by
// openapi.cjs, which also looks into $batch. Answers reach the client unchanged; what was found
// is read at the control port. The back can spoil answers, to show that the gate notices.
//
// usage: gate.cjs '{"specification":..., "certificate":..., "folder":..., "prism":...}'
// prints {"url": "https://localhost:P", "control": "http://127.0.0.1:Q"} when it is open
// control: POST /upstream {url} · GET /calls · POST /spoil {path, field, value} · DELETE /spoil
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const { Contract, derived } = require('./openapi.cjs');

const settings = JSON.parse(process.argv[2]);
const calls = [];
let upstream;
let spoil;

async function bytesOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const parsed = (bytes) => {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes);
  } catch {
    return bytes.toString();
  }
};

// Sends what came in on to base, answers {status, headers, body}.
function pass(request, body, base) {
  const agent = base.protocol === 'https:' ? https : http;
  const headers = { ...request.headers, host: base.host, connection: 'close' };
  return new Promise((resolve, reject) => {
    const onward = agent.request(
      { host: base.hostname, port: base.port, method: request.method, path: request.url, headers },
      (answer) => bytesOf(answer).then(
        (bytes) => resolve({ status: answer.statusCode, headers: answer.headers, body: bytes }), reject));
    onward.on('error', reject);
    onward.end(body);
  });
}

function reply(response, { status, headers, body }) {
  const kept = { ...headers };
  for (const name of ['transfer-encoding', 'connection', 'sl-violations']) delete kept[name];
  if (body.length > 0 || kept['content-length']) kept['content-length'] = body.length;
  response.writeHead(status, kept);
  response.end(body);
}

const serve = (handler) => (request, response) => handler(request, response).catch((error) => {
  calls.push({ target: request.url, faults: [`the gate failed: ${error.message}`] });
  response.destroy();
});

const listen = (server) => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
});

// --- the back: towards the practice tenant --------------------------------------------------
function spoiled(node) {
  if (Array.isArray(node)) return node.map(spoiled);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(
    ([name, value]) => [name, name === spoil.field ? spoil.value : spoiled(value)]));
}

async function back(request, response) {
  const answer = await pass(request, await bytesOf(request), upstream);
  const json = (answer.headers['content-type'] ?? '').startsWith('application/json');
  if (spoil && json && decodeURIComponent(request.url).includes(spoil.path)) {
    answer.body = Buffer.from(JSON.stringify(spoiled(JSON.parse(answer.body))));
  }
  reply(response, answer);
}

// --- the front: towards the client ------------------------------------------------------------
const front = (contract, prism) => async (request, response) => {
  const body = await bytesOf(request);
  const answer = await pass(request, body, prism);
  const type = answer.headers['content-type'];
  const judged = contract.judge({
    method: request.method, target: request.url, requestBody: parsed(body), status: answer.status,
    type, body: type?.startsWith('application/json') || answer.body.length === 0
      ? parsed(answer.body) : answer.body.toString() });
  const violations = JSON.parse(answer.headers['sl-violations'] ?? '[]');
  calls.push({
    method: request.method, target: request.url, status: answer.status, operation: judged.name,
    parts: judged.parts ?? [], faults: judged.faults,
    violations: violations.filter((each) => each.severity === 'Error') });
  reply(response, answer);
};

// --- the test's side ----------------------------------------------------------------------------
async function control(request, response) {
  const body = parsed(await bytesOf(request));
  const asked = `${request.method} ${request.url}`;
  if (asked === 'POST /upstream') upstream = new URL(body.url);
  if (asked === 'POST /spoil') spoil = body;
  if (asked === 'DELETE /spoil') spoil = undefined;
  const answer = asked === 'GET /calls' ? calls : {};
  reply(response, {
    status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(answer)) });
}

async function freePort() {
  const probe = net.createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

async function startPrism(file, backPort) {
  const port = await freePort();
  const child = spawn(process.execPath,
    [settings.prism, 'proxy', file, `http://127.0.0.1:${backPort}`, '-p', port, '-h', '127.0.0.1', '-v', 'warn'],
    { stdio: ['ignore', 2, 2] });
  child.on('exit', (code) => { console.error(`Prism ended: ${code}`); process.exit(1); });
  process.on('SIGTERM', () => { child.removeAllListeners('exit'); child.kill(); process.exit(0); });
  for (const deadline = Date.now() + 60000; Date.now() < deadline;) {
    if (await connects(port)) return new URL(`http://127.0.0.1:${port}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error('Prism does not listen');
}

async function main() {
  const document = derived(settings.specification);
  const file = path.join(settings.folder, 'openapi.json');
  fs.writeFileSync(file, JSON.stringify(document));
  const backPort = await listen(http.createServer(serve(back)));
  const prism = await startPrism(file, backPort);
  const pem = fs.readFileSync(settings.certificate);
  const url = await listen(
    https.createServer({ key: pem, cert: pem }, serve(front(new Contract(document), prism))));
  const controlPort = await listen(http.createServer(serve(control)));
  console.log(JSON.stringify({ url: `https://localhost:${url}`, control: `http://127.0.0.1:${controlPort}` }));
}

main().catch((error) => { console.error(error); process.exit(1); });
