"""Adds proven runs for how the assets API reads a content: texts that a changed reader takes
for something else.

python -m benchmarks.proving_texts [--texts 6000] [--seed 1] [--jobs 2]

``classify`` is a pure function, so each mutant of its module is asked with thousands of texts in
the time of one check. Few texts that together show the most mutants are made short and kept, each
as a draft of an asset; as a created one where a draft tells nothing.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from multiprocessing import Pool
from typing import Any

from benchmarks.workshop import Workshop, prepare
from mockserver.apis.assets import classification
from mockserver.contract import proven
from mockserver.contract.values import Json, Sent
from mockserver.engine.values.patterns import Pattern
from tests.contract_gate import mutants

MODULE = classification.__name__

SHOWING = 60
"""Contents that show a mutant, past which no more are sought."""

LETTERS, LONG = 600, 12
"""Letters of a content at most, and how many longer ones those are asked with that none showed."""

Read = tuple[str | None, bytes | None, str | None]
"""A text, bytes and an extension, as they are classified."""

Classify = Callable[[str | None, bytes | None, str | None], tuple[str, str]]

APPLICATION = {
    "id": "a",
    "name": "OPEN_SOURCE",
    "version": "a",
    "platform": "LINUX",
    "onboarded": True,
    "privacy": "OPEN",
}

STRUCTURED = (
    "",
    " ",
    ' {"a": [1]} ',
    " https://example.com ",
    *"""\
key: value
Key: value
- key: value
  nested: 1
- item
- "quoted": x
---
text: |
text: >
text: |-
    inside a block, it is
a/b-c.d:
done: yes;
[section]
[[array.of]]
name = "x"
count = 1
on = true
]
},
list = [
# a comment
Plain words, nothing else.
It is; so
one {two}
a,
{"a": 1}
[1, 2]
{"a":
[]
{}
[x]
"text"
{a: 1}
http://example.com
https://example.com/a?b=c
FTP://example.com
http:///a
http://example.com and more
xhttp://example.com
mailto:a@b.c
<?xml version="1.0"?>
<!-- remark -->
<!DOCTYPE svg>
<!doctype html>
<svg>
<svg/>
</svg>
<svgx>
<html>
<HTML>
</html>
<body>
<h1>
<h7>
<a>
<a href="x">
<p>
<px>
<root>
</root>
<root/>
<root a="b">
</other>
<ns:a.b-c/>
<1a/>
text <root/>
<?php
<?=
<root
>
<div>
<?xml?>
""".splitlines(),
)
"""Lines of what is told by its shape as a whole."""


@cache
def tells() -> list[list[str]]:
    """For each language some texts for each of its tell-tales."""
    found = []
    for patterns in classification._LANGUAGES.values():  # noqa: SLF001
        texts: list[str] = []
        for _, tell in patterns:
            made = Pattern(tell).texts(random.Random(len(tell)), 1, 120)
            matching = (text for text in made if re.search(tell, text, re.MULTILINE))
            texts += islice(matching, 6)
        found.append(texts)
    return found


def contents(choice: random.Random) -> Iterator[Read]:
    """Contents of all kinds, without end."""
    names = [name for _, name in classification._KNOWN.values()]  # noqa: SLF001
    while True:
        drawn = choice.random()
        if drawn < 0.12:
            yield "", None, _altered(choice.choice(names), choice)
        elif drawn < 0.17:
            yield None, _magic(choice), None
        elif drawn < 0.6:
            yield _written(choice)[:LETTERS], None, None
        else:
            yield _structured(choice)[:LETTERS], None, None


def long(choice: random.Random) -> Iterator[Read]:
    """Texts that are about as long as what is looked at of one."""
    while True:
        text = choice.choice((_written, _structured))(choice)[:LETTERS]
        inside = choice.choice((" ", "\n", "a", '", "'))
        size = classification.MAX_TEXT - len(text) + choice.choice((-1, 0, 0, 1, 30))
        end = _written(choice) if choice.random() < 0.5 else ""
        yield text + (inside * size)[:size] + end, None, None


def _magic(choice: random.Random) -> bytes:
    """Bytes by which a kind of file is told, or nearly so."""
    offset, magic, kind = choice.choice(classification._MAGIC)  # noqa: SLF001
    begin = classification._CONTAINER.get(kind, b"")  # noqa: SLF001
    begin = choice.choice((begin, begin, b"", b"\0" + begin))
    offset += choice.choice((0, 0, 0, 1, -1))
    return begin + b"\0" * (offset - len(begin)) + magic + b"\xff\0"


def _written(choice: random.Random) -> str:
    """A text in a language, or in two: where points are counted one may be just ahead."""
    some = choice.sample(choice.choice(tells()), choice.choice((1, 1, 2, 2, 3)))
    some += choice.sample(choice.choice(tells()), choice.choice((0, 1, 1, 2, 2, 3)))
    choice.shuffle(some)
    text = choice.choice(("\n", "\n", "\n", " ")).join(some)
    return _altered(text, choice) if choice.random() < 0.3 else text


def _structured(choice: random.Random) -> str:
    """Lines that have a shape, mostly of few kinds."""
    kinds = choice.sample(STRUCTURED, choice.choice((1, 2, 3, 4)))
    some = choice.choices(kinds, k=choice.choice((1, 2, 3, 4, 5, 6, 8, 10)))
    if choice.random() < 0.1:
        some.append(choice.choice(choice.choice(tells())))
    text = choice.choice(("\n", "\n", "\n", " ", "")).join(some)
    return _altered(text, choice) if choice.random() < 0.4 else text


def _altered(text: str, choice: random.Random) -> str:
    at = choice.randint(0, len(text))
    before, after = text[:at], text[at:]
    return choice.choice(
        (
            text.upper(), text.lower(), f" {text}", f"{text} ", f".{text}", f"..{text}", f"{text}.",
            before + after[1:], before, after, f"{before} {after}", f"{before}\n{after}",
            f"\n{text}\n", f"{text}\n{text}", f"XX{text}", f"{before}x{after}",
        )
    )  # fmt: skip


def told(classify: Classify, read: Read) -> Any:
    """What a content is said to be; an error is an answer as well."""
    try:
        return classify(*read)
    except Exception as error:  # noqa: BLE001 - of a reader that is changed
        return type(error)


def changed(mutant: mutants.Mutant) -> Classify | None:
    """The reader of a mutant; None where it cannot even begin."""
    space: dict[str, Any] = {"__name__": MODULE}
    try:
        exec(compile(mutants.changed(mutant), MODULE, "exec"), space)  # our own
    except Exception:  # noqa: BLE001 - whatever keeps it from beginning
        return None
    found: Classify = space["classify"]
    return found


def showing(right: list[tuple[Read, Any]], mutant: mutants.Mutant) -> list[int]:
    """Which of the contents a mutant takes for something else."""
    classify = changed(mutant)
    if classify is None:
        return []
    wrong = (n for n, (read, kind) in enumerate(right) if told(classify, read) != kind)
    return list(islice(wrong, SHOWING))


def all_shown(
    right: list[tuple[Read, Any]], everything: list[mutants.Mutant], jobs: int
) -> dict[mutants.Mutant, list[int]]:
    """For each mutant which of the contents show it."""
    with Pool(jobs) as pool:
        return dict(zip(everything, pool.map(partial(showing, right), everything), strict=True))


def covering(shown: dict[mutants.Mutant, list[int]]) -> dict[int, list[mutants.Mutant]]:
    """Few contents that show all that is shown, each with those that it is kept for."""
    left = {mutant: set(numbers) for mutant, numbers in shown.items() if numbers}
    found: dict[int, list[mutants.Mutant]] = {}
    while left:
        counts: dict[int, int] = {}
        for numbers in left.values():
            for number in numbers:
                counts[number] = counts.get(number, 0) + 1
        best = max(counts, key=lambda number: (counts[number], -number))
        found[best] = [mutant for mutant, numbers in left.items() if best in numbers]
        for mutant in found[best]:
            del left[mutant]
    return found


def shortened(read: Read, kept_for: list[mutants.Mutant]) -> Read:
    """The content with as few letters as still show the same; a long one is left as it is."""
    text, data, extension = read
    if not text or len(text) > LETTERS:
        return read
    readers = [reader for mutant in kept_for if (reader := changed(mutant)) is not None]

    def shows(text: str) -> bool:
        right = told(classification.classify, (text, data, extension))
        return all(told(reader, (text, data, extension)) != right for reader in readers)

    size = len(text) // 2
    while size:
        at = 0
        while at < len(text):
            rest = text[:at] + text[at + size :]
            if rest and shows(rest):
                text = rest
            else:
                at += size
        size //= 2
    return text, data, extension


def run(read: Read) -> list[Sent]:
    """A draft of an asset with a content, or one that is created."""
    text, data, extension = read
    part = {"bytes": {"raw": list(data)}} if data is not None else {"string": {"raw": text}}
    if extension is not None:
        part["metadata"] = {"ext": extension}
    kind = "file" if data is not None else "fragment"
    asset = {"application": APPLICATION, "format": {kind: part}}
    seed = Json({"type": "SEEDED_ASSET", "asset": asset})
    if told(classification.classify, read)[0] == "IMAGE":
        name, path = "assets_create_new_asset", "/assets/create"
    else:
        name, path = "assets_draft", "/assets/draft"
    return [Sent(name, "POST", path, body=seed, media_type="application/json")]


def main() -> None:
    style = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--texts", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    choice = random.Random(options.seed)
    reads = islice(contents(choice), options.texts)
    right = [(read, told(classification.classify, read)) for read in dict.fromkeys(reads)]
    everything = mutants.mutants(MODULE)
    shown = all_shown(right, everything, options.jobs)
    unseen = [mutant for mutant, numbers in shown.items() if not numbers]
    much = [(read, told(classification.classify, read)) for read in islice(long(choice), LONG)]
    for mutant, numbers in all_shown(much, unseen, options.jobs).items():
        shown[mutant] = [len(right) + number for number in numbers]
    right += much
    covered = covering(shown)
    count = sum(map(bool, shown.values()))
    print(f"{count} of {len(everything)} shown by {len(covered)} contents", flush=True)
    prepare()
    shop = Workshop("assets")
    known = list(proven.read("assets"))
    calls = (run(shortened(right[number][0], some)) for number, some in covered.items())
    new = [(sents, {}) for sents in calls if shop.kept(sents, {}) is not None]
    proven.write("assets", [*known, *new])
    print(f"{len(new)} runs beside {len(known)}")
    for mutant, numbers in shown.items():
        if not numbers and changed(mutant) is not None:
            print("not shown:", mutant.line, mutant.what)


if __name__ == "__main__":
    main()
