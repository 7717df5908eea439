"""The stand-in's time: the wall's plus what was advanced, or frozen where a test says so."""

import time


class Clock:
    def __init__(self, offset: int = 0, frozen_at: int | None = None) -> None:
        self.offset = offset
        self.frozen_at = frozen_at

    def now(self) -> int:
        """Unix seconds."""
        return self.frozen_at if self.frozen_at is not None else int(time.time()) + self.offset

    def advance(self, seconds: int) -> None:
        if self.frozen_at is not None:
            self.frozen_at += seconds
        else:
            self.offset += seconds

    def freeze(self, moment: int) -> None:
        self.frozen_at = moment

    def follow_the_wall(self) -> None:
        self.offset, self.frozen_at = 0, None
