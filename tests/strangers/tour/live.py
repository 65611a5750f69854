"""What an author in each language sees: a save is served, a mistake is shown where it is, and the last good version goes on.

usage: live.py BULKHEAD FOLDER   # FOLDER holds plugins as `bulkhead new` begins them, with what they need installed
"""

import json
import pathlib
import re
import subprocess
import sys
import threading
import time

PATIENCE = 180
# By what tells the language: the source, what a mistake is, and how the place of one is shown.
SOURCES = {
    "Cargo.toml": ("src/lib.rs", r"src/lib\.rs:\d+:\d+"),
    "tsconfig.json": ("src/plugin.ts", r"src/plugin\.ts\(\d+,\d+\)"),
    "jsconfig.json": ("src/plugin.js", r"src/plugin\.js:\d+:\d+"),
    "pyproject.toml": ("plugin.py", r'plugin\.py", line \d+'),
    "go.mod": ("main.go", r"main\.go:\d+:\d+"),
    "Makefile": ("plugin.c", r"plugin\.c:\d+:\d+"),
}


class Dev:
    """`bulkhead dev` and what it says."""

    def __init__(self, bulkhead: str, folder: pathlib.Path) -> None:
        self.bulkhead, self.said = bulkhead, ""
        command = [bulkhead, "dev", "--yes", "--listen", "127.0.0.1:0", "--project", str(folder), str(folder)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        threading.Thread(target=self._hear, daemon=True).start()
        self.url = self.wait(r"listening on (\S+)", 0).group(1)

    def _hear(self) -> None:
        for line in self.process.stderr:
            self.said += line

    def wait(self, pattern: str, since: int) -> re.Match:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends and self.process.poll() is None:
            if found := re.search(pattern, self.said[since:]):
                return found
            time.sleep(0.05)
        raise SystemExit(f"{pattern} was never said:\n{self.said}")

    def greet(self, plugin: str) -> str:
        # A template's own braces are its name's, so Python's argument is called otherwise.
        arguments = {"who" if plugin.endswith("python") else "name": "Ada"}
        command = [self.bulkhead, "call", f"{plugin}.greet", json.dumps(arguments), "--url", self.url]
        return subprocess.run(command, capture_output=True, text=True).stdout

    def wait_for(self, plugin: str, word: str) -> float:
        begun = time.monotonic()
        while time.monotonic() < begun + PATIENCE:
            if word in self.greet(plugin):
                return time.monotonic() - begun
            time.sleep(0.05)
        raise SystemExit(f"{plugin} never said {word}:\n{self.said}")


def source_of(folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    for mark, (source, place) in SOURCES.items():
        if (folder / mark).is_file():
            return folder / source, place
    raise SystemExit(f"{folder}: nothing tells its language")


def live(dev: Dev, folder: pathlib.Path) -> None:
    source, place = source_of(folder)
    plugin, good = folder.name, source.read_text()
    dev.wait_for(plugin, "Hello")
    source.write_text(good.replace("Hello", "Good day"))
    took = dev.wait_for(plugin, "Good day")
    before = len(dev.said)
    source.write_text(good.replace("Hello", "Never") + "\n)(\n")
    dev.wait(place, before)
    if "Good day" not in dev.greet(plugin):
        raise SystemExit(f"{plugin}: a mistake took the last good version away")
    source.write_text(good)
    dev.wait_for(plugin, "Hello")
    print(f"{plugin:<10} {took:5.1f} s from a save to its answer; a mistake was shown where it is")


def main() -> None:
    bulkhead, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    dev = Dev(bulkhead, folder)
    try:
        for plugin in sorted(path.parent for path in folder.glob("*/plugin.toml")):
            live(dev, plugin)
    finally:
        dev.process.terminate()
        dev.process.wait()


main()
