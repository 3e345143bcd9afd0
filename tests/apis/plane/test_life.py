"""What holds in the life of assets, after any sequence of calls."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.apis.plane.world import (
    ACME,
    ACME_ID,
    FILE,
    GLOBEX,
    KEY,
    OTHER_KEY,
    PICTURE,
    STATIC,
    USERS,
    Json,
    done,
    fields,
    ok,
    refused,
    upload,
)
from tests.running import Server

_numbers = itertools.count(1)

KEYS = st.sampled_from([KEY, OTHER_KEY])
HOMES = st.sampled_from([ACME, GLOBEX])
NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="/\\."), min_size=1, max_size=20
)
REFERENCES = st.sampled_from([None, ("1", "github"), ("2", "github"), ("1", "gitlab")])
BYTES = st.binary(max_size=40)
SIZES = st.sampled_from([0, 10, 100])


@dataclass
class Model:
    """What must be true of one asset."""

    made: Json
    home: str
    key: str
    name: str
    size: int
    data: bytes | None = None
    is_uploaded: bool = False
    is_deleted: bool = False

    @property
    def page(self) -> str:
        return f"{self.home}{self.made['asset_id']}/"


@dataclass
class World:
    """Everything that was made in one sandbox."""

    client: httpx.Client
    assets: list[Model] = field(default_factory=list)
    references: dict[tuple[str, Any], Model] = field(default_factory=dict)

    def ask(self, method: str, path: str, key: str, **more: Any) -> httpx.Response:
        return self.client.request(method, path, headers={"X-API-Key": key}, **more)


class Life(RuleBasedStateMachine):
    """Assets of two users and two workspaces, beside a plain model of them."""

    assets: Bundle[Model] = Bundle("assets")

    def __init__(self, url: str) -> None:
        super().__init__()
        self.world = World(httpx.Client(base_url=f"{url}/@life-{next(_numbers)}"))

    def teardown(self) -> None:
        self.world.client.close()

    def _kept(self, model: Model) -> Model:
        self.world.assets.append(model)
        assert fields(model.made)["key"].endswith(f"-{model.name}")
        return model

    @rule(target=assets, key=KEYS, name=NAMES, size=SIZES)
    def create_picture(self, key: str, name: str, size: int) -> Model:
        given = {**PICTURE, "name": name, "size": size}
        made = ok(self.world.ask("POST", USERS, key, json=given))
        return self._kept(Model(made, USERS, key, name, size))

    @rule(target=assets, key=KEYS, home=HOMES, name=NAMES, reference=REFERENCES)
    def create_attachment(self, key: str, home: str, name: str, reference: Any) -> Model:
        given = {**FILE, "name": name}
        if reference is not None:
            given |= {"external_id": reference[0], "external_source": reference[1]}
        answer = self.world.ask("POST", home, key, json=given)
        twin = self.world.references.get((home, reference))
        if twin is not None:
            told = refused(answer, 409)
            assert told["asset_id"] == twin.made["asset_id"]
            assert told["asset_url"] == twin.made["asset_url"]
            return twin
        model = self._kept(Model(ok(answer), home, key, name, given["size"]))
        if reference is not None:
            self.world.references[home, reference] = model
        return model

    @rule(model=assets, data=BYTES)
    def send(self, model: Model, data: bytes) -> None:
        fits = 1 <= len(data) <= model.size
        assert upload(model.made, data).status_code == (204 if fits else 400)
        if fits:
            model.data = data

    @rule(model=assets, key=KEYS, truth=st.booleans())
    def confirm(self, model: Model, key: str, truth: bool) -> None:
        answer = self.world.ask("PATCH", model.page, key, json={"is_uploaded": truth})
        if model.home != USERS:
            done(answer)
            model.is_uploaded = truth
        elif key == model.key and not model.is_deleted:
            done(answer)
            model.is_uploaded = True
        else:
            refused(answer, 404)

    @rule(model=assets, key=KEYS)
    def delete(self, model: Model, key: str) -> None:
        page = f"{USERS}{model.made['asset_id']}/"
        answer = self.world.ask("DELETE", page, key)
        if model.home == USERS and key == model.key and not model.is_deleted:
            done(answer)
            model.is_deleted = True
        else:
            refused(answer, 404)

    @invariant()
    def a_download_equals_the_upload(self) -> None:
        for model in self.world.assets[-4:]:
            address = self._address(model)
            if address is None:
                continue
            got = httpx.get(address)
            if model.data is None:
                assert got.status_code == 404
            else:
                assert (got.status_code, got.content) == (200, model.data)
                assert got.headers["content-type"].startswith(fields(model.made)["Content-Type"])

    def _address(self, model: Model) -> str | None:
        """Where an asset can be had, None where it must not be."""
        if model.home == USERS:
            answer = self.world.client.get(f"{STATIC}{model.made['asset_id']}/")
            if model.is_deleted or not model.is_uploaded:
                refused(answer, 404)
                return None
            assert answer.status_code == 302
            return str(answer.headers["location"])
        answer = self.world.ask("GET", model.page, model.key)
        if not model.is_uploaded:
            refused(answer, 400)
            return None
        told = ok(answer)
        assert (told["asset_name"], told["asset_type"]) == (model.name, FILE["type"])
        return str(told["asset_url"])

    @invariant()
    def keys_are_told_apart(self) -> None:
        keys = [fields(model.made)["key"] for model in self.world.assets]
        assert len(set(keys)) == len(keys)
        for model in self.world.assets:
            in_acme = fields(model.made)["key"].startswith(f"{ACME_ID}/")
            assert in_acme == (model.home == ACME)


def test_assets_are_what_was_made_of_them(server: Server) -> None:
    run_state_machine_as_test(
        lambda: Life(server.url),
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            phases=[Phase.generate, Phase.shrink],
        ),
    )
