"""The welcome page: what there is to see, each one click away."""
