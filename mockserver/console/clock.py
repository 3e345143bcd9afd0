"""The clock of a sandbox, and the seed that its chance is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mockserver.engine.handlers import Call, Reply
from mockserver.errors import ApiError, Violation
from mockserver.state.durations import Duration, parse_duration, parse_instant


def read_clock(call: Call) -> Reply:
    """What time it is."""
    return Reply(_shown(call))


def set_clock(call: Call) -> Reply:
    """Another time, at which the clock stands or from which it goes on."""
    sandbox, told = call.sandbox, call.body

    def put() -> None:
        now = parse_instant(told["now"]) if "now" in told else sandbox.now
        sandbox.clock.put(now, sandbox.log.head.ticks, frozen=told.get("frozen", False))

    return _changed(call, "/now", told.get("now"), put)


def delete_clock(call: Call) -> Reply:
    """The server's own clock again."""
    call.sandbox.clock.clear()
    return Reply(status=204)


def advance_clock(call: Call) -> Reply:
    """Some time later, or earlier."""
    sandbox = call.sandbox
    name, told = next(iter(call.body.items()))

    def advance() -> None:
        step = parse_duration(told) if name == "duration" else _seconds(told)
        sandbox.clock.advance(step, sandbox.log.head.ticks)

    return _changed(call, f"/{name}", told, advance)


def freeze_clock(call: Call) -> Reply:
    """The clock stands."""
    return _going(call, frozen=True)


def resume_clock(call: Call) -> Reply:
    """The clock goes on from where it stands."""
    return _going(call, frozen=False)


def read_seed(call: Call) -> Reply:
    """What chance is drawn from."""
    return Reply({"seed": call.sandbox.seed})


def set_seed(call: Call) -> Reply:
    """Another seed from now on."""
    call.sandbox.seed = call.body["seed"]
    return Reply({"seed": call.sandbox.seed})


def _going(call: Call, *, frozen: bool) -> Reply:
    sandbox = call.sandbox

    def put() -> None:
        if sandbox.clock.is_frozen != frozen:
            sandbox.clock.put(sandbox.now, sandbox.log.head.ticks, frozen=frozen)

    return _changed(call, "", None, put)


def _changed(call: Call, pointer: str, received: Any, change: Callable[[], None]) -> Reply:
    """The clock after a change. Raises ApiError 422 where no clock can show the time."""
    try:
        change()
    except ValueError as error:
        violation = Violation("body", pointer, "time", str(error), str(received)[:100])
        raise ApiError(422, f"The clock stays as it is: {error}.", violations=[violation]) from None
    return Reply(_shown(call))


def _seconds(told: float) -> Duration:
    try:
        return Duration(0, timedelta(seconds=told))
    except OverflowError as error:
        raise ValueError(f"so many seconds are longer than time: {error}") from None


def _shown(call: Call) -> dict[str, Any]:
    clock, ticks = call.sandbox.clock, call.sandbox.log.head.ticks
    return {
        "now": call.sandbox.now.isoformat(),
        "mode": "real" if clock.is_real else "fixed",
        "frozen": clock.is_frozen,
        "offset": clock.offset(ticks).total_seconds(),
    }


CLOCK = {
    handler.__name__: handler
    for handler in (
        read_clock,
        set_clock,
        delete_clock,
        advance_clock,
        freeze_clock,
        resume_clock,
        read_seed,
        set_seed,
    )
}
"""The handlers of clock and seed, by operation."""
