"""What a Patchboard plugin in Python is written with. It has no dependencies.

    from pathlib import Path
    from patchboard import Plugin, item, path, pick, rejected, rename, send

    class Mapper(Plugin):
        manifest = (Path(__file__).parent / "manifest.json").read_text("utf-8")

        def request(self, account, request):
            body = rename(request.fields, {"name": "title"})
            return send("update_space", "PATCH", path("/spaces/{}", request.id), json=body, answers=True)

        def response(self, account, request, state, response):
            if not response.ok:
                raise rejected(response.status, message=response.json().get("message"))
            return item(pick(response.json(), {"id": "/id", "name": "/title"}), native="")

The names and shapes of the contract itself are those of `vendor/wit/provider.wit`; componentize-py makes
`wit_world.exports.mapper` of it when the plugin is built.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Mapping, Optional, Union
from urllib.parse import quote

from componentize_py_types import Err
from wit_world.exports import mapper as wit


@dataclass
class Account:
    """The connected account as a plugin may know it: its settings, never a secret."""

    settings: dict[str, str]


@dataclass
class Request:
    """A unified request. `fields` holds what was given: a field left out is not there, None clears.
    `operation` is `list`, `get`, `create`, `update`, `upsert` or `delete`."""

    model: str
    resource: str
    operation: str
    id: Optional[str]
    params: dict[str, str]
    fields: dict[str, Any]


@dataclass
class Response:
    """A native answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        try:
            return parse_json(self.body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise unreadable(f"its body is not JSON: {error}") from None


class Plugin:
    """A provider's mapping. Subclass it as `Mapper`, the name that the contract's interface asks for."""

    manifest: str = "{}"

    def request(self, account: Account, request: Request) -> "Send":
        """The first native exchange of a unified request."""
        raise unsupported("nothing is mapped yet")

    def response(self, account: Account, request: Request, state: Any, response: Response) -> "Step":
        """What follows from a native answer: the unified answer, or one more exchange."""
        raise unreadable("nothing is mapped yet")

    def describe(self) -> str:
        return self.manifest

    def map_request(self, account: wit.Account, request: wit.UnifiedRequest) -> wit.Exchange:
        return _told(unsupported, lambda: self.request(_account(account), _request(request))._exchange())

    def map_response(
        self, account: wit.Account, request: wit.UnifiedRequest, state: bytes, response: wit.HttpResponse
    ) -> wit.Step:
        kept = json.loads(state) if state else None
        answer = Response(response.status, _object(response.headers), response.body)
        return _told(unreadable, lambda: self.response(_account(account), _request(request), kept, answer)._step())


try:
    # There only for `patchboard plugin build --debug`.
    import patchboard_debug
except ImportError:
    patchboard_debug = None


def _told(refusal: Callable[[str], Err], work: Callable[[], Any]) -> Any:
    """A mistake in the code ends its call with a trap, which has no words. In a component of
    `patchboard plugin build --debug` it is an answer that says what went wrong, and where."""
    try:
        return work()
    except Exception as error:
        if patchboard_debug is not None and not isinstance(error, Err):
            raise refusal(f"a mistake in the plugin: {type(error).__name__}: {error}\n{_places(error)}") from None
        raise


def _places(error: BaseException) -> str:
    """Where it went through; `traceback` would read the source, and there are no files."""
    places, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        places.append(f"    at {code.co_name} ({code.co_filename}:{at.tb_lineno})")
        at = at.tb_next
    return "\n".join(reversed(places))


# What comes in


def _account(account: wit.Account) -> Account:
    return Account(_object(account.settings))


def _request(request: wit.UnifiedRequest) -> Request:
    target = request.target
    fields = {} if request.body is None else parse_json(request.body)
    operation = target.operation.name.lower()
    return Request(target.model, target.resource, operation, target.id, _object(request.params), fields)


def _object(pairs: Iterable[wit.Pair]) -> dict[str, str]:
    """Pairs as a dict; of a name given twice the first value counts."""
    values: dict[str, str] = {}
    for pair in pairs:
        values.setdefault(pair.name, pair.value)
    return values


# What goes out

Values = Mapping[str, Union[str, list[str]]]


@dataclass
class Send:
    """One native exchange. See `send`."""

    call: str
    method: str
    path: str
    json: Any = None
    form: Optional[Values] = None
    raw: Optional[tuple[str, bytes]] = None
    query: Values = field(default_factory=dict)
    headers: Values = field(default_factory=dict)
    answers: bool = False
    state: Any = None
    known: Optional[dict[str, Any]] = None
    warnings: list[wit.Warning] = field(default_factory=list)

    def _exchange(self) -> wit.Exchange:
        request = wit.HttpRequest(self.method, self.path, _pairs(self.query), _pairs(self.headers), self._content())
        state = b"" if self.state is None else json.dumps(self.state).encode()
        known = None if self.known is None else to_json(self.known)
        return wit.Exchange(self.call, request, self.answers, state, known, self.warnings)

    def _content(self) -> wit.Content:
        if self.json is not None:
            return wit.Content_Json(to_json(self.json))
        if self.form is not None:
            return wit.Content_Form(_pairs(self.form))
        return wit.Content_Empty() if self.raw is None else wit.Content_Raw(self.raw)

    def _step(self) -> wit.Step:
        return wit.Step_Send(self._exchange())


def send(call: str, method: str, path: str, **options: Any) -> Send:
    """One native exchange: the name of a call of the manifest, its method, and the path below the base
    URL (see `path`). Options: one of `json`, `form` (a dict of texts) and `raw` (media type and bytes);
    `query` and `headers` (dicts; a list gives a name several times); `answers=True` for the exchange whose
    answer is the answer; `state`, any JSON that comes back with the response; `known`, for a read-back: the
    unified fields that are known should it fail; `warnings`."""
    return Send(call, method, path, **options)


@dataclass
class Item:
    """A unified object. See `item`."""

    fields: dict[str, Any]
    native: Optional[str] = None
    exchange: int = 0
    etag: Optional[str] = None
    warnings: list[wit.Warning] = field(default_factory=list)

    def _item(self) -> wit.Item:
        native = None if self.native is None else wit.NativeRef(self.exchange, self.native)
        return wit.Item(to_json(self.fields), native, self.etag)

    def _step(self) -> wit.Step:
        return _finish(wit.Answer_Item(self._item()), self.warnings)


def item(fields: dict[str, Any], **options: Any) -> Item:
    """The answer: a unified object. Options: `native`, a JSON pointer to the native object in the body
    ("" is all of it), `exchange`, which exchange answered it (0 is the first), `etag`, `warnings`."""
    return Item(fields, **options)


@dataclass
class Page:
    """A page of a list. See `page`."""

    items: list[Item]
    next: Optional[str] = None
    prev: Optional[str] = None
    warnings: list[wit.Warning] = field(default_factory=list)

    def _step(self) -> wit.Step:
        return _finish(wit.Answer_Page(wit.Page([one._item() for one in self.items], self.next, self.prev)), self.warnings)


def page(items: list[Item], **options: Any) -> Page:
    """The answer: a page of items. The cursors `next` and `prev` are short texts of yours; `next` comes
    back as `request.params["next_cursor"]`."""
    return Page(items, **options)


@dataclass
class Deleted:
    """It is gone. See `deleted`."""

    last: Optional[Item] = None
    warnings: list[wit.Warning] = field(default_factory=list)

    def _step(self) -> wit.Step:
        return _finish(wit.Answer_Deleted(None if self.last is None else self.last._item()), self.warnings)


def deleted(last: Optional[Item] = None, **options: Any) -> Deleted:
    """The answer: it is gone. The provider may have shown it once more, as an `item(…)`."""
    return Deleted(last, **options)


Step = Union[Send, Item, Page, Deleted]


def _finish(answer: wit.Answer, warnings: list[wit.Warning]) -> wit.Step:
    return wit.Step_Finish(wit.Outcome(answer, warnings))


def _pairs(values: Values) -> list[wit.Pair]:
    several = lambda value: value if isinstance(value, list) else [value]
    return [wit.Pair(name, _words(one)) for name, value in values.items() for one in several(value)]


def warning(name: str, reason: str, message: Optional[str] = None) -> wit.Warning:
    """Something that was asked for and is not done: the unified field, a token such as `unsupported`, a sentence."""
    return wit.Warning("/" + escape(name), reason, message)


def path(template: str, *values: str) -> str:
    """Fills ids into a path: each stays one segment, whatever characters it holds."""
    return template.format(*map(segment, values))


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="", errors="replace")


# Refusals: raise them


def unsupported(why: str) -> Err:
    """The change cannot be made at this provider; why."""
    return Err(wit.MappingError_Unsupported(why))


def invalid(fields: Mapping[str, str]) -> Err:
    """The request cannot be mapped: JSON pointers ("/name") and messages."""
    return Err(wit.MappingError_Invalid(_errors(fields)))


def unreadable(why: str) -> Err:
    """The provider answered something that cannot be read; what is wrong with it."""
    return Err(wit.MappingError_Unreadable(_text(why)))


def rejected(
    status: int,
    message: Any = None,
    code: Any = None,
    fields: Mapping[str, str] = {},
    meaning: Optional[wit.RejectionClass] = None,
    body_status: Optional[int] = None,
) -> Err:
    """The provider said no. The class follows from the status of its answer, unless `meaning` gives it;
    `body_status` is a status that the body names, where the answer's own says nothing."""
    words = _text(message) if isinstance(message, str) else ""
    shown = text(code) or None
    return Err(wit.MappingError_Rejected(wit.Rejection(meaning or class_of(status), body_status, shown, words, _errors(fields))))


def _errors(fields: Mapping[str, str]) -> list[wit.FieldError]:
    return [wit.FieldError(_text(pointer), _words(message)) for pointer, message in fields.items()]


def class_of(status: int) -> wit.RejectionClass:
    """What an HTTP status means."""
    meaning = wit.RejectionClass
    classes = {400: meaning.INVALID, 422: meaning.INVALID, 401: meaning.UNAUTHORIZED, 403: meaning.FORBIDDEN}
    classes |= {404: meaning.NOT_FOUND, 410: meaning.NOT_FOUND, 409: meaning.CONFLICT, 412: meaning.STALE}
    classes |= {429: meaning.RATE_LIMITED, 502: meaning.UNAVAILABLE, 503: meaning.UNAVAILABLE, 504: meaning.UNAVAILABLE}
    return classes.get(status, meaning.OTHER)


# Values


def rename(fields: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The fields that were given, under their native names: `rename(request.fields, {"name": "title"})`."""
    return {name: fields[ours] for ours, name in names.items() if ours in fields}


def at(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer; None where there is none."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def pick(native: Any, pointers: Mapping[str, str]) -> dict[str, Any]:
    """A unified object out of a native one: `pick(native, {"id": "/id", "name": "/title"})`. What is
    absent or null stays out."""
    found = {name: at(native, pointer) for name, pointer in pointers.items()}
    return {name: value for name, value in found.items() if value is not None}


def text(value: Any) -> Optional[str]:
    """A text or a number as a text, all its digits kept; None for anything else."""
    if isinstance(value, str):
        return _text(value)
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else to_json(value)


def escape(name: str) -> str:
    """One token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _words(value: Any) -> str:
    """Any value as a text: what is none is JSON."""
    shown = text(value)
    return to_json(value) if shown is None else shown


def _text(value: Any) -> str:
    """A text that is UTF-8: a lone surrogate, which JSON can hold, becomes U+FFFD."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# JSON


class Digits(float):
    """A number as it was written, so that what only passes through keeps its digits."""

    def __new__(cls, written: str) -> "Digits":
        number = super().__new__(cls, written)
        number.written = written
        return number


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def parse_json(source: str) -> Any:
    """JSON as values. What is nested too deep for the gateway is refused."""
    if _depth(source, "{", "}") + _depth(source, "[", "]") > DEEPEST:
        raise ValueError("it is nested too deep")
    value = json.loads(source, parse_float=Digits, parse_int=_integer, parse_constant=_refuse)
    if "\\ud" in source.lower() and not _is_well_formed(value):
        raise ValueError("it holds half of a surrogate pair")
    return value


DEEPEST = 128


def _depth(source: str, open: str, close: str) -> int:
    """How deep these brackets are nested, those in texts included."""
    now = deepest = -1
    for part in source.split(open):
        now += 1
        deepest = max(deepest, now)
        now -= part.count(close)
    return deepest


def _is_well_formed(value: Any) -> bool:
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(map(_is_well_formed, value)) and all(map(_is_well_formed, value.values()))
    return all(map(_is_well_formed, value)) if isinstance(value, list) else True


def _integer(written: str) -> Any:
    # Python refuses to read more digits than this, and `-0` would become `0`.
    return Digits(written) if len(written) > 1000 or written == "-0" else int(written)


def to_json(value: Any) -> str:
    """Values as JSON."""
    if isinstance(value, Digits):
        return value.written
    if isinstance(value, Mapping):
        return "{" + ",".join(to_json(str(name)) + ":" + to_json(one) for name, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(to_json, value)) + "]"
    return json.dumps(_text(value) if isinstance(value, str) else value, ensure_ascii=False, allow_nan=False)
