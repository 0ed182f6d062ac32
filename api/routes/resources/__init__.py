"""Whom and what do sessions need, when are they there, and when is nobody?"""

from api.routes.resources.closures import closures
from api.routes.resources.keeping import resources

__all__ = ["closures", "resources"]
