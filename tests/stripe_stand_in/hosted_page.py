"""The page that Stripe hosts: shows the session, takes a test card, asks 3-D Secure, leads back to the site."""

import datetime
from urllib.parse import parse_qs

from . import paying
from .engine import Engine, Reply
from .html import Texts, asking_page, closed_page, missing_page, paying_page
from .store import Obj

EMPTY_FORM = {"email": "", "number": "", "expiry": ""}


class HostedPage:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._world = engine.world

    def answer(self, method: str, path: str, body: bytes, languages: str) -> Reply:
        step, _, name = path.removeprefix("/c/").partition("/")
        with self._engine.changing():
            session = self._world.store.find("checkout.session", name)
            if session is None or step not in {"pay", "3ds"}:
                return _html(404, missing_page(Texts.choose(None, languages)))
            texts = Texts.choose(session["locale"], languages)
            form = {key: values[0].strip() for key, values in parse_qs(body.decode(errors="replace")).items()}
            if session["status"] != "open":
                return self._closed(session, texts, asked=method == "POST")
            if step == "3ds":
                return self._bank(method, session, form, texts)
            return self._pay(method, session, form, texts)

    def _items(self, session: Obj) -> list[Obj]:
        return self._world.store.get("line_items", session["id"])["data"]

    def _closed(self, session: Obj, texts: Texts, *, asked: bool) -> Reply:
        """A second tab, a reloaded form: led on where the first one went."""
        if session["status"] == "complete" and asked:
            return _redirect(after_success(session))
        onwards = after_success(session) if session["status"] == "complete" else session["cancel_url"]
        return _html(410 if session["status"] == "expired" else 200, closed_page(session, texts, onwards))

    def _pay(self, method: str, session: Obj, form: dict[str, str], texts: Texts) -> Reply:
        if method != "POST":
            return _html(
                200, paying_page(session, self._items(session), texts, EMPTY_FORM, {}, self._last_error(session, texts))
            )
        number = form.get("number", "").replace(" ", "").replace("-", "")
        problems = self._problems(session, form, number)
        if problems:
            page = paying_page(session, self._items(session), texts, EMPTY_FORM | form, problems, "")
            return _html(422, page)
        outcome = paying.pay(self._world, session, number, email=form.get("email"))
        if outcome.status == "asked":
            return _redirect(f"/c/3ds/{session['id']}")
        if outcome.status == "paid":
            return _redirect(after_success(session))
        page = paying_page(session, self._items(session), texts, EMPTY_FORM | form, {}, texts.declined(outcome.code))
        return _html(402, page)

    def _last_error(self, session: Obj, texts: Texts) -> str:
        intent = self._world.store.find("payment_intent", session["payment_intent"] or "")
        error = intent["last_payment_error"] if intent else None
        return texts.declined(error["code"]) if error else ""

    def _problems(self, session: Obj, form: dict[str, str], number: str) -> dict[str, str]:
        problems = {}
        if not session["customer_email"] and "@" not in form.get("email", ""):
            problems["email"] = "bad_email"
        if not number.isascii() or not number.isdigit() or not _luhn(number):
            problems["number"] = "bad_number"
        elif number not in paying.KNOWN:
            problems["number"] = "not_a_test_card"
        if not self._in_future(form.get("expiry", "")):
            problems["expiry"] = "bad_expiry"
        cvc = form.get("cvc", "")
        if not (cvc.isascii() and cvc.isdigit() and len(cvc) in {3, 4}):
            problems["cvc"] = "bad_cvc"
        return problems

    def _in_future(self, expiry: str) -> bool:
        month, _, year = expiry.replace(" ", "").partition("/")
        if not (expiry.isascii() and month.isdigit() and year.isdigit() and len(year) in {2, 4}):
            return False
        today = datetime.datetime.fromtimestamp(self._world.now(), datetime.UTC)
        return 1 <= int(month) <= 12 and (int(year) % 100 + 2000, int(month)) >= (today.year, today.month)

    def _bank(self, method: str, session: Obj, form: dict[str, str], texts: Texts) -> Reply:
        intent = self._world.store.find("payment_intent", session["payment_intent"] or "")
        if intent is None or intent["status"] != "requires_action":
            return _redirect(f"/c/pay/{session['id']}")
        if method != "POST" or form.get("answer") not in {"complete", "fail"}:
            return _html(200, asking_page(session, texts))
        outcome = paying.answer_bank(self._world, session, complete=form["answer"] == "complete")
        return _redirect(after_success(session) if outcome.status == "paid" else f"/c/pay/{session['id']}")


def after_success(session: Obj) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]
    return 12 <= len(number) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _html(status: int, page: str) -> Reply:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy": "no-referrer",
    }
    return Reply(status, page.encode(), headers)


def _redirect(url: str) -> Reply:
    return Reply(303, b"", {"Location": url, "Cache-Control": "no-store"})
