"""A step for one child, told by staff (a session and a grant) or by a partner (its key and the token of its 202)."""
