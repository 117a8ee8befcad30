"""The broker, and the only package that imports pika. Its exceptions stay here: see `errors`."""
