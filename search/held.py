"""What a process keeps of the index beside the engines: read whole, and read again when its number has moved."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from marketplace.common.prepared import Prepared
from search.models import IndexState

Content = TypeVar("Content")

_state = Prepared(lambda: IndexState.objects.order_by("pk").values_list("generation", "names_seq"))


class Held(Generic[Content]):
    def __init__(self, read: Callable[[], Content]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._content: tuple[object, Content] | None = None

    def current(self) -> Content:
        """What was read at the present number. One small statement; nobody may change what is returned."""
        number = next(iter(_state(limit=1)), None)
        content = self._content
        if content is None or content[0] != number:
            with self._lock:
                content = self._content
                if content is None or content[0] != number:
                    content = self._content = number, self._read()
        return content[1]

    def last(self) -> Content:
        """What was read last, without a look at the number: for whoever asks again within an answer."""
        return self._content[1] if self._content else self.current()

    def forget(self) -> None:
        """For whoever has seen the index go back, which only tests do."""
        self._content = None
