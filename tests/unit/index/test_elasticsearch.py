"""What Elasticsearch's answers mean, by a scripted server; the real one is asked in tests/integration."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import elastic_transport
import pytest
from elastic_transport import ApiResponseMeta, BaseNode, ConnectionTimeout, HttpHeaders, TlsError
from elastic_transport._node import NodeApiResponse
from elasticsearch import Elasticsearch

from services.errors import Misconfigured, ServiceUnavailable
from services.index import IndexUnavailable, Result, bulk
from services.index.document import Document
from services.index.elasticsearch import ElasticsearchIndex, connect
from services.index.query import Query

Answer = tuple[int, Any] | Exception


def error(kind: str, reason: str = "because", **more: Any) -> dict[str, Any]:
    return {"type": kind, "reason": reason, **more}


class Script(BaseNode):
    """A node that answers as told. ``answers`` maps each bulk request's ids to an answer."""

    answers: ClassVar[Callable[[list[str]], Answer]]
    requests: ClassVar[list[list[str]]]

    def perform_request(self, method, target, body=None, headers=None, request_timeout=None):  # noqa: ARG002
        lines = (body or b"").splitlines()[::2] if "_bulk" in target else []
        ids = [json.loads(line)["index"]["_id"] for line in lines]
        Script.requests.append(ids)
        answer = Script.answers(ids)
        if isinstance(answer, Exception):
            raise answer
        status, content = answer
        meta = ApiResponseMeta(
            status=status,
            http_version="1.1",
            headers=HttpHeaders(
                {"x-elastic-product": "Elasticsearch", "content-type": "application/vnd.elasticsearch+json"}
            ),
            duration=0.0,
            node=self.config,
        )
        return NodeApiResponse(meta, json.dumps(content).encode())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[list[str]], Answer]], ElasticsearchIndex]:
    """Make an index that is answered by a function of the ids in a bulk request."""

    def server(answers: Callable[[list[str]], Answer]) -> ElasticsearchIndex:
        monkeypatch.setattr(Script, "answers", answers, raising=False)
        monkeypatch.setattr(Script, "requests", [], raising=False)
        client = Elasticsearch("http://test:9200", node_class=Script, max_retries=0)
        return ElasticsearchIndex(client, alias="articles")

    return server


def items(statuses: dict[str, Answer] | None = None) -> Callable[[list[str]], Answer]:
    """Each document is indexed but those in ``statuses``."""

    def answer(ids: list[str]) -> Answer:
        found = []
        for each in ids:
            status, fault = (statuses or {}).get(each, (201, None))
            found.append({"index": {"status": status} | ({"error": fault} if fault else {})})
        return 200, {"items": found}

    return answer


def documents(*ids: str, size: int = 10) -> list[Document]:
    return [Document(each, 1, {"body": "x" * size}) for each in ids]


def test_outcomes_stand_in_the_order_of_the_documents(server):
    index = server(items({"b": (409, error("version_conflict_engine_exception")), "c": (400, error("x"))}))
    outcomes = index.put_many(documents("a", "b", "c", "d"))
    assert [outcome.id for outcome in outcomes] == ["a", "b", "c", "d"]
    assert [outcome.result for outcome in outcomes] == ["indexed", "superseded", "refused", "indexed"]


def test_a_refusal_carries_elasticsearch_s_words_down_to_the_cause(server):
    fault = error("document_parsing_exception", "failed to parse [x]", caused_by=error("date", "no [date]"))
    (outcome,) = server(items({"a": (400, fault)})).put_many(documents("a"))
    assert outcome.reason == "document_parsing_exception: failed to parse [x]; date: no [date]"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, "es_rejected_execution_exception"),
        (503, "unavailable_shards_exception"),
        (500, "unknown"),
        (403, "cluster_block_exception"),
    ],
)
def test_what_may_go_better_later_is_named_after_all_others_were_tried(server, status, kind):
    index = server(items({"b": (status, error(kind))}))
    with pytest.raises(IndexUnavailable, match=kind) as raised:
        index.put_many(documents("a", "b", *map(str, range(600))))
    assert raised.value.outcomes[1] is None
    assert raised.value.outcomes.count(None) == 1
    assert len(Script.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        elastic_transport.ConnectionError("refused"),
        ConnectionTimeout("30 s"),
        TlsError("EOF occurred in violation of protocol"),
        (429, {"error": error("circuit_breaking_exception")}),
        (502, "Bad Gateway"),
        (503, {"error": error("master_not_discovered_exception")}),
        (403, {"error": error("cluster_block_exception")}),
    ],
    ids=str,
)
def test_silence_ends_the_batch_and_keeps_what_was_done_before(server, answer):
    first = items()
    index = server(lambda ids: first(ids) if "0" in ids else answer)
    with pytest.raises(IndexUnavailable) as raised:
        index.put_many(documents(*map(str, range(1500))))
    assert raised.value.outcomes.count(None) == 1000
    assert {outcome.result for outcome in raised.value.outcomes[:500]} == {Result.INDEXED}
    assert len(Script.requests) == 2
    with pytest.raises(ServiceUnavailable):
        index.search(Query())


def test_a_request_that_is_too_large_is_halved_until_only_the_culprit_is_refused(server):
    taken = items()
    index = server(lambda ids: (413, None) if "7" in ids else taken(ids))
    outcomes = index.put_many(documents(*map(str, range(16))))
    assert [outcome.id for outcome in outcomes if outcome.result is Result.REFUSED] == ["7"]
    assert [outcome.id for outcome in outcomes] == [str(n) for n in range(16)]
    assert "bytes" in outcomes[7].reason


def test_requests_are_bounded_in_number_and_in_bytes(server):
    server(items()).put_many(documents(*map(str, range(1001))))
    assert [len(ids) for ids in Script.requests] == [500, 500, 1]
    server(items()).put_many(documents("a", "b", "c", size=bulk.CHUNK_BYTES // 2))
    assert Script.requests == [["a"], ["b"], ["c"]]
    server(items()).put_many(
        [*documents("a"), *documents("large", size=3 * bulk.CHUNK_BYTES), *documents("b")]
    )
    assert Script.requests == [["a"], ["large"], ["b"]]


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_are_refused_name_the_settings(server, status):
    index = server(lambda _: (status, {"error": error("security_exception", "unable to authenticate")}))
    with pytest.raises(Misconfigured, match="COPYDESK_ELASTICSEARCH_API_KEY") as raised:
        index.put_many(documents("a"))
    assert "unable to authenticate" in str(raised.value)
    with pytest.raises(Misconfigured, match="COPYDESK_ELASTICSEARCH_API_KEY"):
        index.count()


def test_a_permission_that_is_missing_for_the_index_is_no_article_s_fault(server):
    index = server(items({"b": (403, error("security_exception", "action [write] is unauthorized"))}))
    with pytest.raises(Misconfigured, match="unauthorized"):
        index.put_many(documents("a", "b"))


@pytest.mark.parametrize(
    "fault",
    [
        error("index_not_found_exception", "no such index [articles-all]"),
        error("illegal_argument_exception", "no write index is defined for alias [articles-all]"),
        error("index_closed_exception", "closed"),
    ],
)
def test_an_alias_that_leads_nowhere_is_no_article_s_fault(server, fault):
    with pytest.raises(Misconfigured, match="articles-all leads to no index"):
        server(items({"a": (400, fault)})).put_many(documents("a"))


def test_a_request_that_is_refused_as_a_whole_quarantines_nothing(server):
    index = server(lambda _: (400, {"error": error("illegal_argument_exception", "unknown parameter")}))
    with pytest.raises(Misconfigured, match="unknown parameter"):
        index.put_many(documents("a", "b"))


def test_a_certificate_that_cannot_be_verified_names_the_setting(server):
    index = server(lambda _: TlsError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"))
    with pytest.raises(Misconfigured, match="COPYDESK_ELASTICSEARCH_CA"):
        index.count()


# Connecting.


@pytest.mark.parametrize(
    "url", ["localhost:9200", "https://es.example", "ftp://es:1", "", ",", "http://es:port"]
)
def test_a_url_without_scheme_host_and_port_is_misconfigured(url):
    with pytest.raises(Misconfigured, match="scheme, host and port"):
        connect(url, alias="articles")


def test_no_message_repeats_a_password():
    with pytest.raises(Misconfigured) as raised:
        connect("https://elastic:geheim@es.example", alias="articles")
    assert "geheim" not in str(raised.value)


def test_two_kinds_of_credentials_are_misconfigured():
    with pytest.raises(Misconfigured, match="keep one"):
        connect("http://user:word@es:9200", alias="articles", api_key="key")


def test_a_missing_certificate_file_is_named(tmp_path: Path):
    with pytest.raises(Misconfigured, match="there is no such file"):
        connect("https://es:9200", alias="articles", ca=tmp_path / "ca.crt")


def test_user_and_password_may_hold_any_character_and_several_nodes_may_be_named():
    index = connect("http://ana:p%40ss%3A@a:9200, http://b:9201/prefix", alias="articles")
    nodes = {node.config.host: node.config for node in index._client.transport.node_pool.all()}
    assert nodes.keys() == {"a", "b"}
    assert nodes["b"].path_prefix == "/prefix"
    assert index._client._headers["authorization"] == "Basic YW5hOnBAc3M6"
    index.close()


def test_an_api_key_is_sent_as_such():
    index = connect("http://a:9200", alias="articles", api_key="abc")
    assert index._client._headers["authorization"] == "ApiKey abc"
    index.close()
