"""Blocks named by the words around articles."""

import pytest

from services.enrich.clean.phrases import notice, opening, without_link_notes
from services.models import BlockKind


@pytest.mark.parametrize(
    "note",
    [
        ", opens new tab",
        " (link opens in a new window)",
        " opens in new tab",
        " (öffnet sich in einem neuen Fenster)",
        " (s’ouvre dans une nouvelle fenêtre)",
        ", se abre en una nueva pestaña",
        " (abre em uma nova aba)",
        " (si apre in una nuova scheda)",
        " (opent in een nieuw tabblad)",
        " (öppnas i ett nytt fönster)",
        " (OPENS NEW TAB)",
    ],
)
def test_what_is_read_out_behind_a_link_is_no_text(note):
    assert (
        without_link_notes(f"The council's plan{note} names a ferry.") == "The council's plan names a ferry."
    )


@pytest.mark.parametrize("text", ["The museum opens a new window to the past.", "The tab opens on Monday."])
def test_the_articles_own_windows_stay(text):
    assert without_link_notes(text) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("This guide contains affiliate links, and we may be paid for them.", BlockKind.DISCLAIMER),
        ("All items below were independently chosen by our editors.", BlockKind.DISCLAIMER),
        ("Der Artikel wurde maschinell übersetzt.", BlockKind.DISCLAIMER),
        ("We need your permission before anything is loaded.", BlockKind.CALL_TO_ACTION),
        ("Zum Inhalt: Wir benötigen Ihre Zustimmung.", BlockKind.CALL_TO_ACTION),
        ("Please disable your ad blocker to go on.", BlockKind.CALL_TO_ACTION),
    ],
)
def test_a_notice_names_itself_anywhere_in_its_block(text, kind):
    assert notice(text) is kind


def test_a_long_paragraph_is_no_notice():
    assert notice("This guide contains affiliate links. " + "The bridge is shut. " * 40) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Photos courtesy: Ada Byrne", BlockKind.IMAGE_CREDIT),
        ("À lire aussi : le pont", BlockKind.RELATED),
        ("Lire aussi : le pont", BlockKind.RELATED),
        ("The original version stood elsewhere", BlockKind.COPYRIGHT),
        ("Original version", BlockKind.COPYRIGHT),
        ("www.argus.example contains copyrighted material", BlockKind.DISCLAIMER),
        ("Please consider a donation", BlockKind.CALL_TO_ACTION),
        ("E-mail the author", BlockKind.AUTHOR_FOOTER),
        ("Publisher’s note", BlockKind.EDITORIAL_NOTE),
        ("Last updated: 3 March", BlockKind.DATE),
        ("12 hours ago", BlockKind.DATE),
        ("* Regions: Wexley", BlockKind.METADATA),
        ("Ein Kommentar von Ada Byrne", BlockKind.BYLINE),
        ("The council of Lower Wexley", None),
        ("", None),
    ],
)
def test_a_blocks_first_words_announce_what_it_is(text, kind):
    assert opening(text) is kind
