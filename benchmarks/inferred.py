"""What an inferred API costs: its start, its requests, its routing and its memory.

Descriptions of N operations are generated: collections of ten operations (two resources, one
below the other). Each start is a process of its own; of several rounds the median is printed,
with the least and the most.

python benchmarks/inferred.py [--rounds 5] [--sizes 100,1000,5000]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALLS = 3_000
EACH = 10
"""Operations of one collection."""


def description(operations: int) -> dict[str, Any]:
    """A description of so many operations."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": {"type": "object", "properties": {"detail": _text()}}}
    for number in range(operations // EACH):
        thing, part = f"Thing{number}", f"Part{number}"
        above = f"/things{number}"
        paths |= _paths(above, f"thing{number}Id", thing, with_put=True)
        paths |= _paths(f"{above}/{{thing{number}Id}}/parts", "partId", part, with_put=False)
        schemas[thing] = _record({"title": _text(), "size": {"type": "integer", "minimum": 0}})
        schemas[part] = _record({"name": _text(), "made": {"type": "string", "format": "date"}})
    return {
        "openapi": "3.0.3",
        "info": {"title": "Generated", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _text() -> dict[str, Any]:
    return {"type": "string", "maxLength": 60}


def _record(properties: dict[str, Any]) -> dict[str, Any]:
    key = {"id": {"type": "integer", "readOnly": True}}
    return {"type": "object", "required": [*properties], "properties": key | properties}


def _paths(collection: str, key: str, name: str, *, with_put: bool) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    listed = {"type": "array", "items": schema}
    above = [part[1:-1] for part in collection.split("/") if part.startswith("{")]
    item = {
        "parameters": [_parameter(each) for each in (*above, key)],
        "get": _operation("200", schema),
        "patch": _operation("200", schema) | {"requestBody": body},
        "delete": {"responses": {"204": {"description": "-"}, "404": _error()}},
    }
    if with_put:
        item["put"] = _operation("200", schema) | {"requestBody": body}
    found = {
        "parameters": [_parameter(each) for each in above],
        "get": _operation("200", listed),
    }
    if with_put:
        found["post"] = _operation("201", schema) | {"requestBody": body}
    return {collection: found, f"{collection}/{{{key}}}": item}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}


def _operation(status: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    good = {"description": "-", "content": content}
    return {"responses": {status: good, "400": _error(), "404": _error()}}


def _error() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": "-", "content": content}


def started(path: Path) -> dict[str, float]:
    """What a process of its own tells of one start and of its requests."""
    command = [sys.executable, "-W", "ignore", __file__, "--measure", str(path)]
    begun = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told | {"process s": time.perf_counter() - begun}


def measure(path: Path) -> dict[str, float]:
    """Seconds to start, MiB then, and microseconds of requests; in this process."""
    import gc

    gc.disable()  # as the command line has it
    begun = time.perf_counter()
    from mockserver.app import create_app
    from mockserver.catalogue import Settings, build

    imported = time.perf_counter()
    app = create_app(build([str(path)], Settings(fixtures=None)))
    ready = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gc.freeze()
    gc.enable()
    body = json.dumps({"title": "One", "size": 1}).encode()
    with asyncio.Runner() as runner:
        talk = _talk(runner, app)
        last = len(json.loads(path.read_bytes())["components"]["schemas"]) // 2 - 1
        [first, *_] = json.loads(talk("GET", f"/things{last}", b"", 1)[1])
        item = f"/things{last}/{first['id']}"
        times = {
            "GET item µs": talk("GET", item, b"", CALLS)[0],
            "GET list µs": talk("GET", f"/things{last}", b"", CALLS)[0],
            "POST µs": talk("POST", f"/things{last}", body, CALLS)[0],
        }
    return {"import s": imported - begun, "start s": ready - imported, "MiB": memory} | times


def _talk(
    runner: asyncio.Runner, app: Any
) -> Callable[[str, str, bytes, int], tuple[float, bytes]]:
    async def calls(method: str, path: str, body: bytes, count: int) -> tuple[float, bytes]:
        headers = [(b"host", b"bench")]
        if body:
            headers += [(b"content-type", b"application/json"),
                        (b"content-length", str(len(body)).encode())]  # fmt: skip
        scope = {"type": "http", "method": method, "scheme": "http", "path": path,
                 "raw_path": path.encode(), "query_string": b"", "headers": headers}  # fmt: skip
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        spent = []
        for _ in range(count):
            sent.clear()
            begun = time.perf_counter()
            await app(scope, receive, send)
            spent.append(time.perf_counter() - begun)
        assert sent[0]["status"] < 300, sent
        return statistics.median(spent) * 1e6, sent[-1]["body"]

    return lambda *call: runner.run(calls(*call))


def routing(operations: int) -> float:
    """Microseconds to find the item paths of so many operations, whichever they are."""
    from mockserver.engine.routes import Routes

    routes: Any = Routes()
    with contextlib.suppress(AttributeError):
        routes.claim("", object(), loose=False)
    for path, item in description(operations)["paths"].items():
        for method in item.keys() & {"get", "put", "post", "patch", "delete"}:
            routes.add(method.upper(), path, object())
    step = max(1, operations // EACH // 500)
    asked = [[f"things{number}", "7"] for number in range(0, operations // EACH, step)]
    spent = []
    for _ in range(7):
        begun = time.perf_counter()
        for _ in range(20):
            for segments in asked:
                routes.find(segments, "GET")
        spent.append((time.perf_counter() - begun) / (20 * len(asked)) * 1e6)
    return statistics.median(spent)


def shown(values: list[float]) -> str:
    return f"{statistics.median(values):9.2f} ({min(values):.2f}…{max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="100,1000,5000")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "generated.json"
            path.write_text(json.dumps(description(size)))
            rounds = [started(path) for _ in range(options.rounds)]
        print(f"{size} operations, median (least…most) of {options.rounds} processes")
        for name in rounds[0]:
            print(f"  {name:12} {shown([each[name] for each in rounds])}")
    few, many = [], []
    for _ in range(options.rounds):
        few.append(routing(100))
        many.append(routing(10_000))
    ratios = [m / f for m, f in zip(many, few, strict=True)]
    print("finding the operation of a path")
    print(
        f"  100 µs       {shown(few)}\n  10,000 µs    {shown(many)}\n  ratio        {shown(ratios)}"
    )


if __name__ == "__main__":
    main()
