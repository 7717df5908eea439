"""A real headless Chromium at the width of a phone and of a desk."""

import copy
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.services import CHROMIUM
from tests.stripe_stand_in.stand_in import StripeStandIn

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


class Visitor:
    """One person's window: goes to addresses of the site, and fails on a script error or a violated policy."""

    def __init__(self, browser: Browser, base: str, viewport: dict[str, int], *, scripts: bool = True) -> None:
        self.base, self.has_scripts = base, scripts
        self.context = browser.new_context(viewport=viewport, java_script_enabled=scripts, locale="vi-VN")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)

    def open(self, path: str) -> Page:
        address = path if path.startswith("http") else self.base + path
        response = self.page.goto(address)
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"
        return self.page

    def press(self, target: str | Locator) -> Page:
        """Presses what leads to another page, and waits for it, with its scripts: for the answer to this press alone.

        Of another press there may be an answer already that looks the same, and the address may be the same too.
        """
        place = self.page.locator(target) if isinstance(target, str) else target
        with self.page.expect_navigation():
            place.click()
        return self.page

    def settle(self) -> None:
        """Waits until every part that the page has asked for stands in it."""
        if self.has_scripts:
            self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added").first.wait_for(
                state="detached"
            )

    def violations(self) -> list[str]:
        """What axe finds on the page as it stands, with the parts that it has asked for, one line each."""
        self.settle()
        found = Axe().run(
            self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        )
        return [
            f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visit(browser: Browser, live_server):
    """A function that opens one more window of a width, with scripts or without."""
    opened: list[Visitor] = []

    def open_window(viewport: dict[str, int] = PHONE, *, scripts: bool = True) -> Visitor:
        visitor = Visitor(browser, live_server.url, viewport, scripts=scripts)
        opened.append(visitor)
        return visitor

    yield open_window
    for visitor in opened:
        visitor.close()


@pytest.fixture
def stripe(live_server, settings) -> Iterator[StripeStandIn]:
    """A running stand-in for Stripe, which the site takes for it."""
    with StripeStandIn(webhook_url=f"{live_server.url}/webhook/stripe/") as running:
        settings.SITE_URL = live_server.url
        settings.STRIPE_SECRET_KEY = running.api_key
        settings.STRIPE_WEBHOOK_SECRET = running.webhook_secret
        settings.STRIPE_API_BASE = running.url
        policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
        policy["DIRECTIVES"]["form-action"].append(running.url)
        settings.CONTENT_SECURITY_POLICY = policy
        yield running
