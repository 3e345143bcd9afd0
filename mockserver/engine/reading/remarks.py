"""What is told of a description that is not quite as it should be, in few lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from mockserver.engine.reading.documents import Remark

__all__ = ["Remark", "told"]


MAX_LOST = 20
"""Operations that are lost and told one by one."""

_OPERATION = re.compile(r"/paths/[^/]+(/(get|put|post|delete|options|head|patch|trace))?")

_LOST = (": dropped", "nothing stands there now")


def told(remarks: Iterable[Remark], *, every: bool = False) -> Iterator[str]:
    """A line for each remark, or only for the first one of each rule, with how many follow.

    An operation that is lost has a line of its own, before the others.
    """
    if every:
        yield from map(str, remarks)
        return
    ordered = sorted(remarks, key=_rule)
    lost = [remark for remark in ordered if _loses_operation(remark)]
    yield from (f"{remark}; it is not served" for remark in lost[:MAX_LOST])
    if len(lost) > MAX_LOST:
        yield f"{len(lost) - MAX_LOST} more operations are not served, shown with --verbose"
    rest = (remark for remark in ordered if not _loses_operation(remark))
    for _, same in groupby(rest, key=_rule):
        first, *others = same
        more = f"; {len(others)} more of {first.rule}, shown with --verbose" if others else ""
        yield f"{first}{more}"


def _rule(remark: Remark) -> tuple[str, str]:
    return remark.source, remark.rule


def _loses_operation(remark: Remark) -> bool:
    """Whether a path or one of its methods was dropped."""
    return remark.message.endswith(_LOST) and bool(_OPERATION.fullmatch(remark.pointer))
