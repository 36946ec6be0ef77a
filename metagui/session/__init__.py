"""What happens behind the window, with QtCore alone: runs in the background, their events, the warm worker."""
