"""Pictures in a text, made ready for the page."""

import re

from flask import Flask

from core.content import richtext
from core.content.media.pictures import responsive
from tests.content.media import samples
from tests.content.media.conftest import Keep, address
from tests.support.statements import queries


def test_a_large_picture_is_offered_in_the_sizes_that_are_worth_it(shop_app: Flask, keep: Keep) -> None:
    media = keep("门口.png", samples.picture(size=(1000, 500)))
    html = richtext.clean(f'<p>字</p><p><img src="{address(media)}" alt="a &gt; &quot;b&quot;"></p>')
    with shop_app.test_request_context():
        shown = responsive(html)
    srcset = [f"{address(media, width)}?v=1 {width_shown}w" for width, width_shown in SIZES]
    assert f'srcset="{", ".join(srcset)}"' in shown
    assert f'src="{address(media, 1280)}?v=1"' in shown
    assert 'width="1000" height="500" loading="lazy"' in shown
    assert 'alt="a &gt; &quot;b&quot;"' in shown
    assert shown.startswith("<p>字</p><p><img ")


SIZES = ((320, 320), (640, 640), (1280, 1000))


def test_a_width_that_the_writer_chose_is_kept_in_proportion(shop_app: Flask, keep: Keep) -> None:
    media = keep("a.png", samples.picture(size=(1000, 500)))
    with shop_app.test_request_context():
        shown = responsive(f'<img src="{address(media)}" alt="" width="400" height="9999">')
    assert 'width="400" height="200"' in shown
    assert 'sizes="(min-width: 400px) 400px, 100vw"' in shown


def test_small_and_moving_pictures_have_no_other_sizes_and_unknown_ones_stay(shop_app: Flask, keep: Keep) -> None:
    small, moving = keep(), keep("a.gif", samples.moving())
    unknown = '<img src="/media/999/x.png" alt="x">'
    with shop_app.test_request_context():
        shown = responsive(f'<img src="{address(small)}" alt=""><img src="{address(moving)}" alt="">{unknown}')
    assert "srcset" not in shown
    assert unknown in shown
    assert len(re.findall("loading", shown)) == 2


def test_however_many_pictures_cost_one_query_and_none_cost_none(shop_app: Flask, keep: Keep) -> None:
    html = "".join(f'<img src="{address(keep())}" alt="">' for _ in range(3))
    with shop_app.test_request_context():
        costs = [queries(lambda: responsive("<p>字</p>")), queries(lambda: responsive(html))]
    assert costs == [0, 1]
