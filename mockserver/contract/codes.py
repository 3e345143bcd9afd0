"""The codes of findings, each with what it means and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from immutables import Map


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: a title of a few words, and an explanation for ``mockserver explain``."""

    title: str
    explanation: str


CODES: Map[str, Code] = Map(
    {
        "MS101": Code(
            "no answer",
            "The server took the call and closed the connection, or did not answer in time. "
            "Look for a crash or an endless loop in the handler of this operation.",
        ),
        "MS102": Code(
            "no HTTP",
            "What came back is not an HTTP/1.1 answer (RFC 9112), or its body does not end "
            "where its headers say.",
        ),
        "MS103": Code(
            "a body without end",
            "The answer is larger, or takes longer, than anything the description asks for.",
        ),
        "MS201": Code(
            "status",
            "The status is not the one the contract asks for after these calls. The reference "
            "made the same calls, in the same order, on the same records.",
        ),
        "MS202": Code(
            "media type",
            "The Content-Type differs from the one the contract asks for.",
        ),
        "MS203": Code("header", "A header that the description names is missing or differs."),
        "MS204": Code(
            "value",
            "A value in the body differs from what the calls before lead to.",
        ),
        "MS205": Code("missing member", "The body lacks a member that it should have."),
        "MS206": Code("additional member", "The body has a member that it should not have."),
        "MS207": Code(
            "number of items",
            "A list has more or fewer items than the calls before lead to: something was lost, "
            "kept, cut off or filtered wrongly.",
        ),
        "MS208": Code("order of items", "The right items, in another order."),
        "MS209": Code(
            "key",
            "A key does not lead to the record it was made for: it was used before, or one "
            "record goes by two keys.",
        ),
        "MS210": Code("not JSON", "The body is not the JSON text that its media type promises."),
        "MS211": Code("body", "The bytes of the body differ from the ones the calls lead to."),
        "MS301": Code(
            "breaks the description",
            "The answer is not one that the description allows: its status, media type, headers "
            "or schema. This is told by Schemathesis' own checks.",
        ),
        "MS401": Code("longer than its limit", "A list has more items than its limit asked for."),
        "MS402": Code("filter", "A list has an item that does not satisfy the filter asked for."),
        "MS403": Code("paging", "Pages together do not show each record exactly once."),
        "MS404": Code("count", "A count does not agree with what it counts."),
        "MS405": Code("Location", "The Location of what was created leads to nothing."),
        "MS406": Code("side effect", "A call that was refused changed something."),
        "MS407": Code("not kept", "What was written is not what is read."),
        "MS408": Code("touches more", "A partial update changed what it did not name."),
        "MS409": Code("not gone", "What was deleted is still there."),
        "MS410": Code("not repeatable", "The same safe call, asked twice, is answered twice."),
    }
)

FAILURES = Map(
    {
        "timeout": "MS101",
        "closed": "MS101",
        "unreachable": "MS101",
        "garbage": "MS102",
        "cut off": "MS102",
        "too large": "MS103",
    }
)
"""The code of each way not to answer."""
