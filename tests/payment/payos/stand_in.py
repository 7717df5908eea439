"""A stand-in for payOS's API on loopback, as its documentation describes it, with faults on demand."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from marketplace.payment.providers.payos.client import Channel
from marketplace.payment.providers.payos.signature import signature_of

CHANNEL = Channel("client-1", "api-1", "checksum-1")


class StandIn:
    """The links that were made. `fault` is applied to the next call: "500", "reset", "garbage" or "forged"."""

    def __init__(self) -> None:
        self.links: dict[int, dict] = {}
        self.fault = ""
        self.url = ""

    def answer(self, method, path, headers, body):
        if (headers.get("x-client-id"), headers.get("x-api-key")) != (CHANNEL.client_id, CHANNEL.api_key):
            return 401, {"code": "401", "desc": "Unauthorized"}
        parts = path.strip("/").split("/")
        if parts[:2] != ["v2", "payment-requests"]:
            return 404, {"code": "404", "desc": "Not found"}
        if method == "POST" and len(parts) == 2:
            return self.create(body)
        link = self.links.get(int(parts[2])) or next((x for x in self.links.values() if x["id"] == parts[2]), None)
        if link is None:
            return 200, {"code": "101", "desc": "Mã thanh toán không tồn tại"}
        if method == "POST" and parts[3:] == ["cancel"]:
            link |= {"status": "CANCELLED", "cancellationReason": body["cancellationReason"]}
        return 200, self.signed(link)

    def create(self, body):
        signed = {key: body[key] for key in ("amount", "cancelUrl", "description", "orderCode", "returnUrl")}
        if body["signature"] != signature_of(signed, CHANNEL.checksum_key):
            return 200, {"code": "201", "desc": "Mã kiểm tra(signature) không hợp lệ"}
        if body["orderCode"] in self.links:
            return 200, {"code": "231", "desc": "Đơn thanh toán đã tồn tại"}
        self.links[body["orderCode"]] = {
            "id": f"{body['orderCode']:032x}",
            "orderCode": body["orderCode"],
            "amount": body["amount"],
            "amountPaid": 0,
            "amountRemaining": body["amount"],
            "status": "PENDING",
            "transactions": [],
            "cancellationReason": None,
        }
        link = self.links[body["orderCode"]]
        return 200, self.signed(
            link
            | {"paymentLinkId": link["id"], "checkoutUrl": f"https://pay.payos.vn/web/{link['id']}", "qrCode": "000201"}
        )

    @staticmethod
    def signed(data):
        return {"code": "00", "desc": "success", "data": data, "signature": signature_of(data, CHANNEL.checksum_key)}


@contextmanager
def serving():
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            fault, stand_in.fault = stand_in.fault, ""
            if fault == "reset":
                self.connection.close()
                return
            status, answer = stand_in.answer(self.command, self.path, self.headers, body)
            if fault == "500":
                status, answer = 500, {}
            if fault == "forged":
                answer["data"]["status"] = "PAID"
            content = b"<html>" if fault == "garbage" else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_any  # noqa: N815 - so the server calls them

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
