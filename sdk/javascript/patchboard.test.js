// `node --test`: what the helpers do that no native call of an example shows.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  at, classOf, deleted, escape, fromUtf8, invalid, item, page, path, plugin, rejected, rename, send, toUtf8, unreadable, unsupported, warning,
} from "./patchboard.js";

// QuickJS has it, and Node from 21 on.
JSON.isRawJSON ??= () => false;

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

const REQUEST = { target: { operation: "get", id: null }, params: [], body: null };
const RESPONSE = { status: 200, headers: [], body: new Uint8Array() };
const mapped = (map) => plugin({ manifest: "{}", mapRequest: map, mapResponse: map });
const asked = (map) => mapped(map).mapRequest({ settings: [] }, REQUEST);
const answered = (map) => mapped(map).mapResponse({ settings: [] }, REQUEST, new Uint8Array(), RESPONSE);

/** What a call throws in a component of `--debug`. */
function debugged(call) {
  globalThis.PATCHBOARD_DEBUG = true;
  try {
    call();
  } catch (refusal) {
    return refusal;
  } finally {
    delete globalThis.PATCHBOARD_DEBUG;
  }
  return assert.fail("nothing was refused");
}

test("what is not there is not sent", () => {
  const values = { a: undefined, b: null, c: ["1", null, undefined, 2], d: "", e: 0, f: false };
  const { request } = asked(() => send("c", "POST", "/", { query: values, headers: values, form: values }));
  const sent = [["c", "1"], ["c", "2"], ["d", ""], ["e", "0"], ["f", "false"]].map(([name, value]) => ({ name, value }));
  assert.deepEqual(request, { method: "POST", path: "/", query: sent, headers: sent, content: { tag: "form", val: sent } });
  const bare = asked(() => send("c", "GET", "/", { query: null, headers: undefined, form: null, raw: null, known: null, warnings: null }));
  assert.deepEqual(bare.request, { method: "GET", path: "/", query: [], headers: [], content: { tag: "empty" } });
  assert.equal(bare.known, undefined);
});

test("a value of another type is named before it is handed over", () => {
  for (const [made, says] of [
    [() => page([], { next: 2 }), "`next` must be a text, is 2"],
    [() => page([], { nextCursor: "2" }), "page(…) has no option `nextCursor`; it has next, prev, warnings"],
    [() => page([{ id: "1" }]), "element 0 of page(…) must be item(…), is an object (Object)"],
    [() => page({}), "the items of page(…) must be a list of item(…), is an object (Object)"],
    [() => item(undefined), "the fields of item(…) must be an object, is undefined"],
    [() => item({}, { etag: 5 }), "`etag` must be a text, is 5"],
    [() => item({}, { native: true }), "`native` must be a text, is true"],
    [() => item({}, { exchange: -1 }), "`exchange` must be the number of an exchange, from 0, is -1"],
    [() => item({}, "/space"), 'the options of item(…) must be an object, is "/space"'],
    [() => item({}, { warnings: ["no"] }), 'an element of `warnings` must be warning(…), is "no"'],
    [() => deleted({ id: "1" }), "what deleted(…) shows once more must be item(…), is an object (Object)"],
    [() => warning("name"), "the reason of warning(…) must be a text, is undefined"],
    [() => send("c", "GET"), "`path` of send(…) must be a text, is undefined"],
    [() => send("c", "GET", "/", { answers: "yes" }), '`answers` must be true or false, is "yes"'],
    [() => send("c", "GET", "/", { query: "a=b" }), '`query` must be an object, is "a=b"'],
    [() => send("c", "PUT", "/", { json: () => {} }), "`json` must be a value that JSON has, is a function"],
    [() => send("c", "PUT", "/", { raw: ["text/plain", "a"] }), 'the second of `raw` must be a Uint8Array (toUtf8(text) makes one), is "a"'],
    [() => path`/spaces/${undefined}`, "what a path is filled with must be a text or a number, is undefined"],
    [() => rejected(409, { class: "bad" }), /^`class` must be one of invalid, .*, other, is "bad"$/],
    [() => rejected({ message: "no" }), "the status of rejected(…) must be an HTTP status, is an object (Object)"],
    [() => rejected(200, { bodyStatus: "409" }), '`bodyStatus` must be an HTTP status, is "409"'],
    [() => rejected(422, { fields: ["is taken"] }), /^`fields` of rejected\(…\) must be an object of JSON pointers and messages.*, is a list$/],
    [() => invalid("limit is wrong"), /^what invalid\(…\) is given must be an object of JSON pointers and messages.*, is "limit is wrong"$/],
    [() => unsupported(), "the reason of unsupported(…) must be a text, is undefined"],
    [() => unreadable(new Error("no")), "the reason of unreadable(…) must be a text, is an object (Error)"],
    [() => plugin({ manifest: "{}", mapRequest() {} }), "`mapResponse` must be a function, is undefined"],
  ]) {
    assert.throws(() => asked(made), { name: "TypeError", message: says });
  }
});

test("what was changed after it was made is checked again", () => {
  const changed = (made, change) => () => answered(() => Object.assign(made, change));
  assert.throws(changed(page([]), { next: 2 }), { message: "`next` must be a text, is 2" });
  assert.throws(changed(item({}), { etag: 5 }), { message: "`etag` must be a text, is 5" });
  assert.throws(changed(send("c", "GET", "/"), { path: 1 }), { message: "`path` of send(…) must be a text, is 1" });
});

test("what is returned is told from what should be", () => {
  for (const [map, says] of [
    [() => undefined, "mapResponse must return item(…), page(…), deleted(…) or send(…), not undefined"],
    [() => rejected(409), /, not an object \(Object\); throw rejected\(…\) instead$/],
    [async () => item({}), /, not an object \(Promise\); it cannot be async$/],
  ]) {
    assert.throws(() => answered(map), { name: "TypeError", message: says });
  }
  assert.throws(() => asked(() => item({})), { message: "mapRequest must return send(…), not item(…)" });
});

test("a call has no clock and no randomness, and dates that are given stay", () => {
  for (const [ask, what] of [
    [() => new Date(), "a plugin has no clock: new Date() without a given time is not there"],
    [() => Date(), "a plugin has no clock: Date() is not there"],
    [() => Date.now(), "a plugin has no clock: Date.now() is not there"],
    [() => performance.now(), "a plugin has no clock: performance.now() is not there"],
    [() => Math.random(), "a plugin has no randomness: Math.random() is not there"],
  ]) {
    assert.throws(() => asked(ask), { message: what });
    assert.ok(ask(), "outside of a call everything is as it was");
  }
  const given = answered(() => {
    const date = new Date(Date.UTC(2026, 4, 1));
    return item({ date: date.toISOString(), is: date instanceof Date });
  });
  assert.equal(given.val.answer.val.body, '{"date":"2026-05-01T00:00:00.000Z","is":true}');
});

test("a debug build tells a mistake, and leaves refusals alone", () => {
  const told = debugged(() => answered(() => page([], { next: 2 })));
  assert.equal(told.tag, "unreadable");
  assert.match(told.val, /^a mistake in the plugin: TypeError: `next` must be a text, is 2\n/);
  const early = debugged(() => asked(() => not_there.log("x")));
  assert.equal(early.tag, "unsupported");
  assert.match(early.val, /^a mistake in the plugin: ReferenceError: not_there is not defined\n/);
  const thrown = debugged(() => asked(() => { throw "no"; }));
  assert.match(thrown.val, /^a mistake in the plugin: it threw "no"; throw unsupported/);
  assert.deepEqual(debugged(() => asked(() => { throw invalid({ "/name": "is taken" }); })), invalid({ "/name": "is taken" }));
  assert.throws(() => answered(() => page([], { next: 2 })), TypeError);
});
