"""Reads and lists that are stale, cut, or out of order, and parameters that are ignored."""

from __future__ import annotations

from typing import Any

from mockserver.contract.faults import SAFE, Server, fault
from mockserver.contract.mistakes.editing import (
    body_of,
    is_good,
    lists_in,
    mapped,
    of_body,
    path_of,
    query_of,
    value_of,
    with_body,
    with_query,
    with_value,
)
from mockserver.contract.values import Answered, Message

LIMITS = frozenset(("limit", "size", "count", "per_page", "perpage", "pagesize", "page_size"))
MANY = 20
LONG = 64


@fault("stale read")
def read_is_stale(server: Server, message: Message) -> Answered:
    """A read answers for ever what it answered first."""
    answer = server.ask(message)
    if message.method != "GET" or not is_good(answer):
        return answer
    first: Answered = server.memory.setdefault(message.target, answer)
    return first if first.body != answer.body else answer


@fault("stale read")
def list_is_stale(server: Server, message: Message) -> Answered:
    """A read of a list answers for ever what it answered first."""
    answer = server.ask(message)
    if message.method != "GET" or not lists_in(value_of(answer)):
        return answer
    first: Answered = server.memory.setdefault(message.target, answer)
    return first if first.body != answer.body else answer


@fault("stale read")
def next_read_comes_too_early(server: Server, message: Message) -> Answered:
    """The first call after a write is answered from the state before it."""
    before = server.memory.pop("before", None)
    if before is not None and message.method in SAFE:
        old, new = server.peek(message, before), server.ask(message)
        return old if old.body != new.body else new
    state = server.head
    answer, wrote = server.made(message)
    if wrote:
        server.memory["before"] = state
    return answer


@fault("leak")
def deleted_can_be_read(server: Server, message: Message) -> Answered:
    """A record that was deleted can still be read."""
    answer = server.ask(message)
    if message.method == "GET" and is_good(answer):
        server.memory[path_of(message)] = answer
    elif (
        message.method == "GET"
        and answer.status in {404, 410}
        and path_of(message) in server.memory
    ):
        kept: Answered = server.memory[path_of(message)]
        return kept
    return answer


@fault("leak")
def deleted_stays_in_lists(server: Server, message: Message) -> Answered:
    """Lists still have what was deleted."""
    answer = server.ask(message)
    value = value_of(answer)
    if message.method != "GET" or not is_good(answer) or not lists_in(value):
        return answer
    known: list[Any] = server.memory.setdefault(message.target, [])
    for items in lists_in(value)[:1]:
        keys = [item.get("id") for item in items]
        known += [item for item in items if item.get("id") not in [k.get("id") for k in known]]
        items += [item for item in known if item.get("id") not in keys]
    return with_value(answer, value)


def _of_lists(server: Server, message: Message, change: Any) -> Answered:
    """An answer whose longest list was changed in place."""
    answer = server.ask(message)
    value = value_of(answer)
    found = lists_in(value) if is_good(answer) and message.method in {"GET", "POST"} else []
    if found:
        change(max(found, key=len))
    return with_value(answer, value) if found else answer


@fault("off by one")
def list_lacks_the_last(server: Server, message: Message) -> Answered:
    """Lists of two or more lack the last item."""
    return _of_lists(server, message, lambda items: items.pop() if len(items) > 1 else None)


@fault("off by one")
def list_lacks_the_first(server: Server, message: Message) -> Answered:
    """Lists of two or more lack the first item."""
    return _of_lists(server, message, lambda items: items.pop(0) if len(items) > 1 else None)


@fault("order")
def list_is_reversed(server: Server, message: Message) -> Answered:
    """Lists come in the opposite order."""
    return _of_lists(server, message, lambda items: items.reverse())


@fault("order")
def last_two_are_swapped(server: Server, message: Message) -> Answered:
    """The last two items of lists are swapped."""
    return _of_lists(server, message, lambda items: items.insert(len(items) - 2, items.pop()))


@fault("doubled item")
def first_item_comes_twice(server: Server, message: Message) -> Answered:
    """Lists have their first item twice."""
    return _of_lists(server, message, lambda items: items.insert(0, items[0]))


@fault("cap")
def list_is_capped(server: Server, message: Message) -> Answered:
    """Lists end after 20 items."""
    return _of_lists(server, message, lambda items: items.__delitem__(slice(MANY, None)))


@fault("cap")
def text_is_cut(server: Server, message: Message) -> Answered:
    """Texts end after 64 characters."""
    return of_body(server, message, lambda v: v[:LONG] if isinstance(v, str) else v)


@fault("off by one")
def limit_is_one_more(server: Server, message: Message) -> Answered:
    """A limit is one larger than was asked for."""
    pairs = [
        (n, str(int(v) + 1) if n.lower() in LIMITS and v.isdigit() and len(v) < MANY else v)
        for n, v in query_of(message)
    ]
    return server.ask(with_query(message, pairs))


@fault("ignored parameter")
def query_is_ignored(server: Server, message: Message) -> Answered:
    """Query parameters that are not required are ignored."""
    operation = server.operation(message)
    required = {p.name for p in operation.parameters if p.required} if operation else set()
    pairs = [pair for pair in query_of(message) if pair[0] in required]
    return server.ask(with_query(message, pairs))


@fault("ignored parameter")
def last_of_several_is_ignored(server: Server, message: Message) -> Answered:
    """Of two or more query parameters the last is ignored."""
    pairs = query_of(message)
    pairs = pairs[:-1] if len(pairs) > 1 else pairs
    return server.ask(with_query(message, pairs))


@fault("case folding")
def query_is_lowered(server: Server, message: Message) -> Answered:
    """Letters in query parameters become small."""
    pairs = [(name, value.lower()) for name, value in query_of(message)]
    return server.ask(with_query(message, pairs))


@fault("text")
def texts_are_trimmed(server: Server, message: Message) -> Answered:
    """Texts in bodies lose the blanks around them."""
    body = body_of(message)
    trimmed = mapped(body, lambda v: v.strip() if isinstance(v, str) else v)
    other = message if trimmed == body else with_body(message, trimmed)
    return server.ask(other)
