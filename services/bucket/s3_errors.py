"""What an S3-compatible store says, in Copydesk's words."""

import contextlib
from collections.abc import Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)

from services.bucket import Changed, Denied, Gone
from services.errors import Misconfigured, ServiceUnavailable

_MISSING = {"404", "NoSuchKey", "NotFound"}
# 409: another request writes that very name at this moment.
CHANGED = {"409", "412", "ConditionalRequestConflict", "PreconditionFailed"}
_DENIED = {"403", "AccessDenied"}
_REFUSED = {
    "301",
    "401",
    "403",
    "AccessDenied",
    "AllAccessDisabled",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "NoSuchBucket",
    "PermanentRedirect",
    "SignatureDoesNotMatch",
}


@contextlib.contextmanager
def translated(what: str, *, of_an_object: bool, reading: bool = False) -> Iterator[None]:
    """Client exceptions into ours, once; ``what`` names the object or the bucket.

    Raises:
        Denied: this object may not be read, though the store knows who asks.
        Gone: no such object.
        Changed: a condition on its bytes does not hold.
        Misconfigured: refused for a reason that waiting does not mend.
        ServiceUnavailable: anything else.
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code == "404" and not of_an_object:
            code = "NoSuchBucket"
        if reading and code in _DENIED:
            raise Denied(
                f"{what}: {_message(error)} ({code}); let the user of the AWS_… credentials read it: its "
                "owner, its policy or the key it is encrypted with may forbid it"
            ) from error
        if code in _REFUSED:
            raise Misconfigured(
                f"{what}: {_message(error)} ({code}); check COPYDESK_BUCKET, COPYDESK_S3_ENDPOINT and "
                "the AWS_… credentials, and that the bucket exists"
            ) from error
        if code in _MISSING:
            raise Gone(f"{what}: no longer there") from error
        if code in CHANGED:
            raise Changed(f"{what}: written anew since it was read") from error
        raise ServiceUnavailable(f"{what}: {_message(error)} ({code}); waiting for the store") from error
    except (NoCredentialsError, NoRegionError, PartialCredentialsError, ValueError) as error:
        raise Misconfigured(f"{what}: {error}; set the AWS_… variables and COPYDESK_S3_ENDPOINT") from error
    except ParamValidationError as error:
        raise Gone(f"{what}: no object can have this name") from error
    except BotoCoreError as error:
        raise ServiceUnavailable(f"{what}: {error}; waiting for the store") from error


def code_of(error: ClientError) -> str:
    """The store's own code, as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message") or error)
