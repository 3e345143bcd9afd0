"""Members of fixture records and identities that name records, and name none that is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mockserver.errors import Problem, pointer_to
from mockserver.state.fixtures import CREDENTIALS, Fixtures, nearest

References = Mapping[str, Mapping[str, str]]
"""By collection and member, the collection whose keys the member holds."""

_USERS = "users"


def dangling(fixtures: Fixtures, references: References) -> Iterator[Problem]:
    """A problem for each reference to a record that the fixtures do not have.

    A member may hold one key or a list of them; null and absent ones refer to nothing. What
    refers to a collection that has no fixtures is not judged.
    """
    keys = {name: {each.key for each in records} for name, records in fixtures.collections.items()}
    for name, members in references.items():
        for record in fixtures.collections.get(name, ()):
            source, pointer = fixtures.places.get((name, record.key), ("", ""))
            for member, target in members.items():
                if target not in keys:
                    continue
                known = keys[target]
                told = record.value.get(member) if isinstance(record.value, dict) else None
                for key in told if isinstance(told, list) else [told]:
                    if isinstance(key, str | int) and str(key) not in known:
                        message = f"no record {str(key)!r} in {target}; {nearest(str(key), known)}"
                        yield Problem(source, pointer + pointer_to([member]), message)


def misnamed(fixtures: Fixtures, folder: Path, schemes: Sequence[str]) -> Iterator[Problem]:
    """A problem for each security scheme, and each user, that identities name and nobody knows."""
    source = str(folder / f"{CREDENTIALS}.json")
    users = {record.key for record in fixtures.collections.get(_USERS, ())}
    for number, identity in enumerate(fixtures.identities):
        for scheme in identity.get("credentials", {}):
            if scheme not in schemes:
                message = f"no such security scheme; {nearest(scheme, schemes)}"
                yield Problem(source, pointer_to([number, "credentials", scheme]), message)
        user = identity.get("user")
        if users and not fixtures.problems and isinstance(user, str) and user not in users:
            message = f"no record {user!r} in {_USERS}; {nearest(user, users)}"
            yield Problem(source, pointer_to([number, "user"]), message)
