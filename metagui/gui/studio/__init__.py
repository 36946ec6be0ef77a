"""The adaptation studio: one network, or several, adapting in front of your eyes."""
