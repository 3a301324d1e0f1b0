"""Search over any model of the protocol: `search.search` is the entrance, each kind has a page beside it."""
