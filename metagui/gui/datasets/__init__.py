"""The data sets in the window: what is installed, adding and downloading more, and a look at them before training."""
