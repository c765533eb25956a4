"""Augmentation: what follows from documents, written out by a model and checked against them."""
