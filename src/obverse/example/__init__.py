"""The example that ships: documents of a made-up institution, and questions about them."""
