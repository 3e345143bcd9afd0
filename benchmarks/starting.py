"""Seconds from ``mockserver serve`` to the first answer, beside importing what it stands on.

python benchmarks/starting.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import statistics
import subprocess
import sys
import time

REQUEST = b"GET /.well-known/health HTTP/1.1\r\nhost: localhost\r\n\r\n"


def serve(port: int) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "mockserver", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as to:
                to.sendall(REQUEST)
                if to.recv(100).startswith(b"HTTP/1.1 200"):
                    return time.perf_counter() - started
            time.sleep(0.002)
        sys.exit("the mock did not start")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def imports() -> float:
    started = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", "import connexion, uvicorn"]
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    # Outside the range of ports that a poll for it may be given itself.
    parser.add_argument("--port", type=int, default=8380)
    options = parser.parse_args()
    serve(options.port), imports()
    rounds = [(serve(options.port), imports()) for _ in range(options.rounds)]
    first, imported = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(mine / base for mine, base in rounds)
    print(f"first answer {first:.3f} s, imports {imported:.3f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
