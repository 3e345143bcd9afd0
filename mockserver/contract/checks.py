"""What the answers of a server have to keep among themselves, one small function for each rule.

Each looks at the last call of a :class:`Story` and back from there, and says what is broken, or
None. It knows no reference: only what the description says, and what inference guessed of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.alike import identical, shown
from mockserver.contract.facts import DELETES, LISTS, MERGES, READS, REPLACES
from mockserver.contract.likeness import is_kept, is_soft, may_be
from mockserver.contract.sorting import in_asked_order
from mockserver.contract.story import Broken, Rule, Seen, Story
from mockserver.contract.values import Answered
from mockserver.engine.inferred.selecting import values_at
from mockserver.engine.members import value_at
from mockserver.errors import pointer_to

NOT_THERE = frozenset((404, 405, 410, 501))
TELLS_NOTHING = frozenset((401, 403, 408, 425, 429))
"""Statuses that depend on who asks, how often and when, not on what is there."""

ACCEPTED = 202
CREATED = 201
_ALL = frozenset(("", "all", "any", "both", "*"))


def _whole(value: Any) -> int | None:
    """A number of records as it was sent, None for anything else."""
    text = str(value) if not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() else None


def _list_pointer(seen: Seen) -> str:
    return pointer_to(seen.facts.envelope(seen.status).path)


def _item_pointer(seen: Seen, index: int, *path: str) -> str:
    envelope = seen.facts.envelope(seen.status)
    return pointer_to((*envelope.path, index, *envelope.each, *path))


def within_limit(story: Story) -> Broken | None:
    """MS401: a list has no more items than were asked for."""
    last = story.last
    limit = _whole(last.asked(last.facts.limit)) if last.facts.limit else None
    items = last.items if limit else None
    if not limit or items is None or len(items) <= limit:
        return None
    return Broken(_list_pointer(last), f"at most {limit} items", f"{len(items)} items")


def satisfies_filters(story: Story) -> Broken | None:
    """MS402: each item has the value that was asked for of the member of the same name.

    A text may be asked for in part or in another case: that an item has not even a part of it
    breaks the rule where the values are listed, and is a note elsewhere.
    """
    last = story.last
    for query, schema in last.facts.filters:
        wanted = last.asked(query.name)
        if wanted is None or str(wanted).lower() in _ALL:
            continue
        for index, item in enumerate(last.items or ()):
            own = values_at(item, query.property)
            if own and not any(may_be(each, wanted, schema) for each in own):
                told = f"{query.property[0]} {shown(wanted)}, as {query.name} asked for"
                where = _item_pointer(last, index, *query.property)
                promised = schema.get("type") != "string" or "enum" in schema
                return Broken(where, told, shown(own[0]), promised)
    return None


def shows_once(story: Story) -> Broken | None:
    """MS412: a list of records has none of them twice."""
    last = story.last
    items = (last.items or ()) if last.kind in LISTS else ()
    keys = Counter(key for item in items if (key := story.key(last, item)) is not None)
    twice = [key for key, count in keys.items() if count > 1]
    if not twice:
        return None
    return Broken(_list_pointer(last), "each record once", f"{keys[twice[0]]} times {twice[0]}")


def pages_cover_all(story: Story) -> Broken | None:
    """MS403: pages, one after the other, show each record of the whole list exactly once."""
    last = story.last
    pages = _pages(story) if not story.shared else []
    if len(pages) < 2:  # noqa: PLR2004 - one page covers nothing
        return None
    keys = [story.key(last, item) for page in pages for item in page.items or ()]
    if None in keys:
        return None
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        got = f"{shown(twice[0])} on two of {len(pages)} pages"
        return Broken(_list_pointer(last), "each record on one page", got)
    whole = _whole_list(story, pages[0])
    items = whole.items if whole is not None else None
    limit = _whole(last.asked(last.facts.limit)) or 0
    if not items or len(last.items or ()) >= limit:
        return None  # more pages may follow
    missing = [key for key in (story.key(last, item) for item in items) if key not in keys]
    if missing and None not in missing:
        return Broken(_list_pointer(last), f"{shown(missing[0])} on one of the pages", "on none")
    return None


def _pages(story: Story) -> list[Seen]:
    """The pages that the last calls went through, from the first one on; else nothing."""
    last = story.last
    limit = _whole(last.asked(last.facts.limit)) if last.facts.limit else None
    if not limit or last.items is None:
        return []
    pages = [last]
    for each in story.back():
        if _start(pages[0], limit) == 0 or not _same_list(each, last) or each.items is None:
            break
        if _whole(each.asked(last.facts.limit)) != limit:
            break
        if _start(each, limit) != (_start(pages[0], limit) or 0) - limit:
            break
        pages.insert(0, each)
    return pages if _start(pages[0], limit) == 0 else []


def _start(seen: Seen, limit: int) -> int | None:
    """How many records come before a page."""
    facts = seen.facts
    if facts.offset and seen.asked(facts.offset) is not None:
        return _whole(seen.asked(facts.offset))
    if facts.page and seen.asked(facts.page) is not None:
        number = _whole(seen.asked(facts.page))
        return None if number is None else (number - facts.first_page) * limit
    names = {facts.offset, facts.page} - {""}
    return 0 if not any(name in names for name, _ in seen.sent.query) else None


def _same_list(one: Seen, other: Seen) -> bool:
    """Whether two calls ask for parts of the same list."""
    return (
        one.sent.operation == other.sent.operation
        and one.sent.caller == other.sent.caller
        and dict(one.sent.path_parameters) == dict(other.sent.path_parameters)
        and _unpaged(one) == _unpaged(other)
    )


def _unpaged(seen: Seen) -> list[Any]:
    paging = {seen.facts.limit, seen.facts.offset, seen.facts.page}
    return [pair for pair in seen.sent.query if pair[0] not in paging]


def _whole_list(story: Story, first: Seen) -> Seen | None:
    """The call for as much of the list as there is, just before its pages."""
    before = next(story.back(first), None)
    if before is None or not _same_list(before, first) or not before.is_good:
        return None
    return before if _start(before, 1) == 0 else None


def counts_agree(story: Story) -> Broken | None:
    """MS404: a total is not less than what is shown, and equal to it where that is all."""
    last = story.last
    totals = [p for p in last.facts.envelope(last.status).paging if p.meaning == "total"]
    items = last.items if totals and not story.shared else None
    if items is None:
        return None
    total = value_at(last.value, totals[0].path)
    if isinstance(total, bool) or not isinstance(total, int):
        return None
    where = pointer_to(totals[0].path)
    if total < len(items):
        return Broken(where, f"at least {len(items)}, which are shown", str(total))
    limit = _whole(last.asked(last.facts.limit)) if last.facts.limit else None
    alone = {name for name, _ in last.sent.query} <= {last.facts.limit}
    if alone and limit is not None and len(items) < limit and total != len(items):
        return Broken(where, f"{len(items)}, which is all that there is", str(total))
    return None


def location_resolves(story: Story) -> Broken | None:
    """MS405: the Location of what was created leads to it (RFC 9110, section 10.2.2)."""
    last = story.last
    if last.sent.link is None or last.status not in NOT_THERE:
        return None
    link = str(story.resolve(last.sent.link))
    host = urlsplit(link).netloc
    if host and host != urlsplit(story.origin).netloc:
        return None
    for each in story.back():
        told = each.answer.header("location") if isinstance(each.answer, Answered) else None
        if told == link and each.status == CREATED:
            return Broken(None, f"what was created, at {link}", f"status {last.status}")
        if not each.is_quiet:
            return None
    return None


def nothing_changed(story: Story) -> Broken | None:
    """MS406 and MS410: what is read again is as it was when nothing was changed in between."""
    last = story.last
    if not last.is_safe or not last.facts.settled:
        return None
    before = story.earlier(last)
    if before is None or {last.status, before.status} & TELLS_NOTHING or last.same_answer(before):
        return None
    if last.is_good != before.is_good and (last.is_refused or before.is_refused):
        return Broken(None, f"status {before.status}, as before", f"status {last.status}")
    if last.items is not None and before.items is not None:
        return None if story.shared else _same_items(story, before, last)
    if last.record is not None and before.record is not None:
        return _same_members(last, before.record, set(last.facts.sent), "as before")
    return None


def refusal_without_effect(story: Story) -> Broken | None:
    """MS406: a call that was refused changed nothing."""
    return nothing_changed(story) if _refusals(story) else None


def repeatable(story: Story) -> Broken | None:
    """MS410: a safe call that is repeated at once is answered alike."""
    return None if _refusals(story) else nothing_changed(story)


def _refusals(story: Story) -> bool:
    """Whether there was a refused change since the last call was made before."""
    before = story.earlier(story.last)
    for each in story.back():
        if each is before:
            return False
        if not each.is_safe:
            return True
    return False


def _same_items(story: Story, before: Seen, last: Seen) -> Broken | None:
    new = [story.key(last, item) for item in last.items or ()]
    old = [story.key(before, item) for item in before.items or ()]
    if None in new or None in old:
        same = len(new) == len(old)
    else:
        same = sorted(map(str, new)) == sorted(map(str, old))
    if same:
        return None
    return Broken(_list_pointer(last), f"{_told(old)}, as before", _told(new))


def _told(keys: list[Any]) -> str:
    known = [shown(key) for key in keys if key is not None]
    return f"{len(keys)} items" + (f" ({', '.join(known[:4])})" if known else "")


def _same_members(
    last: Seen, before: Mapping[str, Any], names: set[str], told: str
) -> Broken | None:
    """Whether members that only clients give are what they were."""
    record = last.record or {}
    for name in sorted(names & before.keys()):
        if name not in record:
            return Broken(_member(last, name), f"{shown(before[name])}, {told}", "no such member")
        if not identical(before[name], record[name]):
            expected = f"{shown(before[name])}, {told}"
            return Broken(_member(last, name), expected, shown(record[name]))
    return None


def _member(seen: Seen, name: str) -> str:
    return pointer_to((*seen.facts.envelope(seen.status).path, name))


def is_kept_as_written(story: Story) -> Broken | None:
    """MS407: what was created or replaced is read as it was written (RFC 9110, section 9.3.4)."""
    last, write = story.last, _write_of(story, REPLACES | MERGES | {"create"})
    body = story.body(write) if write else None
    record = last.record if body is not None else None
    if record is None or body is None:
        return None
    for name, schema in last.facts.shown.items():
        if (name,) == last.facts.key or name not in body or body[name] is None:
            continue
        value = body[name]
        if name in record and is_kept(value, record[name], schema):
            continue
        if name not in record and value in ("", [], {}, schema.get("default")):
            continue
        got = shown(record[name]) if name in record else "no such member"
        return Broken(_member(last, name), f"{shown(value)}, as it was written", got)
    return None


def _write_of(story: Story, kinds: frozenset[str]) -> Seen | None:
    """The last change, if it was made by the same caller to the record that is read."""
    last = story.last
    if last.kind not in READS or not last.is_good:
        return None
    write = story.last_write()
    if write is None or not write.is_good or write.status == ACCEPTED:
        return None
    same = write.facts.role.resource == last.facts.role.resource
    if write.kind not in kinds or not same or write.sent.caller != last.sent.caller:
        return None
    return write if story.named(write) == story.named(last) is not None else None


def touches_only_named(story: Story) -> Broken | None:
    """MS408: a partial update leaves the members alone that it does not name (RFC 5789)."""
    write = _write_of(story, MERGES)
    body = story.body(write) if write else None
    before = story.earlier(write) if write and body is not None else None
    if write is None or body is None or before is None or before.record is None:
        return None
    others = {name for name in write.facts.sent if name not in body}
    return _same_members(story.last, before.record, others, "which was not to be changed")


def deleted_is_gone(story: Story) -> Broken | None:
    """MS409: what was deleted is neither found nor listed.

    A record that tells of its own deletion is a record that is kept on purpose.
    """
    last = story.last
    if not last.is_good or last.kind not in READS | LISTS:
        return None
    for write in _deletions(story):
        name = story.named(write)
        if name is None or write.sent.caller != last.sent.caller:
            continue
        broken = _still_there(story, write, name)
        if broken is not None:
            return broken
    return None


def _deletions(story: Story) -> Iterator[Seen]:
    """The deletions of records of what is read, with no other change since."""
    resource = story.last.facts.role.resource
    for each in story.back():
        done = each.is_good and each.status != ACCEPTED
        if each.kind in DELETES and done and not each.is_safe:
            if each.facts.role.resource == resource:
                yield each
        elif not each.is_quiet:
            return


def _still_there(story: Story, write: Seen, name: tuple[str, ...]) -> Broken | None:
    last = story.last
    if last.kind in READS:
        before = _before(story, write)
        former = before.record if before is not None else None
        if story.named(last) != name or is_soft(last.record, former):
            return None
        return Broken(None, "status 404 or 410: it was deleted", f"status {last.status}")
    place = story.named(last) or ()
    if not name or (place != name[:-1] and (place or len(name) > 1)):
        return None
    for index, item in enumerate(last.items or ()):
        if story.key(last, item) == name[-1] and not is_soft(item, None):
            told = f"no {shown(name[-1])}: it was deleted"
            return Broken(_item_pointer(last, index), told, shown(item))
    return None


def _before(story: Story, write: Seen) -> Seen | None:
    """The record as it was read before a call."""
    for each in story.back(write):
        if each.is_good and each.same_call(story.last):
            return each
        if not each.is_quiet:
            return None
    return None


RULES: tuple[tuple[str, Rule], ...] = (
    ("MS401", within_limit),
    ("MS402", satisfies_filters),
    ("MS411", in_asked_order),
    ("MS403", pages_cover_all),
    ("MS412", shows_once),
    ("MS404", counts_agree),
    ("MS405", location_resolves),
    ("MS406", refusal_without_effect),
    ("MS409", deleted_is_gone),
    ("MS408", touches_only_named),
    ("MS407", is_kept_as_written),
    ("MS410", repeatable),
)
"""The rules with their codes, those first that say most of one fault."""
