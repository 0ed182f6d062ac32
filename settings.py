"""What does the environment say, and is it safe to start with? Every wrong variable is named at once."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

INSTANCE = Path(__file__).resolve().parent / "instance"
TWILIO_API = "https://api.twilio.com"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Parse = Callable[[str], Any]
Values = dict[str, Any]


class SettingsError(ValueError):
    """Raised once with every complaint, each beginning with the variable's name."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n  ".join(["Steadfast cannot start with these settings:", *complaints]))


def whole(least: int, most: int) -> Parse:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def choice(*allowed: str) -> Parse:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of: {', '.join(allowed)}")
        return text

    return parse


def yes_or_no(text: str) -> bool:
    return bool(choice("0", "1")(text) == "1")


def secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("must have at least 32 characters")
    return text


def matching(pattern: str, looks_like: str) -> Parse:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must look like {looks_like}")
        return text

    return parse


def base_url(text: str) -> str:
    if not _is_base_url(text):
        raise ValueError("must be an http or https address without user, query or fragment")
    return text.rstrip("/")


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not match
        return False
    return named and parts.scheme in ("http", "https") and not (parts.query or parts.fragment or parts.username)


def database_url(text: str) -> str:
    """SQLAlchemy's address of the database; every spelling of PostgreSQL means psycopg 3, SQLite's file becomes absolute."""
    if match := re.match(r"postgres(ql)?(\+psycopg)?://", text):
        return "postgresql+psycopg://" + text[match.end() :]
    if match := re.match(r"sqlite:///(?!:memory:)(?=.)", text):
        return f"sqlite:///{INSTANCE.parent / text[match.end() :]}"
    raise ValueError("must begin with postgresql:// or sqlite:/// followed by a file")


def data_keys(text: str) -> dict[str, bytes]:
    """Key name to 32 bytes; the first seals, all open."""
    keys = [re.fullmatch(r"([a-z0-9]{1,16}):([0-9a-fA-F]{64})", part.strip()) for part in text.split(",")]
    named = {key[1]: bytes.fromhex(key[2]) for key in keys if key}
    if len(named) != len(keys):
        raise ValueError("must be name:64-hex-digits, several separated by commas, each name once")
    return named


def seconds_list(text: str) -> tuple[int, ...]:
    return tuple(whole(1, 86_400)(part.strip()) for part in text.split(","))


def networks(text: str) -> tuple[Any, ...]:
    """Networks in CIDR writing, separated by commas; none when empty."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as wrong:
        raise ValueError("must be networks such as 10.20.0.0/16, separated by commas") from wrong


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: how its text is read, and what it is when the environment is silent (None: not set)."""

    parse: Parse
    default: str | None = None


SETTINGS: dict[str, Setting] = {
    "PORT": Setting(whole(1, 65_535), "8000"),
    "DATABASE_URL": Setting(database_url),
    "PUBLIC_BASE_URL": Setting(base_url),
    "SECRET_KEY": Setting(secret),
    "DATA_KEYS": Setting(data_keys),
    "SMS_TRANSPORT": Setting(choice("phones", "twilio")),
    "TWILIO_ACCOUNT_SID": Setting(matching(r"AC[0-9a-fA-F]{32}", "AC and 32 hex digits")),
    "TWILIO_AUTH_TOKEN": Setting(matching(r"\S{8,}", "the account's token, without spaces")),
    "TWILIO_MESSAGING_SERVICE_SID": Setting(matching(r"MG[0-9a-fA-F]{32}", "MG and 32 hex digits")),
    "TWILIO_BASE_URL": Setting(base_url, TWILIO_API),
    "DEMO": Setting(yes_or_no, "0"),
    "DEMO_PUBLIC": Setting(yes_or_no, "0"),
    "EMBEDDED_DISPATCHER": Setting(yes_or_no, "0"),
    "SEND_TIMEOUT_S": Setting(whole(1, 60), "10"),
    "SEND_THREADS": Setting(whole(1, 64), "8"),
    "LEASE_S": Setting(whole(5, 3_600), "60"),
    "TICK_S": Setting(whole(1, 60), "15"),
    "UNCONFIRMED_LOOKS_S": Setting(seconds_list, "60,180,600"),
    "OUTBOUND_TIMEOUT_S": Setting(whole(1, 60), "15"),
    "OUTBOUND_NETWORKS": Setting(networks, ""),
    "FEED_MINUTES": Setting(whole(1, 1_440), "15"),
    "HOLD_MINUTES": Setting(whole(1, 60), "10"),
    "ACCESS_TOKEN_S": Setting(whole(60, 3_600), "600"),
    "REFRESH_TOKEN_DAYS": Setting(whole(1, 30), "30"),
    "LOGIN_CODE_S": Setting(whole(60, 600), "600"),
    "LOG_LEVEL": Setting(choice("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
}


def read(environment: Mapping[str, str], given: Mapping[str, Any] | None = None) -> Values:
    """Every setting by its name, checked one by one and together.

    `given` wins over the environment; its texts are read like the environment's, other values are taken as they are,
    and names that are no setting of ours (Flask's own) pass through. Raises `SettingsError`.
    """
    given = dict(given or {})
    heard = {name: environment[name].strip() for name in SETTINGS if environment.get(name, "").strip()}
    heard |= {name: given.pop(name) for name in SETTINGS if name in given}
    values, complaints = _parsed(heard)
    if not complaints:
        _fill(values)
        complaints = list(_unsafe(values))
    if complaints:
        raise SettingsError(complaints)
    return values | {"SQLALCHEMY_DATABASE_URI": values["DATABASE_URL"]} | given


def _parsed(heard: Mapping[str, Any]) -> tuple[Values, list[str]]:
    values: Values = {}
    complaints = []
    for name, setting in SETTINGS.items():
        said = heard.get(name, setting.default)
        try:
            values[name] = setting.parse(said) if isinstance(said, str) else said
        except ValueError as error:
            complaints.append(f"{name} {error}.")  # never the value: it may be a secret
    return values, complaints


def _fill(values: Values) -> None:
    """What follows from other settings; only the demonstration invents an address, a database and secrets."""
    values["SMS_TRANSPORT"] = values["SMS_TRANSPORT"] or ("phones" if values["DEMO"] else "twilio")
    if not values["DEMO"]:
        return
    values["PUBLIC_BASE_URL"] = values["PUBLIC_BASE_URL"] or f"http://127.0.0.1:{values['PORT']}"
    if values["DATABASE_URL"] is None:
        INSTANCE.mkdir(exist_ok=True)
        values["DATABASE_URL"] = f"sqlite:///{INSTANCE / 'steadfast.db'}"
    if None in (values["SECRET_KEY"], values["DATA_KEYS"]):
        for name, text in demo_secrets(INSTANCE).items():
            values[name] = values[name] or SETTINGS[name].parse(text)


def demo_secrets(folder: Path) -> dict[str, str]:
    """The demonstration's own SECRET_KEY and DATA_KEYS, made once and kept in a file only its owner reads."""
    folder.mkdir(exist_ok=True)
    file = folder / "secrets"
    fresh = f"SECRET_KEY={secrets.token_hex(32)}\nDATA_KEYS=k1:{secrets.token_hex(32)}\n"
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        pass
    else:
        file.write_text(fresh, encoding="ascii")
    lines = file.read_text(encoding="ascii").split()
    return {name: value for name, _, value in (line.partition("=") for line in lines) if name in SETTINGS}


def _unsafe(values: Values) -> Iterator[str]:
    for name in ("DATABASE_URL", "PUBLIC_BASE_URL", "SECRET_KEY", "DATA_KEYS"):
        if not values[name]:
            yield f"{name} is missing (only DEMO=1 does without)."
    yield from _unsafe_provider(values)
    yield from _unsafe_address(values)


def _unsafe_provider(values: Values) -> Iterator[str]:
    account = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_MESSAGING_SERVICE_SID")
    absent = [name for name in account if not values[name]]
    if 0 < len(absent) < len(account) or (absent and values["DEMO"] and values["SMS_TRANSPORT"] == "twilio"):
        yield from (f"{name} is missing (the three TWILIO_ account settings belong together)." for name in absent)
    if values["SMS_TRANSPORT"] == "phones" and not values["DEMO"]:
        yield "SMS_TRANSPORT must not be phones without DEMO=1: no text would reach anyone."
    if values["TWILIO_BASE_URL"] != TWILIO_API and not values["DEMO"]:
        yield f"TWILIO_BASE_URL must be {TWILIO_API} without DEMO=1: texts would go to someone else."


def _unsafe_address(values: Values) -> Iterator[str]:
    address = urlsplit(values["PUBLIC_BASE_URL"] or "")
    if not address.hostname or address.hostname in LOOPBACK:
        return
    if values["DEMO"] and not values["DEMO_PUBLIC"]:
        yield "DEMO must be 0 when PUBLIC_BASE_URL is not this machine (DEMO_PUBLIC=1 shows the demonstration to others)."
    if address.scheme != "https":
        yield "PUBLIC_BASE_URL must begin with https:// when it is not this machine."
