"""Where messages may go: an address is checked when it is named, and again before each message is sent to it."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from triage.errors import InputError

MOST_CHARACTERS = 2_000
ALLOWED = "allowed is http://host/path or https://host/path, without user, password or fragment"

_URL = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
"""The characters of a URL (RFC 3986); a name in Chinese is written as xn--…"""


def checked(url: str, hosts: Collection[str] = ()) -> str:
    """The `url` as it is, if messages may go there. `hosts`: those of ``TRIAGE_WEBHOOK_HOSTS``; empty: any.

    Raises InputError. Its message never repeats the address, which may hold a secret.
    """
    if len(url) > MOST_CHARACTERS or not _URL.fullmatch(url):
        raise InputError(f"url: more than {MOST_CHARACTERS} characters, or one that no URL has; {ALLOWED}.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InputError(f"url: cannot be read; {ALLOWED}.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"http", "https"} or not host or port == 0 or set(url) & set('\\"<>^`{|}'):
        raise InputError(f"url: no http or https address with a host; {ALLOWED}.")
    if "@" in parts.netloc or "#" in url:
        raise InputError(f"url: it holds a user, a password or a fragment; {ALLOWED}.")
    if not hosts and _leads_astray(host):
        raise InputError(
            "url: an address of no machine, or of the network card's own (169.254.…, fe80:…), where clouds keep the "
            "secrets of machines. Name another, or let the operator name this one in TRIAGE_WEBHOOK_HOSTS."
        )
    if hosts and host not in hosts and f"{host}:{port}" not in hosts:
        named = ", ".join(sorted(hosts))
        raise InputError(f"url: its host is not one that TRIAGE_WEBHOOK_HOSTS names ({named}). Ask the operator.")
    return url


def _leads_astray(host: str) -> bool:
    """Whether the host is a number, however it is written, that is link-local, multicast or no machine's."""
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            number = ipaddress.ip_address(socket.inet_aton(host))  # 2852039166, 0xa9.254.43518: resolvers take these
        except (OSError, ValueError):
            return False
    inner = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    number = inner or number
    return number.is_link_local or number.is_multicast or number.is_unspecified
