"""Who may call, and with what: each kind of credential of each identity, and keys in records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from mockserver.contract.alike import UUID
from mockserver.contract.pools import scalars
from mockserver.engine.spec import Description, SecurityScheme
from mockserver.state.store import Snapshot

MOST = 4
"""Records of one collection whose keys are tried as credentials."""

Identity = Mapping[str, Any]


def callers(
    description: Description, identities: Iterable[Identity], seed: Snapshot | None = None
) -> list[Identity]:
    """The identities, and after them the first one for each of several credentials.

    A scheme that no identity has a credential for may be one whose keys stand in records, like
    that of a link that is shared: those of the ``seed`` that have a member of its name.
    """
    known = list(identities)
    unused = dict(description.security_schemes)
    more: list[Identity] = []
    for number, identity in enumerate(known):
        credentials = identity.get("credentials", {})
        for name in credentials:
            unused.pop(name, None)
        if len(credentials) > 1 and not more:
            who = str(identity.get("identity", number))
            more += [_one(f"{who} by {name}", name, text) for name, text in credentials.items()]
    if seed is not None:
        for name, scheme in unused.items():
            more += _in_records(description, seed, name, scheme)
    return [*known, *more]


def _one(who: str, scheme: str, text: Any) -> Identity:
    return {"identity": who, "credentials": {scheme: text}}


def _in_records(
    description: Description, seed: Snapshot, name: str, scheme: SecurityScheme
) -> Iterator[Identity]:
    if scheme.kind != "apiKey":
        return
    for collection in sorted(seed.collections):
        if collection.partition("/")[0] != description.stem:
            continue
        for record in islice(seed.collection(collection).records.values(), MOST):
            text = record.value.get(scheme.parameter) if isinstance(record.value, dict) else None
            if isinstance(text, str) and text:
                who = f"{collection.partition('/')[2]} {record.key}"
                yield {**_one(who, name, text), "about": keys_within(record.value)}


def keys_within(value: Any) -> list[str]:
    """The keys of other records in a record, as far as they look like keys."""
    found = [each for each in scalars(value) if isinstance(each, str) and UUID.fullmatch(each)]
    return list(dict.fromkeys(found))
