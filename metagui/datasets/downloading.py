"""One file from the network: resumed where it broke off, checked by its md5, set aside where it is something else.

``pooch`` says what is there already and puts a checked file in place; what it cannot do, going on after an
interruption, is the downloader that it is given here.
"""

from __future__ import annotations

import logging
import os
import re
import time
from pathlib import Path

import pooch
import requests

from metagui.datasets.catalogue import RemoteFile
from metagui.datasets.content import Progress
from metagui.datasets.disk import FULL, disk_trouble, require_room
from metagui.datasets.waiting import part_of
from metagui.errors import DataError

CONNECT_SECONDS = READ_SECONDS = 5.0
"""Silence after which a connection is made anew. A person who cancels waits no longer than this."""
SILENT_TRIES = 6
"""Connections in a row that bring nothing before it is given up."""
_CHUNK = 1 << 16
_BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


def fetch(file: RemoteFile, folder: Path, progress: Progress, remedy: str) -> Path:
    """The checked file in ``folder``, downloaded where it is not there; ``progress`` counts its bytes.

    What came before an interruption is kept beside it as ``<name>.part``, and the next attempt goes on from there.
    Raises DataError, ending with ``remedy``, where the network fails or the checksum is wrong: then what came is set
    aside as ``<name>.rejected``. Whatever ``progress`` raises ends it, too.
    """
    pooch.get_logger().setLevel(logging.WARNING)
    with disk_trouble(folder, file.size):
        folder.mkdir(parents=True, exist_ok=True)
    downloader = ResumingDownloader(file, folder, progress, remedy)
    try:
        pooch.retrieve(file.address, f"md5:{file.md5}", file.name, str(folder), downloader=downloader)
    except requests.RequestException as error:
        raise DataError(
            f"{file.address} could not be downloaded ({_innermost(error)}){downloader.kept()}: {remedy}"
        ) from error
    except OSError as error:
        if error.errno in FULL:  # the room is worth more than what came
            part_of(file, folder).unlink(missing_ok=True)
        with disk_trouble(folder / file.name, file.size):
            raise
    return folder / file.name


class ResumingDownloader:
    """Called by pooch as ``downloader(url, output_file, pooch)``; leaves only a file of the right md5 there."""

    def __init__(self, file: RemoteFile, folder: Path, progress: Progress, remedy: str) -> None:
        self._file = file
        self._part = part_of(file, folder)
        self._progress = progress
        self._remedy = remedy

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        if self._receive(url) and not self._is_right():
            self._part.unlink()  # the file may have changed at its address since it was begun
            self._receive(url)
        if not self._is_right():
            self._set_aside(url)
        os.replace(self._part, output_file)

    def kept(self) -> str:
        """What a person may rely on after a failure; empty where nothing came."""
        size = self._size()
        return f"; the {size / 1e6:,.1f} MB that came are kept, and the next attempt goes on from there" if size else ""

    def _receive(self, url: str) -> bool:
        """Everything, over as many connections as it takes; whether a part was there before."""
        resumed, most, in_vain = self._size() > 0, self._size(), 0
        while True:
            began = time.monotonic()
            try:
                self._stream(url)
            except _BROKEN:
                waited = time.monotonic() - began > 0.8 * min(CONNECT_SECONDS, READ_SECONDS)
                in_vain = 0 if self._size() > most else in_vain + 1
                # Refused or cut at once is final; silence, or a cut after some more came, is tried again.
                if in_vain and (not waited or in_vain >= SILENT_TRIES):
                    raise
                most = max(most, self._size())
                self._progress(self._size(), self._file.size)
            else:
                return resumed

    def _stream(self, url: str) -> None:
        """One connection, from where the part ends; raises one of requests' errors where it breaks off."""
        have = self._size()
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                return  # nothing is left to send: the checksum says whether this is it
            response.raise_for_status()
            have = have if _begins_at(response, have) else 0
            total = have + int(response.headers.get("Content-Length", 0)) or self._file.size
            require_room(self._part.parent, total - have, self._file.address)
            with self._part.open("ab" if have else "wb") as part:
                self._progress(have, total)
                for chunk in response.iter_content(_CHUNK):
                    part.write(chunk)
                    have += len(chunk)
                    self._progress(have, total)
        if have < total and "Content-Length" in response.headers:
            raise requests.ConnectionError(f"only {have:,} of {total:,} bytes came")

    def _size(self) -> int:
        try:
            return self._part.stat().st_size
        except FileNotFoundError:
            return 0

    def _is_right(self) -> bool:
        return self._part.exists() and pooch.file_hash(str(self._part), alg="md5") == self._file.md5

    def _set_aside(self, url: str) -> None:
        actual = pooch.file_hash(str(self._part), alg="md5")
        rejected = self._part.with_name(f"{self._file.name}.rejected")
        os.replace(self._part, rejected)
        raise DataError(
            f"{url} sent something else than was published: its md5 is {actual} instead of {self._file.md5}; nothing "
            f"was installed, and what came is set aside as {rejected}: {self._remedy}"
        )


def _begins_at(response: requests.Response, have: int) -> bool:
    """Whether the answer goes on where the part ends; servers may send the whole file instead."""
    if response.status_code != requests.codes.partial_content:
        return False
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return match is not None and int(match[1]) == have


def _innermost(error: BaseException) -> str:
    """What really happened, without the chain of wrappers around it."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error) or type(error).__name__
