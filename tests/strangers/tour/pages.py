"""The web that the tours look at: a few pages on 127.0.0.1, at the port that every tour's plugin.toml asks for."""

import errno
import http.server
import threading
import time

PORT = 8011
# Seconds that whoever has the port is waited for.
FREE_WITHIN = 60
# More than one read of any client takes in, and less than any of them gives up at.
LARGE = 100 * 1024

PAGES = {
    "/page": "<!doctype html><html><head><title>Five stops</title></head><body>…</body></html>",
    "/unicode": "<html><head><title>Fünf Halte · 五站 · 🚏</title></head></html>",
    "/capitals": "<HTML><HEAD><TITLE>Capitals</TITLE></HEAD></HTML>",
    "/twice": "<title>First</title><title>Second</title>",
    "/untitled": "<html><body><p>No title here.</p></body></html>",
    "/empty": "",
    "/large": "<p>" + "x" * LARGE + "</p><title>At the end</title>",
}


def bound(handler: type[http.server.BaseHTTPRequestHandler]) -> http.server.ThreadingHTTPServer:
    """A server at the port, once nobody else is there."""
    for _ in range(FREE_WITHIN):
        try:
            return http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            time.sleep(1)
    raise SystemExit(f"port {PORT} is taken: end what listens there, since it is the one that every tour asks for")


class Pages:
    """Serves until it is left. `asked` is what was asked for, `waiting` how many wait for /slow, which never answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.waiting, self.counting, self.over = 0, threading.Lock(), threading.Event()
        pages = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = bound(Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{PORT}"

    def __enter__(self) -> "Pages":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        if request.path == "/slow":
            self.linger(request)
        elif request.path == "/hangup":
            request.close_connection = True
        elif (page := PAGES.get(request.path)) is not None:
            self.send(request, 200, page)
        else:
            self.send(request, 404, "<title>Not here</title>")

    def send(self, request: http.server.BaseHTTPRequestHandler, status: int, page: str) -> None:
        body = page.encode()
        request.send_response(status)
        request.send_header("content-type", "text/html; charset=utf-8")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def linger(self, request: http.server.BaseHTTPRequestHandler) -> None:
        """Says nothing until the other side gives up."""
        with self.counting:
            self.waiting += 1
        request.connection.settimeout(0.1)
        while not self.over.is_set():
            try:
                if not request.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        with self.counting:
            self.waiting -= 1
        request.close_connection = True
