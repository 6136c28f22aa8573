"""Disclosure control: one linked system over all published numbers, and the protector that hides until it is safe."""
