"""What people do in a browser, again and again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from core.intake.people import CHECKS, WEIGHTS


def id_number(number: int) -> str:
    """Return an identity-card number of no region there is, with the right check character."""
    digits = f"99999920000101{number:03}"
    return digits + CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11]


@dataclass(frozen=True)
class Window:
    """A page, and what a person does on it."""

    page: Page

    def sign_in(self, accounts: Sequence[Mapping[str, Any]], role: str, at: str) -> None:
        """Sign in a demo account by its role and where it is held ("" for any)."""
        account = next(known for known in accounts if known["role"] == role and at in ("", known["at"]))
        self.page.goto("/account/sign-in")
        self.page.fill("[name=email]", account["email"])
        self.page.fill("[name=password]", account["password"])
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def fill(self, answers: Mapping[str, Any]) -> None:
        """Fill in a form: texts and options by name of the field, True for a box, a dict for a file."""
        for name, value in answers.items():
            field = self.page.locator(f'#booking [name="{name}"]')
            kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
            if kind == "select":
                field.select_option(value)
            elif kind == "radio":
                self.page.check(f'#booking [name="{name}"][value="{value}"]')
            elif kind == "checkbox":
                self.page.check(f'#booking [name="{name}"]')
            elif kind == "file":
                field.set_input_files(value)
            else:
                field.fill(str(value))

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def choose_day(self, day: str) -> None:
        """Choose a day in the booking form, and wait until what is free on it is shown."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.page.fill('[name="on-day"]', day)
            self.page.locator('[name="on-day"]').dispatch_event("change")
        self.page.wait_for_load_state("networkidle")
