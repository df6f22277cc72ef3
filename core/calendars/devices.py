"""What reads a page, as far as it says so: to offer first what works there. A guess: all other ways stay on offer."""

from collections.abc import Mapping
from enum import StrEnum

from werkzeug.datastructures import Headers


class Device(StrEnum):
    """A kind of device, as far as following calendars differs."""

    IPHONE = "iphone"  # and iPad
    MAC = "mac"
    WINDOWS = "windows"
    ANDROID = "android"  # and HarmonyOS
    OTHER = "other"


PLATFORMS = {"ios": Device.IPHONE, "macos": Device.MAC, "windows": Device.WINDOWS, "android": Device.ANDROID}
"""Values of the client hint `Sec-CH-UA-Platform`, which Chromium sends without being asked."""

WORDS = (
    (Device.IPHONE, ("iphone", "ipad", "ipod")),
    (Device.ANDROID, ("android", "harmonyos", "openharmony")),  # before what its names contain
    (Device.WINDOWS, ("windows",)),
    (Device.MAC, ("macintosh", "mac os x")),
)
"""Words of `User-Agent`, the first that fits."""

APPS = ("micromessenger", "wxwork", "dingtalk", "lark/", "feishu", " qq/")
"""Words of `User-Agent` of apps that show pages themselves, and open no calendar from there."""

PHONES = frozenset({Device.IPHONE, Device.ANDROID})


def device(headers: Mapping[str, str] | Headers) -> Device:
    """Return the reader's device by the headers of their request."""
    hinted = PLATFORMS.get(headers.get("Sec-CH-UA-Platform", "").strip('" ').lower())
    if hinted is not None:
        return hinted
    agent = headers.get("User-Agent", "").lower()
    return next((found for found, words in WORDS if any(word in agent for word in words)), Device.OTHER)


def is_inside_app(headers: Mapping[str, str] | Headers) -> bool:
    """Say whether the page is shown by WeChat, WeCom, DingTalk, Feishu or QQ, and not by a browser."""
    agent = headers.get("User-Agent", "").lower()
    return any(word in agent for word in APPS)
