"""Whatever happens to assets, lists, numbers and checks agree with what was done."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.apis.immich.world import (
    ASSETS,
    Json,
    checked,
    delete,
    existing,
    in_hex,
    info,
    no_access,
    ok,
    on_device,
    refused,
    replace,
    statistics,
    update,
    update_all,
    upload,
)
from tests.running import Server

_numbers = itertools.count(1)

CONTENTS = st.sampled_from([f"content {number}".encode() for number in range(6)])
NAMES = st.sampled_from(["a.jpg", "b.png", "c.mp4"])
DEVICES = st.sampled_from(["phone", "camera"])
DEVICE_IDS = st.sampled_from(["a", "b", "c"])
SHOWN = ["timeline", "archive", "hidden"]
VISIBILITIES = st.sampled_from(SHOWN)
CHANGES = st.fixed_dictionaries(
    {}, optional={"isFavorite": st.booleans(), "visibility": VISIBILITIES}
)


@dataclass
class Model:
    """What is known of an asset."""

    key: str
    data: bytes
    name: str
    device: str
    device_id: str
    favorite: bool = False
    visibility: str = "timeline"
    is_trashed: bool = False

    @property
    def kind(self) -> str:
        return "VIDEO" if self.name.endswith("mp4") else "IMAGE"


class Life(RuleBasedStateMachine):
    """A user with few files, who does everything again and again."""

    assets: Bundle[Model] = Bundle("assets")
    """Assets that are there; one that goes leaves the bundle."""

    def __init__(self, url: str) -> None:
        super().__init__()
        sandbox = f"{url}/@life-{next(_numbers)}"
        headers = {"x-api-key": "key-user1"}
        self.client = httpx.Client(base_url=sandbox, headers=headers, trust_env=False)
        self.other = httpx.Client(
            base_url=sandbox, headers={"x-api-key": "key-demo"}, trust_env=False
        )
        self.living: dict[str, Model] = {}
        self.gone: set[str] = set()

    def teardown(self) -> None:
        """Nobody else has noticed anything."""
        try:
            assert statistics(self.other) == {"images": 23, "videos": 1, "total": 24}
        finally:
            self.client.close()
            self.other.close()

    def _holder(self, data: bytes) -> Model | None:
        """The asset that has these bytes."""
        return next((model for model in self.living.values() if model.data == data), None)

    @rule(
        target=assets,
        data=CONTENTS,
        name=NAMES,
        device=DEVICES,
        device_id=DEVICE_IDS,
        changes=CHANGES,
    )
    def upload(self, data: bytes, name: str, device: str, device_id: str, changes: Json) -> Any:
        told = {n: str(value).lower() for n, value in changes.items()}
        answer = upload(self.client, data, name, deviceId=device, deviceAssetId=device_id, **told)
        known = self._holder(data)
        if known is not None:
            assert ok(answer) == {"status": "duplicate", "id": known.key}
            return multiple()
        assert answer.status_code == 201
        model = Model(answer.json()["id"], data, name, device, device_id)
        self.living[model.key] = model
        self._change(model, changes)
        return model

    def _change(self, model: Model, changes: Json) -> None:
        model.favorite = changes.get("isFavorite", model.favorite)
        model.visibility = changes.get("visibility", model.visibility)

    @rule(data=CONTENTS)
    def upload_announced(self, data: bytes) -> None:
        known = self._holder(data)
        answer = self.client.post(ASSETS, headers={"x-immich-checksum": in_hex(data)})
        if known is None:
            assert answer.status_code == 400
        else:
            assert ok(answer) == {"status": "duplicate", "id": known.key}

    @rule(model=assets, changes=CHANGES)
    def update(self, model: Model, changes: Json) -> None:
        changed = update(self.client, model.key, **changes, description="changed")
        self._change(model, changes)
        assert changed["exifInfo"]["description"] == "changed"

    @rule(models=st.lists(assets, max_size=3), changes=CHANGES)
    def update_many(self, models: list[Model], changes: Json) -> None:
        update_all(self.client, *(model.key for model in models), **changes)
        for model in models:
            self._change(model, changes)

    @rule(models=st.lists(assets, max_size=3))
    def trash(self, models: list[Model]) -> None:
        delete(self.client, *(model.key for model in models))
        for model in models:
            model.is_trashed = True

    @rule(model=consumes(assets))
    def remove(self, model: Model) -> None:
        delete(self.client, model.key, force=True)
        del self.living[model.key]
        self.gone.add(model.key)

    @rule(target=assets, model=assets, data=CONTENTS, name=NAMES, device_id=DEVICE_IDS)
    def replace(self, model: Model, data: bytes, name: str, device_id: str) -> Any:
        fields = {"deviceId": model.device, "deviceAssetId": device_id}
        answer = ok(replace(self.client, model.key, data, name, **fields))
        known = self._holder(data)
        if known is not None:
            assert answer == {"status": "duplicate", "id": known.key}
            if known is model:
                model.name, model.device_id = name, device_id
            return multiple()
        assert answer["status"] == "replaced"
        former = Model(
            answer["id"], model.data, model.name, model.device, model.device_id, is_trashed=True
        )
        self.living[former.key] = former
        model.data, model.name, model.device_id = data, name, device_id
        return former

    @rule(model=assets)
    def be_refused(self, model: Model) -> None:
        key = next(iter(self.gone), "11111111-1111-4111-8111-111111111111")
        sent = {"ids": [model.key, key], "isFavorite": not model.favorite}
        no_access(self.client.put(ASSETS, json=sent), "update")
        no_access(self.client.request("DELETE", ASSETS, json=sent), "delete")
        no_access(self.other.get(f"{ASSETS}/{model.key}"), "read")
        refused(self.client.put(f"{ASSETS}/{model.key}", json={"isFavorite": 1}), 400, [
            "isFavorite must be a boolean value"
        ])  # fmt: skip

    @invariant()
    def every_asset_is_what_became_of_it(self) -> None:
        for model in self.living.values():
            asset = info(self.client, model.key)
            told = [asset[name] for name in (
                "originalFileName", "type", "deviceId", "deviceAssetId", "isFavorite",
                "visibility", "isTrashed",
            )]  # fmt: skip
            assert told == [
                model.name, model.kind, model.device, model.device_id, model.favorite,
                model.visibility, model.is_trashed,
            ]  # fmt: skip
            assert self.client.get(f"{ASSETS}/{model.key}/original").content == model.data

    @invariant()
    def what_is_gone_is_gone(self) -> None:
        for key in self.gone:
            no_access(self.client.get(f"{ASSETS}/{key}"), "read")

    @invariant()
    def numbers_are_right(self) -> None:
        for is_trashed in (False, True):
            for wanted in (*SHOWN, None):
                kinds = Counter(
                    model.kind
                    for model in self.living.values()
                    if model.is_trashed == is_trashed
                    and model.visibility in ((wanted,) if wanted else ("timeline", "archive"))
                )
                query = {"visibility": wanted} if wanted else {}
                told = statistics(self.client, isTrashed=str(is_trashed).lower(), **query)
                images, videos = kinds["IMAGE"], kinds["VIDEO"]
                assert told == {"images": images, "videos": videos, "total": images + videos}

    @invariant()
    def favourites_are_counted(self) -> None:
        favourites = [
            model
            for model in self.living.values()
            if model.favorite and not model.is_trashed and model.visibility != "hidden"
        ]
        assert statistics(self.client, isFavorite="true")["total"] == len(favourites)

    @invariant()
    def devices_list_what_is_shown(self) -> None:
        for device in ("phone", "camera"):
            own = [model for model in self.living.values() if model.device == device]
            shown = [m.device_id for m in own if not m.is_trashed and m.visibility != "hidden"]
            assert sorted(on_device(self.client, device)) == sorted(shown)
            there = existing(self.client, "a", "b", "c", "d", device=device)
            assert set(there) == {model.device_id for model in own}

    @invariant()
    def checksums_find_what_is_there(self) -> None:
        contents = [f"content {number}".encode() for number in range(6)]
        for data, told in zip(contents, checked(self.client, *map(in_hex, contents)), strict=True):
            known = self._holder(data)
            if known is None:
                assert told["action"] == "accept"
            else:
                assert (told["assetId"], told["isTrashed"]) == (known.key, known.is_trashed)

    @invariant()
    def chance_draws_from_what_is_shown(self) -> None:
        drawn = ok(self.client.get(f"{ASSETS}/random?count=100"))
        assert {asset["id"] for asset in drawn} == {
            key
            for key, model in self.living.items()
            if not model.is_trashed and model.visibility != "hidden"
        }


def test_assets_are_what_was_made_of_them(server: Server) -> None:
    run_state_machine_as_test(
        lambda: Life(server.url),
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            phases=[Phase.generate, Phase.shrink],
        ),
    )
