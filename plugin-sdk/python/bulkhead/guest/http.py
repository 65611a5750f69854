"""`urllib.request` over `wasi:http`: `urlopen` works unchanged, to what the operator granted.

There are no sockets and no TLS in here: the host connects, and proves who it speaks to. Redirects
come back to urllib, and each goes through the host's rules again.
"""

from __future__ import annotations

import http.client
import io
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

from wit_world.imports import outgoing_handler, streams
from wit_world.imports import wasi_http_types as wasi

from .wit import Err

# What `wasi:io` takes in one write.
CHUNK_BYTES = 4096
READ_BYTES = 64 * 1024
NANOSECONDS = 1_000_000_000
# The connection is the host's affair: it refuses these from a guest.
HOSTS_OWN = frozenset(
    [
        "connection",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    ]
)
METHODS = {
    name: getattr(wasi, f"Method_{name.title()}")
    for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
}
REASONS = {
    "HttpRequestDenied": "this request is not granted to this plugin",
    "DestinationIpProhibited": "its address is not granted to this plugin",
    "DnsTimeout": "its name cannot be resolved",
    "DnsError": "its name cannot be resolved",
    "DestinationNotFound": "its name cannot be resolved",
    "DestinationUnavailable": "it cannot be reached",
    "DestinationIpUnroutable": "it cannot be reached",
    "ConnectionRefused": "it refused the connection",
    "ConnectionTimeout": "it did not answer in time",
    "ConnectionReadTimeout": "it did not answer in time",
    "ConnectionWriteTimeout": "it did not answer in time",
    "HttpResponseTimeout": "it did not answer in time",
    "TlsProtocolError": "it could not prove who it is (TLS)",
    "TlsCertificateError": "it could not prove who it is (TLS)",
    "TlsAlertReceived": "it could not prove who it is (TLS)",
    "ConnectionTerminated": "it closed the connection",
    "HttpResponseIncomplete": "it closed the connection",
    "HttpResponseBodySize": "it answered with too many bytes",
    "ConnectionLimitReached": "this plugin has too many requests open",
}
DENIED = ("HttpRequestDenied", "DestinationIpProhibited")
TIMEOUTS = ("ConnectionTimeout", "ConnectionReadTimeout", "ConnectionWriteTimeout", "HttpResponseTimeout")


class Body(io.RawIOBase):
    """The bytes of an answer, as they come."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self._body = response.consume()
        self._stream = self._body.stream()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._stream.blocking_read(min(len(buffer), READ_BYTES)) if self._stream else b""
        except Err as end:
            if isinstance(end.value, streams.StreamError_Closed):
                return 0
            raise ConnectionResetError("the connection broke") from None
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Gives the handles back, children first."""
        for handle in (self._stream, self._body, self._response):
            if handle is not None:
                handle.__exit__(None, None, None)
        self._stream = self._body = self._response = None
        super().close()


class Response(io.BufferedReader):
    """What `http.client.HTTPResponse` is to who reads one."""

    def __init__(self, url: str, response: Any) -> None:
        self.url = url
        self.status = self.code = response.status()
        self.reason = self.msg = http.client.responses.get(self.status, "")
        self.version = 11
        self.headers = headers_of(response)
        super().__init__(Body(response), READ_BYTES)

    def info(self) -> Message:
        """The headers."""
        return self.headers

    def geturl(self) -> str:
        """Where it came from."""
        return self.url

    def getcode(self) -> int:
        """The status."""
        return int(self.status)

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """All values of a header, joined."""
        values = self.headers.get_all(name)
        return ", ".join(values) if values else default

    def getheaders(self) -> list[tuple[str, str]]:
        """All headers."""
        return list(self.headers.items())


class WasiHandler(urllib.request.AbstractHTTPHandler):
    """Opens `http:` and `https:` through the host."""

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def http_open(self, req: urllib.request.Request) -> Response:
        return send(req, wasi.Scheme_Http())

    def https_open(self, req: urllib.request.Request) -> Response:
        return send(req, wasi.Scheme_Https())


OPENED_BY = (
    WasiHandler,
    urllib.request.UnknownHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor,
)


def send(request: urllib.request.Request, scheme: Any) -> Response:
    """Asks, and waits for the answer's head. Raises `URLError`."""
    try:
        return Response(request.full_url, exchange(request, scheme))
    except Err as refusal:
        raise urllib.error.URLError(reason(request.host, refusal.value)) from None


def exchange(request: urllib.request.Request, scheme: Any) -> Any:
    """The answer to a request."""
    outgoing = outgoing_request(request, scheme)
    body = outgoing.body()
    with outgoing_handler.handle(outgoing, options(request.timeout)) as future:
        upload(body, request.data)
        with future.subscribe() as pollable:
            pollable.block()
        answer = future.get()
    if answer is None or isinstance(answer, Err):
        raise urllib.error.URLError(f"{request.host}: there is no answer")
    if isinstance(answer.value, Err):
        raise answer.value
    return answer.value.value


def outgoing_request(request: urllib.request.Request, scheme: Any) -> Any:
    """A request as the host takes it."""
    pairs = [(name.lower(), value.encode("latin-1")) for name, value in request.header_items()]
    try:
        headers = wasi.Fields.from_list([pair for pair in pairs if pair[0] not in HOSTS_OWN])
    except Err as refusal:
        words = camel_words(type(refusal.value).__name__)
        raise urllib.error.URLError(f"a header of the request is refused: {words}") from None
    outgoing = wasi.OutgoingRequest(headers)
    method = request.get_method()
    try:
        outgoing.set_method(METHODS[method]() if method in METHODS else wasi.Method_Other(method))
        outgoing.set_scheme(scheme)
        outgoing.set_authority(request.host)
        outgoing.set_path_with_query(path_of(request.selector))
    except Err:
        raise urllib.error.URLError(f"{method} {request.full_url} is no request") from None
    return outgoing


def path_of(selector: str) -> str:
    """Path and query, which begin with a slash."""
    return selector if selector.startswith("/") else f"/{selector}"


def options(timeout: Any) -> Any:
    """A timeout in seconds, for each step. A host that knows none keeps its own."""
    if not isinstance(timeout, int | float):
        return None
    wanted = wasi.RequestOptions()
    nanoseconds = max(int(timeout * NANOSECONDS), 1)
    for limit in (wanted.set_connect_timeout, wanted.set_first_byte_timeout, wanted.set_between_bytes_timeout):
        try:
            limit(nanoseconds)
        except Err:
            continue
    return wanted


def upload(body: Any, data: Any) -> None:
    """Sends what the request carries."""
    whole = True
    if data is not None:
        with body.write() as stream:
            whole = written(stream, data)
    try:
        wasi.OutgoingBody.finish(body, None)
    except Err:
        if whole:
            raise


def written(stream: Any, data: Any) -> bool:
    """Whether all of it was taken. An upstream may have heard enough before; its answer says why."""
    try:
        for chunk in chunks(data):
            stream.blocking_write_and_flush(chunk)
    except Err as end:
        if not isinstance(end.value, streams.StreamError_Closed):
            raise ConnectionResetError("the connection broke") from None
        return False
    return True


def chunks(data: Any) -> Iterator[bytes]:
    """Bytes, a file or an iterable of bytes, in pieces that the host takes."""
    parts = iter(lambda: data.read(READ_BYTES), b"") if hasattr(data, "read") else [data] if is_bytes(data) else data
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(view), CHUNK_BYTES):
            yield bytes(view[start : start + CHUNK_BYTES])


def is_bytes(data: Any) -> bool:
    return isinstance(data, bytes | bytearray | memoryview)


def headers_of(response: Any) -> http.client.HTTPMessage:
    """The headers of an answer."""
    headers = http.client.HTTPMessage()
    with response.headers() as fields:
        for name, value in fields.entries():
            headers.add_header(name, value.decode("latin-1"))
    return headers


def reason(host: str, code: Any) -> OSError | str:
    """Why a host could not be asked: what urllib's users find in `URLError.reason`."""
    name = type(code).__name__.removeprefix("ErrorCode_")
    words = f"{host}: {REASONS.get(name, camel_words(name))}"
    if name in DENIED:
        return PermissionError(words)
    return TimeoutError(words) if name in TIMEOUTS else words


def camel_words(name: str) -> str:
    """`TlsProtocolError` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.rpartition("_")[2]).lower()


def install() -> None:
    """Lets urllib ask the host. `build_opener` finds the handlers under these names.

    What `urlopen` opens is http and https alone: an address that a model gives must not open files.
    """
    urllib.request.HTTPHandler = WasiHandler  # type: ignore[misc, assignment]
    urllib.request.HTTPSHandler = WasiHandler  # type: ignore[misc, assignment]
    opener = urllib.request.OpenerDirector()
    for handler in OPENED_BY:
        opener.add_handler(handler())
    urllib.request.install_opener(opener)
