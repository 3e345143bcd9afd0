"""What was expected, in the server's own words: its keys stand where the reference has others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mockserver.contract.alike import ISSUED
from mockserver.contract.calls import keys_in
from mockserver.contract.numbered import kind_of
from mockserver.contract.session import Session, Stepped
from mockserver.contract.values import Answered, Birth, Difference, Exchange, Outcome

NEW = "(a new key)"
"""Stands in what was expected for a key that the server did not give."""

SHORT = 6
"""Texts below it are not looked for inside of other texts: they may stand there by chance."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Texts of the reference, with what the server has in their place."""

    texts: dict[str, str]
    issued: frozenset[str]

    def text(self, text: str) -> str:
        """A text in the server's words."""
        if self.texts:
            text = self._pattern().sub(lambda found: self.texts[found.group()], text)
        return ISSUED.sub(
            lambda found: NEW if found.group() in self.issued else found.group(), text
        )

    def outcome(self, outcome: Outcome) -> Outcome:
        """An answer in the server's words; bytes that are no text stay as they are."""
        if not isinstance(outcome, Answered):
            return outcome
        headers = tuple((name, self.text(value)) for name, value in outcome.headers)
        try:
            body = self.text(outcome.body.decode()).encode()
        except UnicodeDecodeError:
            body = outcome.body
        return replace(outcome, headers=headers, body=body)

    def difference(self, difference: Difference) -> Difference:
        """A difference in the server's words."""
        return replace(
            difference,
            pointer=self.text(difference.pointer),
            expected=self.text(difference.expected),
        )

    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self.texts, key=len, reverse=True))))


def translation(session: Session) -> Translation:
    """What the server of a run has in the place of the reference's own values."""
    triples = [session.names[number] for number in range(len(session.names))]
    texts = {
        str(triple.a): str(triple.t)
        for triple in triples
        if (isinstance(triple.a, str) and len(triple.a) >= SHORT and triple.a != triple.t)
        or kind_of(triple.a) is not None
    }
    known = {str(triple.a) for triple in triples if triple.is_key}
    return Translation(texts, frozenset(map(str, session.a.issued)) - known)


def exchange(step: Stepped, words: Translation) -> Exchange:
    """A call of a run for a report."""
    return step.exchange(words.outcome(step.a))


def births(session: Session) -> tuple[Birth, ...]:
    """The keys of a run, and whatever else its calls use that a server made for itself."""
    used = {key.number for step in session.steps for key in keys_in(step.sent)}
    names = session.names
    return tuple(
        Birth(number, names[number].step, names[number].pointer, names[number].t, is_key)
        for number in range(len(names))
        if (is_key := names[number].is_key) or number in used
    )
