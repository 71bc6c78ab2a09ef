import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.formats import sniff
from services.enrich.formats.encoding import decode, harmless, wide_encoding
from tests.unit.enrich.formats.reading import LEAD, article


def test_valid_utf8_beats_what_the_file_declares() -> None:
    assert decode('<?xml version="1.0" encoding="iso-8859-1"?><a>£25 Zürich</a>'.encode()).endswith(
        "£25 Zürich</a>"
    )


def test_a_file_that_declares_utf8_and_is_not_is_read_as_windows_1252() -> None:
    assert "“café”" in decode('<?xml version="1.0" encoding="utf-8"?><a>“café”</a>'.encode("cp1252"))


def test_latin_1_means_windows_1252_as_in_every_browser() -> None:
    assert decode('<meta charset="iso-8859-1">It’s'.encode("cp1252")).endswith("It’s")


@pytest.mark.parametrize("encoding", ["koi8-r", "windows-1251", "iso-8859-5"])
def test_a_declared_encoding_that_fits_is_used(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>Мост закроют до октября</a>'.encode(encoding)

    assert "Мост закроют" in decode(data)


def test_an_undeclared_encoding_is_detected() -> None:
    text = "Мост закроют до октября, сообщили власти города. Ремонт обойдётся в четыре миллиона."

    assert decode(text.encode("koi8-r")) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig", "utf-32"])
def test_wide_text_is_told_by_its_bytes(encoding: str) -> None:
    assert decode("<nitf>Zürich</nitf>".encode(encoding)) == "<nitf>Zürich</nitf>"


STORIES = {
    "Arabic": "قال رئيس البلدية يوم الاثنين إن جسر الميناء القديم سيغلق حتى أكتوبر بسبب أعمال الإصلاح. ",
    "Chinese": "市長星期一表示,港口的舊橋將關閉到十月進行維修。渡輪將代替公共汽車運行,直到工程完成。",
    "Greek": "Η παλιά γέφυρα του λιμανιού θα κλείσει μέχρι τον Οκτώβριο, δήλωσε ο δήμαρχος. ",
    "Hebrew": "הגשר הישן בנמל ייסגר עד אוקטובר לצורך תיקונים, אמר ראש העיר ביום שני. ",
    "Hindi": "महापौर ने सोमवार को कहा कि बंदरगाह का पुराना पुल मरम्मत के लिए अक्टूबर तक बंद रहेगा। ",
    "Japanese": "市長は月曜日、港の古い橋を十月まで閉鎖すると発表した。フェリーが代わりに運航する。",
    "Korean": "시장은 월요일 항구의 낡은 다리가 수리를 위해 10월까지 폐쇄될 것이라고 말했다. ",
    "Russian": "Старый мост в гавани закроют до октября на ремонт, сообщил мэр в понедельник. ",
    "Thai": "นายกเทศมนตรีกล่าวเมื่อวันจันทร์ว่าสะพานเก่าของท่าเรือจะปิดจนถึงเดือนตุลาคมเพื่อซ่อมแซม ",
}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", STORIES.values(), ids=STORIES)
def test_utf16_without_a_mark_is_told_in_any_script(text: str, encoding: str) -> None:
    for times in (2, 200):
        data = (text * times + "\n\n" + text).encode(encoding)
        assert decode(data) == data.decode(encoding)
        assert sniff(data) == "text"
        assert (
            sniff(json.dumps({"title": text, "text": text * 4}, ensure_ascii=False).encode(encoding))
            == "json"
        )


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("Chinese", "big5"),
        ("Chinese", "gb18030"),
        ("Japanese", "shift_jis"),
        ("Japanese", "euc_jp"),
        ("Korean", "euc_kr"),
        ("Greek", "iso8859-7"),
        ("Hebrew", "cp1255"),
        ("Russian", "koi8-r"),
        ("Thai", "tis-620"),
        *((language, "utf-8") for language in STORIES),
    ],
)
def test_nothing_else_is_taken_for_utf16(language: str, encoding: str) -> None:
    for times in range(1, 40):
        assert wide_encoding((STORIES[language] * times).encode(encoding)) is None


@given(st.binary(min_size=600, max_size=9000))
def test_noise_is_no_utf16(data: bytes) -> None:
    if len(set(data)) > 100:
        assert wide_encoding(data) is None


def test_a_table_of_single_letters_is_no_script() -> None:
    assert wide_encoding(b"1\t2\t3\t4\ta\tb\n" * 50) is None
    assert wide_encoding(b"1\n2\n3\n4\na\nb\n" * 50) is None


def test_a_file_that_declares_utf16_and_is_ascii_is_ascii() -> None:
    assert decode(b'<?xml version="1.0" encoding="utf-16"?><a>x</a>').endswith("<a>x</a>")


def test_two_encodings_in_one_file_are_both_read() -> None:
    assert decode("Zürich ".encode() + "Genève".encode("cp1252")) == "Zürich Genève"


def test_a_character_cut_in_two_by_the_end_of_the_file_is_dropped() -> None:
    assert decode("Zürich – ".encode()[:-2]) == "Zürich "


@pytest.mark.parametrize("name", ["utf-7", "hex", "zip", "rot13", "no-such-thing", "\x00", "idna"])
def test_a_nonsense_or_dangerous_declaration_is_passed_over(name: str) -> None:
    assert decode(b"caf\xe9 " * 3, name) == "café " * 3


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Bridge\x00 closes\x1f", "Bridge closes"),
        ("Bridge \u202etcefrep\u202c news", "Bridge tcefrep news"),
        ("H\u200ba\u200br\u200bbour", "Harbour"),
        ("\ufeffLead", "Lead"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("It\x92s", "It’s"),
        ("Zu\u0308rich", "Zürich"),
        ("cafÃ© â\u20ac\u201c ZÃ¼rich", "café – Zürich"),
        ("Har\u00adbour", "Harbour"),
        ("B" + "\u0300\u0301" * 20, "B\u0300\u0301\u0300"),
    ],
)
def test_what_breaks_a_search_or_a_screen_is_made_harmless(dirty: str, clean: str) -> None:
    assert harmless(dirty) == clean


@pytest.mark.parametrize(
    "text",
    ["می‌خواهم", "👩‍💻 codes", "São Paulo é", "VIETNAM: Việt Nam", "Ã la carte", "tabs\tand\nlines", "१२३"],
)
def test_sound_text_of_every_script_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\u00c2\x00\u20ac",  # a control character parts the two halves of mojibake
        "A\u0302\u20ac",  # and so does composing
        "\u212b\u20ac",
        "\u00c3\u201a\u00c2\u20ac",  # read wrongly twice over
        "a" + "\u0301" * 9,
    ],
    ids=ascii,
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    once = harmless(text)

    assert harmless(once) == once


@pytest.mark.parametrize("layers", [1, 2, 5, 8])
def test_mojibake_of_any_depth_is_undone(layers: int) -> None:
    text = "Zürich"
    for _ in range(layers):
        text = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())

    assert harmless(text) == "Zürich"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_letter_that_an_editor_saved_as_text_is_still_a_letter(encoding: str) -> None:
    letter = f"From: ana@test.example\nSubject: Schleuse für Boote zu\nMIME-Version: 1.0\n\n{LEAD}\n"
    story = article(letter.encode(encoding))

    assert (story.headline, story.body) == ("Schleuse für Boote zu", LEAD)


def test_zeros_after_the_end_of_a_document_do_no_harm() -> None:
    assert article(('{"title": "T", "text": "' + LEAD + '"}').encode() + b"\0\0\n").body == LEAD
    assert article(f"<nitf><body><body.content><p>{LEAD}</p></body.content></body></nitf>\0\0").body == LEAD
