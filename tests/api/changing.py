"""How do the tests change a session over HTTP? Look first, then agree to what was shown."""

from typing import Any

WHY = "Chair is broken"


def wished(verb: str, **known: Any) -> dict[str, Any]:
    usual = {} if verb in ("move", "reseat", "add") else {"cause": "clinic"}
    return {"verb": verb, **usual, **known}


def previewed(speaker: Any, path: str, verb: str, **known: Any) -> Any:
    """What a change of `path` (/v1/sessions/..., /v1/courses/..., /v1/me/sessions/...) would bring."""
    return speaker.post(f"{path}/changes/preview", wished(verb, **known), Idempotency_Key=None)


def changed(speaker: Any, path: str, verb: str, *, reason: str = WHY, **known: Any) -> Any:
    """Shown and agreed to."""
    shown = previewed(speaker, path, verb, **known)
    assert shown.status_code == 200, shown.json
    return speaker.post(f"{path}/changes", {**wished(verb, **known), "plan": shown.json["token"], "reason": reason})
