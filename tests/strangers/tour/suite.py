"""Drives the same table of cases against tours in several languages: over HTTP in the newest revision of the protocol,
and over stdio with the older handshake.

usage: suite.py BULKHEAD FOLDER WASM…

Prints a table, a column a language. Ends with an error if a case fails.
"""

import asyncio
import fnmatch
import logging
import pathlib
import sys
import tempfile
import tomllib

from driving import LONG, PATIENCE, User, Visit
from judging import fault, short
from pages import Pages
from serving import Serving, Tour, prepare

TABLE = tomllib.loads((pathlib.Path(__file__).parent / "cases.toml").read_text())
OK, FAIL, LEFT_OUT = "ok", "FAIL", "left out"
UNTRIED = "it was not tried"


def filled(value: object, words: dict[str, str]) -> object:
    """The case with what only this run knows."""
    if isinstance(value, dict):
        return {key: filled(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, words) for part in value]
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(f"{{{name}}}", word)
    return value


def left_out(language: str, case: str) -> str:
    """Why a language is spared a case, empty if it is not."""
    for entry in TABLE.get("left-out", []):
        if entry["language"] == language and fnmatch.fnmatch(case, entry["cases"]):
            return entry["why"]
    return ""


async def drive(tour: Tour, server: object, mode: str, pages: Pages) -> dict[str, str]:
    """What is wrong with each case."""
    user, faults = User(), {}
    words = {"pages": pages.url, "long": LONG, "folder": str(tour.folder)}
    async with user.client(server, mode) as client:
        visit = Visit(tour, client, user, pages, server, mode)
        await visit.compiled()
        for case in TABLE["case"]:
            if left_out(tour.language, case["name"]):
                continue
            case = filled(case, words)
            try:
                faults[case["name"]] = fault(case, await asyncio.wait_for(visit.done(case), PATIENCE))
            except Exception as error:  # a stranger's client may fail in any way; each is a failed case
                faults[case["name"]] = why(error)
    return faults


def why(error: BaseException) -> str:
    """What went wrong at the bottom of it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {short(str(error))}"


async def visit(tour: Tour, pages: Pages) -> dict[str, str]:
    """The faults of one tour over both ways to it."""
    found: dict[str, dict[str, str]] = {}
    with Serving(tour) as serving:
        for way, server, mode in (("http", serving.url, "auto"), ("stdio", tour.stdio, "legacy")):
            try:
                faults = await drive(tour, server, mode, pages)
            except Exception as error:  # nothing was reached at all
                faults = {case["name"]: why(error) for case in TABLE["case"]}
            for name, wrong in faults.items():
                found.setdefault(name, {})[way] = wrong
    return {name: told(faults) for name, faults in found.items()}


def told(faults: dict[str, str]) -> str:
    """What is wrong over which way; once, where it is the same over all of them."""
    if len(set(faults.values())) == 1:
        return next(iter(faults.values()))
    return "; ".join(f"{way}: {wrong}" for way, wrong in faults.items() if wrong)


def cell(language: str, case: str, faults: dict[str, str]) -> str:
    if left_out(language, case):
        return LEFT_OUT
    return FAIL if faults.get(case, UNTRIED) else OK


def report(found: dict[str, dict[str, str]]) -> int:
    """Prints the table, and beneath it why cells are not `ok`. Gives the number of failures."""
    cases = [case["name"] for case in TABLE["case"]]
    cells = {name: [cell(language, name, faults) for language, faults in found.items()] for name in cases}
    width = max(map(len, cases))
    print(" " * width, *(f"{language:>8}" for language in found), sep="  ")
    for name, row in cells.items():
        print(f"{name:<{width}}", *(f"{one:>8}" for one in row), sep="  ")
    failed = 0
    for language, faults in found.items():
        for name in cases:
            if reason := left_out(language, name):
                print(f"left out  {language}: {name}: {reason}")
            elif wrong := faults.get(name, UNTRIED):
                failed += 1
                print(f"FAIL  {language}: {name}: {wrong}")
    total = [one for row in cells.values() for one in row]
    print(f"{total.count(OK)} passed, {failed} failed, {total.count(LEFT_OUT)} left out")
    return failed


async def main(bulkhead: str, folder: str, *wasms: str) -> int:
    place = pathlib.Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    place = pathlib.Path(tempfile.mkdtemp(dir=place))
    # The client's own complaints are seen as failed cases.
    logging.disable(logging.ERROR)
    found = {}
    with Pages() as pages:
        for wasm in wasms:
            tour = prepare(bulkhead, place, pathlib.Path(wasm), pages.url)
            found[tour.language] = await visit(tour, pages)
    return report(found)


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(main(*sys.argv[1:])) else 0)
