"""Ways to reach a person. A new one is one file with a class that fits `base.Channel`, wired in `worker.py`."""
