"""Downloading, against a real server on this machine that cuts, forgets and lies."""

from __future__ import annotations

import hashlib
import re
import resource as limits
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from metagui.datasets import downloading
from metagui.datasets.catalogue import OFFERS, Offer, RemoteFile
from metagui.datasets.downloading import fetch
from metagui.datasets.inventory import inventory
from metagui.datasets.obtaining import discard, download
from metagui.datasets.reporting import Cancelled, Step
from metagui.datasets.waiting import bytes_waiting, downloads_dir, part_of
from metagui.errors import DataError

CONTENT = bytes(range(256)) * 4096
NAME = "words.zip"


class Server:
    """Serves ``folder``; ``asked`` lists (name, range). ``cuts`` counts how often a name's answer ends half way;
    ``ranges`` says whether a part may be asked for; ``silent`` keeps an answer back until the test ends;
    ``announced`` is said to be its length."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ranges = folder, True
        self.asked: list[tuple[str, str]] = []
        self.cuts: dict[str, int] = {}
        self.silent = self.announced = 0
        self.over = threading.Event()
        server = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                name, wanted = self.path.lstrip("/"), self.headers.get("Range", "")
                server.asked.append((name, wanted))
                if server.silent:
                    server.silent -= 1
                    server.over.wait(20)
                    return
                path = server.folder / name
                if not path.is_file():
                    self.send_error(404)
                    return
                content, start = path.read_bytes(), 0
                match = re.match(r"bytes=(\d+)-", wanted) if server.ranges else None
                if match is not None:
                    start = int(match[1])
                    self.send_response(206 if start < len(content) else 416)
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                else:
                    self.send_response(200)
                rest = content[start:]
                self.send_header("Content-Length", str(server.announced or len(rest)))
                self.end_headers()
                if server.cuts.get(name, 0):
                    server.cuts[name] -= 1
                    rest = rest[: len(rest) // 2]
                self.wfile.write(rest)

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/"

    def serve(self, name: str, content: bytes, md5: str = "") -> RemoteFile:
        (self.folder / name).write_bytes(content)
        return RemoteFile(self.url + name, md5 or hashlib.md5(content).hexdigest(), len(content))

    def close(self) -> None:
        self.over.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "served").mkdir()
    running = Server(tmp_path / "served")
    yield running
    running.close()


class Watched:
    """A progress that remembers, and may end the download at its n-th call."""

    def __init__(self, cancel_at: int = 0) -> None:
        self.told: list[tuple[int, int]] = []
        self._cancel_at = cancel_at

    def __call__(self, done: int, total: int) -> None:
        self.told.append((done, total))
        if len(self.told) == self._cancel_at:
            raise Cancelled


def get(file: RemoteFile, folder: Path, progress: Any = None) -> Path:
    return fetch(file, folder, progress or Watched(), "try again")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_that_a_file_arrives_whole_with_its_bytes_counted(server: Server, tmp_path: Path) -> None:
    watched = Watched()
    path = get(server.serve(NAME, CONTENT), tmp_path / "here", watched)
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == [NAME]
    assert watched.told[0] == (0, len(CONTENT))
    assert watched.told[-1] == (len(CONTENT), len(CONTENT))
    assert watched.told == sorted(watched.told)


def test_that_a_file_that_is_here_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    get(file, tmp_path)
    get(file, tmp_path)
    assert len(server.asked) == 1


def test_that_a_cut_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    server.cuts[NAME] = 2
    assert get(file, tmp_path).read_bytes() == CONTENT
    ranges = [wanted for _, wanted in server.asked]
    assert ranges == ["", f"bytes={len(CONTENT) // 2}-", f"bytes={len(CONTENT) * 3 // 4}-"]


def test_that_a_cancelled_download_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    with pytest.raises(Cancelled):
        get(file, tmp_path, Watched(cancel_at=4))
    kept = part_of(file, tmp_path).stat().st_size
    assert 0 < kept < len(CONTENT)
    assert names(tmp_path / "served") == [NAME]
    watched = Watched()
    assert get(file, tmp_path, watched).read_bytes() == CONTENT
    assert server.asked[-1] == (NAME, f"bytes={kept}-")
    assert watched.told[0] == (kept, len(CONTENT))
    assert not part_of(file, tmp_path).exists()


def test_that_a_server_that_ignores_ranges_is_read_from_the_start(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    part_of(file, tmp_path).write_bytes(CONTENT[:1000])
    server.ranges = False
    assert get(file, tmp_path).read_bytes() == CONTENT


def test_that_a_part_of_another_file_is_not_built_upon(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    part_of(file, tmp_path).write_bytes(b"what lay at the address before")
    assert get(file, tmp_path).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == ["bytes=30-", ""]


def test_that_a_part_that_is_whole_already_is_taken(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    part_of(file, tmp_path).write_bytes(CONTENT)
    assert get(file, tmp_path).read_bytes() == CONTENT


def test_that_a_wrong_checksum_sets_the_file_aside(server: Server, tmp_path: Path) -> None:
    file, folder = server.serve(NAME, b"a login page", md5="0123"), tmp_path / "here"
    with pytest.raises(
        DataError, match=r"instead of 0123; nothing was installed.*aside as .*words\.zip\.rejected: try"
    ):
        get(file, folder)
    assert names(folder) == [f"{NAME}.rejected"]
    assert (folder / f"{NAME}.rejected").read_bytes() == b"a login page"


def test_that_a_connection_that_only_breaks_says_what_is_kept(server: Server, tmp_path: Path) -> None:
    file = server.serve(NAME, CONTENT)
    server.cuts[NAME] = 1000
    server.ranges = False  # and can never be taken up
    with pytest.raises(DataError, match=r"could not be downloaded .*; the 0\.5 MB that came are kept.*: try again"):
        get(file, tmp_path)
    assert len(server.asked) == 2
    assert not (tmp_path / NAME).exists()


def test_that_a_silent_server_is_asked_again(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "READ_SECONDS", 0.3)
    monkeypatch.setattr(downloading, "CONNECT_SECONDS", 0.3)
    file = server.serve(NAME, CONTENT)
    server.silent = 2
    watched = Watched()
    assert get(file, tmp_path, watched).read_bytes() == CONTENT
    assert len(server.asked) == 3
    assert len(watched.told) > 2  # asked in between whether it is still wanted


def test_that_a_missing_file_and_a_missing_server_are_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.zip could not be downloaded \(404.*\): try again"):
        get(RemoteFile(f"{server.url}nothing.zip", "0", 1), tmp_path)
    nobody = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    port = nobody.server_port
    nobody.server_close()
    with pytest.raises(DataError, match=r"could not be downloaded \(.*refused.*\): try again"):
        get(RemoteFile(f"http://127.0.0.1:{port}/{NAME}", "0", 1), tmp_path)


def test_that_a_disk_that_fills_up_leaves_nothing(server: Server, tmp_path: Path) -> None:
    file, folder = server.serve(NAME, CONTENT), tmp_path / "here"
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (len(CONTENT) // 3, before[1]))  # to the program as a full disk
    try:
        with pytest.raises(DataError, match=r"words\.zip cannot be written.*free about 1 MB there, or choose another"):
            get(file, folder)
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)
    assert names(folder) == []


def test_that_a_file_larger_than_the_disk_is_not_begun(server: Server, tmp_path: Path) -> None:
    file, folder = server.serve(NAME, CONTENT), tmp_path / "here"
    server.announced = 10**18
    with pytest.raises(DataError, match=r"needs 1,000,000,000,000\.0 MB, and the disk of .* left: free some"):
        get(file, folder)
    assert names(folder) == []


# --- whole data sets ----------------------------------------------------------------------------------------------


def report_to(told: list[Step]) -> Any:
    return told.append


@pytest.mark.slow
def test_that_omniglot_is_downloaded_installed_and_tidied_up(
    server: Server, evaluation_zip: Path, data_dir: Path
) -> None:
    file = server.serve("images_evaluation.zip", evaluation_zip.read_bytes())
    offer = Offer("omniglot", "Omniglot", "", "MIT", (file,))
    told: list[Step] = []
    assert "659 characters x 20 drawings" in download(offer, data_dir, report_to(told))
    assert {(step.doing, step.unit) for step in told} == {
        ("Downloading images_evaluation.zip", "bytes"),
        ("Reading drawings", "items"),
    }
    assert names(data_dir) == ["omniglot"]
    assert names(data_dir / "omniglot") == ["evaluation.json", "evaluation.npy"]
    (listed,) = inventory(data_dir)
    assert listed.source == file.address


def test_that_a_second_attempt_fetches_only_what_is_missing(server: Server, data_dir: Path) -> None:
    first = server.serve("first.zip", b"one")
    offer = Offer("omniglot", "Omniglot", "", "", (first, RemoteFile(f"{server.url}second.zip", "0", 9)))
    for _ in range(2):
        with pytest.raises(
            DataError, match=r"second\.zip could not be downloaded \(404.*metagui data add omniglot --f"
        ):
            download(offer, data_dir, report_to([]))
    assert [name for name, _ in server.asked] == ["first.zip", "second.zip", "second.zip"]
    assert bytes_waiting(offer, data_dir) == 3
    assert inventory(data_dir) == []
    discard(offer, data_dir)
    assert not downloads_dir(data_dir).exists()


def test_that_a_small_set_is_installed_as_a_set_of_pictures(server: Server, data_dir: Path, real_data: Path) -> None:
    archive = real_data / "omniglot" / "images_background_small1.zip"
    if not archive.exists():
        pytest.skip("needs the real Omniglot")
    real = OFFERS["omniglot-small1"]
    file = server.serve(real.files[0].name, archive.read_bytes(), md5=real.files[0].md5)
    assert file.size == real.files[0].size
    offer = Offer(real.name, real.title, real.summary, real.licence, (file,))
    assert "136 classes, 2,720 examples" in download(offer, data_dir, report_to([]))
    (listed,) = inventory(data_dir)
    assert (listed.name, listed.title, listed.form) == (real.name, real.title, "28 x 28 grey")
    assert (listed.source, listed.licence) == (file.address, real.licence)


def test_that_every_official_file_has_its_checksum_and_address() -> None:
    files = [file for offer in OFFERS.values() for file in offer.files]
    assert len(files) == 5
    for file in files:
        assert file.address.startswith("https://github.com/brendenlake/omniglot/raw/master/python/")
        assert re.fullmatch("[0-9a-f]{32}", file.md5)
        assert file.size > 100_000
