"""Real services for tests and for playing by hand: Redis, Elasticsearch and an S3-compatible bucket.

Each is taken from the first of these that has it: a URL in the environment (COPYDESK_TEST_REDIS_URL,
COPYDESK_TEST_ELASTICSEARCH_URL, COPYDESK_TEST_S3_ENDPOINT), a Docker engine, a local process started from
packages. Nothing outlives the run that started it.

    python -m tests.services up        # all three, until Ctrl+C
"""

from tests.services.bucket import Bucket
from tests.services.elasticsearch import Elasticsearch
from tests.services.redis import Redis
from tests.services.s3 import S3
from tests.services.service import Service, ServiceBroken, ServiceMissing

__all__ = ["S3", "Bucket", "Elasticsearch", "Redis", "Service", "ServiceBroken", "ServiceMissing"]
