"""Stripe's error object, and how a refusal is told."""

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """Answered as `{"error": {...}}`; `executed` ones are kept under the idempotency key, as Stripe keeps them."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.executed = executed

    def body(self, request_id: str) -> dict[str, Any]:
        error = {"message": self.message, "type": self.kind}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def missing(kind: str, name: str, *, param: str = "id") -> StripeError:
    """404 in a path; the same words with 400 where the id came as a parameter."""
    status = 404 if param == "id" else 400
    return StripeError(f"No such {kind}: '{name}'", status=status, code="resource_missing", param=param)


def api_failure(message: str = "An unknown error occurred") -> StripeError:
    return StripeError(message, status=500, kind="api_error")
