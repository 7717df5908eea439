"""A stand-in for Zalo's notification service: the published fields, tokens that run out, and answers on demand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs


class ZaloStandIn:
    """`sent` are the messages it took. `answers` are errors it gives first, instead of taking a message."""

    def __init__(self) -> None:
        self.sent: list[dict] = []
        self.answers: list[int] = []
        self.access_token = "access-0"
        self.refresh_token = "refresh-0"
        self.renewals = 0

    def message(self, body: dict, token: str) -> dict:
        if token != self.access_token:
            return {"error": -124, "message": "Access token invalid"}
        if self.answers:
            return {"error": self.answers.pop(0), "message": "refused"}
        if not {"phone", "template_id", "template_data", "tracking_id"} <= body.keys():
            return {"error": -100, "message": "Missing parameter"}
        self.sent.append(body)
        return {"error": 0, "message": "Success", "data": {"msg_id": str(len(self.sent))}}

    def renew(self, form: dict) -> dict:
        if form["refresh_token"] != [self.refresh_token]:
            return {"error": -14014, "error_name": "Invalid refresh token"}
        self.renewals += 1
        self.access_token, self.refresh_token = f"access-{self.renewals}", f"refresh-{self.renewals}"
        return {"access_token": self.access_token, "refresh_token": self.refresh_token, "expires_in": "90000"}


@contextmanager
def zalo(settings) -> Iterator[ZaloStandIn]:
    """Serving on loopback, with the settings leading to it."""
    stand_in = ZaloStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/message":
                answer = stand_in.message(json.loads(body), self.headers["access_token"])
            else:
                answer = stand_in.renew(parse_qs(body))
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    settings.TEXT_MESSAGE_BACKEND = "marketplace.outbox.texts.zalo.ZaloBackend"
    settings.ZALO_MESSAGE_URL, settings.ZALO_TOKEN_URL = f"{base}/message", f"{base}/token"
    settings.ZALO_APP_ID, settings.ZALO_APP_SECRET, settings.ZALO_REFRESH_TOKEN = "1", "secret", "refresh-0"
    settings.ZALO_TEMPLATES = {"order_placed": "7001"}
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
