"""A stand-in for GHN: the published fields and limits, bookings that live on, and faults on demand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

TOKEN, SHOP = "token-of-the-shop", "885"
_PLACE = {"from_district_id": int, "from_ward_code": str, "to_district_id": int, "to_ward_code": str}
_MEASURES = {"weight": int, "length": int, "width": int, "height": int, "insurance_value": int, "service_type_id": int}
_ORDER = {
    **_PLACE,
    **_MEASURES,
    "client_order_code": str,
    "payment_type_id": int,
    "required_note": str,
    "content": str,
    "cod_amount": int,
    **dict.fromkeys(("from_name", "from_phone", "from_address", "to_name", "to_phone", "to_address"), str),
}


class Refused(Exception):  # noqa: N818 - said as GHN says it
    """Answered with 400 and the reason."""


class GhnStandIn:
    """`orders` by their number; `asked` are the paths in order; `faults` are taken from the front, one a request.

    A fault is a status, "lost" (done, but the answer never comes), "reset" (not done), "garbage" or "list".
    """

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.faults: list[Any] = []

    def answer(self, path: str, body: dict[str, Any]) -> Any:
        handlers = {
            "/v2/shipping-order/fee": self._fee,
            "/v2/shipping-order/create": self._create,
            "/v2/shipping-order/detail": self._detail,
            "/v2/shipping-order/detail-by-client-code": self._detail_by_code,
            "/v2/switch-status/cancel": self._cancel,
        }
        return handlers[path](body)

    def move(self, number: str, status: str) -> None:
        self.orders[number]["status"] = status

    def _fee(self, body: dict[str, Any]) -> Any:
        self._check(body, {**_PLACE, **_MEASURES})
        fee = 20_000 + body["weight"] // 500 * 2_000
        return {"total": fee, "service_fee": fee}

    def _create(self, body: dict[str, Any]) -> Any:
        self._check(body, _ORDER)
        known = [number for number, order in self.orders.items() if order["code"] == body["client_order_code"]]
        if known:
            raise Refused("client_order_code exists")
        number = f"GA{len(self.orders) + 1:06}"
        self.orders[number] = {"code": body["client_order_code"], "status": "ready_to_pick", "sent": body}
        return {"order_code": number, "total_fee": 20_000, "expected_delivery_time": "2026-11-25T16:00:00Z"}

    def _detail(self, body: dict[str, Any]) -> Any:
        order = self.orders.get(body["order_code"])
        if order is None:
            raise Refused("not found")
        return {"order_code": body["order_code"], "status": order["status"]}

    def _detail_by_code(self, body: dict[str, Any]) -> Any:
        for number, order in self.orders.items():
            if order["code"] == body["client_order_code"]:
                return {"order_code": number, "status": order["status"]}
        raise Refused("not found")

    def _cancel(self, body: dict[str, Any]) -> Any:
        rows = []
        for number in body["order_codes"]:
            order = self.orders.get(number)
            is_done = order is not None and order["status"] in {"ready_to_pick", "picking"}
            if order is not None and is_done:
                order["status"] = "cancel"
            rows.append({"order_code": number, "result": is_done})
        return rows

    def _check(self, body: dict[str, Any], fields: dict[str, type]) -> None:
        for name, kind in fields.items():
            if type(body.get(name)) is not kind:
                raise Refused(f"{name} is missing or of another type")
        sides = [body[side] for side in ("length", "width", "height")]
        if not 0 < body["weight"] <= 50_000 or not all(0 < side <= 200 for side in sides):
            raise Refused("weight or size")
        if not 0 <= body["insurance_value"] <= 5_000_000 or not 0 <= body.get("cod_amount", 0) <= 50_000_000:
            raise Refused("amount")
        if body["service_type_id"] not in {2, 5} or body.get("payment_type_id", 1) not in {1, 2}:
            raise Refused("service")
        if body.get("required_note", "CHOTHUHANG") not in {"KHONGCHOXEMHANG", "CHOXEMHANGKHONGTHU", "CHOTHUHANG"}:
            raise Refused("required_note")


def _handler(stand_in: GhnStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.asked.append(self.path)
            fault = stand_in.faults.pop(0) if stand_in.faults else None
            if fault == "reset":
                self.close_connection = True
                return
            if isinstance(fault, int):
                self._say(fault, json.dumps({"code": fault, "message": "fault"}).encode())
                return
            if (self.headers["Token"], self.headers["ShopId"]) != (TOKEN, SHOP):
                self._say(401, b'{"code": 401, "message": "Token is not valid"}')
                return
            try:
                data = stand_in.answer(self.path, body)
            except Refused as error:
                self._say(400, json.dumps({"code": 400, "message": str(error), "data": None}).encode())
                return
            if fault == "lost":
                self.close_connection = True
                return
            text = {"garbage": b"<html>", "list": b"[1]"}.get(str(fault))
            self._say(200, text or json.dumps({"code": 200, "message": "Success", "data": data}).encode())

        def _say(self, status: int, text: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def ghn(settings) -> Iterator[GhnStandIn]:
    """Serving on loopback, with the settings leading to it."""
    stand_in = GhnStandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stand_in))
    Thread(target=server.serve_forever, daemon=True).start()
    settings.GHN_API_URL = f"http://127.0.0.1:{server.server_port}"
    settings.GHN_TOKEN, settings.GHN_SHOP_ID = TOKEN, SHOP
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
