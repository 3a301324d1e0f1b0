"""A model behind HTTP: LibreTranslate's protocol, traces, and the page; with the extra [serve], without torch."""
