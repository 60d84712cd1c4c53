// {{title}}: a unified workspace is a space (https://api.example.com/docs).
import { manifest } from "./build/manifest.js"; // manifest.json, as `patchboard plugin build` embeds it
import { at, isObject, item, path, pick, plugin, rejected, rename, send, text, unreadable, unsupported } from "./vendor/patchboard.js";

export const mapper = plugin({
  manifest,

  // The native request of a unified one. `request.fields` holds what the caller gave, and nothing else.
  mapRequest(account, request) {
    switch (request.operation) {
      case "update":
        return send("update_space", "PATCH", path`/spaces/${request.id}`, { json: body(request.fields), answers: true });
      default:
        throw unsupported(`${request.operation} is not mapped`);
    }
  },

  // The unified answer of a native one.
  mapResponse(account, request, state, response) {
    if (!response.ok) throw refusal(response);
    const space = response.json();
    if (!isObject(space)) throw unreadable("it holds no space");
    return item(workspace(space), { native: "" });
  },
});

function body(fields) {
  const space = rename(fields, { name: "title", description: "text" });
  if (fields.status !== undefined) space.archived = fields.status === "inactive";
  return space;
}

function workspace(space) {
  const fields = pick(space, { name: "/title", description: "/text" });
  // An id is a text, whatever the provider takes it for.
  fields.id = text(space.id);
  if (typeof space.archived === "boolean") fields.status = space.archived ? "inactive" : "active";
  return fields;
}

// `{"error": {"code": "…", "message": "…", "fields": {"title": "…"}}}`, or, from what stands before the API, anything.
function refusal(response) {
  let said;
  try {
    said = at(response.json(), "/error");
  } catch {
    return rejected(response.status, { message: "" });
  }
  const ours = { title: "/name", text: "/description", archived: "/status" };
  const faults = at(said, "/fields");
  const fields = {};
  for (const [name, why] of Object.entries(isObject(faults) ? faults : {})) fields[ours[name] ?? `/remote_data/${name}`] = why;
  return rejected(response.status, { code: at(said, "/code"), message: at(said, "/message"), fields });
}
