"""Requests a second of GET /assets/{asset}: the mock, a bare ASGI function, stock Connexion.

All three send the same bytes from one process each; ``wrk`` asks them in turn, several rounds,
and the medians are printed with the mock's ratio to the other two. Needs ``wrk`` on the PATH.

    python benchmarks/reading.py [--rounds 3] [--seconds 4]
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).parent
CONNECTIONS = 16


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(name: str, command: list[str], url: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            with contextlib.suppress(OSError):
                urlopen(url).read()
                break
            time.sleep(0.05)
        else:
            sys.exit(f"{name} did not start: {' '.join(command)}")
        yield url
    finally:
        process.terminate()
        process.wait()


def rate(url: str, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", url]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in report, report
    return float(re.search(r"Requests/sec:\s+([\d.]+)", report).group(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    ports = {name: free_port() for name in ("mock", "bare", "connexion")}
    asset = "2054b565-260b-4bea-bff2-645721175cf1"
    body = HERE / "body.json"
    mock = [sys.executable, "-m", "mockserver", "serve", "--port", str(ports["mock"])]
    with running("mock", mock, f"http://127.0.0.1:{ports['mock']}/assets/{asset}") as url:
        body.write_bytes(urlopen(url).read())
        others = {
            name: running(
                name,
                [sys.executable, str(HERE / "peers.py"), name, str(ports[name]), str(body)],
                f"http://127.0.0.1:{ports[name]}/assets/{asset}",
            )
            for name in ("bare", "connexion")
        }
        with others["bare"] as bare, others["connexion"] as connexion:
            urls = {"mock": url, "bare": bare, "connexion": connexion}
            rates: dict[str, list[float]] = {name: [] for name in urls}
            for _ in range(options.rounds):
                for name, target in urls.items():
                    rates[name].append(rate(target, options.seconds))
    body.unlink()
    for name, values in rates.items():
        shown = " ".join(f"{value:8.0f}" for value in values)
        print(f"{name:10} {statistics.median(values):8.0f} requests/s   rounds: {shown}")
    for name in ("bare", "connexion"):
        ratios = [mine / other for mine, other in zip(rates["mock"], rates[name], strict=True)]
        print(f"mock / {name}: {statistics.median(ratios):.2f} (median of the rounds)")


if __name__ == "__main__":
    main()
