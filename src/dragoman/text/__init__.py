"""Text to ids and back: tokenizers and how they are learned."""
