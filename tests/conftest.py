"""Real services for every test that names one: started once a run, clean for each test.

`redis_url`, `index_name` with `elasticsearch_url`, and `s3` share one server of each kind. A test that
kills, freezes or fills its server asks for `own_redis`, `own_elasticsearch` or `own_s3` instead.
"""

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from tests.services import S3, Bucket, Elasticsearch, Redis, Service, ServiceMissing
from tests.services.elasticsearch_package import SIZE, is_cached
from tests.services.starter import Kind, Starter

CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
SERVICES: dict[str, type[Service]] = {
    "redis_service": Redis,
    "elasticsearch_service": Elasticsearch,
    "s3_service": S3,
}
MARKERS = ("integration", "faults")  # and the folders whose tests bear them
STARTER = pytest.StashKey[Starter]()
MISSING = pytest.StashKey[dict[str, str]]()

# Servers start and work beside the tests, so how long one example takes says nothing.
# In CI the same examples each time: a new one is found at a desk, where it can be looked at.
hypothesis.settings.register_profile("copydesk", deadline=None, derandomize=CI)
hypothesis.settings.load_profile("copydesk")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STARTER] = Starter([Redis(), Elasticsearch(), S3()])
    config.stash[MISSING] = {}


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[STARTER].close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and run first what needs no service: services start meanwhile."""
    for item in items:
        for marker in MARKERS:
            if item.path.is_relative_to(Path(__file__).parent / marker):
                item.add_marker(marker)
    items.sort(key=lambda item: (is_real(item), bool(needs(item))))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start all that the chosen tests need, at once and in the background."""
    if session.config.option.collectonly:
        return
    for kind in {kind for item in session.items for kind in needs(item)}:
        if kind is Elasticsearch and not is_cached():
            session.config.get_terminal_writer().line(
                f"Without Docker, Maven now fetches Elasticsearch, once ({SIZE})."
            )
        session.config.stash[STARTER].begin(kind)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing that needs a real service may be passed over in silence."""
    report = yield
    if CI and is_real(item) and report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: must not be skipped in CI ({why})"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason in config.stash[MISSING].values():
        terminalreporter.write_line(f"Skipped tests for want of {reason}", yellow=True)


def is_real(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(marker) for marker in MARKERS)


def needs(item: pytest.Item) -> set[type[Service]]:
    names = getattr(item, "fixturenames", ())
    return {kind for name, kind in SERVICES.items() if name in names}


def or_skip(config: pytest.Config, start: Callable[[], Kind]) -> Kind:
    try:
        return start()
    except ServiceMissing as missing:
        reason = str(missing)
    if CI:
        pytest.fail(reason, pytrace=False)
    config.stash[MISSING][reason] = reason
    pytest.skip(reason)


@pytest.fixture(scope="session")
def redis_service(pytestconfig: pytest.Config) -> Redis:
    return or_skip(pytestconfig, lambda: pytestconfig.stash[STARTER].get(Redis))


@pytest.fixture(scope="session")
def elasticsearch_service(pytestconfig: pytest.Config) -> Elasticsearch:
    return or_skip(pytestconfig, lambda: pytestconfig.stash[STARTER].get(Elasticsearch))


@pytest.fixture(scope="session")
def s3_service(pytestconfig: pytest.Config) -> S3:
    return or_skip(pytestconfig, lambda: pytestconfig.stash[STARTER].get(S3))


@pytest.fixture
def redis_url(redis_service: Redis) -> str:
    """URL of an empty database that no earlier test used."""
    return redis_service.fresh_url()


@pytest.fixture
def elasticsearch_url(elasticsearch_service: Elasticsearch) -> str:
    return elasticsearch_service.url


@pytest.fixture
def index_name(elasticsearch_service: Elasticsearch) -> Iterator[str]:
    """Name for COPYDESK_INDEX; indices, templates and pipelines whose names start so go after the test."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    yield name
    elasticsearch_service.clean(name)


@pytest.fixture
def s3(s3_service: S3) -> Iterator[Bucket]:
    """An empty bucket: `.url`, `.endpoint`, `.access_key`, `.secret_key`, `.client`, `.environment()`."""
    with Bucket(s3_service) as bucket:
        yield bucket


@pytest.fixture
def copydesk_environment(
    redis_url: str, elasticsearch_url: str, index_name: str, s3: Bucket
) -> dict[str, str]:
    """Every variable that a Copydesk process needs to work on this test's clean state."""
    return {
        "COPYDESK_REDIS_URL": redis_url,
        "COPYDESK_ELASTICSEARCH_URL": elasticsearch_url,
        "COPYDESK_INDEX": index_name,
        **s3.environment(),
    }


@pytest.fixture
def own_redis(pytestconfig: pytest.Config) -> Iterator[Callable[..., Redis]]:
    """`own_redis(appendonly="yes", maxmemory="3mb")` starts a Redis for this test alone."""
    with ExitStack() as stack:
        yield lambda **settings: own(pytestconfig, stack, Redis(own=True, **settings))


@pytest.fixture
def own_elasticsearch(pytestconfig: pytest.Config) -> Iterator[Callable[[], Elasticsearch]]:
    """`own_elasticsearch()` starts one for this test alone (some 12 seconds)."""
    with ExitStack() as stack:
        yield lambda: own(pytestconfig, stack, Elasticsearch(own=True))


@pytest.fixture
def own_s3(pytestconfig: pytest.Config) -> Iterator[Callable[[], S3]]:
    """`own_s3()` starts an S3-compatible server for this test alone (some 4 seconds)."""
    with ExitStack() as stack:
        yield lambda: own(pytestconfig, stack, S3(own=True))


def own(config: pytest.Config, stack: ExitStack, service: Kind) -> Kind:
    stack.callback(service.close)
    return or_skip(config, service.start)
