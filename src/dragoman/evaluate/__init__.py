"""Measuring translations and alignments."""
