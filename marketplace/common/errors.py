"""The base of every named error of the domain."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal that a person may read.

    `message` is the default sentence, translated, with named placeholders; keyword arguments fill them and stay
    readable as `error.params`. `code` identifies the error to forms and to the API.
    """

    code = "refused"
    message: str | Promise = ""

    def __init__(self, message: str | Promise | None = None, **params: object) -> None:
        super().__init__()
        if message is not None:
            self.message = message
        self.params = params

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text
