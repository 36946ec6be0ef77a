"""What connects the widgets with the session: widgets never see a store or a worker, the session never a widget."""
