"""Sentence pairs: reading, checking, storing, batching, and the phrasebook."""
