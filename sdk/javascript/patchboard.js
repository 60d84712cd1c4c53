// What a Patchboard plugin in JavaScript is written with. It has no dependencies.
//
//   import { manifest } from "./build/manifest.js";
//   import { item, path, pick, plugin, rejected, rename, send } from "./vendor/patchboard.js";
//
//   export const mapper = plugin({
//     manifest,
//     mapRequest(account, request) {
//       const body = rename(request.fields, { name: "title" });
//       return send("update_space", "PATCH", path`/spaces/${request.id}`, { json: body, answers: true });
//     },
//     mapResponse(account, request, state, response) {
//       if (!response.ok) throw rejected(response.status, { message: response.json().message });
//       return item(pick(response.json(), { id: "/id", name: "/title" }), { native: "" });
//     },
//   });
//
// The names and shapes of the contract itself are those of `vendor/wit/provider.wit`.

/**
 * The component's export, out of a manifest and two functions.
 *
 * `mapRequest(account, request)` answers `send(…)`. `mapResponse(account, request, state, response)`
 * answers `item(…)`, `page(…)`, `deleted(…)`, or `send(…)` for one more exchange. Both refuse by throwing
 * `unsupported(…)`, `invalid(…)`, `rejected(…)` or `unreadable(…)`.
 *
 * - `account.settings`: an object of texts.
 * - `request`: `{ model, resource, operation, id, params, fields }`. `fields` holds what was given: a
 *   field left out is not there, `null` clears.
 * - `state`: what `send` was given as `state`.
 * - `response`: `{ status, ok, headers, text(), json() }`; header names are in lower case.
 */
export function plugin({ manifest, mapRequest, mapResponse }) {
  return {
    describe: () => manifest,
    mapRequest: told(unsupported, (account, request) => exchange(mapRequest(accountOf(account), requestOf(request)))),
    mapResponse: told(unreadable, (account, request, state, response) =>
      step(mapResponse(accountOf(account), requestOf(request), stateOf(state), responseOf(response))),
    ),
  };
}

/**
 * A mistake in the code ends its call with a trap, which has no words. In a component of `patchboard plugin build --debug`
 * it is an answer that says what went wrong, and where.
 */
function told(refusal, work) {
  return (...given) => {
    try {
      return work(...given);
    } catch (error) {
      if (globalThis.PATCHBOARD_DEBUG && error instanceof Error) throw refusal(`a mistake in the plugin: ${error}\n${error.stack}`);
      throw error;
    }
  };
}

// What comes in ------------------------------------------------------------------------

const accountOf = (account) => ({ settings: object(account.settings) });

const requestOf = ({ target, params, body }) => ({
  ...target,
  // What is not there may come as null.
  id: target.id ?? undefined,
  params: object(params),
  fields: parseJson(body ?? "{}"),
});

const stateOf = (bytes) => (bytes.length === 0 ? undefined : JSON.parse(fromUtf8(bytes)));

function responseOf({ status, headers, body }) {
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: object(headers),
    text: () => fromUtf8(body, { lenient: true }),
    json() {
      try {
        return parseJson(fromUtf8(body));
      } catch (error) {
        throw unreadable(`its body is not JSON: ${error.message}`);
      }
    },
  };
}

/** Pairs as an object; of a name given twice the first value counts. */
function object(pairs) {
  const all = Object.create(null);
  for (const { name, value } of pairs) all[name] ??= value;
  return all;
}

// What goes out ------------------------------------------------------------------------

/**
 * One native exchange: the name of a call of the manifest, its method, and the path below the base
 * URL (see `path`). Options: one of `json`, `form` (an object of texts) and `raw` (`[mediaType, Uint8Array]`);
 * `query` and `headers` (objects; an array gives a name several times); `answers: true` for the exchange whose
 * answer is the answer; `state`, any JSON that comes back with the response; `known`, for a read-back: the
 * unified fields that are known should it fail; `warnings`.
 */
export function send(call, method, path, options = {}) {
  return { kind: "send", call, method, path, ...options };
}

/** Fills ids into a path: each stays one segment, whatever characters it holds. */
export function path(texts, ...values) {
  return texts.map((text, at) => text + (at < values.length ? segment(values[at]) : "")).join("");
}

/** A text as one segment of a path. */
export function segment(text) {
  const code = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(String(text).toWellFormed()).replace(/[!'()*]/g, code);
}

/**
 * The answer: a unified object. Options: `native`, a JSON pointer to the native object in the body (`""` is all
 * of it), `exchange`, which exchange answered it (0 is the first), `etag`, `warnings`.
 */
export function item(fields, options = {}) {
  return { kind: "item", fields, ...options };
}

/** The answer: a page of items. Cursors are short texts of yours; `next` comes back as `request.params.next_cursor`. */
export function page(items, { next, prev, warnings } = {}) {
  return { kind: "page", items, next, prev, warnings };
}

/** The answer: it is gone. The provider may have shown it once more, as an `item(…)`. */
export function deleted(last, { warnings } = {}) {
  return { kind: "deleted", last, warnings };
}

/** Something that was asked for and is not done: the unified field, a token such as `unsupported`, a sentence. */
export function warning(field, reason, message) {
  return { path: `/${escape(field)}`, reason, message };
}

function step(made) {
  if (made.kind === "send") return { tag: "send", val: exchange(made) };
  const warnings = made.warnings ?? [];
  return { tag: "finish", val: { answer: answer(made), warnings } };
}

function answer(made) {
  switch (made.kind) {
    case "item":
      return { tag: "item", val: itemOf(made) };
    case "page":
      return { tag: "page", val: { items: made.items.map(itemOf), nextCursor: made.next ?? undefined, prevCursor: made.prev ?? undefined } };
    case "deleted":
      return { tag: "deleted", val: made.last && itemOf(made.last) };
    default:
      throw new TypeError("mapResponse must return item(…), page(…), deleted(…) or send(…)");
  }
}

function itemOf({ fields, native, exchange = 0, etag }) {
  return { body: toJson(fields), native: native === undefined ? undefined : { exchange, pointer: native }, etag: etag ?? undefined };
}

function exchange(made) {
  if (made?.kind !== "send") throw new TypeError("mapRequest must return send(…)");
  const { call, method, path, query, headers, answers = false, state, known, warnings = [] } = made;
  return {
    call,
    request: { method, path, query: pairs(query), headers: pairs(headers), content: content(made) },
    answers,
    state: state === undefined ? new Uint8Array() : toUtf8(JSON.stringify(state)),
    known: known === undefined ? undefined : toJson(known),
    warnings,
  };
}

function content({ json, form, raw }) {
  if (json !== undefined) return { tag: "json", val: toJson(json) };
  if (form !== undefined) return { tag: "form", val: pairs(form) };
  if (raw !== undefined) return { tag: "raw", val: raw };
  return { tag: "empty" };
}

function pairs(all = {}) {
  return Object.entries(all).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value: words(value) })));
}

// Refusals -----------------------------------------------------------------------------

/** The change cannot be made at this provider; why. */
export const unsupported = (why) => ({ tag: "unsupported", val: why });

/** The request cannot be mapped: an object of JSON pointers (`"/name"`) and messages. */
export const invalid = (fields) => ({ tag: "invalid", val: fieldErrors(fields) });

/** The provider answered something that cannot be read; what is wrong with it. */
export const unreadable = (why) => ({ tag: "unreadable", val: why });

/**
 * The provider said no. The class follows from the status of its answer, unless it is given. Options:
 * `message`, `code`, `fields` (as in `invalid`), `class`, and `bodyStatus`: a status that the body names, where
 * the answer's own says nothing.
 */
export function rejected(status, { class: meaning = classOf(status), message, code, fields = {}, bodyStatus } = {}) {
  const said = typeof message === "string" ? words(message) : "";
  return { tag: "rejected", val: { class: meaning, status: bodyStatus, code: text(code) || undefined, message: said, fields: fieldErrors(fields) } };
}

const fieldErrors = (fields) => Object.entries(fields).map(([path, message]) => ({ path: path.toWellFormed(), message: words(message) }));

const CLASSES = { 400: "invalid", 401: "unauthorized", 403: "forbidden", 404: "not-found", 409: "conflict", 410: "not-found", 412: "stale" };
const MORE_CLASSES = { 422: "invalid", 429: "rate-limited", 502: "unavailable", 503: "unavailable", 504: "unavailable" };

/** What an HTTP status means. */
export const classOf = (status) => CLASSES[status] ?? MORE_CLASSES[status] ?? "other";

// Values -------------------------------------------------------------------------------

/** The fields that were given, under their native names: `rename(request.fields, { name: "title" })`. */
export function rename(fields, names) {
  const native = {};
  for (const [field, name] of Object.entries(names)) {
    if (Object.hasOwn(fields, field)) native[name] = fields[field];
  }
  return native;
}

/** The value at a JSON pointer; undefined where there is none. */
export function at(value, pointer) {
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A unified object out of a native one: `pick(native, { id: "/id", name: "/title" })`. What is absent or null stays out. */
export function pick(native, pointers) {
  const fields = {};
  for (const [field, pointer] of Object.entries(pointers)) {
    const value = at(native, pointer);
    if (value !== undefined && value !== null) fields[field] = value;
  }
  return fields;
}

/** Whether a value is a JSON object. */
export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !JSON.isRawJSON(value);

/** A text or a number as a text, all its digits kept; undefined for anything else. */
export function text(value) {
  if (JSON.isRawJSON(value)) return value.rawJSON;
  return ["string", "number"].includes(typeof value) ? String(value).toWellFormed() : undefined;
}

/** Any value as a text: what is none is JSON. */
const words = (value) => text(value) ?? toJson(value) ?? "";

/** One token of a JSON pointer. */
export const escape = (name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1");

// JSON and UTF-8 -----------------------------------------------------------------------

/**
 * JSON as values. A number that JavaScript would change (`12345678901234567890`, `1.10`) is kept as `JSON.rawJSON`,
 * so that what only passes through keeps its digits. What is nested too deep for the gateway is refused.
 */
export function parseJson(source) {
  if (depth(source, "{", "}") + depth(source, "[", "]") > DEEPEST) throw new SyntaxError("it is nested too deep");
  const value = JSON.parse(source, exact);
  if (/\\ud/i.test(source) && !isWellFormed(value)) throw new SyntaxError("it holds half of a surrogate pair");
  return value;
}

const DEEPEST = 128;
const exact = (_name, value, { source } = {}) => (typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value);

/** How deep these brackets are nested, those in texts included. */
function depth(source, open, close) {
  let [now, deepest] = [-1, 0];
  for (const part of source.split(open)) {
    now += 1;
    if (now > deepest) deepest = now;
    now -= part.split(close).length - 1;
  }
  return deepest;
}

function isWellFormed(value) {
  if (typeof value === "string") return value.isWellFormed();
  if (value === null || typeof value !== "object") return true;
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isWellFormed(inner));
}

/** Values as JSON. */
export function toJson(value) {
  return JSON.stringify(value, (_name, inner) => (typeof inner === "string" ? inner.toWellFormed() : inner));
}

/** UTF-8 as a text. It throws at what is no UTF-8; with `lenient` that becomes U+FFFD. */
export function fromUtf8(bytes, { lenient = false } = {}) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 4096) parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + 4096)));
  const binary = parts.join("");
  if (isAscii(bytes)) return binary;
  return lenient ? binary.replace(SEQUENCE, replaced) : binary.replace(/[\u0080-\u00ff]+/g, decoded);
}

/** Four bytes at a time: most bodies are ASCII, and large ones are large. */
function isAscii(bytes) {
  const whole = bytes.length & ~3;
  let seen = 0;
  for (const word of new Uint32Array(bytes.slice(0, whole).buffer)) seen |= word;
  for (const byte of bytes.subarray(whole)) seen |= byte;
  return (seen & 0x80808080) === 0;
}

/** A text as UTF-8. */
export function toUtf8(source) {
  const binary = encodeURIComponent(source.toWellFormed()).replace(/%([0-9A-F]{2})/g, (_all, code) => String.fromCharCode(parseInt(code, 16)));
  return Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
}

const SEQUENCE = /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}|[\u0080-\u00ff]/g;
const percent = (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
const decoded = (run) => decodeURIComponent(run.replace(/[\u0080-\u00ff]/g, percent));

function replaced(sequence) {
  try {
    return decoded(sequence);
  } catch {
    return "\ufffd";
  }
}
