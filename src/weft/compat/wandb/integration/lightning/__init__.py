"""The integration of Lightning, by W&B's names."""
