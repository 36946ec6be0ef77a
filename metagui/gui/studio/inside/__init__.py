"""What adaptation does inside one network."""
