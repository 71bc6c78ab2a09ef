from services.models import Article, Block, BlockKind


def test_a_copy_with_other_blocks_has_their_body():
    said = Block(kind=BlockKind.PARAGRAPH, text="The harbour bridge closes.")
    cut = Block(kind=BlockKind.PROMOTION, text="Subscribe to our letter.", kept=False)
    article = Article(uid="a", blocks=(said, said))
    assert article.body == "The harbour bridge closes.\n\nThe harbour bridge closes."
    assert article.model_copy(update={"blocks": (said, cut)}).body == "The harbour bridge closes."
