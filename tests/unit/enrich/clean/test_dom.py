"""From HTML to pieces."""

import pytest

from services.enrich.clean.dom import HINTS, hints


def bits(*names):
    return sum(1 << list(HINTS).index(name) for name in names)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("", ()),
        ("wrapper col-8", ()),
        ("Comments", ("comment",)),
        ("main-MENU", ("menu", "content")),
        ("articleBody", ("body", "content")),
        ("article-body", ("body", "content")),
        ("read-more", ("related",)),
        ("copyright", ("footer",)),
        ("adventure", ()),
        ("ad-slot", ("promotion",)),
    ],
)
def test_an_elements_names_hint_at_what_it_holds(words, meant):
    assert hints(words) == bits(*meant)
