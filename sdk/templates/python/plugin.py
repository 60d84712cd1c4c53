"""{{title}}: a unified workspace is a space (https://api.example.com/docs)."""

from pathlib import Path

from patchboard import Plugin, at, item, path, pick, rejected, rename, send, text, unreadable, unsupported


class Mapper(Plugin):
    # Read when the plugin is built: a plugin has no files.
    manifest = (Path(__file__).parent / "manifest.json").read_text("utf-8")

    # The native request of a unified one. `request.fields` holds what the caller gave, and nothing else.
    def request(self, account, request):
        match request.operation:
            case "update":
                return send("update_space", "PATCH", path("/spaces/{}", request.id), json=body(request.fields), answers=True)
            case other:
                raise unsupported(f"{other} is not mapped")

    # The unified answer of a native one.
    def response(self, account, request, state, response):
        if not response.ok:
            raise refusal(response)
        space = response.json()
        if not isinstance(space, dict):
            raise unreadable("it holds no space")
        return item(workspace(space), native="")


def body(fields):
    space = rename(fields, {"name": "title", "description": "text"})
    if "status" in fields:
        space["archived"] = fields["status"] == "inactive"
    return space


def workspace(space):
    fields = pick(space, {"name": "/title", "description": "/text"})
    # An id is a text, whatever the provider takes it for.
    if (id := text(space.get("id"))) is not None:
        fields["id"] = id
    if isinstance(space.get("archived"), bool):
        fields["status"] = "inactive" if space["archived"] else "active"
    return fields


# `{"error": {"code": "…", "message": "…", "fields": {"title": "…"}}}`, or, from what stands before the API, anything.
def refusal(response):
    try:
        said = at(response.json(), "/error")
    except Exception:
        return rejected(response.status)
    ours = {"title": "/name", "text": "/description", "archived": "/status"}
    faults = at(said, "/fields")
    fields = {ours.get(name, f"/remote_data/{name}"): why for name, why in (faults if isinstance(faults, dict) else {}).items()}
    return rejected(response.status, code=at(said, "/code"), message=at(said, "/message"), fields=fields)
