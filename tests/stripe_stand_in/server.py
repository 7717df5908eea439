"""The HTTP side: /v1 is Stripe's API, /c the hosted page, /_control what no client of Stripe can do."""

import json
import logging
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .control import Control
from .engine import Engine, Reply, Request, Reset
from .errors import StripeError
from .hosted_page import HostedPage

logger = logging.getLogger("stripe_stand_in")
LARGEST_BODY = 1_000_000


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], engine: Engine) -> None:
        self.engine = engine
        self.control = Control(engine)
        self.hosted_page = HostedPage(engine)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Without the reverse look-up of its own name that HTTPServer makes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or was reset on demand, is no news."""

    def hang_up(self) -> None:
        """Stop, with every connection that is still kept alive."""
        self.shutdown()
        self.server_close()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's word)
        """Quiet: the control call `requests` tells what came."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            self._send(Reply(413, b""))
            return
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        try:
            self._send(self._reply(path, query, body))
        except Reset:
            self._reset()
        except OSError:
            self.close_connection = True
        except Exception:
            logger.exception("The stand-in itself failed at %s %s", self.command, path)
            self._send(Reply(500, b"{}"))

    def _reply(self, path: str, query: str, body: bytes) -> Reply:
        if path.startswith("/v1/"):
            return self.server.engine.answer(Request(self.command, path, query, body, self.headers))
        if path.startswith("/c/"):
            languages = self.headers.get("Accept-Language", "")
            return self.server.hosted_page.answer(self.command, path, body, languages)
        if path.startswith("/_control/") and self.command == "POST":
            return self._steer(path.removeprefix("/_control/"), body)
        if path == "/favicon.ico":
            return Reply(204, b"")
        text = "Chợ Liên Kết: a stand-in for Stripe's API. No real money. See tests/stripe_stand_in/README.md.\n"
        return Reply(200 if path == "/" else 404, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def _steer(self, name: str, body: bytes) -> Reply:
        try:
            arguments = json.loads(body or b"{}")
            answer, status = self.server.control.call(name, arguments), 200
        except StripeError as error:
            answer, status = {"error": error.message}, error.status
        except (ValueError, TypeError) as error:
            answer, status = {"error": str(error)}, 400
        return Reply(status, json.dumps(answer, ensure_ascii=False).encode())

    def _send(self, reply: Reply) -> None:
        headers = {"Content-Type": "application/json"} | reply.headers | {"Content-Length": str(len(reply.body))}
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
