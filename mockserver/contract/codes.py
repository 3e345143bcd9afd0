"""The codes of findings, each with what it means, an example, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from immutables import Map


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding, for ``mockserver explain`` and for reports.

    ``title`` is a few words. ``check`` is the name that findings of its kind share: reports have
    a row for each operation and check.
    """

    title: str
    check: str
    meaning: str
    example: str
    advice: str

    @property
    def explanation(self) -> str:
        """The whole text, in paragraphs."""
        return f"{self.meaning}\n\nFor example: {self.example}\n\nWhat to do: {self.advice}"


_SAME_CALLS = (
    "The reference made the same calls, in the same order, on the same records, and answered "
    "something else."
)
_FOLLOW = (
    "Follow the calls of the finding one by one: the last one is where it shows, the fault is "
    "often in the write before it."
)
_NOT_MEANT = (
    "If the server is right and the description leaves it open, say so there with "
    "x-conformance: ignore."
)

CODES: Map[str, Code] = Map(
    {
        "MS101": Code(
            "no answer",
            "answers",
            "The server took the call and closed the connection, or did not answer in time. A "
            "client cannot tell whether anything was done.",
            "GET /assets?limit=0 divides by zero, and the worker process dies.",
            "Look into the log of the server at that moment for a crash, an endless loop or a "
            "lock that is never let go. --timeout says how long an answer may take.",
        ),
        "MS102": Code(
            "no HTTP",
            "answers",
            "What came back is not an HTTP/1.1 answer (RFC 9112), or its body does not end where "
            "its headers say.",
            "Content-Length tells the characters of a text with accents, and not its bytes.",
            "Let the framework write Content-Length; look for a proxy that cuts answers off.",
        ),
        "MS103": Code(
            "a body without end",
            "answers",
            "The answer is larger, or takes longer, than anything the description asks for.",
            "A stream is answered where one JSON text is described.",
            "End the answer after what was asked for; bound what a list can hold.",
        ),
        "MS201": Code(
            "status",
            "status",
            f"The status is not the one the contract asks for after these calls. {_SAME_CALLS}",
            "DELETE answers 204, and the same DELETE again 204 where the contract says 404.",
            f"{_FOLLOW} Where the statuses of two errors differ, look at the order in which the "
            "server judges a call: credentials, parameters, body, state.",
        ),
        "MS202": Code(
            "media type",
            "media type",
            "The Content-Type differs from the one the contract asks for (RFC 9110, section 8.3).",
            "An error is sent as text/html where application/problem+json is described.",
            "Look at what writes this answer: often an error page of the framework or of a proxy.",
        ),
        "MS203": Code(
            "header",
            "headers",
            "A header that the description names, Location or Allow is missing or differs.",
            "405 comes without Allow, which RFC 9110, section 15.5.6, asks for.",
            "Set the header where the answer is made; look for a proxy that drops it.",
        ),
        "MS204": Code(
            "value",
            "body",
            f"A value in the body differs from what the calls before lead to. {_SAME_CALLS}",
            "After PUT with the name b, GET tells the name a: a cache was not told of the change.",
            f"{_FOLLOW} {_NOT_MEANT}",
        ),
        "MS205": Code(
            "missing member",
            "body",
            "An object in the body lacks a member that it should have.",
            "A list of no items is left out, where the contract says that it is empty.",
            "Look at how the answer is written: what is null, empty or false is often left out.",
        ),
        "MS206": Code(
            "additional member",
            "body",
            "An object in the body has a member that it should not have.",
            "GET /users tells the hash of the password: the stored record is sent as it is.",
            "Write what the schema of the answer names, and nothing else.",
        ),
        "MS207": Code(
            "number of items",
            "body",
            "A list has more or fewer items than the calls before lead to: something was lost, "
            "kept, cut off or filtered wrongly.",
            "GET /assets shows 20 of 21 assets, because a page that nobody asked for ends there.",
            f"{_FOLLOW} Then look at the limits, the filter and the deletion of this list.",
        ),
        "MS208": Code(
            "order of items",
            "body",
            "The right items in another order, where the contract promises one.",
            "The newest comes first by contract; records of the same second come as they are "
            "stored.",
            "Order by a second key that makes the order total, such as the moment and then the id.",
        ),
        "MS209": Code(
            "key",
            "body",
            "A key does not lead to the record it was made for: it was used before, or one "
            "record goes by two keys.",
            "A new asset gets the id of one that was deleted, and old links show the new one.",
            "Never give a key again; take UUIDs, or a sequence that counts on after deletions.",
        ),
        "MS210": Code(
            "not JSON",
            "body",
            "The body is not the JSON text that its media type promises (RFC 8259).",
            "NaN is written as a number, or a text ends within a character.",
            "Write JSON with a library, as UTF-8, and refuse values that JSON has no words for.",
        ),
        "MS211": Code(
            "body",
            "body",
            "The bytes of the body differ from the ones the calls lead to.",
            "A download comes back with its line ends changed.",
            "Keep what was sent as bytes: no decoding, no trimming, no new compression.",
        ),
        "MS301": Code(
            "breaks the description",
            "description",
            "The answer is not one that the description allows: its status, media type, headers "
            "or schema. This is told by Schemathesis' own checks, whatever the state is.",
            "A price is a text, where the schema says number.",
            "Mend the server, or the description where that is wrong: clients are generated "
            "from it.",
        ),
        "MS401": Code(
            "longer than its limit",
            "rules",
            "A list has more items than its limit asked for.",
            "GET /assets?limit=2 has three items: the limit is compared with <= in a loop.",
            "Look at the place where the page is cut: one off, or a limit that is not heeded.",
        ),
        "MS402": Code(
            "filter",
            "rules",
            "A list has an item that does not satisfy the filter asked for.",
            "GET /assets?kind=text has an image, because two filters are joined by or.",
            "Look at how the filter becomes a query, and at what it does beside other filters.",
        ),
        "MS403": Code(
            "paging",
            "rules",
            "Pages together do not show each record exactly once.",
            "The last record of page 1 is the first of page 2: an offset counts from one.",
            "Order the whole list the same way for each page, and cut it without overlap.",
        ),
        "MS404": Code(
            "count",
            "rules",
            "A count in an answer does not agree with what it counts.",
            "total says 12 while ten are listed: deleted records are counted.",
            "Count with the same query that lists.",
        ),
        "MS405": Code(
            "Location",
            "rules",
            "The Location of what was created leads to nothing (RFC 9110, section 10.2.2).",
            "201 says Location: /asset/7, and the path is /assets/7.",
            "Make the URL from the route of the record, and ask for it in a test.",
        ),
        "MS406": Code(
            "side effect",
            "rules",
            "A call that was refused changed something.",
            "POST answers 400 for a bad tag, and the asset without tags is there.",
            "Judge a call whole before anything is written, or write in one transaction.",
        ),
        "MS407": Code(
            "not kept",
            "rules",
            "What was written is not what is read (RFC 9110, section 9.3.4).",
            "PUT answers the new name, GET the one before.",
            f"{_FOLLOW} Look for a cache, a replica that is late, or a column that was forgotten.",
        ),
        "MS408": Code(
            "touches more",
            "rules",
            "A partial update changed what it did not name (RFC 5789, RFC 7396).",
            "PATCH with a name alone also empties the tags.",
            "Tell a member that was left out from one that is null, and keep what was left out.",
        ),
        "MS409": Code(
            "not gone",
            "rules",
            "What was deleted is still there: by its key, in a list, or in a search.",
            "GET is 404 after DELETE, but the search still finds the record.",
            "Look at each list, index and cache that knew the record.",
        ),
        "MS410": Code(
            "not repeatable",
            "rules",
            "The same safe call, made twice with nothing in between, is answered in two ways.",
            "A list without ORDER BY comes in another order each time.",
            "Give lists a total order; look for reads that write (RFC 9110, section 9.2.1).",
        ),
        "MS411": Code(
            "sorting",
            "rules",
            "A list is not sorted by the property that was asked for, in the direction asked for.",
            "GET /assets?sort=-created begins with the oldest: the sign is not heeded.",
            "Look at how the parameter becomes an order, and at whether numbers or dates are "
            "compared as texts.",
        ),
        "MS412": Code(
            "shown twice",
            "rules",
            "One list has the same record twice.",
            "A search joins assets with their tags: an asset with two tags is found two times.",
            "Look for a join that multiplies rows, and for a record that is kept under two keys.",
        ),
        "MS413": Code(
            "not to be chosen",
            "rules",
            "A list of which the server chooses the records has one that it may not have.",
            "Related assets are some of those that GET /assets lists; one of them was deleted.",
            "Filter what is chosen as the list is filtered that x-conformance names.",
        ),
        "MS501": Code(
            "first frame",
            "feeds",
            "The first frame of a WebSocket feed does not tell what is there.",
            "The feed of an empty collection says nothing, where an empty list is described.",
            "Make the first frame from the same query as the list, once the feed is open.",
        ),
        "MS502": Code(
            "frame missing",
            "feeds",
            "A change was not told on the feed.",
            "Assets are told of when they are created, but not when they are reclassified.",
            "Tell of changes where they are committed, and not in each handler.",
        ),
        "MS503": Code(
            "frame too many",
            "feeds",
            "The feed told something twice, or told of what did not change.",
            "One update is told once for the record and once for its index.",
            "Tell of changes once for each commit; look for a listener that is added twice.",
        ),
        "MS504": Code(
            "order of frames",
            "feeds",
            "Changes were told in another order than they were made.",
            "Two workers tell of two changes, and the second is the quicker one.",
            "Send from one queue, in the order of commits.",
        ),
        "MS505": Code(
            "frame",
            "feeds",
            "A frame tells a change wrongly, or in another shape than the described one.",
            "A deletion is told without the member that marks it as one.",
            "Compare the frame with the description; it is told at the pointer of the finding.",
        ),
        "MS506": Code(
            "no feed",
            "feeds",
            "The WebSocket could not be opened, or was closed by the server (RFC 6455).",
            "A proxy before the server does not pass the upgrade on.",
            "Look at the status that the upgrade was answered with, and at proxies in between.",
        ),
        "MS601": Code(
            "calls at once",
            "calls at once",
            "Calls were made at the same time, and no order in which they could have been made one "
            "after the other explains their answers and what was read afterwards.",
            "Two deletions of one record both answer that they deleted it; an update that comes "
            "between the reading and the writing of another one is lost.",
            "Make what is read and the write that depends on it one step: a transaction, a lock, "
            "a unique key, or a write that fails when something else came first. It depends on "
            "timing: several tries may be needed to see it again.",
        ),
    }
)

CHECKS = tuple(dict.fromkeys(CODES[code].check for code in sorted(CODES)))
"""The names of all checks, in the order of their codes."""

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
