"""Keys: what is sealed of a case, under a key of its own, which can be destroyed without touching a number."""

from services.reporting.keys.keyring import Keyring, Unopened
from services.reporting.keys.parts import Erased, NotSealed, each_own, names, open_part

__all__ = ["Erased", "Keyring", "NotSealed", "Unopened", "each_own", "names", "open_part"]
