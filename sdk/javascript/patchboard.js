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
  must(typeof manifest === "string", "`manifest`", "the text that ./build/manifest.js holds", manifest);
  must(typeof mapRequest === "function", "`mapRequest`", "a function", mapRequest);
  must(typeof mapResponse === "function", "`mapResponse`", "a function", mapResponse);
  return {
    describe: () => manifest,
    mapRequest: told(unsupported, (account, request) => exchange(mapRequest(accountOf(account), requestOf(request)))),
    mapResponse: told(unreadable, (account, request, state, response) =>
      step(mapResponse(accountOf(account), requestOf(request), stateOf(state), responseOf(response))),
    ),
  };
}

/** What the words of every mistake begin with; `vendor/patchboard.py` has the same. */
const MISTAKE = "a mistake in the plugin: ";

/**
 * A mistake in the code ends its call with a trap, which has no words. In a component of `patchboard plugin build --debug`
 * it is an answer that says what went wrong, and where.
 */
function told(refusal, work) {
  return (...given) => {
    try {
      return alone(() => work(...given));
    } catch (error) {
      if (!globalThis.PATCHBOARD_DEBUG || isRefusal(error)) throw error;
      throw refusal(MISTAKE + explained(error));
    }
  };
}

function explained(error) {
  if (!(error instanceof Error)) return `it threw ${shown(error)}; throw unsupported(…), invalid(…), rejected(…) or unreadable(…)`;
  const name = /^'?(\w+)'? is not defined$/.exec(error.message)?.[1];
  const hint = ELSEWHERE.includes(name) ? `; a plugin is the language alone and has no ${name}` : "";
  return `${error}${hint}\n${error.stack}`;
}

const ELSEWHERE = "Buffer Intl TextDecoder TextEncoder URL URLSearchParams console crypto fetch process require setTimeout".split(" ");

/** A call knows no time and no chance. Asked for them it would trap, or be given the same chance every time; here it is told. */
function alone(work) {
  const kept = REPLACED.map(([owner, name]) => owner[name]);
  for (const [owner, name, replacement] of REPLACED) owner[name] = replacement;
  try {
    return work();
  } finally {
    REPLACED.forEach(([owner, name], nth) => (owner[name] = kept[nth]));
  }
}

const none = (what, of) => () => {
  throw new Error(`a plugin has no ${of}: ${what} is not there`);
};

const GIVEN_DATES = new Proxy(Date, {
  apply: none("Date()", "clock"),
  construct(date, given, made) {
    if (given.length === 0) none("new Date() without a given time", "clock")();
    return Reflect.construct(date, given, made);
  },
});

const REPLACED = [
  [globalThis, "Date", GIVEN_DATES],
  [Date, "now", none("Date.now()", "clock")],
  [Math, "random", none("Math.random()", "randomness")],
  [globalThis, "performance", { now: none("performance.now()", "clock") }],
];

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
 * unified fields that are known should it fail; `warnings`. What is undefined or null in `query`, `headers` and
 * `form` is left out.
 */
export function send(call, method, path, options = {}) {
  return checkedSend({ kind: "send", call, method, path, ...among("send", options, SEND) });
}

const SEND = ["json", "form", "raw", "query", "headers", "answers", "state", "known", "warnings"];

/** Fills ids into a path: each stays one segment, whatever characters it holds. */
export function path(texts, ...values) {
  return texts.map((text, at) => text + (at < values.length ? segment(values[at]) : "")).join("");
}

/** A text, or a number, as one segment of a path. */
export function segment(value) {
  const shownAs = text(value);
  must(shownAs !== undefined, "what a path is filled with", "a text or a number", value);
  const code = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(shownAs).replace(/[!'()*]/g, code);
}

/**
 * The answer: a unified object. Options: `native`, a JSON pointer to the native object in the body (`""` is all
 * of it), `exchange`, which exchange answered it (0 is the first), `etag`, `warnings`.
 */
export function item(fields, options = {}) {
  return checkedItem({ kind: "item", fields, ...among("item", options, ["native", "exchange", "etag", "warnings"]) });
}

/** The answer: a page of items. Cursors are short texts of yours; `next` comes back as `request.params.next_cursor`. */
export function page(items, options = {}) {
  return checkedPage({ kind: "page", items, ...among("page", options, ["next", "prev", "warnings"]) });
}

/** The answer: it is gone. The provider may have shown it once more, as an `item(…)`. */
export function deleted(last, options = {}) {
  return checkedDeleted({ kind: "deleted", last, ...among("deleted", options, ["warnings"]) });
}

/** Something that was asked for and is not done: the unified field, a token such as `unsupported`, a sentence. */
export function warning(field, reason, message) {
  return checkedWarning({ path: `/${escape(field)}`, reason, message: message ?? undefined });
}

function step(made) {
  if (made?.kind === "send") return { tag: "send", val: exchange(made) };
  return { tag: "finish", val: { answer: answer(made), warnings: warningsOf(made) } };
}

function answer(made) {
  switch (made?.kind) {
    case "item":
      return { tag: "item", val: itemOf(made) };
    case "page":
      checkedPage(made);
      return { tag: "page", val: { items: made.items.map(itemOf), nextCursor: made.next ?? undefined, prevCursor: made.prev ?? undefined } };
    case "deleted":
      checkedDeleted(made);
      return { tag: "deleted", val: made.last ? itemOf(made.last) : undefined };
    default:
      throw misreturned("mapResponse", "item(…), page(…), deleted(…) or send(…)", made);
  }
}

function itemOf(made) {
  const { fields, native, exchange, etag } = checkedItem(made);
  const reference = isGiven(native) ? { exchange: exchange ?? 0, pointer: native } : undefined;
  return { body: toJson(fields), native: reference, etag: etag ?? undefined };
}

function exchange(made) {
  if (made?.kind !== "send") throw misreturned("mapRequest", "send(…)", made);
  const { call, method, path, query, headers, answers, state, known } = checkedSend(made);
  return {
    call,
    request: { method, path, query: pairs(query), headers: pairs(headers), content: content(made) },
    answers: answers ?? false,
    state: state === undefined ? new Uint8Array() : toUtf8(JSON.stringify(state)),
    known: isGiven(known) ? toJson(known) : undefined,
    warnings: warningsOf(made),
  };
}

function content({ json, form, raw }) {
  if (json !== undefined) return { tag: "json", val: jsonOf(json) };
  if (isGiven(form)) return { tag: "form", val: pairs(form) };
  if (isGiven(raw)) return { tag: "raw", val: raw };
  return { tag: "empty" };
}

function jsonOf(value) {
  const json = toJson(value);
  must(json !== undefined, "`json`", "a value that JSON has", value);
  return json;
}

function pairs(all) {
  const several = Object.entries(all ?? {}).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  return several.filter(([, value]) => isGiven(value)).map(([name, value]) => ({ name, value: words(value) }));
}

const warningsOf = ({ warnings }) => (warnings ?? []).map(({ path, reason, message }) => ({ path, reason, message: message ?? undefined }));

// Checks -------------------------------------------------------------------------------
// What is handed over has types. A value of another one would end the call behind `told`, without words.

function must(fits, what, wanted, value) {
  if (!fits) throw new TypeError(`${what} must be ${wanted}, is ${shown(value)}`);
}

const isGiven = (value) => value !== undefined && value !== null;
const mustBeText = (what, value) => must(typeof value === "string", what, "a text", value);
const mayBeText = (what, value) => must(!isGiven(value) || typeof value === "string", what, "a text", value);
const mayBeObject = (what, value) => must(!isGiven(value) || isObject(value), what, "an object", value);

/** The options of a helper, which have no others. */
function among(helper, options, names) {
  must(isObject(options), `the options of ${helper}(…)`, "an object", options);
  const strange = Object.keys(options).find((name) => !names.includes(name));
  if (strange !== undefined) throw new TypeError(`${helper}(…) has no option \`${strange}\`; it has ${names.join(", ")}`);
  return options;
}

function checkedSend(made) {
  for (const name of ["call", "method", "path"]) mustBeText(`\`${name}\` of send(…)`, made[name]);
  for (const name of ["query", "headers", "form", "known"]) mayBeObject(`\`${name}\``, made[name]);
  must(["boolean", "undefined"].includes(typeof made.answers), "`answers`", "true or false", made.answers);
  if (isGiven(made.raw)) {
    must(Array.isArray(made.raw) && made.raw.length === 2, "`raw`", "[mediaType, bytes]", made.raw);
    mustBeText("the media type of `raw`", made.raw[0]);
    must(made.raw[1] instanceof Uint8Array, "the second of `raw`", "a Uint8Array (toUtf8(text) makes one)", made.raw[1]);
  }
  return checkedWarnings(made);
}

function checkedItem(made) {
  must(isObject(made.fields), "the fields of item(…)", "an object", made.fields);
  mayBeText("`native`", made.native);
  mayBeText("`etag`", made.etag);
  must(!isGiven(made.exchange) || isWhole(made.exchange, 0xffffffff), "`exchange`", "the number of an exchange, from 0", made.exchange);
  return checkedWarnings(made);
}

function checkedPage(made) {
  must(Array.isArray(made.items), "the items of page(…)", "a list of item(…)", made.items);
  const strange = made.items.findIndex((one) => one?.kind !== "item");
  must(strange < 0, `element ${strange} of page(…)`, "item(…)", made.items[strange]);
  mayBeText("`next`", made.next);
  mayBeText("`prev`", made.prev);
  return checkedWarnings(made);
}

function checkedDeleted(made) {
  must(!isGiven(made.last) || made.last.kind === "item", "what deleted(…) shows once more", "item(…)", made.last);
  return checkedWarnings(made);
}

function checkedWarnings(made) {
  must(!isGiven(made.warnings) || Array.isArray(made.warnings), "`warnings`", "a list of warning(…)", made.warnings);
  for (const one of made.warnings ?? []) {
    must(isObject(one), "an element of `warnings`", "warning(…)", one);
    checkedWarning(one);
  }
  return made;
}

function checkedWarning(made) {
  mustBeText("the path of warning(…)", made.path);
  mustBeText("the reason of warning(…)", made.reason);
  mayBeText("the message of warning(…)", made.message);
  return made;
}

const isWhole = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;

function misreturned(name, wanted, value) {
  const hint = isRefusal(value) ? `; throw ${value.tag}(…) instead` : value instanceof Promise ? "; it cannot be async" : "";
  return new TypeError(`${name} must return ${wanted}, not ${shown(value)}${hint}`);
}

/** A value in the words of a mistake. */
function shown(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return String(value);
  return text(value) ?? (typeof value.kind === "string" ? `${value.kind}(…)` : `an object (${value.constructor?.name ?? "Object"})`);
}

// Refusals -----------------------------------------------------------------------------

/** The change cannot be made at this provider; why. */
export const unsupported = (why) => ({ tag: "unsupported", val: reason("unsupported", why) });

/** The request cannot be mapped: an object of JSON pointers (`"/name"`) and messages. */
export const invalid = (fields) => ({ tag: "invalid", val: fieldErrors("what invalid(…) is given", fields) });

/** The provider answered something that cannot be read; what is wrong with it. */
export const unreadable = (why) => ({ tag: "unreadable", val: reason("unreadable", why) });

/**
 * The provider said no. The class follows from the status of its answer, unless it is given. Options:
 * `message`, `code`, `fields` (as in `invalid`), `class`, and `bodyStatus`: a status that the body names, where
 * the answer's own says nothing.
 */
export function rejected(status, options = {}) {
  const { class: meaning, message, code, fields, bodyStatus } = among("rejected", options, ["message", "code", "fields", "class", "bodyStatus"]);
  must(isWhole(status, 0xffff), "the status of rejected(…)", "an HTTP status", status);
  must(!isGiven(bodyStatus) || isWhole(bodyStatus, 0xffff), "`bodyStatus`", "an HTTP status", bodyStatus);
  must(!isGiven(meaning) || MEANINGS.includes(meaning), "`class`", `one of ${MEANINGS.join(", ")}`, meaning);
  const val = {
    class: meaning ?? classOf(status),
    status: bodyStatus ?? undefined,
    code: text(code) || undefined,
    message: typeof message === "string" ? words(message) : "",
    fields: fieldErrors("`fields` of rejected(…)", fields ?? {}),
  };
  return { tag: "rejected", val };
}

const isRefusal = (value) => ["unsupported", "invalid", "rejected", "unreadable"].includes(value?.tag);

function reason(refusal, why) {
  must(typeof why === "string", `the reason of ${refusal}(…)`, "a text", why);
  return why.toWellFormed();
}

function fieldErrors(what, fields) {
  must(isObject(fields), what, 'an object of JSON pointers and messages, such as { "/name": "is taken" }', fields);
  return Object.entries(fields).map(([path, message]) => ({ path: path.toWellFormed(), message: words(message) }));
}

const MEANINGS = ["invalid", "unauthorized", "forbidden", "not-found", "conflict", "stale", "rate-limited", "unavailable", "other"];
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
  if (["string", "number"].includes(typeof value)) return String(value).toWellFormed();
  return JSON.isRawJSON(value) ? value.rawJSON : undefined;
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
