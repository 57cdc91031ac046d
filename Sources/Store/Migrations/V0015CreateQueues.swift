extension Migration {
    /// Queues, their messages, what consumers hold of them, and the tasks that move messages from queue to queue.
    static let v0015CreateQueues = Migration(
        version: 15, name: "create-queues",
        statements: [
            // Durations are milliseconds. `redrive_sources` is an account and a name a line.
            """
            CREATE TABLE queue (
                id BIGINT NOT NULL PRIMARY KEY,
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                modified_at BIGINT NOT NULL,
                visibility_timeout BIGINT NOT NULL,
                delay BIGINT NOT NULL,
                retention BIGINT NOT NULL,
                maximum_message_size BIGINT NOT NULL,
                receive_wait BIGINT NOT NULL,
                dead_letter_account TEXT,
                dead_letter_name TEXT,
                max_receive_count BIGINT,
                redrive_permission TEXT CHECK (redrive_permission IN ('allowAll', 'denyAll', 'byQueue')),
                redrive_sources TEXT,
                content_based_deduplication BIGINT NOT NULL CHECK (content_based_deduplication IN (0, 1)),
                deduplication_scope TEXT NOT NULL CHECK (deduplication_scope IN ('queue', 'messageGroup')),
                throughput_limit TEXT NOT NULL CHECK (throughput_limit IN ('perQueue', 'perMessageGroupId')),
                policy {blob},
                kms_key TEXT,
                kms_reuse_period BIGINT,
                managed_encryption BIGINT CHECK (managed_encryption IN (0, 1)),
                UNIQUE (account, name),
                CHECK ((dead_letter_name IS NULL) = (max_receive_count IS NULL))
            )
            """,
            // Never changed. Not clustered: bodies are larger than keys by far, and the key alone is what counting and paging read.
            // `seq` grows with the time; `retained_from` is set where that is not when the retention begins.
            """
            CREATE TABLE queue_message (
                queue BIGINT NOT NULL,
                seq BIGINT NOT NULL,
                message_id TEXT NOT NULL,
                sent_at BIGINT NOT NULL,
                retained_from BIGINT,
                sender TEXT NOT NULL,
                group_id TEXT,
                deduplication_id TEXT,
                dead_letter_source TEXT,
                body {blob} NOT NULL,
                attributes {blob},
                PRIMARY KEY (queue, seq)
            )
            """,
            // What was received at least once, or is not yet shown (0 receives). Rows stay when the time is over: they count receives.
            """
            CREATE TABLE queue_inflight (
                queue BIGINT NOT NULL,
                seq BIGINT NOT NULL,
                visible_at BIGINT NOT NULL,
                receives BIGINT NOT NULL CHECK (receives >= 0),
                nonce BIGINT NOT NULL,
                first_received_at BIGINT NOT NULL,
                PRIMARY KEY (queue, seq)
            ) {clustered}
            """,
            // What was sent to FIFO queues lately, deleted messages too, in the order of sending; looked up in memory.
            """
            CREATE TABLE queue_deduplication (
                queue BIGINT NOT NULL,
                seq BIGINT NOT NULL,
                digest {blob} NOT NULL,
                message_id TEXT NOT NULL,
                PRIMARY KEY (queue, seq)
            ) {clustered}
            """,
            // All rows of this queue up to and with this sequence number are deleted for consumers, and will be in the tables.
            """
            CREATE TABLE queue_purge (
                queue BIGINT NOT NULL PRIMARY KEY,
                up_to BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE message_move_task (
                id TEXT NOT NULL PRIMARY KEY,
                queue BIGINT NOT NULL,
                source_account TEXT NOT NULL,
                source_name TEXT NOT NULL,
                destination_account TEXT,
                destination_name TEXT,
                max_rate BIGINT,
                status TEXT NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'CANCELLING', 'CANCELLED', 'FAILED')),
                moved BIGINT NOT NULL,
                total BIGINT NOT NULL,
                started_at BIGINT NOT NULL,
                failure_reason TEXT,
                last_seq BIGINT NOT NULL
            )
            """,
            "CREATE INDEX message_move_task_source ON message_move_task (queue, started_at)",
        ])
}
