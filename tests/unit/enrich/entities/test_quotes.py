import pytest

from services.models import Quote


def quotes(annotator, text: str) -> list[tuple[str, str | None]]:
    found = annotator.annotate(text).quotes
    for quote in found:
        assert text[quote.start : quote.end] == quote.text
    return [(quote.text, speaker(quote)) for quote in found if quote.direct]


def speaker(quote: Quote) -> str | None:
    return quote.speaker.name if quote.speaker else None


@pytest.mark.parametrize(
    "text",
    [
        '"We will build it," Maria Lopez said.',
        '"We will build it," said Maria Lopez.',
        "“We will build it,” Maria Lopez said.",
        "'We will build it,' Maria Lopez said.",
        "‘We will build it,’ said Maria Lopez.",
        "« We will build it, » said Maria Lopez.",
        "„We will build it,“ said Maria Lopez.",
        'Maria Lopez said: "We will build it,"',
        'Maria Lopez, head of the trust, said, "We will build it,"',
        'According to Maria Lopez, "We will build it,"',
    ],
)
def test_every_style_of_quotation_marks_and_order(annotator, text):
    [(words, who)] = quotes(annotator, text)
    assert words.strip() == "We will build it,"
    assert who == "Maria Lopez"


def test_a_pronoun_is_the_one_who_spoke_last(annotator):
    text = 'Maria Lopez came. "It is late," she said.\n\n"We must go," she added.'
    assert [who for _, who in quotes(annotator, text)] == ["Maria Lopez", "Maria Lopez"]


def test_the_minister_is_the_person_of_that_role(annotator):
    text = 'Minister Peter Brandt met Maria Lopez.\n\n"We agreed," the minister said.'
    assert quotes(annotator, text) == [("We agreed,", "Peter Brandt")]


def test_the_second_half_of_a_split_quotation_has_the_same_speaker(annotator):
    text = '"We came," Maria Lopez said. "We saw nothing at all."'
    assert [who for _, who in quotes(annotator, text)] == ["Maria Lopez", "Maria Lopez"]


def test_a_quotation_goes_on_in_the_next_paragraph_when_it_is_not_closed(annotator):
    text = "Maria Lopez said: “We came late.\n\n“We left early.”"
    assert quotes(annotator, text) == [("We came late.", "Maria Lopez"), ("We left early.", "Maria Lopez")]


def test_a_quotation_within_a_quotation_is_part_of_it(annotator):
    text = "\"He called it 'a mess' again,\" Maria Lopez said."
    assert quotes(annotator, text) == [("He called it 'a mess' again,", "Maria Lopez")]


def test_apostrophes_are_no_quotation_marks(annotator):
    assert quotes(annotator, "The workers' pay isn't Maria Lopez's problem, Peter Brandt said.") == []


def test_a_word_in_irony_is_no_quotation(annotator):
    assert quotes(annotator, 'They sold it as a "miracle" in Paris.') == []


def test_a_nested_statement_belongs_to_the_one_nearest_to_it(annotator):
    text = (
        '"It is late," Maria Lopez said. She spoke about the statement by the US Secretary of State '
        'Peter Brandt, published on Friday, where he said "the road is open to all." Before that, Igor '
        "Petrov said nothing."
    )
    assert ("the road is open to all.", "Peter Brandt") in quotes(annotator, text)


def test_indirect_speech_has_its_sentence_and_speaker(annotator):
    found = annotator.annotate("It rained. Maria Lopez said that the road was closed. It snowed.").quotes
    assert [(q.direct, q.text, speaker(q)) for q in found] == [
        (False, "Maria Lopez said that the road was closed.", "Maria Lopez")
    ]


def test_a_place_in_a_description_is_no_speaker(annotator):
    text = 'Maria Lopez operates. "Five cancelled," says the Paris surgeon.'
    assert quotes(annotator, text) == [("Five cancelled,", "Maria Lopez")]


def test_someone_without_a_name_stays_without_one(annotator):
    text = 'Maria Lopez left. "It was late," a senior German diplomat said.'
    assert quotes(annotator, text) == [("It was late,", "a senior German diplomat")]


def test_a_woman_of_the_same_surname_is_someone_else(annotator):
    text = 'John Meyer came late. "He always does," Ms. Meyer said.'
    assert quotes(annotator, text) == [("He always does,", "Meyer")]


def test_an_attribution_that_ends_its_sentence_counts_after_a_full_stop(annotator):
    text = 'Maria Lopez met Peter Brandt. "It is over." Peter Brandt said.'
    assert quotes(annotator, text) == [("It is over.", "Peter Brandt")]
