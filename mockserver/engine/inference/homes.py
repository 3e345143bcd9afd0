"""One resource reached by several paths, and the names of resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mockserver.engine.inference.paths import Node
from mockserver.engine.inference.places import Draft, Places
from mockserver.engine.inference.words import SELF_WORDS, is_version, normal, stem

MAX_HOMES = 50
"""Places that one may belong to; among more there is no telling."""

_SEEN = frozenset(("GET", "HEAD"))
_MADE_AND_SEEN = _SEEN | {"POST"}


def settle(places: Places) -> None:
    """Give each draft that is but another path to a resource the draft of that resource."""
    groups: dict[str, list[Draft]] = {}
    for draft in places.drafts:
        if not draft.singleton:
            groups.setdefault(stem(draft.node.name), []).append(draft)
    for group in groups.values():
        _settle(places, group)
    _settle_versions(places)
    _settle_unnamed(places)


def _settle(places: Places, group: Sequence[Draft]) -> None:
    homes: dict[Node | None, list[Draft]] = {}
    for draft in group:
        if draft.item is not None and draft.item is not draft.node:
            homes.setdefault(_last_parameter(draft), []).append(draft)
    every = [home for found in homes.values() for home in found]
    every = every if len(every) <= MAX_HOMES else []
    for draft in group:
        if draft.item is None:
            known = _homes(places, draft, homes) or _below(places, draft, every)
            draft.home = _nearest(draft, known)
        elif _is_alias(draft):
            known = _homes(places, draft, homes)
            if len(known) == 1 and _same_record(places, draft, known[0]):
                draft.home = known[0]


def _settle_versions(places: Places) -> None:
    """Collections that differ in a version only, and have no operation twice, are one.

    ``POST /v13/deployments`` makes what ``GET /v6/deployments`` lists.
    """
    groups: dict[tuple[str, ...], list[Draft]] = {}
    for draft in places.drafts:
        way = [step.token.key for step in draft.node.line()]
        named = tuple(name for name in way if not is_version(name))
        if not draft.singleton and draft.home is None and named and len(named) < len(way):
            groups.setdefault(named, []).append(draft)
    for group in groups.values():
        main = max(group, key=lambda draft: (_reads(draft), len(_methods(draft))))
        taken = set(_methods(main))
        for draft in group if main.item is not None else ():
            own = _methods(draft)
            if draft is main or not taken.isdisjoint(own):
                continue
            record = places.record(draft)
            if not record.is_record or record.alike(places.record(main)):
                draft.home = main
                taken |= own


def _methods(draft: Draft) -> set[tuple[str, bool]]:
    """What may be done to a collection, and to its records."""
    of_records = draft.item.methods if draft.item is not None else frozenset()
    here = draft.node.methods if draft.node is not draft.item else frozenset()
    return {(method, False) for method in here} | {(method, True) for method in of_records}


def _reads(draft: Draft) -> bool:
    return draft.item is not None and "GET" in draft.item.methods


def _is_alias(draft: Draft) -> bool:
    """Whether the records of a nested collection may be another's.

    Where they cannot be read they are no records but memberships: taking a label off an issue
    deletes no label.
    """
    if draft.item is None or draft.item is draft.node or _last_parameter(draft) is None:
        return False
    return "GET" in draft.item.methods


def _last_parameter(draft: Draft) -> Node | None:
    return next((step for step in reversed(draft.node.line()) if step.is_parameter), None)


def _homes(
    places: Places, draft: Draft, homes: Mapping[Node | None, Sequence[Draft]]
) -> list[Draft]:
    """The drafts whose records a place's may be; none where there are too many to tell."""
    steps = [None, *(step for step in draft.node.line() if step.is_parameter)]
    if sum(len(homes.get(step, ())) for step in steps) > MAX_HOMES:
        return []
    near = [home for step in steps for home in homes.get(step, ())]
    return [home for home in near if home is not draft and _may_be_home(places, draft, home)]


def _below(places: Places, draft: Draft, homes: Sequence[Draft]) -> list[Draft]:
    """The drafts of which a list shows all records, whatever their parents."""
    if not draft.node.methods <= _SEEN:
        return []
    steps = {step for step in draft.node.line() if step.is_parameter}
    return [
        home
        for home in homes
        if steps <= set(home.node.line())
        and not {_first(draft), _first(home)} & SELF_WORDS
        and _same_record(places, draft, home)
    ]


def _first(draft: Draft) -> str:
    """The first step that is no version."""
    return normal(next(iter(draft.node.literals()), ""))


def _may_be_home(places: Places, draft: Draft, home: Draft) -> bool:
    """Whether a place's records may be those of another place with fewer parameters before it."""
    steps = _apart(home, draft)
    if any(step.is_parameter for step in steps) or not places.record(draft).alike(
        places.record(home)
    ):
        return False
    if draft.item is None and not draft.node.methods <= _MADE_AND_SEEN:
        return False
    ways = [step.token.literal for step in steps], [s.token.literal for s in _apart(draft, home)]
    if ways[0] == [name for name in ways[1] if name][-len(ways[0]) :]:
        return True
    seen = draft.item is None and draft.node.methods <= _SEEN
    return seen and _first(home) not in SELF_WORDS and _same_record(places, draft, home)


def _apart(draft: Draft, other: Draft) -> list[Node]:
    """The steps to a collection that are not on the way to another."""
    common = set(other.node.line())
    return [step for step in draft.node.line() if step not in common]


def _same_record(places: Places, draft: Draft, other: Draft) -> bool:
    identity = places.record(draft).identity
    return bool(identity) and identity == places.record(other).identity


def _nearest(draft: Draft, homes: Sequence[Draft]) -> Draft | None:
    """The home with the longest way in common; none if there are several of them."""
    if not homes:
        return None
    ways = [_common(draft, home) for home in homes]
    best = max(ways)
    found = [home for home, way in zip(homes, ways, strict=True) if way == best]
    if len(found) > 1:
        found = [home for home in found if _last_parameter(home) is None]
    return found[0] if len(found) == 1 else None


def _common(draft: Draft, home: Draft) -> int:
    pairs = zip(draft.node.line(), home.node.line(), strict=False)
    return sum(1 for one, other in pairs if one is other)


def _settle_unnamed(places: Places) -> None:
    """Records at ``/v1/{name}`` belong to the one list of such records, ``/v1/{parent}/things``."""
    lists: dict[str, list[Draft]] = {}
    for draft in places.drafts:
        if draft.item is None and not draft.singleton and draft.home is None:
            lists.setdefault(places.record(draft).identity, []).append(draft)
    for draft in places.drafts:
        if draft.item is None or draft.singleton or not is_unnamed(draft):
            continue
        identity = _written_identity(places, draft)
        found = lists.pop(identity, ()) if identity else ()
        if len(found) == 1:
            draft.home, found[0].item = found[0], draft.item
            found[0].schema = None


def is_unnamed(draft: Draft) -> bool:
    """Whether nothing but a version stands before the key of a record."""
    literal = draft.node.token.literal
    bare = draft.node.parent is None or is_version(literal)
    return not draft.node.operations and not draft.node.is_parameter and bare


def _written_identity(places: Places, draft: Draft) -> str:
    """What a record is, as those who change it say."""
    for method in ("PATCH", "PUT", "GET"):
        operation = draft.item.operation(method) if draft.item is not None else None
        if operation is not None:
            return places.answered(operation).identity or places.sent(operation).identity
    return ""


def named(drafts: Sequence[Draft]) -> dict[Draft, str]:
    """A name for each draft: as few of the literals on its way as tell it from the others."""
    ways = {draft: _literals(draft) for draft in drafts}
    used = Counter(suffix for way in ways.values() for suffix in _suffixes(way))
    whole = Counter(".".join(way) for way in ways.values())
    found: dict[Draft, str] = {}
    taken: set[str] = set()
    for draft, way in ways.items():
        full = ".".join(way)
        short = next((name for name in _suffixes(way) if used[name] == 1), full)
        name = full if whole[full] == 1 and len(way) == 1 else short
        found[draft] = _free(name, taken)
    return found


def _literals(draft: Draft) -> list[str]:
    literals = draft.node.literals() or ["root"]
    if draft.item is draft.node:  # a record right behind a record has no literal of its own
        literals = [*literals, draft.node.token.names[0] or "item"]
    return literals


def _suffixes(way: Sequence[str]) -> Iterator[str]:
    for length in range(1, len(way) + 1):
        yield ".".join(way[-length:])


def _free(name: str, taken: set[str]) -> str:
    chosen, number = name, 2
    while chosen in taken:
        chosen, number = f"{name}.{number}", number + 1
    taken.add(chosen)
    return chosen
