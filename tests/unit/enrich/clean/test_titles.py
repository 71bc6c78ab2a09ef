"""Which of a page's titles is its headline."""

from services.enrich.clean import titles


def headline(printed, linked=None, shared=None, title=None, *, site=None, host=""):
    stated = titles.Stated(linked=linked, shared=shared, title=title)
    return titles.choose(printed, stated, site, host)[0]


def test_the_printed_title_wins_over_one_written_for_search_engines():
    found = headline(
        ["The harbour that moved overnight"],
        shared="Wexley harbour moved: all you need to know",
        title="Wexley harbour moved: all you need to know | The Argus",
        site="The Argus",
    )
    assert found == "The harbour that moved overnight"


def test_three_statements_outvote_a_printed_section():
    assert headline(["Harbour news"], "Ferry sinks", "Ferry sinks", "Ferry sinks") == "Ferry sinks"


def test_a_site_printed_as_the_largest_title_is_no_headline():
    found = headline(
        ["Notes from the Quay"],
        shared="Why the crane is blue",
        title="Notes from the Quay: Why the crane is blue",
    )
    assert found == "Why the crane is blue"
    assert headline(["Argus"], title="Why the crane is blue", host="argus") == "Why the crane is blue"


def test_the_site_is_taken_from_either_end():
    assert headline([], title="Bridge to close › The Argus", site="The Argus") == "Bridge to close"
    assert headline(["Bridge to close on Monday"], title="Leadfoot | Bridge to close on Monday") == (
        "Bridge to close on Monday"
    )
    assert headline([], title="大桥将于周一关闭！-某某网") == "大桥将于周一关闭！"


def test_a_kicker_joined_by_a_colon_stays_where_the_page_states_it():
    joined = "After the storm: Bridge to close on Monday"
    assert headline(["Bridge to close on Monday"], joined, joined, joined) == joined


def test_a_line_above_the_headline_in_the_same_element_is_no_part_of_it():
    told = "Bridge to close on Monday"
    assert headline([f"Weather - {told}"], shared=told, title=told) == told
    assert headline([f"Weather: {told}"], f"Weather: {told}", told) == f"Weather: {told}"


def test_a_word_or_two_in_front_of_what_is_stated_begin_the_headline():
    told = "best bridges of the coast"
    assert headline([f"The {told}"], shared=told, title=told) == f"The {told}"
    assert headline([f"From our harbour reporters {told}"], shared=told, title=told) == told


def test_a_headline_that_changes_by_the_hour_gives_way_to_the_title_that_json_ld_and_the_window_agree_on():
    story, now = "Storm on the coast: all we know", "+++ Ferry back in port +++"
    assert headline([now], story, "Storm on the coast: the latest", f"{story} | Argus") == story
    assert headline([now], story, now, story) == now
    assert headline([now], story, title=story) == now


def test_a_page_without_titles_has_no_headline():
    assert headline([]) is None


def test_a_site_is_known_by_its_address():
    assert headline([], title="Bridge to close - Argus Online", host="argusonline") == "Bridge to close"
    assert (
        headline([], title="Bridge to close - Old Town", host="argusonline") == "Bridge to close - Old Town"
    )
