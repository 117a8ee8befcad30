"""Who owes a child an action, by when; telling them; and asking louder until somebody answers for it."""
