from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from mockserver.contract.checking import check
from mockserver.contract.results import CannotCheck, Options
from tests.contract_gate.servers import Spoilt, raw_server

FEW = Options(seconds=60, requests=250)
UPLOADED = re.compile(r"/api/v1/assets/user-assets/[^/]+/$")


def as_it_is(method, path, status, body):
    return status, body


def checked(server: Spoilt, options: Options = FEW):
    return check(server, "plane", options, reset=server.reset)


def test_the_mock_keeps_its_own_contract() -> None:
    result = checked(Spoilt("plane", as_it_is), Options(seconds=60, requests=600))
    assert result.findings == []
    assert result.requests >= 600


def test_the_same_seed_draws_the_same_calls() -> None:
    def first_part(seed: int):
        # Of Immich, because Plane's answers hold URLs that are signed anew each second.
        server = Spoilt("immich", as_it_is)
        check(server, "immich", Options(seconds=60, requests=200, seed=seed), reset=server.reset)
        calls = [
            (m, re.sub(r"[^/?]{24,}.*|\d{8}T\d{6}Z", "", target)) for m, target, _ in server.asked
        ]
        return calls[:180]

    assert first_part(3) == first_part(3)
    assert first_part(3) != first_part(4)


def test_a_wrong_status_is_found_and_shown_with_one_call() -> None:
    def spoil(method, path, status, body):
        return (200 if status == 404 and method == "DELETE" else status), body

    result = checked(Spoilt("plane", spoil), Options(seconds=60, requests=400, most=1))
    [finding] = result.findings
    assert (finding.code, finding.operation) == ("MS201", "delete_user_asset")
    assert not finding.flaky
    assert len(finding.sequence) == 1
    assert finding.sequence[0].message.method == "DELETE"
    assert not result.kept


def test_a_lost_write_is_found_and_shown_with_the_write_and_the_read() -> None:
    deleted = set()

    class Lossy(Spoilt):
        def reset(self) -> None:
            deleted.clear()
            super().reset()

    def spoil(method, path, status, body):
        if method == "DELETE" and status == 204:
            deleted.add(path.rstrip("/").rpartition("/")[2])
        gone = path.rstrip("/").rpartition("/")[2] in deleted
        if path.startswith("/api/assets/v2/static/") and status == 404 and gone:
            return 400, body
        return status, body

    result = checked(Lossy("plane", spoil), Options(seconds=60, requests=1_500, most=1))
    [finding] = result.findings
    assert finding.operation == "get_static_asset"
    assert len(finding.sequence) <= 3


def test_a_value_that_differs_is_told_with_its_pointer() -> None:
    def spoil(method, path, status, body):
        if status == 200 and method == "POST" and path.endswith("/user-assets/"):
            value = json.loads(body)
            value["upload_data"]["fields"]["Content-Type"] = "image/x-other"
            body = json.dumps(value).encode()
        return status, body

    result = checked(Spoilt("plane", spoil), Options(seconds=60, requests=250, most=1))
    [finding] = result.findings
    assert (finding.code, finding.pointer) == ("MS204", "/upload_data/fields/Content-Type")
    assert finding.got == "image/x-other"


def test_a_server_that_answers_garbage_cannot_be_checked() -> None:
    garbage = b"SSH-2.0-x\r\n\r\n"
    with raw_server(lambda c: c.sendall(garbage)) as url, pytest.raises(CannotCheck, match="HTTP"):
        check(url, "plane", FEW, reset=f"{url}/reset")


def test_a_server_that_stops_answering_ends_the_check() -> None:
    answers = [0]

    def dying(connection) -> None:
        answers[0] += 1
        if answers[0] < 4:
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            connection.close()

    with raw_server(dying) as url, pytest.raises(CannotCheck):
        check(url, "plane", Options(seconds=30, timeout=1), reset=f"{url}/reset")


def test_a_server_without_a_reset_is_not_judged_by_fixtures() -> None:
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"
    with raw_server(lambda c: c.sendall(empty)) as url, pytest.raises(CannotCheck, match="--reset"):
        check(url, "plane", replace(FEW, own_data=False))
