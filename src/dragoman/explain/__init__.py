"""What a model does, to be looked at: a translation as data, without torch."""
