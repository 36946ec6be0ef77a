"""Downloading, against a real server on this machine."""

import hashlib
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from metagui.datasets.omniglot_install import OFFICIAL_MD5, download_omniglot
from metagui.datasets.parts import installed_datasets
from metagui.errors import DataError

ZIP = "images_evaluation.zip"


class Server:
    """Serves ``folder``; ``asked`` lists what was requested, ``cut`` sends a name's file only half."""

    def __init__(self, folder):
        self.folder, self.asked, self.cut = folder, [], set()
        server = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                name = self.path.lstrip("/")
                server.asked.append(name)
                path = server.folder / name
                if not path.is_file():
                    self.send_error(404)
                    return
                content = path.read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if name in server.cut else content)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/"

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "served").mkdir()
    running = Server(tmp_path / "served")
    yield running
    running.close()


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def get(server, data_dir, checksums, **options):
    return download_omniglot(data_dir, lambda done, total: None, base_url=server.url, checksums=checksums, **options)


@pytest.mark.slow
def test_that_a_download_is_checked_installed_and_tidied_up(server, evaluation_zip, data_dir, capfd):
    (server.folder / ZIP).write_bytes(evaluation_zip.read_bytes())
    installed = get(server, data_dir, {ZIP: md5(evaluation_zip)})
    assert installed.parts == ("evaluation",)
    assert sorted(path.name for path in (data_dir / "omniglot").iterdir()) == ["evaluation.json", "evaluation.npy"]
    assert f"{server.url}{ZIP}, added" in installed_datasets(data_dir)[0].provenance[0]
    assert "100%" in capfd.readouterr().err  # the progress bar


def test_that_a_wrong_checksum_sets_the_file_aside_and_installs_nothing(server, data_dir):
    (server.folder / ZIP).write_bytes(b"a login page")
    with pytest.raises(DataError, match=r"instead of 0123.*set aside as .*\.zip\.rejected: .*--from FOLDER"):
        get(server, data_dir, {ZIP: "0123"}, progressbar=False)
    downloads = data_dir / "omniglot" / "downloads"
    assert [path.name for path in downloads.iterdir()] == [f"{ZIP}.rejected"]
    assert (downloads / f"{ZIP}.rejected").read_bytes() == b"a login page"
    assert not (data_dir / "omniglot" / "evaluation.npy").exists()


@pytest.mark.slow
def test_that_a_second_attempt_fetches_only_what_is_missing(server, evaluation_zip, make_zip, data_dir):
    (server.folder / ZIP).write_bytes(evaluation_zip.read_bytes())
    other = "images_background.zip"
    checksums = {ZIP: md5(evaluation_zip), other: "0123"}
    with pytest.raises(DataError, match=r"images_background\.zip could not be downloaded \(404"):
        get(server, data_dir, checksums, progressbar=False)
    make_zip(server.folder / other, "background")
    installed = get(server, data_dir, checksums | {other: md5(server.folder / other)}, progressbar=False)
    assert installed.parts == ("background", "evaluation")
    assert server.asked == [ZIP, other, other]


def test_that_a_broken_connection_says_how_to_do_without(server, evaluation_zip, data_dir):
    (server.folder / ZIP).write_bytes(evaluation_zip.read_bytes())
    server.cut.add(ZIP)
    with pytest.raises(DataError, match=r"images_evaluation\.zip could not be downloaded.*--from FOLDER"):
        get(server, data_dir, {ZIP: md5(evaluation_zip)}, progressbar=False)
    assert list((data_dir / "omniglot").iterdir()) == []


def test_that_no_connection_says_how_to_do_without(data_dir, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    port = server.server_port
    server.server_close()  # nobody listens here now
    with pytest.raises(
        DataError, match=r"could not be downloaded \(.*refused.*\): check the connection.*--from FOLDER"
    ):
        download_omniglot(data_dir, lambda done, total: None, base_url=f"http://127.0.0.1:{port}/", progressbar=False)


def test_that_the_official_zips_are_both_asked_for():
    assert sorted(OFFICIAL_MD5) == ["images_background.zip", "images_evaluation.zip"]
    assert all(len(checksum) == 32 for checksum in OFFICIAL_MD5.values())
