"""What holds after any sequence of changes, seen from outside."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from mockserver.catalogue import FIXTURES, SPECS
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import read_description
from tests.apis.assets.world import (
    Feed,
    Json,
    found,
    fragment,
    ids,
    ok,
    only_format,
    picture,
    plant,
    positions,
    read,
    seed,
    text_of,
    without_contents,
)
from tests.running import Server

SCHEMAS = Schemas(read_description(SPECS / "assets.yaml").document)

STRANGE = st.sampled_from(
    [
        "",
        " ",
        "İ",
        "ß",
        "e\u0301",
        "\u1e9e",
        "🏳️‍🌈",
        "a\u0000b",
        "\u202eolleh",
        "%",
        "a,b",
        "ﬁ",
        "ς",
        "１",
    ]
)
NAMES = st.one_of(STRANGE, st.text(min_size=1, max_size=20), st.lists(STRANGE).map("".join))
CONTENTS = st.text(max_size=30).map(fragment) | st.sampled_from([picture(), picture(b"\xfe\x00")])
TAGS = st.lists(st.sampled_from(["red", "Blue", "ÄÖÜ"]), max_size=2, unique=True)
EXTENSIONS = st.sampled_from(["py", "ts", "md", "png", "UNKNOWN"])

THE_END = "The end, a name as long as no other one"

_numbers = itertools.count(1)


class World(RuleBasedStateMachine):
    """One sandbox, and what must be true of it."""

    assets: Bundle[str] = Bundle("assets")

    def __init__(self, url: str) -> None:
        super().__init__()
        sandbox = f"{url}/@world-{next(_numbers)}"
        self.client = httpx.Client(base_url=sandbox)
        self.feed = Feed(sandbox, "/assets/stream")
        self.followed: dict[str, str] = {}
        self._follow()
        self.seeded: dict[str, Json] = self._everything()
        self.living: dict[str, Json] = dict(self.seeded)
        self.gone: dict[str, str] = {}
        self.touched: set[str] = set()

    def teardown(self) -> None:
        """A reader who applies every frame knows what the list says."""
        try:
            plant(self.client, seed(fragment(""), metadata={"name": THE_END}))
            while THE_END not in self.followed.values():
                self._follow()
            listed = self._get("/assets")["iterable"]
            assert self.followed == {asset["id"]: asset["name"] for asset in listed}
        finally:
            self.feed.__exit__(None, None, None)
            self.client.close()

    def _follow(self) -> None:
        for asset in self.feed.frame()["iterable"]:
            if "deleted" in asset:
                self.followed.pop(asset["id"], None)
            else:
                self.followed[asset["id"]] = asset["name"]

    def _get(self, path: str, schema: str | None = None, **query: Any) -> Json:
        answer: Json = ok(self.client.get(path, params=query))
        if schema is not None:
            assert SCHEMAS.violations(SCHEMAS.component(schema), answer, "answer") == []
        return answer

    def _everything(self) -> dict[str, Json]:
        listed = self._get("/assets", "Assets", pseudo=True)["iterable"]
        return {asset["id"]: asset for asset in reversed(listed)}

    def _changed(self, key: str) -> None:
        self.living[key] = read(self.client, key)
        self.touched.add(key)

    @rule(target=assets, name=NAMES, content=CONTENTS, tags=TAGS, pseudo=st.booleans())
    def create(self, name: str, content: Json, tags: list[str], pseudo: bool) -> str:
        metadata = {"name": name, "tags": [{"text": tag} for tag in tags]}
        asset = plant(self.client, seed(content, metadata=metadata, pseudo=pseudo))
        assert asset["name"] == name or (name == "" and asset["name"])
        assert asset["id"] not in self.living
        self.living[asset["id"]] = asset
        self.touched.add(asset["id"])
        return str(asset["id"])

    @rule(target=assets, at=st.integers(0, 100))
    def take_one_of_the_seed(self, at: int) -> str:
        kept = [key for key in self.seeded if key in self.living]
        return kept[at % len(kept)] if kept else ""

    @rule(key=assets, name=NAMES, pseudo=st.booleans(), bare=st.booleans())
    def update(self, key: str, name: str, pseudo: bool, bare: bool) -> None:
        if key in self.living:
            before = self.living[key]
            sent = without_contents(before) if bare else before
            answer = self.client.post(
                "/asset/update", json={**sent, "name": name, "pseudo": pseudo}
            )
            self._changed(key)
            assert ok(answer) == self.living[key]
            contents = [
                {part: entry.get(part) for part in ("fragment", "file", "bytes")}
                for asset in (before, self.living[key])
                for entry in asset["formats"]["iterable"]
            ]
            half = len(contents) // 2
            assert contents[:half] == contents[half:]

    @rule(key=assets, ext=EXTENSIONS)
    def reclassify(self, key: str, ext: str) -> None:
        if key in self.living:
            sent = {"ext": ext, "asset": without_contents(self.living[key])}
            answer = ok(self.client.post("/asset/reclassify", json=sent))
            self._changed(key)
            assert only_format(answer)["classification"]["specific"] == ext

    @rule(key=assets, text=st.text(max_size=20))
    def write(self, key: str, text: str) -> None:
        if key in self.living:
            entry = without_contents(only_format(self.living[key]))
            sent = {**entry, "fragment": {"string": {"raw": text}}}
            if "file" in only_format(self.living[key]):
                sent = {**entry, "file": {"string": {"raw": text}}}
            answer = ok(self.client.post("/format/update/value", json=sent))
            self._changed(key)
            now = only_format(self.living[key])
            assert text_of(answer) == text_of(now) == text
            assert now["bytes"]["value"] == len(text.encode())

    @rule(key=consumes(assets))
    def delete(self, key: str) -> None:
        if key in self.living:
            answer = self.client.post(f"/assets/{key}/delete")
            assert (answer.status_code, answer.text) == (200, key)
            self.gone[key] = only_format(self.living.pop(key))["id"]
            self.touched.discard(key)

    @rule()
    def reset(self) -> None:
        assert self.client.post("/__mock__/reset").status_code == 204
        never = [key for key in (*self.living, *self.gone) if key not in self.seeded]
        self.living, self.gone, self.touched = dict(self.seeded), {}, set()
        for key in never:
            assert self.client.get(f"/asset/{key}").status_code == 404

    @invariant()
    def lists_agree(self) -> None:
        everything = list(reversed(self.living))
        shown = [key for key in everything if not self.living[key].get("pseudo")]
        hidden = [key for key in everything if self.living[key].get("pseudo")]
        for pseudo, keys in ((True, everything), (False, shown)):
            listed = self._get("/assets", "Assets", pseudo=pseudo)
            assert ids(listed) == keys
            assert listed["indices"] == positions(keys, self.gone)
            identifiers = self._get("/assets/identifiers", "FlattenedAssets", pseudo=pseudo)
            assert ids(identifiers) == keys
            assert identifiers["indices"] == positions(keys, self.gone)
        pseudo_list = self._get("/assets/pseudo", "PseudoAssets")["identifiers"]
        assert ids(pseudo_list) == hidden
        assert pseudo_list["indices"] == positions(hidden, self.gone)

    @invariant()
    def what_is_listed_is_what_is_read(self) -> None:
        for asset in self._get("/assets", pseudo=True)["iterable"]:
            assert asset == self.living[asset["id"]]
        for key in self.touched:
            asset = self._get(f"/asset/{key}", "Asset")
            assert asset == self.living[key]
            entry = only_format(asset)
            assert self._get(f"/format/{entry['id']}", "Format") == entry
            assert asset["original"]["reference"] == {**entry, "asset": key}

    @invariant()
    def what_is_deleted_is_gone(self) -> None:
        for key, entry in self.gone.items():
            for path in (f"/asset/{key}", f"/assets/{key}/formats", f"/format/{entry}"):
                assert self.client.get(path).status_code == 410
            assert self.client.post(f"/assets/{key}/delete").status_code == 410

    @invariant()
    def every_asset_is_found_by_its_name(self) -> None:
        for key in sorted(self.touched)[-3:]:
            asset = self.living[key]
            for pseudo in (True, False):
                wanted = {"query": asset["name"], "pseudo": pseudo, "transferables": False}
                answer = self.client.get("/assets/search", params=wanted)
                if not asset["name"].strip():
                    assert answer.status_code == 500
                    continue
                hits = ok(answer)
                assert SCHEMAS.violations(SCHEMAS.component("SearchedAssets"), hits, "hits") == []
                exact = [hit["identifier"] for hit in hits["iterable"] if hit["exact"]]
                assert (key in exact) is (pseudo or not asset.get("pseudo"))
                assert set(found(hits)) <= set(self.living)
                assert hits["exact"] == len(exact)
                assert hits["suggested"] == len(hits["iterable"]) - len(exact)


@pytest.fixture(scope="module")
def small(
    start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that begins with a few of the fixtures, a pseudo one among them."""
    folder = tmp_path_factory.mktemp("fixtures")
    shutil.copytree(FIXTURES / "assets", folder / "assets")
    path = folder / "assets" / "assets.json"
    everything = json.loads(path.read_text(encoding="utf-8"))
    few = [next(one for one in everything if one.get("pseudo")), *everything[:3]]
    path.write_text(json.dumps(few), encoding="utf-8")
    with start("--quiet", "--fixtures", str(folder)) as running:
        yield running


def test_lists_reads_searches_and_feeds_agree_after_any_changes(small: Server) -> None:
    run_state_machine_as_test(
        lambda: World(small.url),
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            phases=[Phase.generate, Phase.shrink],
        ),
    )


def _live(url: str, number: int) -> set[int]:
    """One caller among others: what it was answered."""
    told: set[int] = set()
    with httpx.Client(base_url=url, timeout=60) as client:
        for turn in range(12):
            name = f"{number}-{turn}"
            made = plant(client, seed(fragment(name), metadata={"name": name}))
            keys = ids(ok(client.get("/assets/identifiers")))
            other = keys[(number * 7 + turn) % len(keys)]
            answers = [client.get(f"/asset/{other}"), client.get(f"/assets/search?query={name}")]
            if answers[0].status_code == 200:
                changed = {**answers[0].json(), "name": f"{name} anew"}
                answers.append(client.post("/asset/update", json=changed))
            answers.append(client.post(f"/assets/{other}/delete"))
            answers.append(client.post("/assets/search?transferables=false", json={}))
            told |= {answer.status_code for answer in answers}
            assert made["name"] == name
    return told


def test_callers_at_the_same_time_leave_a_world_that_agrees(sandbox_url: str) -> None:
    with Feed(sandbox_url, "/assets/stream/identifiers") as feed, ThreadPoolExecutor(4) as pool:
        followed = {entry["asset"]["id"] for entry in feed.frame()["iterable"]}
        told = set().union(*pool.map(lambda number: _live(sandbox_url, number), range(4)))
        assert told <= {200, 410}
        with httpx.Client(base_url=sandbox_url) as client:
            last = plant(client, seed(fragment("the end")))["id"]
            while last not in followed:
                for entry in feed.frame()["iterable"]:
                    key = entry["asset"]["id"]
                    (followed.discard if entry.get("deleted") else followed.add)(key)
            answer = ok(client.get("/assets/identifiers"))
    assert set(ids(answer)) == followed
    assert {key: at for key, at in answer["indices"].items() if at >= 0} == positions(ids(answer))
