"""Keys: what is sealed of a case, under a key of its own, which can be destroyed without touching a number."""

from services.reporting.keys.keyring import Keyring, Unopened
from services.reporting.keys.parts import Erased, NotSealed, names, open_part, open_parts

__all__ = ["Erased", "Keyring", "NotSealed", "Unopened", "names", "open_part", "open_parts"]
