// `node --test`: what the helpers do that no native call of an example shows.
import assert from "node:assert/strict";
import { test } from "node:test";

import { at, classOf, escape, fromUtf8, invalid, path, plugin, rename, send, toUtf8, warning } from "./patchboard.js";

test("UTF-8 comes back as it went", () => {
  for (const text of ["", "abc%41", "äöü€😀 %", "a\u0000b", "x".repeat(10_000) + "é"]) {
    assert.equal(fromUtf8(toUtf8(text)), text);
    assert.deepEqual([...toUtf8(text)], [...Buffer.from(text)]);
  }
});

test("what is no UTF-8 is refused, or replaced", () => {
  const broken = Uint8Array.from([0xe4, 0xc3, 0xa9, 0x41, 0xf0, 0x9f]);
  assert.throws(() => fromUtf8(broken));
  assert.equal(fromUtf8(broken, { lenient: true }), "\ufffdéA\ufffd\ufffd");
  assert.deepEqual([...toUtf8("\ud800")], [0xef, 0xbf, 0xbd]);
});

test("an id of any characters stays one segment", () => {
  assert.equal(path`/x/${"a/b?c#d%e é!'()*"}/y`, "/x/a%2Fb%3Fc%23d%25e%20%C3%A9%21%27%28%29%2A/y");
  assert.equal(path`/plain`, "/plain");
});

test("pointers reach own members alone", () => {
  assert.equal(at({ "a/b": [{ "~": 1 }] }, "/a~1b/0/~0"), 1);
  assert.equal(at({}, "/constructor"), undefined);
  assert.equal(at(null, "/a"), undefined);
  assert.deepEqual(warning("a/b", "unsupported"), { path: "/a~1b", reason: "unsupported", message: undefined });
  assert.equal(escape("~/"), "~0~1");
});

test("only what was given is renamed", () => {
  assert.deepEqual(rename({ name: null }, { name: "title", description: "text" }), { title: null });
});

test("statuses mean what they mean in Rust", () => {
  const classes = { 400: "invalid", 401: "unauthorized", 403: "forbidden", 404: "not-found", 410: "not-found", 409: "conflict" };
  const more = { 412: "stale", 422: "invalid", 429: "rate-limited", 500: "other", 502: "unavailable", 503: "unavailable", 504: "unavailable" };
  for (const [status, meaning] of Object.entries({ ...classes, ...more })) assert.equal(classOf(status), meaning);
});

test("state comes back, and a header can be given twice", () => {
  const request = { target: { operation: "get", id: null }, params: [{ name: "a", value: "1" }, { name: "a", value: "2" }], body: null };
  const seen = [];
  const { mapRequest, mapResponse } = plugin({
    manifest: "{}",
    mapRequest: (account, request) => (seen.push(account, request), send("c", "GET", "/", { state: { n: 1 }, headers: { x: ["1", "2"] } })),
    mapResponse: (_account, _request, state) => (seen.push(state), send("d", "GET", "/")),
  });
  JSON.isRawJSON ??= () => false;
  const first = mapRequest({ settings: [{ name: "host", value: "h" }] }, request);
  assert.deepEqual(first.request.headers, [{ name: "x", value: "1" }, { name: "x", value: "2" }]);
  assert.deepEqual(first.request.content, { tag: "empty" });
  assert.equal(mapResponse({ settings: [] }, request, first.state, { status: 200, headers: [], body: new Uint8Array() }).tag, "send");
  assert.equal(seen[0].settings.host, "h");
  assert.equal(seen[1].params.a, "1");
  assert.equal(seen[1].id, undefined);
  assert.deepEqual(seen[2], { n: 1 });
});

test("refusals are those of the contract", () => {
  assert.deepEqual(invalid({ "/name": "is taken" }), { tag: "invalid", val: [{ path: "/name", message: "is taken" }] });
});
