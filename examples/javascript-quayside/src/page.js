// The pages of a list. Quayside has cursors of its own; ours begin with the size of a page, so that every page
// of a list has the same: `50:after:b3JkZXI9MTI`.
import { invalid } from "../vendor/patchboard.js";

const DEFAULT = 50;
const LARGEST = 200;
const CURSOR = /^([1-9][0-9]{0,2}):(after|before):(.+)$/s;

/** The query of the page that is asked for. */
export function pageOf({ params }) {
  if (params.next_cursor === undefined) return { limit: String(size(params.limit)) };
  const [, limit, direction, cursor] = CURSOR.exec(params.next_cursor) ?? [];
  if (limit === undefined || Number(limit) > LARGEST) throw invalid({ "?next_cursor": "is no cursor of this list" });
  return { limit, [direction]: cursor };
}

/** The cursor of a neighbour of this page; none where there is none. */
export function cursorOf(request, direction, native) {
  return native ? `${pageOf(request).limit}:${direction}:${native}` : undefined;
}

// A number too long to be read is larger than any page.
const size = (limit) => Math.min(Math.max(Number(limit ?? DEFAULT) || 1, 1), LARGEST);
