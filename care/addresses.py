"""May we call this address that somebody gave us? Only what the whole world can reach, unless the operator named a network.

Whoever may type an address would otherwise have us knock at doors inside our own network (SSRF, OWASP API7:2023).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

IP = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address inside an IPv6 one (RFC 6052)
PORTS = {"https": 443, "http": 80}
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Address:
    """A web address taken apart. `target` is what the request line says."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def named(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def address(url: str) -> Address:
    """Take an https or http address apart; raises ValueError with what is wrong with it."""
    if len(url) > LONGEST or not re.fullmatch(r"[!-~]+", url):
        raise ValueError(f"Must be an address of at most {LONGEST} characters without blanks, in ASCII.")
    try:
        parts = urlsplit(url)
        return _whole(parts, parts.port)
    except ValueError as wrong:
        raise ValueError(f"Must be an address such as https://app.example.com/changed: {wrong}") from wrong


def _whole(parts: SplitResult, port: int | None) -> Address:
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise ValueError("it needs https and a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("no user, password or fragment belongs in it")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, parts.hostname, port or PORTS[parts.scheme], target)


def may_call(where: Address, found: Collection[IP], allowed: Collection[Network] = ()) -> bool:
    """Whether all the places that the host name leads to are open to us.

    One that is not public spoils the others: a name that leads both outside and inside is a trap. Without TLS only where the
    operator's own networks are meant.
    """
    ours = [any(ip.version == net.version and ip in net for net in allowed) for ip in found]
    if not found or (where.scheme != "https" and not all(ours)):
        return False
    return all(mine or is_public(ip) for ip, mine in zip(found, ours, strict=True))


def is_public(ip: IP) -> bool:
    """Reachable by the whole world, also when it wraps an IPv4 address."""
    inner = _wrapped(ip)
    if inner is not None:
        return is_public(inner)
    tunnelled = isinstance(ip, IPv6Address) and ip.teredo is not None
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or tunnelled)


def _wrapped(ip: IP) -> IPv4Address | None:
    if not isinstance(ip, IPv6Address):
        return None
    return ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)


def plain_ip(written: str) -> IP:
    """An address as a resolver gives it, without the interface that IPv6 may name."""
    return ip_address(written.partition("%")[0])
