"""Everything that knows MongoDB: models, connection, and one module per collection that is written."""

from services.reporting.documents.failures import translated
from services.reporting.documents.store import Store

__all__ = ["Store", "translated"]
