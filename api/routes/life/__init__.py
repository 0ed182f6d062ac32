"""How does a course live on? Pause, resume, end it, decide its reviews and its cadence; ask for a session."""

from api.routes.life.requests import own_requests, requests
from api.routes.life.steering import steering

__all__ = ["own_requests", "requests", "steering"]
