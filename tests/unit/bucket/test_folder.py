from services.bucket.folder import FolderBucket


def test_bytes_of_the_same_name_that_come_in_between_are_not_taken_for_those_that_are_moved(
    tmp_path, monkeypatch
):
    bucket = FolderBucket(tmp_path)
    bucket.prepare()
    bucket.put("incoming/a.txt", b"of the live lane")
    bucket.put("incoming-backfill/a.txt", b"of the archive")
    vacant = bucket.vacant

    def beaten(entry, to):
        found = vacant(entry, to)
        monkeypatch.setattr(bucket, "vacant", vacant)
        bucket.move(bucket.stat("incoming-backfill/a.txt"), to)  # another worker, at this very moment
        return found

    monkeypatch.setattr(bucket, "vacant", beaten)
    bucket.move(bucket.stat("incoming/a.txt"), "processed/a.txt")
    kept = sorted(bucket.read(entry.key)[1] for entry in bucket.list("processed/"))
    assert kept == [b"of the archive", b"of the live lane"]
