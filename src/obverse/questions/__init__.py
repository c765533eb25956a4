"""Questions about documents: written by a model, checked, or taken over from published data sets."""
