"""The study: the notebooks under several seeds."""
