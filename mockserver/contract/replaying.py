"""A run made again on a fresh state: its keys are found anew in the new answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from time import sleep
from typing import Any

from mockserver.contract.branches import BranchSession
from mockserver.contract.calls import rekeyed
from mockserver.contract.chance import value_at
from mockserver.contract.session import Session, Setting
from mockserver.contract.values import Answered, Key, Sent

Step = tuple[int, Sent]
"""A call with the number it had in the run that is made again."""

Births = Mapping[int, tuple[int, str]]
"""Of each key the step in which it appeared first, and where: ``body:/id``."""


class Rekeying:
    """Calls made again, their keys as they are this time; keys appeared first at ``births``."""

    def __init__(self, births: Births) -> None:
        self._births = births
        self._keys: dict[Key, Any] = {}
        self._born: dict[int, list[int]] = defaultdict(list)
        for number, (step, _) in births.items():
            self._born[step].append(number)

    def call(self, sent: Sent) -> Sent:
        """A call as it is now. Raises KeyError for a key that did not come."""
        return rekeyed(sent, self._keys, strict=True)

    def learn(self, number: int, session: Session) -> None:
        """Find the keys that appeared first in the step of a number, the last one made now."""
        step = len(session.steps) - 1
        names, keys = session.names, self._keys
        for old in self._born.get(number, ()):
            place = self._births[old][1]
            fresh = [
                n
                for n in range(len(names))
                if names[n].step == step
                and names[n].pointer == place
                and Key(n) not in keys.values()
            ]
            if fresh:
                keys[Key(old)] = Key(fresh[0])
                continue
            known = names.find(_at(session.steps[-1].a, place))
            if known is not None:
                keys[Key(old)] = Key(known)


class Replaying:
    """Makes runs again that are part of one run, whose keys appeared first at ``births``.

    There are ``pause`` seconds between calls: what is told of moments is seen only then.
    """

    def __init__(self, setting: Setting, births: Births, pause: float = 0.0) -> None:
        self._setting = setting
        self._pause = pause
        self._births = births

    def run(self, steps: Iterable[Step]) -> Session:
        """Make some steps from a fresh state. Raises KeyError for a key that did not come."""
        self._setting.target.reset()
        session = BranchSession(self._setting)
        keys = Rekeying(self._births)
        for number, sent in steps:
            sleep(self._pause)
            session.step(keys.call(sent))
            keys.learn(number, session)
        return session


def _at(answer: Any, place: str) -> Any:
    """The value at a place such as ``body:/id``."""
    aspect, _, path = place.partition(":")
    if not isinstance(answer, Answered):
        return None
    if aspect == "header":
        return answer.header(path.removeprefix("/"))
    value = value_at(answer, path)
    return value if isinstance(value, str | int) else None
