"""Which places of the tree of paths are collections, records, and things there are one of."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.engine.inference.paths import Node, walk
from mockserver.engine.inference.shapes import (
    About,
    Envelope,
    alternatives,
    content,
    found_item,
    found_list,
    judged,
    preferred,
)
from mockserver.engine.inference.views import NOTHING, View, Views
from mockserver.engine.inference.words import (
    CREATE_VERBS,
    DELETE_VERBS,
    LIST_VERBS,
    MAIN_KEYS,
    MERGE_VERBS,
    NOT_ASKING,
    QUERY_MEANING,
    READ_VERBS,
    SEARCH_VERBS,
    is_version,
    normal,
    stem,
)
from mockserver.engine.spec import Operation, Schema

VERBS = {
    word: verb
    for verb, table in (
        ("list", LIST_VERBS),
        ("search", SEARCH_VERBS),
        ("read", READ_VERBS),
        ("create", CREATE_VERBS),
        ("merge", MERGE_VERBS),
        ("delete", DELETE_VERBS),
    )
    for word in table
}
"""What a last step such as ``/pets/update`` does to the pets."""

_KEYED = frozenset(("GET", "PUT", "PATCH", "DELETE", "HEAD"))
_KEPT = frozenset(("object", "array"))
_WRITTEN = frozenset(("PUT", "PATCH", "DELETE"))

_FEW = 3
"""Members of an envelope around one record, at most."""


@dataclass(slots=True, eq=False)
class Draft:
    """A resource while it is found: where its collection is, and where one of its records is.

    ``home`` is the draft that this one is but another path to.
    """

    node: Node
    item: Node | None
    singleton: bool = False
    home: Draft | None = field(default=None, repr=False)
    schema: Schema | None = field(default=None, repr=False)
    key: tuple[str, ...] | None = None

    def settled(self) -> Draft:
        """The draft that stands for this one."""
        found = self
        while found.home is not None:
            found = found.home
        return found


class Places:
    """The drafts of a description, by the places of their collections and records."""

    def __init__(self, root: Node, views: Views) -> None:
        self.views = views
        self.collections: dict[Node, Draft] = {}
        self.items: dict[Node, Draft] = {}
        self.lookups: set[Node] = set()
        self.searches: dict[Node, Draft] = {}
        self.drafts: list[Draft] = []
        for node in walk(root):
            self._place(node)

    def _place(self, node: Node) -> None:
        if node in self.items:
            return
        if node.is_parameter:
            self._parameter(node)
        elif self._verb_draft(node) is None:
            self._literal(node)

    def verb(self, node: Node) -> tuple[str, Draft | None]:
        """What the last literal of a place does to a resource, as in ``/pets/update/{id}``."""
        step = node.parent if node.is_parameter and node.parent is not None else node
        draft = self.collections.get(step.parent) if step.parent is not None else None
        if draft is None or draft.singleton or step in self.collections:
            return "", None
        return VERBS.get(normal(step.token.literal), ""), draft

    def _verb_draft(self, node: Node) -> Draft | None:
        """The resource of a place that is a verb, if the place before it is one's."""
        parent = node.parent
        verb = VERBS.get(normal(node.token.literal))
        if verb is None or parent is None or parent.parent is None or parent.is_parameter:
            return None
        if is_version(parent.token.literal):
            return None
        known = self.collections.get(parent)
        if (
            known is None
            and len({VERBS.get(normal(name)) for name in parent.children} - {None}) > 1
        ):
            known = self._draft(parent, None)
        if known is None or known.singleton or not _is_leaf(node):
            return None
        if verb in ("list", "search") and not self.lists(node, known):
            return None
        return known

    def lists(self, node: Node, draft: Draft) -> bool:
        """Whether a place answers a list of a resource's records."""
        about = About(draft.node.name, self.record(draft), expected=True)
        return any(self.listed(entry, about) is not None for entry in _asked(node))

    def _draft(self, node: Node, item: Node | None, *, singleton: bool = False) -> Draft:
        draft = Draft(node, item, singleton)
        self.drafts.append(draft)
        self.collections[node] = draft
        self._take(item, draft)
        return draft

    def _take(self, item: Node | None, draft: Draft) -> None:
        """All parameters of a compound key belong to the record."""
        while item is not None and item.is_parameter and item is not draft.node:
            self.items[item] = draft
            item = item.parent

    def _literal(self, node: Node) -> None:
        item = self._item_below(node)
        above = self.collections.get(node.parent) if node.parent is not None else None
        if item is not None and above is not None and self._looks_up(node, item, above):
            self.items[item] = above
            self.lookups.add(item)
        elif item is not None:
            self._draft(node, item)
        elif node.operations:
            self._leaf(node, above)

    def _leaf(self, node: Node, above: Draft | None) -> None:
        """A place with operations and no records of its own below."""
        answer = self._list_at(node)
        if answer is not None and above is not None and self._is_of(above, answer):
            self.searches[node] = above
        elif answer is not None and node.operation("GET") is not None:
            self._draft(node, None)
        elif self._is_singleton(node):
            self._draft(node, None, singleton=True)
        elif self._creates(node):
            self._draft(node, None)

    def _list_at(self, node: Node) -> Envelope | None:
        asked = _asked(node)
        return self.listed(asked[0], About(node.name)) if asked else None

    def _is_of(self, draft: Draft, answer: Envelope) -> bool:
        """Whether a list is one of a resource's records."""
        record, item = self.record(draft), self.views.view(answer.item)
        return not draft.singleton and record.alike(item) and _main(record) <= _main(item)

    def _item_below(self, node: Node) -> Node | None:
        """The place of a record of the collection at a place; keys may have several parts."""
        child = node.parameter
        while child is not None and not child.operations:
            child = child.parameter
        if child is None or not child.methods & _KEYED or self._is_scoped(child):
            return None
        return child

    def _is_scoped(self, node: Node) -> bool:
        """Whether a place that ends in a parameter answers a list."""
        asked = node.operation("GET")
        if asked is None or node.methods & _WRITTEN or self._names_record(node):
            return False
        return self.listed(asked, About(node.name)) is not None

    def _names_record(self, node: Node) -> bool:
        """Whether a parameter is the key of what is listed above, even if a list is answered."""
        above = node.parent
        if above is None or above.operation("GET") is None or len(node.token.names) != 1:
            return False
        name = node.token.names[0]
        own = normal(name) in MAIN_KEYS
        return own or (normal(name).endswith("id") and stem(name[:-2]) == stem(above.name))

    def _looks_up(self, node: Node, item: Node, above: Draft) -> bool:
        """``/releases/tags/{tag}``: a record of the resource above, by another key."""
        asked = item.operation("GET")
        if node.operations or asked is None or above.singleton or item.methods & _WRITTEN:
            return False
        if above.node.parent is None:
            return False
        record = self.record(above)
        answer = found_item(self.views, content(asked)[2] or {}, About(above.node.name, record))
        if answer is None or not record.identity:
            return False
        return self.views.view(answer.item).identity == record.identity

    def _parameter(self, node: Node) -> None:
        parent = node.parent
        if not node.operations or parent is None:
            return
        if self._is_scoped(node):
            self._scoped(node, parent)
        elif parent in self.items and node.methods & _WRITTEN:
            draft = Draft(node, node)
            self.drafts.append(draft)
            self.items[node] = draft

    def _scoped(self, node: Node, parent: Node) -> None:
        """A list that a parameter narrows: of the resource it stands below, or of its own."""
        answer = self._list_at(node)
        for place in (parent, parent.parent):
            above = self.collections.get(place) if place is not None else None
            if above is not None and answer is not None and self._is_of(above, answer):
                self.searches[node] = above
                return
        self._draft(node, self._item_below(node))

    def _is_singleton(self, node: Node) -> bool:
        asked, put = node.operation("GET"), node.operation("PUT")
        if asked is not None:
            status, _, schema = content(asked)
            if node.methods & _WRITTEN:
                return True
            if schema is None:
                return status == "204" and bool(node.methods & _WRITTEN)
            return self.views.view(schema).kind in _KEPT and not _computes(asked)
        if put is not None and "DELETE" in node.methods:
            return True
        changed = put or node.operation("PATCH")
        return changed is not None and self._echoes(node, changed)

    def _echoes(self, node: Node, operation: Operation) -> bool:
        """Whether an operation answers the record that it was sent."""
        sent, answered = self.sent(operation), self.answered(operation)
        if not sent.is_record or self._is_of_parent(node, answered):
            return False
        common = sent.properties.keys() & answered.properties.keys()
        return sent.alike(answered) and 2 * len(common) > len(sent.properties)

    def _is_of_parent(self, node: Node, answered: View) -> bool:
        """Whether an answer is a record of what the path stops short of: something done to it."""
        if node.parent is None:
            return False
        above = self.items.get(node.parent) or self.collections.get(node.parent)
        identity = answered.identity
        return above is not None and bool(identity) and self.record(above).identity == identity

    def _creates(self, node: Node) -> bool:
        """Whether a POST makes a record, though none can be listed or read."""
        made = node.operation("POST")
        if made is None or normal(node.name) in VERBS or node.token.literal.startswith(":"):
            return False
        named = any(normal(name) in MAIN_KEYS for name in self.answered(made).properties)
        return self._echoes(node, made) and ("201" in made.responses or named)

    def sent(self, operation: Operation) -> View:
        """The record an operation takes."""
        return self._held(body_schema(operation), operation)

    def answered(self, operation: Operation) -> View:
        """The record an operation answers."""
        return self._held(content(operation)[2], operation)

    def _held(self, schema: Schema | None, operation: Operation) -> View:
        if schema is None:
            return NOTHING
        about = About(operation.path.rstrip("/").rpartition("/")[2])
        several = alternatives(self.views, schema)
        wrapped = (found_item(self.views, each, about) for each in several if len(several) > 1)
        found = next((each for each in wrapped if each is not None and each.path), None)
        found = found or found_item(self.views, schema, about)
        return self.views.view(found.item) if found is not None else NOTHING

    def listed(self, operation: Operation, about: About) -> Envelope | None:
        """The list an operation answers, or None."""
        schema = content(operation)[2]
        return found_list(self.views, schema, about) if schema is not None else None

    def record(self, draft: Draft) -> View:
        """A record of a resource."""
        return self.views.view(self.record_schema(draft))

    def record_schema(self, draft: Draft) -> Schema:
        """The best known schema of a resource's records."""
        if draft.schema is None:
            draft.schema = self._best_schema(draft)
        return draft.schema

    def _best_schema(self, draft: Draft) -> Schema:
        listed = self._list_element(draft)
        about = About(draft.node.name, self.views.view(listed))
        one = draft.node if draft.singleton else draft.item
        wrapped = self._wrapped(one, draft.node.name)
        if wrapped:
            return wrapped
        for node, methods in ((one, ("GET",)), (draft.node, ()), (one, ("PUT", "PATCH", "POST"))):
            if not methods and listed:
                return listed
            found = self._item_of(node, methods, about)
            if found and (not listed or self.views.view(found).alike(about.item)):
                return found
        return self._item_of(draft.node, ("POST", "PUT"), about) or {}

    def _wrapped(self, node: Node | None, name: str) -> Schema:
        """The record that stands in a member called like its resource: ``{"pet": {…}}``."""
        asked = node.operation("GET") if node is not None else None
        view = self.views.view(content(asked)[2]) if asked is not None else NOTHING
        if len(view.properties) > _FEW or _main(view):
            return {}
        named = [entry for member, entry in view.properties.items() if stem(member) == stem(name)]
        found = self.views.view(named[0]) if len(named) == 1 else NOTHING
        return named[0] if found.is_record and found.kind == "object" else {}

    def _list_element(self, draft: Draft) -> Schema:
        asked = draft.node.operation("GET")
        if asked is None or draft.singleton:
            return {}
        about = About(draft.node.name, expected=draft.item is not None)
        found = self.listed(asked, about)
        return found.item if found is not None else {}

    def _item_of(self, node: Node | None, methods: tuple[str, ...], about: About) -> Schema:
        """The record that operations of a place answer, or else take."""
        operations = [node.operation(method) for method in methods] if node is not None else []
        known = [operation for operation in operations if operation is not None]
        schemas = [content(operation)[2] for operation in known]
        for schema in (*schemas, *map(body_schema, known)):
            found = judged(self.views, schema, about)
            if found.form in ("item", "list") and self.views.view(found.item).is_record:
                return found.item
        return {}


def body_schema(operation: Operation) -> Schema | None:
    """The schema of an operation's body, None where it takes none."""
    if operation.body is None or not operation.body.content:
        return None
    return operation.body.content[preferred(operation.body.content)]


def _main(record: View) -> bool:
    """Whether a record has one of the usual keys."""
    return any(normal(name) in MAIN_KEYS for name in record.properties)


def _asked(node: Node) -> list[Operation]:
    """The operations of a place that may be questions, GET first."""
    found = [node.operation("GET"), node.operation("POST")]
    return [operation for operation in found if operation is not None][:1]


def _is_leaf(node: Node) -> bool:
    """Whether nothing but one parameter follows."""
    below = node.children.values()
    return all(child.is_parameter and not child.children for child in below)


def _computes(operation: Operation) -> bool:
    """Whether an answer depends on what is asked, and is nothing that is kept."""
    return any(
        _asks(normal(str(parameter.name)), required=parameter.required)
        for parameter in operation.parameters
        if parameter.location == "query"
    )


def _asks(word: str, *, required: bool) -> bool:
    meaning = QUERY_MEANING.get(word)
    strange = meaning is None and word not in NOT_ASKING
    return meaning == "search" or (required and strange)
