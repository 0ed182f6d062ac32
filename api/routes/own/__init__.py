"""What may a patient's app do? See what matters now, keep a store, and look after its patient's own visits."""

from api.routes.own.bookings import own_bookings
from api.routes.own.changes import own_changes
from api.routes.own.now import now
from api.routes.own.store import store
from api.routes.own.visits import me

__all__ = ["me", "now", "own_bookings", "own_changes", "store"]
