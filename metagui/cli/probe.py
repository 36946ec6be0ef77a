"""``--probe-window``: opens a window for a moment and says on which platform. Run in a process of its own."""

from __future__ import annotations


def main() -> int:
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication(["metagui"])
    label = QLabel("metagui")
    label.show()
    app.processEvents()
    print(app.platformName())
    label.close()
    return 0
