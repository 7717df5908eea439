"""A wire to a server that can be cut, held, or made to lie."""

import contextlib
import socket
import struct
import threading
from enum import Enum
from urllib.parse import urlsplit


class Fault(Enum):
    NONE = "passes everything on"
    REFUSES = "refuses connections"
    HANGS = "takes connections and says nothing"
    RESETS = "resets connections"
    FAILS = "answers 500"
    BABBLES = "answers 200 with what is no JSON"
    EVADES = "answers 200 with JSON that says nothing"
    IS_PARTIAL = "answers without its shard"


_BODIES = {
    Fault.FAILS: (500, b'{"error": "out of memory"}'),
    Fault.BABBLES: (200, b"<html>welcome to the hotel's network</html>"),
    Fault.EVADES: (200, b'{"took": 1}'),
    Fault.IS_PARTIAL: (
        200,
        b'{"timed_out": false, "_shards": {"failed": 1}, "aggregations": {}, "hits": {"total": {"value": 0}, "hits": []}}',
    ),
}


class FaultyServer:
    """Listens on a port of its own; what it does can be changed at any time, and ends the connections that are open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._live: set[socket.socket] = set()
        self._fault = Fault.REFUSES
        self._listener: socket.socket | None = None
        self._port = 0
        self.become(Fault.NONE)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def become(self, fault: Fault) -> None:
        self._fault = fault
        if fault is Fault.REFUSES:
            self._close(self._listener)
            self._listener = None
        elif self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port))
            self._port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        for connection in list(self._live):
            self._close(connection)

    def stop(self) -> None:
        self.become(Fault.REFUSES)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listener.accept()
                self._live.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            fault = self._fault
            if fault is Fault.NONE:
                self._pass_on(connection)
            elif fault is Fault.RESETS:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif fault is Fault.HANGS:
                while connection.recv(65536):
                    pass
            else:
                self._answer(connection, *_BODIES[fault])
        self._close(connection)

    def _pass_on(self, connection: socket.socket) -> None:
        with socket.create_connection(self._target) as server:
            self._live.add(server)
            back = threading.Thread(target=self._pump, args=(server, connection), daemon=True)
            back.start()
            self._pump(connection, server)
            back.join(1)
            self._live.discard(server)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        self._close(target)

    def _answer(self, connection: socket.socket, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} Told\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.recv(65536)
        connection.sendall(head.encode() + body)

    def _close(self, connection: socket.socket | None) -> None:
        if connection:
            self._live.discard(connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
