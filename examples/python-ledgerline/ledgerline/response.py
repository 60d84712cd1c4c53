"""Ledgerline's answers as unified ones."""

from ledgerline.days import moment_of
from ledgerline.pages import neighbours
from ledgerline.request import read_back
from ledgerline.states import UNIFIED
from patchboard import at, deleted, escape, item, page, pick, rejected, text, unreadable


def step(request, state, response):
    """What an exchange's answer leads to."""
    if not response.ok:
        raise refusal(response.status, error_of(response))
    if request.operation == "update" and state is None:
        # 204, or 200 with an error inside.
        if response.body.strip() and (error := error_of(response)) is not None:
            raise refusal(response.status, error)
        return read_back("get_job_back", request.id, known(request.fields))
    answer = response.json()
    if isinstance(error := at(answer, "/error"), dict):
        raise refusal(response.status, error)
    match request.operation:
        case "list":
            return listed(request, answer)
        case "delete":
            return deleted()
        case "create" if state is None:
            id = text(at(answer, "/job/id"))
            if not id:
                raise unreadable("its `job` has no id")
            return read_back("get_new_job", id, known(request.fields))
        case _:
            return project(at(answer, "/job"), "/job", exchange=0 if state is None else 1)


def listed(request, answer):
    jobs, pages = at(answer, "/jobs"), at(answer, "/pages")
    if not isinstance(jobs, list) or type(pages) is not int:
        raise unreadable("it holds no `jobs` and `pages`")
    items = [project(job, f"/jobs/{nth}") for nth, job in enumerate(jobs)]
    following, preceding = neighbours(request, pages)
    return page(items, next=following, prev=preceding)


def project(job, native, exchange=0):
    if not isinstance(job, dict):
        raise unreadable("it holds no job where one should stand")
    pointers = {"name": "/title", "description": "/summary", "amount": "/value", "currency": "/currency"}
    fields = pick(job, pointers | {"created_at": "/created_at", "updated_at": "/updated_at"})
    for ours, theirs in {"account": "/client_id", "owner": "/manager_id"}.items():
        if id := text(at(job, theirs)):
            fields[ours] = {"id": id}
    if id := text(at(job, "/id")):
        fields["id"] = id
    due_on = at(job, "/due_on")
    if isinstance(due_on, str):
        fields["close_date"] = moment_of(due_on)
    state = at(job, "/state")
    if isinstance(state, str) and state in UNIFIED:
        fields["status"] = UNIFIED[state]
    attributes = at(job, "/attributes")
    if isinstance(attributes, list):
        named = [attribute for attribute in attributes if isinstance(at(attribute, "/name"), str)]
        fields["custom_fields"] = {attribute["name"]: attribute.get("value") for attribute in named}
    return item(fields, native=native, exchange=exchange)


def known(fields):
    """The fields that were sent and not cleared."""
    return {name: value for name, value in fields.items() if value is not None}


OURS = {"title": "/name", "summary": "/description", "state": "/status", "client_id": "/account", "manager_id": "/owner"}
OURS |= {"value": "/amount", "currency": "/currency", "due_on": "/close_date", "attributes": "/custom_fields"}


def error_of(response):
    """`{"error": {"status": 422, "code": "E17", "message": "…", "param": "title"}}`, also inside a 200; what stands
    before the API answers anything."""
    try:
        error = at(response.json(), "/error")
    except Exception:
        return None
    return error if isinstance(error, dict) else None


def refusal(status, error):
    error = error or {}
    named, param, message = error.get("status"), error.get("param"), error.get("message")
    body_status = named if type(named) is int and 400 <= named < 600 and status < 400 else None
    words = message if isinstance(message, str) else ""
    fields = {OURS.get(param, f"/remote_data/{escape(param)}"): words} if isinstance(param, str) else {}
    return rejected(body_status or status, code=error.get("code"), message=words, fields=fields, body_status=body_status)
