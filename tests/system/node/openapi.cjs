// SPDX-License-Identifier: Apache-2.0
// Graph's OpenAPI as a judge of single calls: of those that go over the wire, and of
// the parts inside a $batch, which no proxy looks into.
'use strict';
const fs = require('node:fs');
const yaml = require('js-yaml');
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;

const VERSION = '/v1.0';

// As Microsoft's converter writes it, "null, or described by X" is {anyOf: [X, {type:
// object, nullable: true}]}: every object passes the second branch. Here only null does.
function closeNullable(node) {
  if (Array.isArray(node)) return node.forEach(closeNullable);
  if (node === null || typeof node !== 'object') return;
  for (const branch of node.anyOf ?? []) {
    if (branch.type === 'object' && branch.nullable && !branch.properties) branch.maxProperties = 0;
  }
  Object.values(node).forEach(closeNullable);
}

// The document with its version in the paths: validators ignore the path of `servers`.
function derived(file) {
  const document = yaml.load(fs.readFileSync(file, 'utf8'));
  document.servers = [{ url: 'https://localhost' }];
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [VERSION + path, item]));
  closeNullable(document);
  return document;
}

const segmentsOf = (path) => path.split('/').map((each) => decodeURIComponent(each));
const isBlank = (segment) => segment.startsWith('{');

class Contract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addFormat('base64url', /^[A-Za-z0-9_-]*={0,2}$/);
    this.checks = new Map();
    this.links = new Set();  // the pages that answers have pointed to
    this.paths = Object.keys(document.paths).map((path) => ({ path, segments: path.split('/') }))
      .sort((a, b) => a.segments.filter(isBlank).length - b.segments.filter(isBlank).length);
  }

  resolve(node) {
    if (!node?.$ref) return node;
    return node.$ref.slice(2).split('/').reduce((at, name) => at[name], this.document);
  }

  // A page's link is the service's own: whoever follows it need not know what is in it.
  remember(link) {
    if (typeof link === 'string') this.links.add(decodeURIComponent(link.replace(/^https:\/\/[^/]*/, '')));
  }

  // What a value has against a schema, as texts.
  faultsOf(schema, value, what) {
    if (!this.checks.has(schema)) {
      const root = { ...schema, components: this.document.components };
      this.checks.set(schema, this.ajv.compile(root));
    }
    const check = this.checks.get(schema);
    if (check(value)) return [];
    return check.errors.map((each) => `${what}${each.instancePath}: ${each.message}`);
  }

  // {operation, name}, or undefined for what the document does not know.
  find(method, path) {
    const wanted = segmentsOf(path);
    const found = this.paths.find(({ segments }) => segments.length === wanted.length &&
      segments.every((each, i) => (isBlank(each) ? wanted[i] !== '' : each === wanted[i])));
    const operation = found && this.document.paths[found.path][method.toLowerCase()];
    return operation && { operation, name: operation.operationId };
  }

  faultsOfQuery(operation, query) {
    const known = new Set((operation.parameters ?? []).map((each) => this.resolve(each))
      .filter((each) => each.in === 'query').map((each) => each.name));
    return [...new URLSearchParams(query).keys()].filter((name) => !known.has(name))
      .map((name) => `request: the query option ${name} is not described`);
  }

  faultsOfRequestBody(operation, body) {
    const described = operation.requestBody?.content['application/json'];
    if (described) return this.faultsOf(described.schema, body, 'request');
    return body === undefined ? [] : ['request: a body that is not described'];
  }

  faultsOfAnswer(operation, status, type, body) {
    const responses = operation.responses;
    const described = this.resolve(responses[status] ?? responses[`${String(status)[0]}XX`]);
    if (!described) return [`answer: status ${status} is not described`];
    if (!described.content) return body === undefined ? [] : ['answer: a body that is not described'];
    const media = described.content[(type ?? '').split(';')[0].trim()];
    if (!media) return [`answer: ${type} is not described for status ${status}`];
    return this.faultsOf(media.schema, body, 'answer');
  }

  // call: {method, target, requestBody, status, type, body}; bodies parsed, or undefined
  // where there is none. Answers {name, faults}: the parts of a $batch are in both.
  judge(call) {
    const [path, query = ''] = call.target.split(/\?(.*)/s);
    const found = this.find(call.method, path);
    if (!found) return { name: undefined, faults: [`${call.method} ${path} is not described`] };
    const followed = this.links.has(decodeURIComponent(call.target));
    this.remember(call.body?.['@odata.nextLink']);
    const faults = [...(followed ? [] : this.faultsOfQuery(found.operation, query)),
      ...this.faultsOfRequestBody(found.operation, call.requestBody),
      ...this.faultsOfAnswer(found.operation, call.status, call.type, call.body)];
    const parts = found.name === 'batch.Post' && call.status === 200 ? this.judgeParts(call) : [];
    for (const part of parts) faults.push(...part.faults.map((each) => `part ${part.id}: ${each}`));
    return { name: found.name, faults, parts };
  }

  judgeParts(call) {
    const answers = new Map((call.body.responses ?? []).map((each) => [each.id, each]));
    return (call.requestBody.requests ?? []).map((asked) => {
      const answer = answers.get(asked.id);
      if (!answer) return { id: asked.id, faults: ['answer: missing'] };
      const headers = new Map(Object.entries(answer.headers ?? {})
        .map(([name, value]) => [name.toLowerCase(), value]));
      const emptyPost = JSON.stringify(asked.body) === '{}';  // allowed for a POST without a body
      const judged = this.judge({
        method: asked.method, target: VERSION + asked.url, status: answer.status,
        requestBody: emptyPost ? undefined : asked.body, type: headers.get('content-type'),
        body: answer.body });
      return { id: asked.id, name: judged.name, status: answer.status, faults: judged.faults };
    });
  }
}

module.exports = { Contract, derived };
