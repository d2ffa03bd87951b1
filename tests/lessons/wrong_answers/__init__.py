"""Plausible wrong answers, one module a lesson: (what it is, source that defines the answer, a word of the message)."""
