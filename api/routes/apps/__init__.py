"""What leaves for other programs? Signed news of changes for a clinic's app backend, and feeds for people's calendars."""

from api.routes.apps.calendar import calendar
from api.routes.apps.endpoints import endpoints

__all__ = ["calendar", "endpoints"]
