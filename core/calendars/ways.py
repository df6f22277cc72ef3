"""The ways to follow a calendar, those first that fit the reader's device."""

from dataclasses import dataclass
from typing import Literal

import segno
from markupsafe import Markup

from core.calendars.devices import PHONES, Device

Way = Literal["app", "address", "account", "file"]

ORDER: dict[Device, tuple[Way, ...]] = {
    Device.IPHONE: ("app", "account", "address", "file"),
    Device.MAC: ("app", "account", "address", "file"),
    Device.WINDOWS: ("app", "address", "account", "file"),
    Device.ANDROID: ("account", "app", "address", "file"),
    Device.OTHER: ("address", "account", "app", "file"),
}
"""`app` opens the device's calendar, `address` is to be copied, `account` is CalDAV, `file` is put in once."""

INSIDE_APP: tuple[Way, ...] = ("address", "account", "app", "file")
"""Pages inside other apps can open neither calendars nor files."""


@dataclass(frozen=True)
class Ways:
    """How a calendar can be followed.

    Attributes:
        title: of the calendar.
        address: of its feed, with https or what the site is served by.
        path: of its feed below the site's address, for the file.
        account: address to give to a CalDAV program.
        order: the ways, those first that fit the reader's device.
        device: the reader's.
        inside_app: whether an app shows the page (WeChat and others).
        scanned: what a phone is to scan, "" on a phone.
        secret: whether the address is a secret.
    """

    title: str
    address: str
    path: str
    account: str
    order: tuple[Way, ...]
    device: Device
    inside_app: bool
    scanned: str
    secret: bool = False

    @property
    def webcal(self) -> str:
        """The address that opens the calendar of an iPhone, of a Mac, or Outlook."""
        return "webcal:" + self.address.partition(":")[2]

    @property
    def code(self) -> Markup:
        """What a phone is to scan as an SVG that a strict content policy lets through."""
        return code(self.scanned)


def ways(*, site: str, title: str, path: str, account: str, device: Device, inside_app: bool, page: str = "") -> Ways:
    """Return the ways to follow a calendar.

    Args:
        site: the site's public address, without a slash at its end.
        title: of the calendar.
        path: of its feed, below the site's address.
        account: path to give to a CalDAV program.
        device, inside_app: what the reader reads with (`devices.py`).
        page: path of the page that offers the ways, for the phone that scans it; "" for a secret address, which the
            phone is to open itself.
    """
    address = site + path
    order = INSIDE_APP if inside_app else ORDER[device]
    if not page:  # an account needs another secret than this one
        order = (*(way for way in order if way != "account"), "account")
    scanned = site + page if page else "webcal:" + address.partition(":")[2]
    return Ways(
        title=title,
        address=address,
        path=path,
        account=site + account,
        order=order,
        device=device,
        inside_app=inside_app,
        scanned="" if device in PHONES else scanned,
        secret=not page,
    )


def code(text: str) -> Markup:
    """Return a QR code as SVG without styles, as large as what it stands in."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(omitsize=True, svgclass=None, lineclass=None, border=2))  # noqa: S704 (made of modules only)
