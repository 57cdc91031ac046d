extension Migration {
    /// Nodes, access keys, tags, state machines and executions (core rule 3).
    static let v0001CreateExecutions = Migration(
        version: 1, name: "create-executions",
        statements: [
            """
            CREATE TABLE node (
                node TEXT PRIMARY KEY,
                incarnation BIGINT NOT NULL,
                batch_seq BIGINT NOT NULL,
                engine_time BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE setting (
                name TEXT PRIMARY KEY,
                value {blob} NOT NULL
            )
            """,
            """
            CREATE TABLE access_key (
                id TEXT PRIMARY KEY,
                account TEXT NOT NULL,
                principal TEXT NOT NULL,
                sealed_secret {blob} NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('Active', 'Inactive')),
                created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE account_data_key (
                account TEXT PRIMARY KEY,
                wrapped {blob} NOT NULL
            )
            """,
            """
            CREATE TABLE resource_tag (
                account TEXT NOT NULL,
                resource TEXT NOT NULL,
                tag_key TEXT NOT NULL,
                tag_value TEXT NOT NULL,
                PRIMARY KEY (account, resource, tag_key)
            ) {clustered}
            """,
            """
            CREATE TABLE state_machine (
                id BIGINT PRIMARY KEY,
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'DELETED')),
                type TEXT NOT NULL CHECK (type IN ('STANDARD', 'EXPRESS')),
                revision BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                UNIQUE (account, name)
            )
            """,
            """
            CREATE TABLE state_machine_revision (
                machine BIGINT NOT NULL,
                revision BIGINT NOT NULL,
                revision_id TEXT NOT NULL,
                definition {blob} NOT NULL,
                role_arn TEXT NOT NULL,
                configuration {blob} NOT NULL,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (machine, revision)
            ) {clustered}
            """,
            """
            CREATE TABLE execution (
                id BIGINT PRIMARY KEY,
                machine BIGINT NOT NULL,
                revision BIGINT NOT NULL,
                name TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE')),
                started_at BIGINT NOT NULL,
                stopped_at BIGINT,
                redrives BIGINT NOT NULL,
                map_run BIGINT,
                CHECK ((stopped_at IS NULL) = (status IN ('RUNNING', 'PENDING_REDRIVE')))
            )
            """,
            "CREATE INDEX execution_by_machine ON execution (machine, id)",
            "CREATE INDEX execution_running ON execution (machine, id) WHERE status = 'RUNNING'",
            """
            CREATE INDEX execution_unsuccessful ON execution (machine, id)
            WHERE status IN ('FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE')
            """,
            "CREATE INDEX execution_by_map_run ON execution (map_run, id) WHERE map_run IS NOT NULL",
            """
            CREATE TABLE execution_name (
                machine BIGINT NOT NULL,
                name TEXT NOT NULL,
                execution BIGINT NOT NULL,
                input_hash {blob} NOT NULL,
                closed_at BIGINT,
                PRIMARY KEY (machine, name)
            ) {clustered}
            """,
            """
            CREATE TABLE history_chunk (
                execution BIGINT NOT NULL,
                first_event BIGINT NOT NULL,
                body {blob} NOT NULL,
                PRIMARY KEY (execution, first_event)
            ) {clustered}
            """,
            """
            CREATE TABLE snapshot (
                execution BIGINT PRIMARY KEY,
                next_event BIGINT NOT NULL,
                body {blob} NOT NULL
            )
            """,
            """
            CREATE TABLE timer (
                due BIGINT NOT NULL,
                kind BIGINT NOT NULL CHECK (kind IN (0, 1)),
                owner BIGINT NOT NULL,
                PRIMARY KEY (due, kind, owner)
            ) {clustered}
            """,
            """
            CREATE TABLE outbox (
                shard BIGINT NOT NULL,
                seq BIGINT NOT NULL,
                execution BIGINT NOT NULL,
                effect BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'started')),
                body {blob} NOT NULL,
                PRIMARY KEY (shard, seq)
            ) {clustered}
            """,
            """
            CREATE TABLE inbox (
                dedupe_key TEXT PRIMARY KEY,
                result {blob} NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX inbox_by_age ON inbox (created_at)",
            """
            CREATE TABLE delivery (
                id TEXT PRIMARY KEY,
                account TEXT NOT NULL,
                kind TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'started')),
                attempts BIGINT NOT NULL,
                next_at BIGINT,
                created_at BIGINT NOT NULL,
                reason TEXT,
                body {blob} NOT NULL
            )
            """,
            "CREATE INDEX delivery_due ON delivery (next_at, id) WHERE next_at IS NOT NULL",
            """
            CREATE TABLE failed_delivery (
                failed_at BIGINT NOT NULL,
                id TEXT NOT NULL,
                account TEXT NOT NULL,
                kind TEXT NOT NULL,
                attempts BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                reason TEXT NOT NULL,
                body {blob} NOT NULL,
                PRIMARY KEY (failed_at, id)
            )
            """,
        ])
}
