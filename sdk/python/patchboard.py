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
import sys
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Union
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
        return _told(unsupported, lambda: _sent(self.request(_account(account), _request(request))))

    def map_response(
        self, account: wit.Account, request: wit.UnifiedRequest, state: bytes, response: wit.HttpResponse
    ) -> wit.Step:
        kept = json.loads(state) if state else None
        answer = Response(response.status, _object(response.headers), response.body)
        return _told(unreadable, lambda: _stepped(self.response(_account(account), _request(request), kept, answer)))


try:
    # There only for `patchboard plugin build --debug`.
    import patchboard_debug
except ImportError:
    patchboard_debug = None


# What the words of every mistake begin with; `vendor/patchboard.js` has the same.
MISTAKE = "a mistake in the plugin: "


def _told(refusal: Callable[[str], Err], work: Callable[[], Any]) -> Any:
    """A mistake in the code ends its call with a trap, which has no words. In a component of
    `patchboard plugin build --debug` it is an answer that says what went wrong, and where."""
    streams = sys.stdout, sys.stderr
    # What a call prints goes nowhere: to write it would be a trap.
    sys.stdout = sys.stderr = None
    replaced = [] if patchboard_debug is None else list(_replaced(_refused()))
    try:
        return work()
    except BaseException as error:
        if patchboard_debug is None or (isinstance(error, Err) and isinstance(error.value, REFUSALS)):
            raise
        raise refusal(f"{MISTAKE}{type(error).__name__}: {error}\n{_places(error)}") from None
    finally:
        sys.stdout, sys.stderr = streams
        for module, name, given in replaced:
            setattr(module, name, given)


# What a call must not use: to ask for it is a trap, or chance that is the same in every call.
ABSENT = {
    "builtins": ("output", "print"),
    "io": ("files", "open"),
    "time": ("clock", "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time sleep"),
    "random": ("randomness", "random randint randrange choice choices shuffle sample uniform getrandbits"),
    "os": ("randomness", "urandom"),
}
# These take the present where no time is given as their argument of this number.
TIMED = {"gmtime": 0, "localtime": 0, "ctime": 0, "asctime": 0, "strftime": 1}


def _refused() -> list[tuple[Any, Any]]:
    """What is absent, each with what refuses it."""
    pairs = []
    for module, (of, names) in ABSENT.items():
        for name in names.split():
            given = getattr(sys.modules.get(module), name, None)
            pairs.append((given, _none(f"{name}(…)" if name in ("print", "open") else f"{module}.{name}(…)", of)))
    for name, position in TIMED.items():
        given = getattr(sys.modules.get("time"), name, None)
        pairs.append((given, _timed(given, position, _none(f"time.{name} without a given time", "clock"))))
    pairs.append((__import__, _loaded(__import__)))
    datetime = sys.modules.get("datetime")
    if datetime is not None:
        pairs.append((datetime.date, _given(datetime.date, "today")))
        pairs.append((datetime.datetime, _given(datetime.datetime, "now", "utcnow", "today")))
    return [pair for pair in pairs if pair[0] is not None]


def _replaced(pairs: list[tuple[Any, Any]]) -> Iterator[tuple[Any, str, Any]]:
    """Replaces them wherever a module holds them, and says where."""
    refused = {id(given): (given, replacement) for given, replacement in pairs}
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if id(value) in refused:
                setattr(module, name, refused[id(value)][1])
                yield module, name, value


def _none(what: str, of: str) -> Callable[..., Any]:
    def refuse(*_given: Any, **_named: Any) -> Any:
        raise RuntimeError(f"a plugin has no {of}: {what} is not there")

    return refuse


def _timed(given: Any, position: int, refuse: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: given(*values) if len(values) > position and values[position] is not None else refuse()


def _loaded(given: Any) -> Callable[..., Any]:
    def load(name: str, globals: Any = None, locals: Any = None, names: Any = (), level: int = 0) -> Any:
        if level == 0 and name not in sys.modules and name not in sys.builtin_module_names:
            raise ImportError(f"a call has no files to read {name} from: import it at the top of plugin.py")
        return given(name, globals, locals, names, level)

    return load


def _given(kind: type, *present: str) -> type:
    """A kind of dates that knows no present; those that the original makes are of it too."""

    class Given(type):
        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, kind)

    return Given(kind.__name__, (kind,), {name: staticmethod(_none(f"{kind.__name__}.{name}(…)", "clock")) for name in present})


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

    def __post_init__(self) -> None:
        for name in ("call", "method", "path"):
            _must_be(f"`{name}` of send(…)", getattr(self, name), str, "a text")
        for name in ("form", "query", "headers", "known"):
            _may_be(f"`{name}`", getattr(self, name), Mapping, "a dict")
        _must_be("`answers`", self.answers, bool, "True or False")
        if self.raw is not None:
            pair = isinstance(self.raw, (tuple, list)) and len(self.raw) == 2
            _must(pair, "`raw`", "a media type and bytes", self.raw)
            _must_be("the media type of `raw`", self.raw[0], str, "a text")
            _must_be("the second of `raw`", self.raw[1], bytes, "bytes (text.encode() makes them)")
        _check_warnings(self.warnings)

    def _exchange(self) -> wit.Exchange:
        self.__post_init__()
        request = wit.HttpRequest(self.method, self.path, _pairs(self.query), _pairs(self.headers), self._content())
        state = b"" if self.state is None else json.dumps(self.state).encode()
        known = None if self.known is None else to_json(self.known)
        return wit.Exchange(self.call, request, self.answers, state, known, self.warnings or [])

    def _content(self) -> wit.Content:
        if self.json is not None:
            return wit.Content_Json(to_json(self.json))
        if self.form is not None:
            return wit.Content_Form(_pairs(self.form))
        return wit.Content_Empty() if self.raw is None else wit.Content_Raw(tuple(self.raw))

    def _step(self) -> wit.Step:
        return wit.Step_Send(self._exchange())


def send(call: str, method: str, path: str, **options: Any) -> Send:
    """One native exchange: the name of a call of the manifest, its method, and the path below the base
    URL (see `path`). Options: one of `json`, `form` (a dict of texts) and `raw` (media type and bytes);
    `query` and `headers` (dicts; a list gives a name several times); `answers=True` for the exchange whose
    answer is the answer; `state`, any JSON that comes back with the response; `known`, for a read-back: the
    unified fields that are known should it fail; `warnings`. What is None in `query`, `headers` and `form` is
    left out."""
    return Send(call, method, path, **options)


@dataclass
class Item:
    """A unified object. See `item`."""

    fields: dict[str, Any]
    native: Optional[str] = None
    exchange: int = 0
    etag: Optional[str] = None
    warnings: list[wit.Warning] = field(default_factory=list)

    def __post_init__(self) -> None:
        _must_be("the fields of item(…)", self.fields, Mapping, "a dict")
        _may_be("`native`", self.native, str, "a text")
        _may_be("`etag`", self.etag, str, "a text")
        _must(_is_whole(self.exchange, 0xFFFFFFFF), "`exchange`", "the number of an exchange, from 0", self.exchange)
        _check_warnings(self.warnings)

    def _item(self) -> wit.Item:
        self.__post_init__()
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

    def __post_init__(self) -> None:
        _must_be("the items of page(…)", self.items, (list, tuple), "a list of item(…)")
        for nth, one in enumerate(self.items):
            _must_be(f"element {nth} of page(…)", one, Item, "item(…)")
        _may_be("`next`", self.next, str, "a text")
        _may_be("`prev`", self.prev, str, "a text")
        _check_warnings(self.warnings)

    def _step(self) -> wit.Step:
        self.__post_init__()
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

    def __post_init__(self) -> None:
        _may_be("what deleted(…) shows once more", self.last, Item, "item(…)")
        _check_warnings(self.warnings)

    def _step(self) -> wit.Step:
        self.__post_init__()
        return _finish(wit.Answer_Deleted(None if self.last is None else self.last._item()), self.warnings)


def deleted(last: Optional[Item] = None, **options: Any) -> Deleted:
    """The answer: it is gone. The provider may have shown it once more, as an `item(…)`."""
    return Deleted(last, **options)


Step = Union[Send, Item, Page, Deleted]


def _sent(made: Any) -> wit.Exchange:
    if not isinstance(made, Send):
        raise _misreturned("Mapper.request", "send(…)", made)
    return made._exchange()


def _stepped(made: Any) -> wit.Step:
    if not isinstance(made, (Send, Item, Page, Deleted)):
        raise _misreturned("Mapper.response", "item(…), page(…), deleted(…) or send(…)", made)
    return made._step()


def _misreturned(name: str, wanted: str, made: Any) -> TypeError:
    hint = "; raise it instead" if isinstance(made, Err) else ""
    return TypeError(f"{name} must return {wanted}, not {_shown(made)}{hint}")


def _finish(answer: wit.Answer, warnings: Optional[list[wit.Warning]]) -> wit.Step:
    return wit.Step_Finish(wit.Outcome(answer, warnings or []))


def _pairs(values: Optional[Values]) -> list[wit.Pair]:
    several = lambda value: value if isinstance(value, (list, tuple)) else [value]
    named = [(name, one) for name, value in (values or {}).items() for one in several(value)]
    return [wit.Pair(_text(name), _words(one)) for name, one in named if one is not None]


def warning(name: str, reason: str, message: Optional[str] = None) -> wit.Warning:
    """Something that was asked for and is not done: the unified field, a token such as `unsupported`, a sentence."""
    _must_be("the field of warning(…)", name, str, "a text")
    made = wit.Warning("/" + escape(name), reason, message)
    _check_warnings([made])
    return made


def path(template: str, *values: Any) -> str:
    """Fills ids into a path: each stays one segment, whatever characters it holds."""
    return template.format(*map(segment, values))


def segment(value: Any) -> str:
    """A text, or a number, as one segment of a path."""
    shown = text(value)
    _must(shown is not None, "what a path is filled with", "a text or a number", value)
    return quote(shown, safe="", errors="replace")


# Checks. What is handed over has types; a value of another one would end the call behind `_told`, without words.


def _must(fits: bool, what: str, wanted: str, value: Any) -> None:
    if not fits:
        raise TypeError(f"{what} must be {wanted}, is {_shown(value)}")


def _must_be(what: str, value: Any, kind: Any, wanted: str) -> None:
    _must(isinstance(value, kind), what, wanted, value)


def _may_be(what: str, value: Any, kind: Any, wanted: str) -> None:
    _must(value is None or isinstance(value, kind), what, wanted, value)


def _is_whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _check_warnings(warnings: Any) -> None:
    _may_be("`warnings`", warnings, list, "a list of warning(…)")
    for one in warnings or []:
        _must_be("an element of `warnings`", one, wit.Warning, "warning(…)")
        _must_be("the reason of warning(…)", one.reason, str, "a text")
        _may_be("the message of warning(…)", one.message, str, "a text")


def _shown(value: Any) -> str:
    """A value in the words of a mistake."""
    if value is None or isinstance(value, (str, int, float)):
        shown = repr(value)
        return shown if len(shown) <= 60 else f"{shown[:60]}…"
    return f"a {type(value).__name__}"


# Refusals: raise them


def unsupported(why: str) -> Err:
    """The change cannot be made at this provider; why."""
    _must_be("the reason of unsupported(…)", why, str, "a text")
    return Err(wit.MappingError_Unsupported(_text(why)))


def invalid(fields: Mapping[str, str]) -> Err:
    """The request cannot be mapped: JSON pointers ("/name") and messages."""
    return Err(wit.MappingError_Invalid(_errors("what invalid(…) is given", fields)))


def unreadable(why: str) -> Err:
    """The provider answered something that cannot be read; what is wrong with it."""
    _must_be("the reason of unreadable(…)", why, str, "a text")
    return Err(wit.MappingError_Unreadable(_text(why)))


def rejected(
    status: int,
    message: Any = None,
    code: Any = None,
    fields: Optional[Mapping[str, str]] = None,
    meaning: Union[wit.RejectionClass, str, None] = None,
    body_status: Optional[int] = None,
) -> Err:
    """The provider said no. The class follows from the status of its answer, unless `meaning` gives it, by a name
    of the contract such as "not-found"; `body_status` is a status that the body names, where the answer's own
    says nothing."""
    _must(_is_whole(status, 0xFFFF), "the status of rejected(…)", "an HTTP status", status)
    _must(body_status is None or _is_whole(body_status, 0xFFFF), "`body_status`", "an HTTP status", body_status)
    words = _text(message) if isinstance(message, str) else ""
    errors = _errors("`fields` of rejected(…)", {} if fields is None else fields)
    return Err(wit.MappingError_Rejected(wit.Rejection(_class(meaning, status), body_status, text(code) or None, words, errors)))


REFUSALS = (wit.MappingError_Unsupported, wit.MappingError_Invalid, wit.MappingError_Rejected, wit.MappingError_Unreadable)


def _class(meaning: Union[wit.RejectionClass, str, None], status: int) -> wit.RejectionClass:
    if meaning is None or isinstance(meaning, wit.RejectionClass):
        return class_of(status) if meaning is None else meaning
    classes = {one.name.lower().replace("_", "-"): one for one in wit.RejectionClass}
    _must(isinstance(meaning, str) and meaning in classes, "`meaning`", f"one of {', '.join(classes)}", meaning)
    return classes[meaning]


def _errors(what: str, fields: Mapping[str, str]) -> list[wit.FieldError]:
    _must_be(what, fields, Mapping, 'a dict of JSON pointers and messages, such as {"/name": "is taken"}')
    return [wit.FieldError(_text(pointer), "" if message is None else _words(message)) for pointer, message in fields.items()]


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
