"""What can a patient's app ask beside the visits themselves? What matters now, and what to keep and how to catch up."""

from api.routes.own.now import now
from api.routes.own.store import store

__all__ = ["now", "store"]
