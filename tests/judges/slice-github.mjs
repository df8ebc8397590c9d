// Cuts GitHub's own description of its API down to what Signalbox uses, so that Prism starts in seconds.
//
// usage: node slice-github.mjs DESCRIPTION.json SLICE.json

import { readFileSync, writeFileSync } from 'node:fs';

const REPO = '/repos/{owner}/{repo}';
const USED = {
  '/user': ['get'],
  '/user/repos': ['get'],
  [REPO]: ['get'],
  [`${REPO}/actions/workflows`]: ['get'],
  [`${REPO}/actions/workflows/{workflow_id}`]: ['get'],
  [`${REPO}/actions/workflows/{workflow_id}/runs`]: ['get'],
  [`${REPO}/actions/workflows/{workflow_id}/dispatches`]: ['post'],
  [`${REPO}/actions/runs/{run_id}`]: ['get'],
  [`${REPO}/actions/runs/{run_id}/jobs`]: ['get'],
  [`${REPO}/actions/runs/{run_id}/approvals`]: ['get'],
  [`${REPO}/actions/runs/{run_id}/pending_deployments`]: ['get', 'post'],
  [`${REPO}/actions/runs/{run_id}/cancel`]: ['post'],
  [`${REPO}/actions/runs/{run_id}/rerun-failed-jobs`]: ['post'],
  [`${REPO}/actions/jobs/{job_id}/logs`]: ['get'],
  [`${REPO}/environments`]: ['get'],
  [`${REPO}/deployments`]: ['get'],
  [`${REPO}/deployments/{deployment_id}/statuses`]: ['get'],
  [`${REPO}/releases`]: ['get'],
  [`${REPO}/releases/tags/{tag}`]: ['get'],
  [`${REPO}/tags`]: ['get'],
  [`${REPO}/commits/{ref}`]: ['get'],
};

const [, , from, to] = process.argv;
const whole = JSON.parse(readFileSync(from, 'utf8'));
const slice = { openapi: whole.openapi, info: whole.info, servers: whole.servers, paths: {}, components: {} };

for (const [path, methods] of Object.entries(USED)) {
  const described = whole.paths[path];
  if (!described) throw new Error(`GitHub does not describe ${path}`);
  slice.paths[path] = {};
  for (const method of methods) {
    if (!described[method]) throw new Error(`GitHub does not describe ${method} ${path}`);
    slice.paths[path][method] = described[method];
  }
}

// Whatever is referred to comes along, and what that refers to.
const open = [slice.paths];
while (open.length > 0) {
  const node = open.pop();
  if (node === null || typeof node !== 'object') continue;
  const [, , kind, ...rest] = typeof node.$ref === 'string' ? node.$ref.split('/') : [];
  if (kind) {
    const name = rest.join('/').replaceAll('~1', '/').replaceAll('~0', '~');
    slice.components[kind] ??= {};
    if (!(name in slice.components[kind])) {
      slice.components[kind][name] = whole.components[kind][name];
      open.push(slice.components[kind][name]);
    }
  }
  open.push(...Object.values(node));
}

// GitHub ignores body members that it does not know; a misspelt one has to be noticed here.
for (const methods of Object.values(slice.paths)) {
  for (const operation of Object.values(methods)) {
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    if (schema?.properties) schema.additionalProperties = false;
  }
}

// The words of this parameter ask for a range of dates, as in GitHub's search; its format would allow one date only.
delete slice.components.parameters.created.schema.format;

writeFileSync(to, JSON.stringify(slice));
