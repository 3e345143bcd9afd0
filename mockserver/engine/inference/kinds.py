"""What each operation does to which resource, guessed from its method and its place."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.engine.inference.homes import is_unnamed
from mockserver.engine.inference.keys import Fields
from mockserver.engine.inference.paths import Node
from mockserver.engine.inference.places import Draft, Places, body_schema
from mockserver.engine.inference.queries import settings
from mockserver.engine.inference.shapes import About, content
from mockserver.engine.inference.views import NOTHING, View
from mockserver.engine.inference.words import MAIN_KEYS, normal, stem
from mockserver.engine.spec import Operation

KINDS = (
    "list", "search", "create", "read", "exists", "replace", "upsert", "merge", "delete",
    "bulk-create", "bulk-replace", "bulk-merge", "bulk-delete", "clear",
    "singleton-read", "singleton-replace", "singleton-merge", "singleton-delete", "action",
)  # fmt: skip
"""All that an operation can be."""

_SINGLETON = {
    "GET": "singleton-read",
    "PUT": "singleton-replace",
    "PATCH": "singleton-merge",
    "DELETE": "singleton-delete",
    "HEAD": "exists",
}
_ITEM = {"PATCH": "merge", "DELETE": "delete", "HEAD": "exists"}
_ASKED = frozenset(("GET", "HEAD"))


@dataclass(frozen=True, slots=True)
class Guess:
    """What one operation seems to do.

    ``place`` is where the record it acts on is, None when the path names none; ``asked`` are
    parameters of the query that name it instead. With ``sent`` the body does.
    """

    operation: Operation
    kind: str
    why: str
    node: Node
    draft: Draft | None = None
    place: Node | None = None
    asked: tuple[str, ...] = ()
    sent: bool = False


class Kinds:
    """Guesses for the operations of a description."""

    def __init__(self, places: Places) -> None:
        self._places = places
        posts = (draft for draft in places.drafts if draft.node.operation("POST") is not None)
        self._made = {draft.settled() for draft in posts}

    def guess(self, operation: Operation, node: Node) -> Guess:
        """What an operation at a place seems to do."""
        places = self._places
        verb, verbed = places.verb(node)
        if node in places.searches:
            return self._search(operation, node)
        if node in places.items and node not in places.lookups and not verb:
            return self._item(operation, node, places.items[node])
        if node in places.lookups:
            return self._lookup(operation, node)
        if verb and verbed is not None:
            found = self._verbed(operation, node, verb, verbed)
            if found is not None:
                return found
        draft = places.collections.get(node)
        if draft is None:
            return self._several_made(operation, node) or self._action(operation, node)
        return (self._singleton if draft.singleton else self._collection)(operation, node, draft)

    def _several_made(self, operation: Operation, node: Node) -> Guess | None:
        """A list of records sent to a place below their collection: ``/user/createWithList``."""
        above = self._places.collections.get(node.parent) if node.parent is not None else None
        if operation.method != "POST" or above is None or above.singleton:
            return None
        views = self._places.views
        body = views.view(body_schema(operation))
        if body.kind != "array" or not views.view(body.items).same(self._places.record(above)):
            return None
        why = f"POST of a list of the records of {above.node.template}"
        return Guess(operation, "bulk-create", why, node, above)

    def _search(self, operation: Operation, node: Node) -> Guess:
        draft = self._places.searches[node]
        if operation.method not in (*_ASKED, "POST"):
            return self._action(operation, node)
        if "GET" in node.methods and operation.method == "POST":
            return self._action(operation, node)
        why = f"answers a list of the records of {draft.node.template}"
        return Guess(operation, "search", why, node, draft)

    def _lookup(self, operation: Operation, node: Node) -> Guess:
        draft = self._places.items[node]
        if operation.method not in _ASKED:
            return self._action(operation, node)
        why = f"answers one record of {draft.node.template} by another key"
        kind = "read" if operation.method == "GET" else "exists"
        return Guess(operation, kind, why, node, draft, node)

    def _verbed(self, operation: Operation, node: Node, verb: str, draft: Draft) -> Guess | None:
        """Remote procedure calls such as ``POST /pets/update``."""
        why, asks = f"the path says {verb}", operation.method in _ASKED
        if verb in ("list", "search"):
            listed = not node.is_parameter and self._places.lists(node, draft)
            kind = verb if asks else "search"
            return Guess(operation, kind, why, node, draft) if listed else None
        if asks and verb != "read":
            return None
        if verb == "create":
            return Guess(operation, verb, why, node, draft)
        if node.is_parameter:
            return Guess(operation, verb, why, node, draft, node)
        asked = self.key_parameters(operation, draft)
        sent = not asked and self._names_key(operation, draft)
        known = bool(asked) or sent
        return Guess(operation, verb, why, node, draft, None, asked, sent) if known else None

    def key_parameters(self, operation: Operation, draft: Draft) -> tuple[str, ...]:
        """The query parameters that name records of a resource."""
        own = stem(draft.node.name)
        known = {*MAIN_KEYS, *(own + word for word in MAIN_KEYS), own + "slug", own + "name"}
        known |= {normal(name) for name in self._key_names(draft)}
        return tuple(
            parameter.name
            for parameter in operation.parameters
            if parameter.location == "query" and _either_number(str(parameter.name)) & known
        )

    def _key_names(self, draft: Draft) -> tuple[str, ...]:
        return draft.item.token.names if draft.item is not None else ()

    def _names_key(self, operation: Operation, draft: Draft) -> bool:
        """Whether the body holds the key of the record it is about."""
        sent = self._places.sent(operation)
        own = stem(draft.node.name)
        keys = {*MAIN_KEYS, *(own + word for word in MAIN_KEYS)}
        keys |= {normal(name) for name in self._key_names(draft)}
        return any(normal(name) in keys for name in sent.properties)

    def _collection(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        method = operation.method
        if method in _ASKED:
            return self._listed(operation, node, draft)
        if method == "POST":
            return self._posted(operation, node, draft)
        if method == "DELETE":
            return self._cleared(operation, node, draft)
        if method in ("PUT", "PATCH"):
            return self._changed(operation, node, draft)
        return self._action(operation, node)

    def _listed(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        places = self._places
        if operation.method == "HEAD":
            return Guess(operation, "list", "HEAD on a collection", node, draft)
        about = About(node.name, places.record(draft), expected=True)
        found = places.listed(operation, about)
        if found is None:
            return self._action(operation, node)
        inside = " in the member " + ".".join(found.path) if found.path else ""
        return Guess(operation, "list", f"GET answers a list{inside}", node, draft)

    def _posted(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        places = self._places
        record, sent = places.record(draft), places.sent(operation)
        body = places.views.view(body_schema(operation))
        if body.kind == "array":
            return Guess(operation, "bulk-create", "POST of a list to a collection", node, draft)
        answered = places.answered(operation)
        about = About(node.name, record)
        if answered is NOTHING and places.listed(operation, about) is not None:
            return Guess(operation, "bulk-create", "POST answers a list", node, draft)
        strange = not answered.alike(record) and not sent.alike(record)
        if strange and self._tells_key(draft, answered):
            return Guess(operation, "create", "POST answers the key of a record", node, draft)
        if strange and answered.is_record and "201" not in operation.responses:
            return self._action(operation, node)
        if strange and body_schema(operation) is None and "201" not in operation.responses:
            return self._action(operation, node)
        return Guess(operation, "create", "POST to a collection", node, draft)

    def _tells_key(self, draft: Draft, answered: View) -> bool:
        """Whether an answer says the key of a record, under the name that the path has for it."""
        names = {normal(name) for name in self._key_names(draft)} - {"id"}
        return any(normal(name) in names for name in answered.properties)

    def _cleared(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        asked = self.key_parameters(operation, draft)
        if asked:
            kind = "bulk-delete" if self._several(operation, asked) else "delete"
            why = f"DELETE on a collection; {asked[0]} says of what"
            return Guess(operation, kind, why, node, draft, None, asked)
        if operation.body is not None:
            why = "DELETE on a collection with a body"
            return Guess(operation, "bulk-delete", why, node, draft, sent=True)
        return Guess(operation, "clear", "DELETE on a collection without a key", node, draft)

    def _several(self, operation: Operation, asked: tuple[str, ...]) -> bool:
        schemas = [entry.schema for entry in operation.parameters if entry.name in asked]
        arrays = any(self._places.views.view(schema).kind == "array" for schema in schemas)
        return arrays or any(normal(str(name)).endswith("ids") for name in asked)

    def _changed(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        kind = "replace" if operation.method == "PUT" else "merge"
        if self._places.views.view(body_schema(operation)).kind == "array":
            why = f"{operation.method} of a list to a collection"
            return Guess(operation, "bulk-" + kind, why, node, draft)
        asked = self.key_parameters(operation, draft)
        if asked and operation.method == "PUT":
            why = f"PUT on a collection; {asked[0]} says of what"
            return Guess(operation, "upsert", why, node, draft, None, asked)
        if self._names_key(operation, draft):
            why = f"{operation.method} on a collection; the body holds the key"
            return Guess(operation, kind, why, node, draft, sent=True)
        listed = self._places.listed(operation, About(node.name, self._places.record(draft)))
        if listed is not None and operation.method == "PUT":
            why = "PUT on a collection answers the list"
            return Guess(operation, "bulk-replace", why, node, draft)
        return self._action(operation, node)

    def _item(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        if node is not draft.item:  # a part of a compound key
            return self._action(operation, node)
        method = operation.method
        why = f"{method} on a record"
        if method == "GET":
            return self._read(operation, node, draft)
        if method == "PUT":
            return self._put(operation, node, draft)
        if method == "POST" and self._updates(operation, node, draft):
            why = "POST on a record takes its properties"
            return Guess(operation, "merge", why, node, draft, node)
        if method in _ITEM:
            return Guess(operation, _ITEM[method], why, node, draft, node)
        return self._action(operation, node)

    def _read(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        status, _, schema = content(operation)
        if schema is None and status == "204":
            return Guess(operation, "exists", "GET answers 204 only", node, draft, node)
        return Guess(operation, "read", "GET on a record", node, draft, node)

    def _put(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        if "201" in operation.responses:
            why = "PUT on a record, and 201 is documented"
            return Guess(operation, "upsert", why, node, draft, node)
        if draft.settled() not in self._made or draft.node is node:
            why = "PUT on a record is the only way to make one"
            return Guess(operation, "upsert", why, node, draft, node)
        return Guess(operation, "replace", "PUT on a record", node, draft, node)

    def _updates(self, operation: Operation, node: Node, draft: Draft) -> bool:
        places = self._places
        if node.methods & {"PUT", "PATCH"}:
            return False
        record, body = places.record(draft), body_schema(operation)
        if body is None:
            return bool(settings(operation, Fields(places.views, record)))
        return places.answered(operation).alike(record) or places.sent(operation).alike(record)

    def _singleton(self, operation: Operation, node: Node, draft: Draft) -> Guess:
        kind = _SINGLETON.get(operation.method)
        status, _, schema = content(operation)
        if kind == "singleton-read" and schema is None and status == "204":
            return Guess(operation, "exists", "GET answers 204 only", node, draft)
        if kind is not None and self._asks_for_some(operation, draft):
            return self._action(operation, node)
        if kind is not None:
            why = f"{operation.method} where there is one thing only"
            return Guess(operation, kind, why, node, draft)
        if operation.method == "POST" and self._posts_singleton(operation, draft):
            why = "POST takes or answers what GET answers"
            return Guess(operation, "singleton-merge", why, node, draft)
        return self._action(operation, node)

    def _asks_for_some(self, operation: Operation, draft: Draft) -> bool:
        """Whether a query must say by keys which parts of the one thing are meant."""
        asked = self.key_parameters(operation, draft)
        required = {entry.name for entry in operation.parameters if entry.required}
        changes = operation.method not in _ASKED
        return changes and not required.isdisjoint(asked) and self._several(operation, asked)

    def _posts_singleton(self, operation: Operation, draft: Draft) -> bool:
        places = self._places
        record = places.record(draft)
        if operation.body is None:
            return False
        return places.answered(operation).alike(record) or places.sent(operation).alike(record)

    def _action(self, operation: Operation, node: Node) -> Guess:
        """Anything else, on the nearest record or collection that the path passes."""
        places = self._places
        for step in reversed(node.line()):
            draft = places.items.get(step)
            if draft is not None and (step is draft.item or step in places.lookups):
                why = f"{operation.method} on {draft.node.name} is none of the usual operations"
                return Guess(operation, "action", why, node, draft, step)
            draft = places.collections.get(step)
            if draft is not None and not is_unnamed(draft):
                why = f"{operation.method} near {draft.node.name} is none of the usual operations"
                return Guess(operation, "action", why, node, draft)
        return Guess(operation, "action", "no resource on the way", node)


def _either_number(name: str) -> set[str]:
    """The normal forms of a name as it is, and of one of what it names several of."""
    return {normal(name), normal(name).removesuffix("s")}
