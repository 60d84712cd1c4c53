"""Unified requests as Ledgerline's."""

from ledgerline.days import day_of
from ledgerline.pages import asked
from ledgerline.states import NATIVE
from patchboard import path, rename, send, unsupported


def exchange(request):
    """The first exchange of an operation."""
    job = path("/jobs/{}", request.id or "")
    match request.operation:
        case "list":
            number, size = asked(request)
            return send("list_jobs", "GET", "/jobs", query={"page": str(number), "per_page": str(size)}, answers=True)
        case "get":
            return send("get_job", "GET", job, answers=True)
        case "create":
            return send("create_job", "POST", "/jobs", json={"job": body(request.fields)}, answers=True)
        case "update":
            return send("update_job", "PUT", job, json={"job": body(request.fields)}, answers=True)
        case "delete":
            return send("delete_job", "DELETE", job, answers=True)
        case other:
            raise unsupported(f"Ledgerline has no {other} of jobs")


def body(fields):
    names = {"name": "title", "description": "summary", "amount": "value", "currency": "currency"}
    job = rename(fields, names)
    if "status" in fields:
        job["state"] = NATIVE[fields["status"]]
    for ours, theirs in {"account": "client_id", "owner": "manager_id"}.items():
        if ours in fields:
            job[theirs] = fields[ours] and fields[ours]["id"]
    if "close_date" in fields:
        job["due_on"] = fields["close_date"] and day_of(fields["close_date"])
    if "custom_fields" in fields:
        job["attributes"] = [{"name": name, "value": value} for name, value in fields["custom_fields"].items()]
    return job


def read_back(call, id, known):
    """Ledgerline answers a write without the job. Should the read fail, what is known is answered."""
    return send(call, "GET", path("/jobs/{}", id), state="read back", known={**known, "id": id})
