"""The words by which descriptions name things, as tables, and how two names are compared."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[^a-z0-9]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}
"""Plurals that no rule finds."""

KEY_WORDS = (
    "id", "uuid", "guid", "uid", "pk", "key", "slug", "code", "name", "number", "no", "num", "sku",
    "login", "username", "symbol", "handle", "sid", "gid", "urn", "arn", "ref", "reference",
    "token", "sha", "hash", "version", "email", "domain", "isbn", "ean", "tag", "path", "title",
)  # fmt: skip
"""Properties by which records are known, the likeliest first."""

SYNONYMS = {
    "username": ("login", "name"),
    "user": ("login", "username"),
    "login": ("username",),
    "owner": ("login", "username"),
    "org": ("login", "slug"),
    "pk": ("id",),
    "uid": ("id", "uuid"),
    "uuid": ("id", "guid"),
    "guid": ("id", "uuid"),
    "no": ("number",),
    "num": ("number",),
    "path": ("name",),
    "slug": ("code", "name"),
}
"""A parameter called so may name a property called so."""

MAIN_KEYS = frozenset(("id", "uuid", "guid", "sid", "gid"))
"""An object with one of these is a record, not an envelope around records."""

NUMBERED = frozenset(
    ("number", "num", "no", "iid", "index", "seq", "sequence", "position", "revision", "ordinal")
)  # fmt: skip
"""Last words of keys that count the records below one parent."""

NAMES = ("name", "slug", "title", "label", "login", "username", "code")
"""Members by which a person names a record, the likeliest first."""

NAMED = frozenset(
    ("tag", "label", "category", "keyword", "topic", "skill", "role", "genre", "ingredient",
     "language", "name", "color", "brand", "type", "status")
)  # fmt: skip
"""Members that are referred to by their names sooner than by their keys."""

METADATA = frozenset(("metadata", "meta"))
"""Objects inside a record that hold what it is known by."""

LIST_WORDS = frozenset(
    ("data", "items", "results", "result", "value", "values", "content", "contents", "records",
     "entries", "list", "rows", "elements", "objects", "resources", "collection", "hits", "members",
     "member", "documents", "docs", "entities", "nodes", "edges")
)  # fmt: skip
"""Members of an envelope that hold the records of a list."""

WRAPPERS = frozenset(
    ("data", "result", "results", "response", "payload", "embedded", "d", "item", "record",
     "entity", "resource", "return", "output", "model")
)  # fmt: skip
"""Members that only hold what an answer is about."""

META = frozenset(
    ("meta", "metadata", "links", "pagination", "paging", "pageinfo", "cursors", "cursor", "page",
     "responsemetadata", "paginginfo", "pager", "info", "navigation", "resultset", "queryinfo",
     "constraints")
)  # fmt: skip
"""Objects beside the records that speak of the list."""

NOTICES = frozenset(
    ("success", "ok", "status", "statuscode", "code", "message", "messages", "msg", "errors",
     "error", "warnings", "kind", "etag", "object", "type", "version", "jsonapi", "included",
     "requestid", "timestamp", "apiversion", "took", "time", "debug", "raw", "copyright",
     "schemas", "odatacontext", "context", "errorcode", "unreachable", "incompleteresults",
     "timedout", "sort", "empty", "service", "resource", "operation", "responsestatus",
     "responsecode", "responsemessage", "responsemsg", "httpcode", "httpstatus")
)  # fmt: skip
"""Members of an answer that speak of the answer."""

PAGING = {
    "total": ("total", "totalcount", "totalitems", "totalresults", "totalrecords", "totalelements",
              "totalsize", "totalhits", "itemcount", "recordcount", "resultcount", "odatacount",
              "numfound", "itemstotal", "hitcount", "totalrows", "totalobjects"),
    "count": ("count", "numberofelements", "returned", "numresults", "itemsonpage",
              "currentitemcount", "size"),
    "limit": ("limit", "perpage", "pagesize", "itemsperpage", "maxresults", "pagelimit", "top",
              "itemslimit"),
    "offset": ("offset", "start", "skip", "startindex", "startat", "from"),
    "page": ("page", "pagenumber", "currentpage", "number", "pageindex", "pageno"),
    "pages": ("pages", "totalpages", "pagecount", "lastpage", "pagestotal", "numpages"),
    "more": ("hasmore", "hasnext", "hasnextpage", "more", "ismore", "moreitems"),
    "less": ("hasprevious", "haspreviouspage", "hasprev"),
    "next": ("next", "nextpage", "nextlink", "nexturl", "nextpageurl", "odatanextlink", "nexthref",
             "nextpageuri", "nextpagelink", "atnextlink"),
    "previous": ("previous", "prev", "previouspage", "previousurl", "prevpageurl", "previouslink",
                 "prevpage", "previouspageuri", "before"),
    "cursor": ("nextcursor", "nextpagetoken", "nexttoken", "nextmarker", "cursor", "continuation",
               "continuationtoken", "endcursor", "nextpagecursor", "after", "pagetoken",
               "continue"),
    "remaining": ("remainingitemcount",),
    "first": ("first", "firstpage", "firstpageurl", "isfirst", "firstpageuri"),
    "last": ("last", "lastpageurl", "islast", "lastpageuri"),
    "self": ("self", "href", "url", "uri", "selflink"),
}  # fmt: skip
"""Members of a list's envelope by what they tell."""

PAGING_MEANING = {word: meaning for meaning, words in PAGING.items() for word in words}

QUERIES = {
    "limit": ("limit", "perpage", "pagesize", "maxresults", "top", "first", "size", "count", "take",
              "rows", "pagelimit", "maxitems", "maxrecords", "resultsperpage", "itemsperpage",
              "recordsnumber", "num", "max", "maxpagesize", "pagecount", "numresults", "amount"),
    "offset": ("offset", "skip", "start", "startindex", "startat", "pageoffset", "from"),
    "page": ("page", "pagenumber", "pageindex", "pageno", "pagenum", "currentpage", "p"),
    "cursor": ("cursor", "after", "startingafter", "pagetoken", "nexttoken", "nextcursor",
               "pagecursor", "pageafter", "continuationtoken", "marker", "nextpagetoken",
               "nextpage", "skiptoken", "continue", "paginationtoken", "exclusivestartkey"),
    "backwards": ("before", "endingbefore", "pagebefore", "previouscursor", "last"),
    "sort": ("sort", "sortby", "orderby", "order", "ordering", "sortfield", "sortkey", "sorting",
             "sortcolumn"),
    "direction": ("direction", "sortdir", "sortorder", "sortdirection", "orderdirection", "dir",
                  "orderdir"),
    "search": ("q", "query", "search", "searchterm", "term", "keyword", "keywords", "text",
               "searchtext", "searchquery"),
    "labels": ("labelselector",),
    "selector": ("fieldselector",),
    "total": ("inlinecount", "includetotal", "withcount", "includecount", "includetotalcount"),
    "ignored": ("fields", "include", "expand", "select", "embed", "prettyprint", "pretty", "raw",
                "callback", "alt", "excludefields", "populate", "view", "apiversion", "locale",
                "lang", "language", "accesstoken", "apikey", "key", "oauthtoken", "quotauser",
                "uploadprotocol", "uploadtype", "passthrough", "format", "version"),
}  # fmt: skip
"""Parameters of a list by what they ask for."""

QUERY_MEANING = {word: meaning for meaning, words in QUERIES.items() for word in words}

PLAIN_WORDS = frozenset(
    ("size", "count", "start", "first", "last", "order", "key", "from", "after", "before", "text",
     "term", "num", "max", "marker", "amount", "locale", "lang", "language", "format", "version",
     "view", "raw", "name", "top", "keywords", "keyword", "select", "fields", "p", "next",
     "direction")
)  # fmt: skip
"""Words for paging and the like that are a filter where the records have such a property."""

CREATED_WORDS = frozenset(
    ("created", "createdat", "createdon", "createddate", "createdtime", "creationdate",
     "creationtime", "datecreated", "createtime", "createdatetime", "createddatetime", "dateadded",
     "addedat", "insertedat", "timecreated", "creationtimestamp", "createdtimestamp")
)  # fmt: skip
"""Members that say when a record was made."""

OWN_DATES = frozenset(
    ("date", "time", "datetime", "timestamp", "start", "startdate", "starttime", "startat",
     "startsat", "startdatetime", "begin", "begins", "beginsat", "from", "occurredat", "occurred",
     "scheduledat", "scheduledfor", "issuedate", "issuedat", "orderdate", "eventdate", "postedat",
     "publishedat", "appointmentdate", "checkin", "day", "when", "at")
)  # fmt: skip
"""Members that say when what a record is about takes place."""

UPDATED_WORDS = frozenset(
    ("updated", "updatedat", "updatedon", "updateddate", "updatedtime", "updatetime",
     "dateupdated", "modified", "modifiedat", "modifiedon", "modifieddate", "datemodified",
     "lastmodified", "lastmodifiedat", "lastmodifieddate", "lastmodifiedtime", "modificationdate",
     "lastupdated", "lastupdatedat", "lastupdatedtime", "lastupdate", "changedat", "lastchanged",
     "timeupdated", "updateddatetime", "lastmodifieddatetime", "modifiedtime")
)  # fmt: skip
"""Members that say when a record was last changed."""

DIRECTIONS = frozenset(("asc", "desc", "ascending", "descending"))

LOWER_BOUNDS = ("min", "minimum", "from", "start", "after", "since", "gte", "ge", "gt", "begin")
UPPER_BOUNDS = ("max", "maximum", "to", "end", "before", "until", "lte", "le", "lt")
STRICT_BOUNDS = frozenset(("gt", "lt"))

FALLBACK_KEYS = ("id", "uuid", "guid", "key", "slug", "code", "name", "login")
"""The property that a parameter names whose own name says nothing."""

SELF_WORDS = frozenset(("me", "my", "mine", "user", "self", "current"))
"""First steps of paths to what the caller has; nobody else's records are there."""

NO_SCOPE = frozenset(("format", "version", "apiversion", "lang", "language", "locale", "ext"))
"""Path parameters that choose how something is said, not what."""

NOT_ASKING = frozenset(("apiversion", "version", "key", "apikey", "accesstoken", "token", "format"))
"""Required query parameters that do not make a computation of an answer."""

STATES = {
    "activate": ("active", "enabled"),
    "deactivate": ("inactive", "deactivated", "disabled"),
    "enable": ("enabled", "active", "on"),
    "disable": ("disabled", "inactive", "off"),
    "start": ("started", "running", "inprogress", "active"),
    "stop": ("stopped", "off"),
    "open": ("open", "opened"),
    "reopen": ("open", "reopened", "opened"),
    "pause": ("paused",),
    "resume": ("running", "active", "resumed"),
    "complete": ("complete", "completed", "done"),
    "finish": ("finished", "done", "completed"),
    "ship": ("shipped",),
    "send": ("sent",),
    "pay": ("paid",),
    "suspend": ("suspended",),
    "unsuspend": ("active",),
    "restore": ("active", "restored"),
    "unarchive": ("active",),
    "unlock": ("unlocked", "active"),
    "unpublish": ("draft", "unpublished"),
    "deny": ("denied", "rejected"),
    "decline": ("declined", "rejected"),
    "submit": ("submitted",),
    "cancellation": ("cancelled", "canceled"),
    "cancelation": ("cancelled", "canceled"),
    "void": ("voided", "void"),
    "star": ("starred",),
    "freeze": ("frozen",),
}
"""States that actions lead to, where they are not called like the action."""

UNDOES = {
    "lock": "unlock",
    "archive": "unarchive",
    "publish": "unpublish",
    "enable": "disable",
    "activate": "deactivate",
    "star": "unstar",
    "pin": "unpin",
    "mute": "unmute",
    "block": "unblock",
    "suspend": "unsuspend",
    "ban": "unban",
    "hide": "unhide",
    "follow": "unfollow",
    "freeze": "unfreeze",
    "flag": "unflag",
    "favorite": "unfavorite",
    "subscribe": "unsubscribe",
    "pause": "resume",
}
"""Actions, and those that undo them."""

VERSION = re.compile(r"v?[0-9]+([._-][0-9]+)*((alpha|beta|rc|p[0-9]+)[0-9a-z]*)?|api|rest|latest")
"""Path segments that say which version, or that this is an API."""

LIST_VERBS = frozenset(("list", "index", "all", "getall", "listall"))
SEARCH_VERBS = frozenset(("search", "find", "query", "filter"))
READ_VERBS = frozenset(("show", "get", "read", "info", "detail", "details", "retrieve", "view"))
CREATE_VERBS = frozenset(("create", "add", "new", "insert"))
MERGE_VERBS = frozenset(("update", "edit", "modify", "set", "patch"))
DELETE_VERBS = frozenset(("delete", "remove", "destroy"))


def normal(name: str) -> str:
    """A name without case and separators."""
    return _OTHER.sub("", name.lower())


def words(name: str) -> list[str]:
    """The words of a name in camel, snake or any other case, in lower case."""
    return [word.lower() for word in _WORDS.findall(name)]


def stem(name: str) -> str:
    """A name without case, separators and number: the same for ``Pets``, ``pet`` and ``PET``."""
    word = normal(name)
    word = IRREGULAR.get(word, word)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and word != "s":
        word = word[:-1]
    for ending in ("ie", "y", "e"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)]
    return word


def is_version(segment: str) -> bool:
    """Whether a path segment names a version and nothing kept."""
    return VERSION.fullmatch(segment.lower()) is not None
