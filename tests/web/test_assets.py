"""Style sheets and scripts travel compressed and are kept; pages are not compressed."""

import pytest
from flask.testing import FlaskClient

from core.web.assets import asset

# Flask-Compress leaves the closing of the file it has read to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("encoding", ["br", "deflate"])
def test_a_style_sheet_is_sent_compressed_to_who_takes_it(client: FlaskClient, encoding: str) -> None:
    with client.application.test_request_context():
        address = asset("dist/site.css")
    whole = client.get(address)
    small = client.get(address, headers={"Accept-Encoding": encoding})
    assert "Content-Encoding" not in whole.headers
    assert small.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "immutable" in small.headers["Cache-Control"]
    assert len(small.data) * 5 < len(whole.data)


def test_a_compressed_file_that_is_known_is_not_sent_again(client: FlaskClient) -> None:
    accepted = {"Accept-Encoding": "br"}
    first = client.get("/static/dist/site.js", headers=accepted)
    again = client.get("/static/dist/site.js", headers=accepted | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_page_is_not_compressed(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip, br"}).headers
