// Unified requests as Quayside's.
import { invalid, path, rename, send, unsupported } from "../vendor/patchboard.js";
import { pageOf } from "./page.js";

/** The one exchange of an operation. */
export function requestOf(request) {
  const board = () => path`/boards/${request.id}`;
  switch (request.operation) {
    case "list":
      return send("list_boards", "GET", "/boards", { query: pageOf(request), answers: true });
    case "get":
      return send("get_board", "GET", board(), { answers: true });
    case "create":
      return send("create_board", "POST", "/boards", { json: body(request.fields), answers: true });
    case "update":
      return send("update_board", "PATCH", board(), { json: change(request.fields), headers: condition(request), answers: true });
    case "delete":
      return send("delete_board", "DELETE", board(), { answers: true });
    default:
      throw unsupported("Quayside has no upsert of boards");
  }
}

function body(fields) {
  const board = rename(fields, { name: "title", description: "notes", custom_fields: "fields" });
  if (fields.type !== undefined) board.visibility = fields.type === "private" ? "private" : "team";
  return board;
}

/** A new board is open: only an update closes one. */
function change(fields) {
  const board = body(fields);
  if (fields.status !== undefined) board.closed = fields.status === "inactive";
  return board;
}

/** The revision as a header, where one can hold it. */
function condition({ params }) {
  if (params.etag === undefined) return {};
  if (!/^[ -~]+$/.test(params.etag)) throw invalid({ "?etag": "holds characters that no revision has" });
  return { "if-match": params.etag };
}
