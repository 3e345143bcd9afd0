"""SQLite on disk: one file, write-ahead log, every change in one transaction."""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

import orjson

Document = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS assets (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    deleted INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS formats (
    id TEXT PRIMARY KEY,
    asset TEXT NOT NULL,
    position INTEGER NOT NULL,
    document TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS formats_of_asset ON formats (asset, position);
CREATE TABLE IF NOT EXISTS others (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    revision INTEGER PRIMARY KEY AUTOINCREMENT,
    removed INTEGER NOT NULL,
    document TEXT NOT NULL);
"""
NAMES = ("assets", "formats", "others", "changes")
KEPT_CHANGES = 2000
KEPT_DOCUMENTS = 4096


@dataclass
class Asset:
    """A stored asset: its members without the formats, and the formats without their asset."""

    id: str
    document: Document
    formats: list[Document] = field(default_factory=list)
    number: int = 0
    deleted: bool = False

    @property
    def pseudo(self) -> bool:
        """Whether the user did not save it explicitly."""
        return bool(self.document.get("pseudo", False))

    def format(self, key: str) -> Document | None:
        """The format with that id."""
        return next((one for one in self.formats if same_id(one["id"], key)), None)


def same_id(one: str, other: str) -> bool:
    """UUIDs are equal whatever the case of their digits (RFC 9562, section 4)."""
    return one.lower() == other.lower()


def _written(document: Document) -> str:
    return orjson.dumps(document).decode("utf-8")


def _parsed(text: str) -> Document:
    document: Document = orjson.loads(text)
    return document


# Who only reads may share what a text says; who writes changes documents, and has its own.
_shared = functools.lru_cache(maxsize=KEPT_DOCUMENTS)(_parsed)


class Session:
    """What can be done in one transaction; documents are not to be changed in one that reads."""

    def __init__(self, connection: sqlite3.Connection, *, writing: bool) -> None:
        self._connection = connection
        self._parsed = _parsed if writing else _shared
        self.changed = False

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _formats(self, assets: list[Asset]) -> list[Asset]:
        by_id = {asset.id: asset for asset in assets}
        if len(assets) == 1:
            found = self._rows(
                "SELECT asset, document FROM formats WHERE asset = ? AND NOT removed"
                " ORDER BY position",
                assets[0].id,
            )
        else:
            found = self._rows(
                "SELECT asset, document FROM formats WHERE NOT removed ORDER BY asset, position"
            )
        for owner, text in found:
            if owner in by_id:
                by_id[owner].formats.append(self._parsed(text))
        return assets

    def _assets(self, condition: str, *values: Any) -> list[Asset]:
        rows = self._rows(
            f"SELECT id, document, number, deleted FROM assets WHERE {condition}"  # noqa: S608
            " ORDER BY number DESC",
            *values,
        )
        found = [Asset(row[0], self._parsed(row[1]), [], row[2], bool(row[3])) for row in rows]
        return self._formats(found) if found else found

    def asset(self, key: str) -> Asset | None:
        """The asset with that id, deleted or not."""
        return next(iter(self._assets("id = ?", key.lower())), None)

    def live(self) -> list[Asset]:
        """All assets that are not deleted, newest first."""
        return self._assets("deleted = 0")

    def dead(self) -> list[Asset]:
        """All deleted assets, newest first."""
        return self._assets("deleted = 1")

    def deleted_ids(self) -> list[str]:
        """The ids of deleted assets, those first that were made first."""
        return [row[0] for row in self._rows("SELECT id FROM assets WHERE deleted = 1")]

    def owner(self, key: str) -> Asset | None:
        """The asset that has, or had, a format with that id."""
        rows = self._rows("SELECT asset FROM formats WHERE id = ?", key.lower())
        return self.asset(rows[0][0]) if rows else None

    def holder(self, key: str) -> str | None:
        """The id of the live asset that has a format with that id now."""
        rows = self._rows(
            "SELECT asset FROM formats JOIN assets ON assets.id = formats.asset"
            " WHERE formats.id = ? AND NOT removed AND NOT deleted",
            key.lower(),
        )
        return str(rows[0][0]) if rows else None

    def insert(self, asset: Asset) -> None:
        """Add an asset as the newest."""
        self._connection.execute(
            "INSERT OR REPLACE INTO assets (id, document) VALUES (?, ?)",
            (asset.id.lower(), _written(asset.document)),
        )
        self._write_formats(asset)

    def replace(self, asset: Asset) -> None:
        """Write all of an asset back to its place."""
        self._connection.execute(
            "UPDATE assets SET document = ?, deleted = ? WHERE id = ?",
            (_written(asset.document), int(asset.deleted), asset.id),
        )
        self._write_formats(asset)

    def _write_formats(self, asset: Asset) -> None:
        self._connection.execute("UPDATE formats SET removed = 1 WHERE asset = ?", (asset.id,))
        self._connection.executemany(
            "INSERT OR REPLACE INTO formats VALUES (?, ?, ?, ?, 0)",
            [
                (one["id"].lower(), asset.id, position, _written(one))
                for position, one in enumerate(asset.formats)
            ],
        )

    def others(self, collection: str) -> list[Document]:
        """Users, models or applications, in the order in which they came."""
        statement = "SELECT document FROM others WHERE collection = ? ORDER BY number"
        return [self._parsed(row[0]) for row in self._rows(statement, collection)]

    def add_other(self, collection: str, document: Document) -> None:
        """Add a user, a model, an application or a setting."""
        self._connection.execute(
            "INSERT INTO others (collection, document) VALUES (?, ?)",
            (collection, _written(document)),
        )

    def tell(self, document: Document, *, removed: bool) -> None:
        """Write down a change for the feeds, which read it once this is committed."""
        self._connection.execute(
            "INSERT INTO changes (removed, document) VALUES (?, ?)",
            (int(removed), _written(document)),
        )
        self._connection.execute(
            "DELETE FROM changes WHERE revision <= (SELECT MAX(revision) FROM changes) - ?",
            (KEPT_CHANGES,),
        )
        self.changed = True

    def revision(self) -> int:
        """The number of the last change."""
        return int(self._rows("SELECT COALESCE(MAX(revision), 0) FROM changes")[0][0])

    def changes(self, after: int) -> list[tuple[int, bool, Document]]:
        """Every change after a revision: its number, whether it is a removal, the asset."""
        statement = "SELECT revision, removed, document FROM changes WHERE revision > ?"
        rows = self._rows(statement + " ORDER BY revision", after)
        return [(row[0], bool(row[1]), self._parsed(row[2])) for row in rows]

    def clear(self) -> None:
        """Forget everything except how far ids and revisions have come."""
        for name in NAMES:
            self._connection.execute(f"DELETE FROM {name}")  # noqa: S608


class Store:
    """A pool of connections to one database file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self.committed = threading.Condition()
        with self._connection() as connection:
            connection.executescript(TABLES)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._open()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Session]:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            session = Session(connection, writing=writing)
            try:
                yield session
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        if session.changed:
            with self.committed:
                self.committed.notify_all()

    def read(self) -> AbstractContextManager[Session]:
        """A session on one consistent state."""
        return self._transaction(writing=False)

    def write(self) -> AbstractContextManager[Session]:
        """A session that no other writer comes between; an exception undoes it."""
        return self._transaction(writing=True)

    def close(self) -> None:
        """Close the idle connections."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
