"""A small HTTP client that keeps cookies, follows redirects and submits forms, and a runner that uses many of them at once."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urlencode, urljoin, urlsplit

from tests.bench.counting import ANSWER, ASK

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_FIELD = re.compile(r"<(input|button|select|textarea)\b([^>]*)>")
_OPTION = re.compile(r"<select\b([^>]*)>(.*?)</select>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?""")


class BenchError(Exception):
    """A site did not answer as a visitor would need it to."""


@dataclass(frozen=True, slots=True)
class Response:
    path: str
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def sql(self) -> tuple[int, int]:
        """Statements and writes, as the site counted them."""
        statements, writes = self.headers[ANSWER].split()
        return int(statements), int(writes)


@dataclass(frozen=True, slots=True)
class Form:
    action: str
    method: str
    fields: dict[str, str]


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): unescape(value[1:-1] if value[:1] in "\"'" else value) for name, value in _ATTRIBUTE.findall(text)
    }


def parse_forms(page: str) -> list[Form]:
    """The forms of a page with the values that a browser would send for them untouched; buttons' values are left out."""
    return [_form(head, inside) for head, inside in _FORM.findall(page)]


def _form(head: str, inside: str) -> Form:
    attributes = _attributes(head)
    fields = {}
    for tag, text in _FIELD.findall(inside):
        one = _attributes(text)
        kind = one.get("type", "submit" if tag == "button" else "text")
        unchecked = kind in {"radio", "checkbox"} and "checked" not in one
        if "name" in one and kind not in {"submit", "button", "file", "image"} and not unchecked:
            fields[one["name"]] = one.get("value", "on" if kind in {"radio", "checkbox"} else "")
    for text, options in _OPTION.findall(inside):
        choices = [_attributes(option) for option in re.findall(r"<option\b([^>]*)>", options)]
        chosen = [choice for choice in choices if "selected" in choice] or choices[:1]
        fields[_attributes(text)["name"]] = chosen[0].get("value", "") if chosen else ""
    return Form(attributes.get("action", ""), attributes.get("method", "get").lower(), fields)


class Browser:
    """One visitor of the site at 127.0.0.1:port. `requests` counts what it asked for, redirects included."""

    def __init__(self, port: int, *, count_sql: bool = False, headers: Mapping[str, str] | None = None):
        self.port, self.requests = port, 0
        self.cookies: dict[str, str] = {}
        self.headers = dict(headers or {}) | ({ASK: "1"} if count_sql else {})

    def get(self, path: str) -> Response:
        return self._follow("GET", path, None)

    def submit(self, page: Response, action: str, values: Mapping[str, str]) -> Response:
        """Sends the page's form for `action` ("" for the page's own address) with `values` filled in, and follows.

        Raises BenchError when the page has no such form.
        """
        return self._follow("POST", *self._filled(page, action, values))

    def submit_once(self, page: Response, action: str, values: Mapping[str, str]) -> Response:
        """As submit(), without following where the answer leads."""
        return self.request("POST", *self._filled(page, action, values))

    def _filled(self, page: Response, action: str, values: Mapping[str, str]) -> tuple[str, str, str]:
        """Address, body and referer of the form when it is sent."""
        wanted = urlsplit(action or page.path).path
        for form in parse_forms(page.text):
            target = urljoin(page.path, form.action)
            if form.method == "post" and urlsplit(target).path == wanted:
                return target, urlencode(form.fields | dict(values)), page.path
        raise BenchError(f"{page.path} has no form for {wanted}")

    def request(self, method: str, path: str, body: str | None = None, referer: str = "/") -> Response:
        self.requests += 1
        headers = {"Host": f"127.0.0.1:{self.port}", **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://127.0.0.1:{self.port}{referer}",
            }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        return Response(path, answer.status, content, answer.headers)

    def _follow(self, method: str, path: str, body: str | None, referer: str = "/") -> Response:
        response = self.request(method, path, body, referer)
        for _ in range(10):
            if response.status not in {301, 302, 303}:
                break
            target = urlsplit(urljoin(response.path, response.headers["Location"]))
            response = self.request("GET", target.path + (f"?{target.query}" if target.query else ""))
        if response.status != 200:
            raise BenchError(f"{method} {path} ended with {response.status} at {response.path}")
        return response


@dataclass(slots=True)
class Load:
    """What a run of many requests at once came to."""

    done: int = 0
    seconds: float = 0.0
    size: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0


def run_load(work: Callable[[int], int], *, times: int, concurrency: int) -> Load:
    """Calls work(0) to work(times-1) from `concurrency` threads; what work returns is added up as bytes, what it raises is a failure."""
    load, lock, turns = Load(), threading.Lock(), iter(range(times))

    def worker() -> None:
        while True:
            with lock:
                turn = next(turns, None)
            if turn is None:
                return
            try:
                size = work(turn)
            except (BenchError, OSError) as error:
                with lock:
                    load.failures.append(str(error))
            else:
                with lock:
                    load.done += 1
                    load.size += size

    threads = [threading.Thread(target=worker) for _ in range(concurrency)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load
