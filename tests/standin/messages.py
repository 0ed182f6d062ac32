"""What does a message look like to the provider's customers? The fields of Twilio's Message resource."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the provider is a world of its own, with its own clock


@dataclass
class Message:
    """One text that was taken in."""

    account_sid: str
    to: str
    body: str
    service_sid: str
    callback: str
    segments: int
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    status: str = "accepted"
    error_code: int | None = None
    created: datetime = field(default_factory=now)
    sent: datetime | None = None

    def shown(self) -> dict[str, Any]:
        address = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "date_updated": format_datetime(self.sent or self.created),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": None,
            "messaging_service_sid": self.service_sid,
            "num_media": "0",
            "num_segments": str(self.segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{address}/Media.json"},
            "to": self.to,
            "uri": f"{address}.json",
        }


class Shelf:
    """All messages of this process, the newest first when listed."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        with self._lock:
            self._messages[message.sid] = message

    def get(self, sid: str) -> Message | None:
        return self._messages.get(sid)

    def to(self, number: str | None) -> list[Message]:
        with self._lock:
            found = [message for message in self._messages.values() if number in (None, message.to)]
        return sorted(found, key=lambda message: message.created, reverse=True)
