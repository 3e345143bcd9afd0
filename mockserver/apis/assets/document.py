"""What search sees of an asset: its texts by place, read and normalised once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from mockserver.state.store import Record

T = TypeVar("T")

MAX_KEPT_CONTENT = 256 * 1024
"""Characters of a content up to which what is derived from an asset is kept with it."""

# A piece ends before an ASCII character where it can: nothing composes across that boundary.
_PIECE = re.compile(r"[\s\S]{1,1024}(?=[\x00-\x7f]|\Z)|[\s\S]{1,1024}")


@dataclass(frozen=True, slots=True)
class Material:
    """A tag, website or person of an asset: its id, and the texts it is known by."""

    id: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text about an asset and its AnnotationTypeEnum value."""

    text: str
    type: str


@dataclass(frozen=True, slots=True)
class Document:
    """What search sees of one asset, as written; missing texts are empty.

    ``content`` is the text of the original format, whether it is a fragment or a file. The texts
    of a tag are its text, of a website its url and name, of a person the name, e-mail address and
    user names of the basic or platform profile.
    """

    name: str
    content: str
    tags: tuple[Material, ...]
    websites: tuple[Material, ...]
    persons: tuple[Material, ...]
    annotations: tuple[Annotation, ...]
    hints: tuple[str, ...]


def kept(record: Record, key: str, make: Callable[[Record], T]) -> T:
    """What ``make`` derives from the record, computed once for this version unless it is large."""
    if key in record.work:
        return cast("T", record.work[key])
    made = make(record)
    if len(_content(record.value)) <= MAX_KEPT_CONTENT:
        record.work[key] = made
    return made


def _at(value: Any, *path: str) -> Any:
    """The member at that path, or None where the path breaks off."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _texts(value: Any, *names: str) -> tuple[str, ...]:
    """Those of the named members that hold a text with something in it."""
    found = (_at(value, name) for name in names)
    return tuple(text for text in found if isinstance(text, str) and text)


def _items(asset: Any, name: str) -> list[Any]:
    return _at(asset, name, "iterable") or []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _materials(asset: Any, name: str, *members: str) -> tuple[Material, ...]:
    return tuple(
        Material(_text(_at(item, "id")), _texts(item, *members)) for item in _items(asset, name)
    )


def _person(person: Any) -> Material:
    basic = _texts(_at(person, "type", "basic"), "name", "email", "username")
    platform = _texts(_at(person, "type", "platform"), "name", "email", "username", "vanityname")
    return Material(_text(_at(person, "id")), basic + platform)


def _content(asset: Any) -> str:
    # Only text is looked at: positions of bytes hold blobs, which never are.
    original = _at(asset, "original", "reference")
    fragment = _at(original, "fragment", "string", "raw")
    return _text(fragment) or _text(_at(original, "file", "string", "raw"))


def _read(record: Record) -> Document:
    asset = record.value
    return Document(
        name=_text(_at(asset, "name")),
        content=_content(asset),
        tags=_materials(asset, "tags", "text"),
        websites=_materials(asset, "websites", "url", "name"),
        persons=tuple(_person(item) for item in _items(asset, "persons")),
        annotations=tuple(
            Annotation(_text(_at(item, "text")), _text(_at(item, "type")))
            for item in _items(asset, "annotations")
        ),
        hints=tuple(text for item in _items(asset, "hints") for text in _texts(item, "text")),
    )


def document(record: Record) -> Document:
    """What search sees of the asset."""
    return kept(record, "assets.document", _read)


def classification(record: Record) -> tuple[str, str]:
    """The generic and specific classification of the asset's original format."""
    found = _at(record.value, "original", "reference", "classification")
    return _text(_at(found, "generic")), _text(_at(found, "specific"))


def composed(text: str) -> str:
    """The text in Unicode's composed form (NFC)."""
    # Python normalises a run of combining marks in quadratic time: pieces bound that.
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFC", piece) for piece in _PIECE.findall(text))


def normal(text: str, *, casing: bool = False) -> str:
    """The text as it is compared: composed (NFC), and case-folded unless ``casing``."""
    whole = composed(text)
    return whole if casing else composed(whole.casefold())


def written(record: Record) -> dict[str, Sequence[str]]:
    """The texts of the asset by place, best place first, as written."""
    seen = document(record)
    return {
        "TITLE": (seen.name,),
        "TAGS": [text for tag in seen.tags for text in tag.texts],
        "ANNOTATION": [annotation.text for annotation in seen.annotations],
        "HINT": seen.hints,
        "CONTENT": (seen.content,),
        "WEBSITES": [text for website in seen.websites for text in website.texts],
        "PERSONS": [text for person in seen.persons for text in person.texts],
    }


def _places(record: Record, *, casing: bool) -> Mapping[str, tuple[str, ...]]:
    return {
        place: tuple(normal(text, casing=casing) for text in texts)
        for place, texts in written(record).items()
    }


def places(record: Record, *, casing: bool = False) -> Mapping[str, tuple[str, ...]]:
    """The normalised texts of the asset by place, named as in SearchedMatchEnum.

    Annotations stand in the order of :attr:`Document.annotations`.
    """
    if casing:
        return kept(record, "assets.places.cased", lambda one: _places(one, casing=True))
    return kept(record, "assets.places", lambda one: _places(one, casing=False))


def tag_texts(record: Record) -> frozenset[str]:
    """The texts of the asset's tags, trimmed and without regard to case; blank ones left out."""
    texts = {text.strip() for text in places(record)["TAGS"]}
    return frozenset(texts - {""})
