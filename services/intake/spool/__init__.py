"""What was accepted and not yet passed on: one SQLite file, one connection, one thread.

Like a mail server's queue this is the normal path, not the exception: a report is answered with 202 only after its row
was written and fsynced, and the relay publishes from here.
"""

from services.intake.spool.entries import Entry, Kept, KeyTaken, SpoolUnavailable, Status
from services.intake.spool.spool import Spool

__all__ = ["Entry", "Kept", "KeyTaken", "Spool", "SpoolUnavailable", "Status"]
