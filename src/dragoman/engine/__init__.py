"""The CPU engine: the thin Python face of the C++ in `native/`."""
