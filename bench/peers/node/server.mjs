// The same exchange as Patchboard's, in Node: bearer check, JSONata mapping, undici to
// the provider, JSONata mapping back. Nothing else is done, so that nothing else is paid for.
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { mapRequest, mapResponse } from './expressions.mjs';

const { BENCH_UPSTREAM, BENCH_UPSTREAM_PATH, BENCH_UPSTREAM_TOKEN, BENCH_TOKEN, BENCH_ACCOUNT } = process.env;

const ROUTE = /^\/unified\/ticketing\/workspaces\/([^/?]+)\?(.*)$/;
const FORM = 'application/x-www-form-urlencoded';

const callers = new Set([BENCH_TOKEN]);
const accounts = new Map([[BENCH_ACCOUNT, { authorization: `Bearer ${BENCH_UPSTREAM_TOKEN}` }]]);
const pool = new Pool(BENCH_UPSTREAM, { connections: 64 });

function text(request) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => resolve(pieces.length === 1 ? pieces[0].toString() : Buffer.concat(pieces).toString()));
    request.on('error', reject);
  });
}

async function send(account, id, fields) {
  const answer = await pool.request({
    method: 'PUT',
    path: `${BENCH_UPSTREAM_PATH}/spaces/${encodeURIComponent(id)}`,
    headers: { authorization: account.authorization, 'content-type': FORM, accept: 'application/json' },
    body: new URLSearchParams(fields).toString(),
  });
  const native = await answer.body.json();
  if (answer.statusCode !== 200) throw Object.assign(new Error(JSON.stringify(native)), { status: answer.statusCode });
  return native;
}

async function update(request) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || !callers.has(token)) throw Object.assign(new Error('the token is not known'), { status: 401 });
  const route = request.method === 'PATCH' && ROUTE.exec(request.url);
  const account = route && accounts.get(new URLSearchParams(route[2]).get('integrated_account_id'));
  if (!account) throw Object.assign(new Error('there is no such route or account'), { status: 404 });
  const fields = await mapRequest(JSON.parse(await text(request)));
  return mapResponse(await send(account, decodeURIComponent(route[1]), fields));
}

function answer(response, status, value) {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

const server = createServer((request, response) => {
  update(request).then(
    (unified) => answer(response, 200, unified),
    (error) => answer(response, error.status ?? 500, { title: error.message }),
  );
});

server.listen(0, '127.0.0.1', () => console.log(`node listening on http://127.0.0.1:${server.address().port}`));

// It ends with whoever started it.
process.stdin.resume();
process.stdin.on('end', () => process.exit());
