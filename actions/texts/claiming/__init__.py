"""Which texts go now? What is due is claimed in batches per sender, paced per contact, put into words and written down.

Rows are read and written as plain columns in batches, because this runs for every text of every clinic. Contacts and patients
that somebody else has locked are passed over until the next round, so that claiming never waits and never deadlocks.
"""

from actions.texts.claiming.batch import Batch, claim
from actions.texts.claiming.due import senders_due
from actions.texts.claiming.rate import room

__all__ = ["Batch", "claim", "room", "senders_due"]
