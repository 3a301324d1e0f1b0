"""What a model does, to be looked at: a translation as data, and a page in which the model works; without torch."""
