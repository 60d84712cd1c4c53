// Quayside's answers as unified ones.
import { at, deleted, escape, isObject, item, page, pick, rejected, unreadable } from "../vendor/patchboard.js";
import { cursorOf } from "./page.js";

/** What an operation's answer says. */
export function stepOf(request, response) {
  if (!response.ok) throw refusal(response);
  switch (request.operation) {
    case "list":
      return list(request, response.json());
    case "delete": // 204, without a body
      return deleted();
    default:
      return itemOf(response.json(), "");
  }
}

function list(request, answer) {
  const boards = at(answer, "/boards");
  if (!Array.isArray(boards)) throw unreadable("its `boards` is no list");
  return page(
    boards.map((board, nth) => itemOf(board, `/boards/${nth}`)),
    { next: neighbour(request, "after", answer), prev: neighbour(request, "before", answer) },
  );
}

/** A neighbour that cannot be read must not look like the end of the list. */
function neighbour(request, direction, answer) {
  const cursor = at(answer, `/page/${direction}`) ?? undefined;
  if (cursor !== undefined && typeof cursor !== "string") throw unreadable(`its \`page.${direction}\` is no cursor`);
  return cursorOf(request, direction, cursor);
}

function itemOf(board, native) {
  if (!isObject(board)) throw unreadable("it holds no board where one should stand");
  const fields = pick(board, {
    id: "/key",
    name: "/title",
    description: "/notes",
    custom_fields: "/fields",
    created_at: "/created_at",
    updated_at: "/changed_at",
    etag: "/revision",
  });
  if (typeof board.closed === "boolean") fields.status = board.closed ? "inactive" : "active";
  if (board.visibility === "team" || board.visibility === "private") fields.type = board.visibility === "team" ? "public" : "private";
  return item(fields, { native, etag: typeof board.revision === "string" ? board.revision : undefined });
}

const OURS = { title: "/name", notes: "/description", visibility: "/type", closed: "/status", fields: "/custom_fields" };

/** `{"errors": [{"code": "taken", "field": "title", "detail": "…"}]}`; what stands before the API answers anything. */
function refusal(response) {
  const errors = at(json(response), "/errors");
  const told = (Array.isArray(errors) ? errors : []).filter(isObject);
  const fields = {};
  for (const { field, detail } of told) {
    if (typeof field === "string") fields[OURS[field] ?? `/remote_data/${escape(field)}`] = detail;
  }
  const words = told.map(({ detail }) => detail).filter((detail) => typeof detail === "string");
  return rejected(response.status, { code: told[0]?.code, message: words.join(" "), fields });
}

function json(response) {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}
