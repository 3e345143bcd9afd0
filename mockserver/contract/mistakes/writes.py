"""Writes that are lost, doubled, or made elsewhere."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.faults import SAFE, Server, fault
from mockserver.contract.mistakes.editing import body_of, path_of, with_body
from mockserver.contract.values import Answered, Message


@fault("lost write")
def every_third_write_is_lost(server: Server, message: Message) -> Answered:
    """Each third write is answered and not stored."""
    if not server.would_write(message):
        return server.ask(message)
    count = server.memory["writes"] = server.memory.get("writes", 0) + 1
    return server.lose(message) if count % 3 == 0 else server.ask(message)


@fault("lost write")
def third_write_at_a_path_is_lost(server: Server, message: Message) -> Answered:
    """The third write at the same path is answered and not stored."""
    if not server.would_write(message):
        return server.ask(message)
    count = server.memory[path_of(message)] = server.memory.get(path_of(message), 0) + 1
    return server.lose(message) if count == 3 else server.ask(message)  # noqa: PLR2004


@fault("lost write")
def deletion_is_lost(server: Server, message: Message) -> Answered:
    """What deletes a record answers so and deletes nothing."""
    if not server.would_write(message):
        return server.ask(message)
    before = {name: len(values) for name, values in server.records.items()}
    world, server.world = server.world, server.reference.fork(server.world)
    server.ask(message)
    fewer = any(len(values) < before.get(name, 0) for name, values in server.records.items())
    server.world = world
    return server.lose(message) if fewer or message.method == "DELETE" else server.ask(message)


@fault("lost write")
def last_member_is_not_stored(server: Server, message: Message) -> Answered:
    """The last member of a body is not stored."""
    body = body_of(message)
    if not isinstance(body, dict) or len(body) < 2 or not server.would_write(message):  # noqa: PLR2004
        return server.ask(message)
    less = with_body(message, dict(list(body.items())[:-1]))
    return server.ask(less) if server.would_write(less) else server.ask(message)


@fault("doubled write")
def write_is_made_twice(server: Server, message: Message) -> Answered:
    """Each write is made twice."""
    answer, wrote = server.made(message)
    if wrote:
        server.made(message)
    return answer


@fault("aliasing")
def neighbour_is_written(server: Server, message: Message) -> Answered:
    """A write at a path is also made at the path that was written to before."""
    answer, wrote = server.made(message)
    if wrote:
        known = server.memory.setdefault(str(server.operation(message)), [])
        for path in known:
            if path != path_of(message):
                other = replace(message, target=path)
                server.made(other)
        known[:] = [path_of(message)]
    return answer


@fault("partial write on error")
def refused_write_writes(server: Server, message: Message) -> Answered:
    """A call that is refused repeats the last one that was not."""
    answer, wrote = server.made(message)
    operation = server.operation(message)
    place = operation.id if operation else ""
    if wrote:
        server.memory[place] = message
    elif message.method not in SAFE and answer.status in {400, 409, 422} and place in server.memory:
        server.made(server.memory[place])
    return answer


@fault("identity")
def identifier_is_reused(server: Server, message: Message) -> Answered:
    """A new record gets the identifier of one that was deleted."""
    keys = {key for c in server.head.collections.values() for key in c.records}
    freed: list[str] = server.memory.setdefault("freed", [])
    world = server.world
    make = server.memory.setdefault("make", world._make_id)  # noqa: SLF001 - that is the fault
    if freed and message.method not in SAFE:

        def making(number: int) -> str:
            return freed.pop() if number > 0 and freed else str(make(number))

        world._make_id = making  # noqa: SLF001
    try:
        answer = server.ask(message)
    finally:
        world._make_id = make  # noqa: SLF001
    left = {key for c in server.head.collections.values() for key in c.records}
    freed += sorted(str(key) for key in keys - left)
    return answer
