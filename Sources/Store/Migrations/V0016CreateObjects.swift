extension Migration {
    /// Buckets, their objects, and uploads in parts. The bytes are files beside the database; rows name them.
    static let v0016CreateObjects = Migration(
        version: 16, name: "create-objects",
        statements: [
            // `id` is random and never used again, so that what is late for a deleted bucket does not reach one of the same name.
            """
            CREATE TABLE bucket (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                id BIGINT NOT NULL UNIQUE,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (account, name)
            )
            """,
            // What is set on a bucket as a whole, one JSON document a kind: notifications, policy, tags and so on.
            """
            CREATE TABLE bucket_setting (
                bucket BIGINT NOT NULL,
                kind TEXT NOT NULL,
                document {blob} NOT NULL,
                PRIMARY KEY (bucket, kind)
            ) {clustered}
            """,
            // `id` is that of the bytes: the name of the file, or with `parts` > 0 the owner of the rows in `object_part`.
            """
            CREATE TABLE object (
                bucket BIGINT NOT NULL,
                object_key {blob} NOT NULL,
                id TEXT NOT NULL,
                parts BIGINT NOT NULL CHECK (parts >= 0),
                size BIGINT NOT NULL CHECK (size >= 0),
                etag TEXT NOT NULL,
                modified_at BIGINT NOT NULL,
                checksum TEXT,
                facts {blob} NOT NULL,
                tags {blob},
                PRIMARY KEY (bucket, object_key)
            ) {clustered}
            """,
            """
            CREATE TABLE multipart_upload (
                bucket BIGINT NOT NULL,
                object_key {blob} NOT NULL,
                id TEXT NOT NULL,
                initiated_at BIGINT NOT NULL,
                checksum_algorithm TEXT,
                checksum_type TEXT,
                facts {blob} NOT NULL,
                tags {blob},
                PRIMARY KEY (bucket, object_key, id)
            ) {clustered}
            """,
            // The parts of an upload, and of the object that it became: `owner` is the id of either, which is the same.
            """
            CREATE TABLE object_part (
                owner TEXT NOT NULL,
                part_number BIGINT NOT NULL,
                file TEXT NOT NULL,
                size BIGINT NOT NULL,
                etag TEXT NOT NULL,
                checksum TEXT,
                modified_at BIGINT NOT NULL,
                PRIMARY KEY (owner, part_number)
            ) {clustered}
            """,
        ])
}
