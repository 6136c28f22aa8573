"""The project's checks at the door and on its own structure."""
