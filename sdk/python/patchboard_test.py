"""`python3 patchboard_test.py`: what the helpers do that no native call of an example shows. The contract's types,
which componentize-py makes when a plugin is built, are stood in for."""

import builtins
import datetime
import enum
import random
import sys
import time
import types
import unittest
from dataclasses import dataclass, make_dataclass
from typing import Any


@dataclass(frozen=True)
class Err(Exception):
    value: Any


class RejectionClass(enum.Enum):
    INVALID, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, STALE, RATE_LIMITED, UNAVAILABLE, OTHER = range(9)


RECORDS = {
    "Pair": "name value",
    "HttpRequest": "method path query headers content",
    "Exchange": "call request answers state known warnings",
    "Warning": "path reason message",
    "NativeRef": "exchange pointer",
    "Item": "body native etag",
    "Page": "items next_cursor prev_cursor",
    "Outcome": "answer warnings",
    "FieldError": "path message",
    "Rejection": "class_ status code message fields",
    "Content_Empty": "",
}
VARIANTS = "Content_Json Content_Form Content_Raw Answer_Item Answer_Page Answer_Deleted Step_Finish Step_Send"
VARIANTS += " MappingError_Unsupported MappingError_Invalid MappingError_Rejected MappingError_Unreadable"
ONLY_NAMED = "Account UnifiedRequest HttpResponse Step Content Answer"

wit = types.ModuleType("wit_world.exports.mapper")
wit.RejectionClass = RejectionClass
for name, members in RECORDS.items():
    setattr(wit, name, make_dataclass(name, members.split()))
for name in VARIANTS.split():
    setattr(wit, name, make_dataclass(name, ["value"]))
for name in ONLY_NAMED.split():
    setattr(wit, name, object)
exports = types.ModuleType("wit_world.exports")
exports.mapper = wit
sys.modules.update({"wit_world": types.ModuleType("wit_world"), "wit_world.exports": exports, "wit_world.exports.mapper": wit})
sys.modules["componentize_py_types"] = types.ModuleType("componentize_py_types")
sys.modules["componentize_py_types"].Err = Err

sys.dont_write_bytecode = True
import patchboard  # noqa: E402
from patchboard import Plugin, deleted, invalid, item, page, path, rejected, send, unreadable, unsupported, warning  # noqa: E402

pair = types.SimpleNamespace
ACCOUNT = pair(settings=[])
TARGET = pair(model="ticketing", resource="workspaces", operation=pair(name="GET"), id="1")
REQUEST = pair(target=TARGET, params=[pair(name="a", value="1"), pair(name="a", value="2")], body=None)
RESPONSE = pair(status=200, headers=[], body=b"")


def asked(make):
    """The exchange that a plugin makes first."""
    return type("Mapper", (Plugin,), {"request": lambda self, account, request: make()})().map_request(ACCOUNT, REQUEST)


def answered(make):
    """What a plugin makes of an answer."""
    mapper = type("Mapper", (Plugin,), {"response": lambda self, account, request, state, response: make()})()
    return mapper.map_response(ACCOUNT, REQUEST, b"", RESPONSE)


def thrown(error):
    raise error


class InADebugBuild(unittest.TestCase):
    def setUp(self):
        patchboard.patchboard_debug = types.ModuleType("patchboard_debug")

    def tearDown(self):
        patchboard.patchboard_debug = None

    def told(self, make):
        with self.assertRaises(Err) as caught:
            answered(make)
        return caught.exception.value

    def test_a_mistake_is_told_and_a_refusal_left_alone(self):
        told = self.told(lambda: page([], next=2))
        self.assertIsInstance(told, wit.MappingError_Unreadable)
        self.assertTrue(told.value.startswith("a mistake in the plugin: TypeError: `next` must be a text, is 2\n"), told.value)
        with self.assertRaises(Err) as caught:
            asked(lambda: thrown(SystemExit(1)))
        self.assertIsInstance(caught.exception.value, wit.MappingError_Unsupported)
        self.assertTrue(caught.exception.value.value.startswith("a mistake in the plugin: SystemExit: 1\n"))
        self.assertEqual(self.told(lambda: thrown(invalid({"/name": "is taken"}))), invalid({"/name": "is taken"}).value)
        self.assertTrue(self.told(lambda: thrown(Err(5))).value.startswith("a mistake in the plugin: Err: "))

    def test_what_a_call_does_not_have_is_named(self):
        now = time.time
        for ask, says in (
            (lambda: print("x"), "a plugin has no output: print(…) is not there"),
            (lambda: open("x"), "a plugin has no files: open(…) is not there"),
            (lambda: time.time(), "a plugin has no clock: time.time(…) is not there"),
            (lambda: time.gmtime(), "a plugin has no clock: time.gmtime without a given time is not there"),
            (lambda: time.strftime("%Y"), "a plugin has no clock: time.strftime without a given time is not there"),
            (lambda: datetime.datetime.now(), "a plugin has no clock: datetime.now(…) is not there"),
            (lambda: datetime.date.today(), "a plugin has no clock: date.today(…) is not there"),
            (lambda: random.choice([1]), "a plugin has no randomness: random.choice(…) is not there"),
            (lambda: __import__("wave"), "a call has no files to read wave from: import it at the top of plugin.py"),
        ):
            self.assertIn(says, self.told(ask).value)
        self.assertIs(time.time, now)
        self.assertIs(builtins.print, print)

    def test_times_that_are_given_stay(self):
        day = datetime.date(2026, 5, 1)

        def make():
            moment = datetime.datetime.fromisoformat("2026-05-01T23:30:00-08:00").astimezone(datetime.timezone.utc)
            kinds = [isinstance(day, datetime.date), isinstance(moment, datetime.datetime), isinstance(day, datetime.datetime)]
            return item({"at": moment.isoformat(), "year": time.strftime("%Y", time.gmtime(0)), "kinds": kinds})

        body = answered(make).value.answer.value.body
        self.assertEqual(body, '{"at":"2026-05-02T07:30:00+00:00","year":"1970","kinds":[true,true,false]}')


class InEveryBuild(unittest.TestCase):
    def test_what_is_not_there_is_not_sent(self):
        values = {"a": None, "b": ["1", None, 2], "c": "", "d": 0, "e": False}
        request = asked(lambda: send("c", "POST", "/", query=values, headers=values, form=values)).request
        sent = [wit.Pair("b", "1"), wit.Pair("b", "2"), wit.Pair("c", ""), wit.Pair("d", "0"), wit.Pair("e", "false")]
        self.assertEqual((request.query, request.headers, request.content), (sent, sent, wit.Content_Form(sent)))
        bare = asked(lambda: send("c", "GET", "/", query=None, headers=None, warnings=None))
        self.assertEqual((bare.request.query, bare.request.headers, bare.warnings), ([], [], []))
        self.assertEqual(bare.request.content, wit.Content_Empty())

    def test_a_value_of_another_type_is_named_before_it_is_handed_over(self):
        for make, says in (
            (lambda: page([], next=2), "`next` must be a text, is 2"),
            (lambda: page([{"id": "1"}]), "element 0 of page(…) must be item(…), is a dict"),
            (lambda: page({}), "the items of page(…) must be a list of item(…), is a dict"),
            (lambda: item(None), "the fields of item(…) must be a dict, is None"),
            (lambda: item({}, etag=5), "`etag` must be a text, is 5"),
            (lambda: item({}, native=True), "`native` must be a text, is True"),
            (lambda: item({}, exchange=True), "`exchange` must be the number of an exchange, from 0, is True"),
            (lambda: item({}, warnings=["no"]), "an element of `warnings` must be warning(…), is 'no'"),
            (lambda: deleted({"id": "1"}), "what deleted(…) shows once more must be item(…), is a dict"),
            (lambda: warning("name", None), "the reason of warning(…) must be a text, is None"),
            (lambda: send("c", "GET", None), "`path` of send(…) must be a text, is None"),
            (lambda: send("c", "GET", "/", answers="yes"), "`answers` must be True or False, is 'yes'"),
            (lambda: send("c", "GET", "/", query="a=b"), "`query` must be a dict, is 'a=b'"),
            (lambda: send("c", "PUT", "/", raw=("a/b", "c")), "the second of `raw` must be bytes (text.encode() makes them)"),
            (lambda: path("/spaces/{}", None), "what a path is filled with must be a text or a number, is None"),
            (lambda: rejected(409, meaning="bad"), "`meaning` must be one of invalid, unauthorized, forbidden, not-found, "),
            (lambda: rejected("no"), "the status of rejected(…) must be an HTTP status, is 'no'"),
            (lambda: rejected(200, body_status="409"), "`body_status` must be an HTTP status, is '409'"),
            (lambda: rejected(422, fields=["a"]), "`fields` of rejected(…) must be a dict of JSON pointers and messages, "),
            (lambda: invalid("limit is wrong"), "what invalid(…) is given must be a dict of JSON pointers and messages, "),
            (lambda: unsupported(None), "the reason of unsupported(…) must be a text, is None"),
            (lambda: unreadable(5), "the reason of unreadable(…) must be a text, is 5"),
        ):
            with self.assertRaises(TypeError) as caught:
                asked(make)
            self.assertIn(says, str(caught.exception))

    def test_what_was_changed_after_it_was_made_is_checked_again(self):
        def changed(made, name, value):
            setattr(made, name, value)
            return made

        for made, name in ((page([]), "next"), (item({}), "etag"), (send("c", "GET", "/"), "path")):
            self.assertRaisesRegex(TypeError, f"`{name}`.* must be a text, is 5", lambda: answered(lambda: changed(made, name, 5)))

    def test_what_is_returned_is_told_from_what_should_be(self):
        wanted = r"^Mapper\.response must return item\(…\), page\(…\), deleted\(…\) or send\(…\), not "
        self.assertRaisesRegex(TypeError, wanted + "None$", lambda: answered(lambda: None))
        self.assertRaisesRegex(TypeError, wanted + "a Err; raise it instead$", lambda: answered(lambda: rejected(409)))
        wanted = r"^Mapper\.request must return send\(…\), not a Item$"
        self.assertRaisesRegex(TypeError, wanted, lambda: asked(lambda: item({})))

    def test_a_class_can_be_given_by_its_name(self):
        for given in ("not-found", RejectionClass.NOT_FOUND):
            self.assertIs(rejected(200, meaning=given).value.value.class_, RejectionClass.NOT_FOUND)
        self.assertIs(rejected(409).value.value.class_, RejectionClass.CONFLICT)

    def test_what_a_call_prints_goes_nowhere(self):
        streams = sys.stdout, sys.stderr
        made = answered(lambda: print("x") or item({"to": sys.stdout, "errors to": sys.stderr}))
        self.assertEqual(made.value.answer.value.body, '{"to":null,"errors to":null}')
        self.assertEqual((sys.stdout, sys.stderr), streams)


if __name__ == "__main__":
    unittest.main()
