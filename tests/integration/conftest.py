"""What the contracts are tried on."""

import pytest

from services.bucket.folder import FolderBucket
from services.bucket.s3 import S3Bucket


@pytest.fixture(params=["folder", "s3"])
def bucket(request, tmp_path, monkeypatch):
    """One in a folder, and one on a real S3-compatible server."""
    if request.param == "folder":
        bucket = FolderBucket(tmp_path)
    else:
        s3 = request.getfixturevalue("s3")
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        bucket = S3Bucket(s3.url + "/desk", endpoint=s3.endpoint)
    bucket.prepare()
    return bucket
