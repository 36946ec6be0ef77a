"""Presenter mode: a talk on a full screen, played from a script, with a window for the speaker."""
