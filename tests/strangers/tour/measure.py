"""What a plugin costs, by language, as a table in Markdown.

usage: measure.py [--sources FOLDER] BULKHEAD FOLDER WASM…

Each WASM is a packed tour, called after its language. With --sources, `bulkhead build FOLDER/LANGUAGE` is timed too.
Take the figures on a machine that does nothing else.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from pages import Pages
from serving import Serving, Tour, prepare
from wire import Http, Stdio, timed

CALLS = 1000
STARTS = 5
COMPILES_WITHIN = 300
# As many as a plugin may have at once, less a few.
HELD, MORE = 2, 12
# Threads that ran guests end after ten seconds without work.
SETTLES = 12
COLUMNS = (
    "language", "build", "component", "cold compile and first call", "load from the cache", "first call",
    "warm call, HTTP", "warm call, stdio", "idle", "once called", "call in flight",
)  # fmt: skip


def greet(tour: Tour, wire: Http | Stdio) -> float:
    took, answer = timed(lambda: wire.call(f"{tour.prefix}_greet", {"name": "Ada"}))
    if b"Hello, Ada." not in answer:
        raise SystemExit(f"{tour.prefix}: {answer.decode()}")
    return took


def cold(tour: Tour) -> float:
    """From the start of a server that has compiled nothing yet to the first answer, in seconds."""
    shutil.rmtree(tour.folder / "state" / "cache", ignore_errors=True)
    began = time.perf_counter()
    with Serving(tour) as serving:
        wire = Http(serving.url)
        # A call gives up on code that is not compiled yet after the plugin's own time.
        while b"Hello, Ada." not in wire.call(f"{tour.prefix}_greet", {"name": "Ada"}):
            if time.perf_counter() - began > COMPILES_WITHIN:
                raise SystemExit(f"{tour.prefix}: not compiled within {COMPILES_WITHIN} s")
            time.sleep(0.05)
        return time.perf_counter() - began


def start(tour: Tour) -> tuple[float, float]:
    """From the start of a server that kept the compiled code until it listens, and the first call after that."""
    began = time.perf_counter()
    with Serving(tour) as serving:
        ready = time.perf_counter() - began
        return ready, greet(tour, Http(serving.url))


def warm(tour: Tour, wire: Http | Stdio) -> float:
    """The median of many calls, each in a fresh instance."""
    for _ in range(CALLS // 10):
        greet(tour, wire)
    took = statistics.median(greet(tour, wire) for _ in range(CALLS))
    wire.close()
    return took


def resident(process: int) -> int:
    """Bytes of a process that are in memory."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"no memory is told for process {process}")


def idle(tour: Tour) -> tuple[int, int]:
    """What a server takes more for a plugin that nobody called yet, and what more once it was called.

    The second holds what the engine takes once in a server, whichever plugin is called first.
    """
    whole = tour.config.read_text()
    none = whole[: whole.index("\nplugins:")] + "\nallowAnonymous: true\n"
    try:
        bare = settled(tour, none, False)
    finally:
        tour.config.write_text(whole)
    served, called = settled(tour, whole, False), settled(tour, whole, True)
    return served - bare, called - served


def settled(tour: Tour, config: str, call: bool) -> int:
    """What a server of this configuration takes after a while in which nothing happens."""
    tour.config.write_text(config)
    with Serving(tour) as serving:
        if call:
            greet(tour, Http(serving.url))
        time.sleep(SETTLES)
        return resident(serving.process.pid)


def in_flight(tour: Tour, pages: Pages) -> int:
    """What each further call takes while it waits for a page."""
    sizes, calls = [], []
    with Serving(tour) as serving:
        greet(tour, Http(serving.url))
        try:
            for number in (HELD, MORE):
                while len(calls) < number:
                    calls.append(Http(serving.url))
                    calls[-1].send(f"{tour.prefix}_title", {"url": f"{pages.url}/slow"})
                wait_for(pages, number)
                sizes.append(resident(serving.process.pid))
        finally:
            for call in calls:
                call.close()
            wait_for(pages, 0)
    return (sizes[1] - sizes[0]) // (MORE - HELD)


def wait_for(pages: Pages, number: int) -> None:
    for _ in range(600):
        if pages.waiting == number:
            return
        time.sleep(0.05)
    raise SystemExit(f"expected {number} calls to wait for a page, saw {pages.waiting}")


def build(tour: Tour, sources: pathlib.Path | None) -> str:
    """How long `bulkhead build` takes once everything it needs was built before."""
    source = sources / tour.language if sources else None
    if source is None or not source.is_dir():
        return "not measured"
    command = [tour.bulkhead, "build", str(source), "--out", str(tour.folder / "built.wasm")]
    for _ in range(2):
        took, done = timed(lambda: subprocess.run(command, capture_output=True))
        if done.returncode:
            return "does not build"
    return seconds(took)


def tried(measure, *shows) -> list[str]:
    """Figures, each shown its way; a measurement that fails leaves the others standing."""
    try:
        found = measure()
    except (SystemExit, OSError) as error:
        print(f"not measured: {error}", file=sys.stderr, flush=True)
        return ["not measured"] * len(shows)
    return [show(figure) for show, figure in zip(shows, found if len(shows) > 1 else [found], strict=True)]


def starts(tour: Tour) -> tuple[float, float]:
    """The medians of several starts, and of the first calls after them."""
    ready, first = zip(*(start(tour) for _ in range(STARTS)), strict=True)
    return statistics.median(ready), statistics.median(first)


def over_http(tour: Tour) -> float:
    with Serving(tour) as serving:
        return warm(tour, Http(serving.url))


def row(tour: Tour, pages: Pages, sources: pathlib.Path | None) -> list[str]:
    return [
        tour.language,
        build(tour, sources),
        mib(tour.inspect()["componentBytes"]),
        *tried(lambda: cold(tour), seconds),
        *tried(lambda: starts(tour), millis, millis),
        *tried(lambda: over_http(tour), millis),
        *tried(lambda: warm(tour, Stdio(tour.bulkhead, str(tour.config))), millis),
        *tried(lambda: idle(tour), mib, mib),
        *tried(lambda: in_flight(tour, pages), mib),
    ]


def seconds(took: float) -> str:
    return f"{took:.2f} s"


def millis(took: float) -> str:
    return f"{took * 1000:.2f} ms"


def mib(size: int) -> str:
    return f"{size / (1 << 20):.2f} MiB"


def line(cells) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--sources", type=pathlib.Path)
    parser.add_argument("bulkhead")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("wasm", nargs="+", type=pathlib.Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    place = pathlib.Path(tempfile.mkdtemp(dir=given.folder))
    print(line(COLUMNS), line("---" for _ in COLUMNS), sep="\n", flush=True)
    with Pages() as pages:
        for wasm in given.wasm:
            print(line(row(prepare(given.bulkhead, place, wasm, pages.url), pages, given.sources)), flush=True)


if __name__ == "__main__":
    main()
