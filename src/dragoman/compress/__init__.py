"""Smaller weights from float ones, and what they cost."""
