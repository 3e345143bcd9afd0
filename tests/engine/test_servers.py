from __future__ import annotations

from mockserver.engine.servers import clashes, other_servers


def test_servers_of_paths_and_operations_are_found() -> None:
    own = {"servers": [{"url": "https://other.test"}]}
    paths = {"/a/b": own, "/c": {"get": own, "post": {}}, "/d": {"servers": []}, "x-e": own}
    assert list(other_servers({"paths": paths})) == [
        "/paths/~1a~1b/servers",
        "/paths/~1c/get/servers",
    ]


def test_two_apis_clash_where_only_names_of_parameters_differ() -> None:
    described = [
        ("one", "GET", "/v1/{a}"),
        ("one", "GET", "/v1/{b}"),
        ("two", "GET", "/v1/{c}"),
        ("two", "POST", "/v1/{c}"),
        ("two", "GET", "/v2/{a}"),
    ]
    assert list(clashes(described)) == [("two", "GET", "/v1/{c}", "one")]
