"""An example plug-in of metagui."""
