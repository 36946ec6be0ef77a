"""Whether a window can open here: asked before Qt is, because Qt answers a missing screen by aborting the process."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path

DEBIAN_PACKAGES = (
    "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0 fonts-dejavu-core "
    "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
)
"""What Qt needs of a Debian or Ubuntu machine; the first line is enough where nothing is shown on a real screen."""

WITHOUT_A_SCREEN = "train with `metagui train` instead, or give the window a virtual screen: `xvfb-run -a metagui`"

_NEED_NO_SCREEN = frozenset({"offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay"})

# Shared libraries that Qt's xcb plugin loads beyond those Qt itself needs, with the package of each.
_XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def screen_problem(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """Why no window can open, as a sentence that says what would help; None when one can."""
    if not platform.startswith("linux"):
        return None  # Windows and macOS always have a screen to a logged-in user
    wanted = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if wanted in _NEED_NO_SCREEN:
        return None
    display, wayland = environment.get("DISPLAY"), environment.get("WAYLAND_DISPLAY")
    if not display and not wayland:
        return f"there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): {WITHOUT_A_SCREEN}"
    if wayland and wanted != "xcb" and _wayland_socket(wayland, environment).exists():
        return None
    if not display:
        return f"no Wayland screen answers at {wayland!r}: {WITHOUT_A_SCREEN}"
    return _xcb_problem(display)


def _wayland_socket(name: str, environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_RUNTIME_DIR", "/run/user")) / name  # an absolute name replaces the folder


def _xcb_problem(display: str) -> str | None:
    missing = [package for library, package in _XCB_LIBRARIES.items() if not _loads(library)]
    if missing:
        return (
            f"Qt cannot show a window without these system libraries: {', '.join(missing)}; "
            f"on Debian or Ubuntu: apt-get install {DEBIAN_PACKAGES}"
        )
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return None  # Qt brings its own or says so itself
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(display.encode(), None)
    refused = xcb.xcb_connection_has_error(connection) != 0
    xcb.xcb_disconnect(connection)
    return f"no screen answers at DISPLAY={display}: {WITHOUT_A_SCREEN}" if refused else None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
