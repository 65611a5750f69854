"""Tours signed, granted what they ask for, and served: one server for each, since all tours offer the same URIs."""

import dataclasses
import json
import pathlib
import re
import subprocess
import threading

from mcp import StdioServerParameters

STARTS_WITHIN = 120
NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclasses.dataclass
class Tour:
    """A signed tour with a configuration of its own."""

    bulkhead: str
    language: str
    folder: pathlib.Path

    @property
    def prefix(self) -> str:
        return f"tour-{self.language}"

    @property
    def config(self) -> pathlib.Path:
        return self.folder / "mcp.yaml"

    @property
    def wasm(self) -> pathlib.Path:
        return self.folder / f"{self.prefix}.wasm"

    @property
    def stdio(self) -> StdioServerParameters:
        return StdioServerParameters(
            command=self.bulkhead, args=["serve", "--quiet", "--stdio", "--config", str(self.config)]
        )

    def run(self, *arguments: str) -> str:
        done = subprocess.run([self.bulkhead, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"bulkhead {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def inspect(self) -> dict:
        return json.loads(self.run("inspect", "--json", self.wasm.name))


def language(wasm: pathlib.Path) -> str:
    """What a file's name says that it is written in."""
    name = wasm.stem.removeprefix("tour-")
    if not NAME.fullmatch(name):
        raise SystemExit(f"{wasm}: expected the name tour-LANGUAGE.wasm, in small letters")
    return name


def prepare(bulkhead: str, folder: pathlib.Path, wasm: pathlib.Path, pages: str) -> Tour:
    """Signs a tour with a key of its own, trusts that key, and grants the tour `pages`."""
    tour = Tour(str(pathlib.Path(bulkhead).resolve()), language(wasm), folder.resolve() / language(wasm))
    tour.folder.mkdir(parents=True)
    tour.run("init", ".")
    tour.run("keygen", "--out", "publisher.pem")
    tour.run("trust", "publisher.pub.pem", "--plugins", "tour")
    tour.run("sign", str(wasm.resolve()), "--key", "publisher.pem", "--out", tour.wasm.name)
    tour.run("add", tour.wasm.name, "--as", tour.prefix, "--grant", f"http=GET {pages}/*")
    # Without a key: the table is about plugins.
    written = tour.config.read_text()
    tour.config.write_text(written.replace("\napiKey:", "\n#apiKey:") + "\nallowAnonymous: true\n")
    return tour


class Serving:
    """`bulkhead serve` over HTTP until it is left. What it says to the operator goes to `log`."""

    def __init__(self, tour: Tour) -> None:
        self.tour, self.url, self.log = tour, "", tour.folder / "serve.log"

    def __enter__(self) -> "Serving":
        command = [self.tour.bulkhead, "serve", "--config", str(self.tour.config), "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.up = threading.Event()
        threading.Thread(target=self.read, daemon=True).start()
        if not self.up.wait(STARTS_WITHIN) or not self.url:
            self.process.kill()
            raise SystemExit(f"{self.tour.prefix}: the server did not come up, see {self.log}")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def read(self) -> None:
        with self.log.open("w") as log:
            for line in self.process.stderr or ():
                log.write(line)
                log.flush()
                if found := re.search(r"listening on (http\S+)", line):
                    self.url = found[1]
                    self.up.set()
        self.up.set()
