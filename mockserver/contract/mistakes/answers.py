"""Answers whose status, headers or body are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.contract.faults import Server, fault
from mockserver.contract.mistakes.editing import is_good, of_body, value_of, with_status, with_value
from mockserver.contract.values import Answered, Message
from mockserver.engine.media import is_json


@fault("type change")
def number_is_text(server: Server, message: Message) -> Answered:
    """Whole numbers come as texts."""
    return of_body(server, message, lambda v: str(v) if type(v) is int else v)


@fault("rounding")
def fraction_is_dropped(server: Server, message: Message) -> Answered:
    """Numbers are told without their fraction."""
    return of_body(server, message, lambda v: float(int(v)) if type(v) is float else v)


@fault("wrong value")
def true_is_false(server: Server, message: Message) -> Answered:
    """What is true is told as false."""
    return of_body(server, message, lambda v: False if v is True else v)


@fault("encoding")
def not_ascii_is_replaced(server: Server, message: Message) -> Answered:
    """Characters beyond ASCII are replaced by question marks."""

    def plain(value: Any) -> Any:
        return value.encode("ascii", "replace").decode() if isinstance(value, str) else value

    return of_body(server, message, plain)


@fault("dropped member")
def last_member_is_missing(server: Server, message: Message) -> Answered:
    """Objects with three members or more lack the last one."""
    answer = server.ask(message)
    value = value_of(answer)
    if is_good(answer) and isinstance(value, dict) and len(value) > 2:  # noqa: PLR2004
        value.popitem()
    return with_value(answer, value) if isinstance(value, dict) else answer


@fault("additional member")
def member_is_added(server: Server, message: Message) -> Answered:
    """Objects have a member that nobody asked for."""
    answer = server.ask(message)
    value = value_of(answer)
    if is_good(answer) and isinstance(value, dict):
        value["debug"] = True
    return with_value(answer, value) if isinstance(value, dict) else answer


@fault("empty")
def empty_list_is_null(server: Server, message: Message) -> Answered:
    """Empty lists come as null."""
    answer = server.ask(message)
    body = answer.body.replace(b":[]", b":null") if is_json(answer.media_type) else answer.body
    return answer if body == answer.body else replace(answer, body=body)


@fault("wrong status")
def created_status_is_wrong(server: Server, message: Message) -> Answered:
    """What is created is answered with 200, and what is not with 201."""
    answer, wrote = server.made(message)
    if not wrote or answer.status not in {200, 201}:
        return answer
    return with_status(answer, 401 - answer.status)


@fault("wrong status")
def missing_is_bad_request(server: Server, message: Message) -> Answered:
    """What is not there is answered with 400."""
    answer = server.ask(message)
    return with_status(answer, 400) if answer.status in {404, 410} else answer


@fault("wrong status")
def refusal_is_an_error(server: Server, message: Message) -> Answered:
    """A request that is refused is answered with 500."""
    answer = server.ask(message)
    return with_status(answer, 500) if answer.status in {400, 409, 422} else answer


@fault("wrong status")
def not_ascii_is_an_error(server: Server, message: Message) -> Answered:
    """A text beyond ASCII in a body is answered with 500."""
    if message.body.isascii():
        return server.ask(message)
    return Answered(500, (("content-type", "text/plain"),), b"UnicodeEncodeError")


@fault("no validation")
def everything_is_taken(server: Server, message: Message) -> Answered:
    """A body that should be refused is taken like the last one that was not."""
    answer = server.ask(message)
    operation = server.operation(message)
    place = operation.id if operation else ""
    if is_good(answer):
        server.memory[place] = answer
    elif answer.status in {400, 422} and place in server.memory:
        kept: Answered = server.memory[place]
        return kept
    return answer


@fault("authorization")
def anybody_may(server: Server, message: Message) -> Answered:
    """Who has no credentials is somebody who was there before."""
    answer = server.peek(message)
    if answer.status != 401 or "headers" not in server.memory:  # noqa: PLR2004
        server.memory["headers"] = message.headers if is_good(answer) else ()
        return server.ask(message)
    known = {name.lower() for name, _ in server.memory["headers"]}
    kept = tuple(pair for pair in message.headers if pair[0].lower() not in known)
    other = replace(message, headers=kept + tuple(server.memory["headers"]))
    return server.ask(other)


@fault("header")
def headers_are_missing(server: Server, message: Message) -> Answered:
    """Answers carry no header but their media type."""
    answer = server.ask(message)
    kept = tuple(pair for pair in answer.headers if pair[0].lower() == "content-type")
    return replace(answer, headers=kept) if kept != answer.headers else answer


@fault("media type")
def refusal_is_html(server: Server, message: Message) -> Answered:
    """Refusals come as text/html."""
    answer = server.ask(message)
    if is_good(answer) or not answer.body:
        return answer
    kept = tuple(pair for pair in answer.headers if pair[0].lower() != "content-type")
    return replace(answer, headers=(*kept, ("content-type", "text/html")))


@fault("media type")
def json_is_plain_text(server: Server, message: Message) -> Answered:
    """JSON comes as text/plain."""
    answer = server.ask(message)
    if not is_json(answer.media_type) or not is_good(answer):
        return answer
    kept = tuple(pair for pair in answer.headers if pair[0].lower() != "content-type")
    return replace(answer, headers=(*kept, ("content-type", "text/plain")))


@fault("unstable")
def now_and_then_unavailable(server: Server, message: Message) -> Answered:
    """Each fortieth call is answered with 503."""
    server.memory["calls"] = server.memory.get("calls", 0) + 1
    answer = server.ask(message)
    return with_status(answer, 500) if server.memory["calls"] % 40 == 0 else answer
