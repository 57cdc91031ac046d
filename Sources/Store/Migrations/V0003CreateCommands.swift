extension Migration {
    /// Activations, managed nodes, and Run Command: commands, their invocations and output (core rule 3).
    ///
    /// What a step changes stands in narrow rows apart from what never changes: `command_progress` beside `command`, `command_stream`
    /// beside `command_output`.
    static let v0003CreateCommands = Migration(
        version: 3, name: "create-commands",
        statements: [
            """
            CREATE TABLE activation (
                id TEXT PRIMARY KEY,
                account TEXT NOT NULL,
                code_hash {blob} NOT NULL,
                description TEXT,
                default_name TEXT,
                role TEXT NOT NULL,
                registration_limit BIGINT NOT NULL,
                registrations BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                CHECK (registrations BETWEEN 0 AND registration_limit)
            )
            """,
            "CREATE INDEX activation_by_account ON activation (account, id)",
            """
            CREATE TABLE managed_node (
                id TEXT PRIMARY KEY,
                account TEXT NOT NULL,
                activation TEXT NOT NULL,
                public_key {blob} NOT NULL UNIQUE,
                name TEXT,
                role TEXT NOT NULL,
                facts {blob} NOT NULL,
                told_tags {blob} NOT NULL,
                incarnation BIGINT NOT NULL,
                last_ping_at BIGINT NOT NULL,
                registered_at BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('Active', 'Deregistered'))
            )
            """,
            "CREATE INDEX managed_node_active ON managed_node (account, id) WHERE state = 'Active'",
            """
            CREATE TABLE command (
                number BIGINT PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                account TEXT NOT NULL,
                document_name TEXT NOT NULL,
                document_version TEXT NOT NULL,
                steps {blob} NOT NULL,
                digest TEXT NOT NULL,
                request {blob} NOT NULL,
                requested_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                execution_seconds BIGINT NOT NULL,
                log_group TEXT,
                concurrency_limit BIGINT NOT NULL CHECK (concurrency_limit > 0),
                error_limit BIGINT NOT NULL CHECK (error_limit >= 0),
                target_count BIGINT NOT NULL
            )
            """,
            "CREATE INDEX command_by_account ON command (account, number)",
            """
            CREATE TABLE command_progress (
                command BIGINT PRIMARY KEY,
                is_cancelled BIGINT NOT NULL CHECK (is_cancelled IN (0, 1)),
                started BIGINT NOT NULL,
                completed BIGINT NOT NULL,
                failed BIGINT NOT NULL,
                execution_timed_out BIGINT NOT NULL,
                delivery_timed_out BIGINT NOT NULL,
                cancelled BIGINT NOT NULL,
                undelivered BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE command_invocation (
                command BIGINT NOT NULL,
                node TEXT NOT NULL,
                account TEXT NOT NULL,
                version BIGINT NOT NULL,
                is_released BIGINT NOT NULL CHECK (is_released IN (0, 1)),
                status TEXT NOT NULL
                    CHECK (status IN ('Pending', 'InProgress', 'Cancelling', 'Success', 'Failed', 'TimedOut', 'Cancelled')),
                detail TEXT NOT NULL,
                attempt BIGINT NOT NULL,
                incarnation BIGINT,
                stop_reason TEXT CHECK (stop_reason IN ('cancel', 'timeout')),
                failure TEXT,
                deadline BIGINT,
                granted_at BIGINT,
                started_at BIGINT,
                ended_at BIGINT,
                PRIMARY KEY (command, node),
                CHECK ((ended_at IS NULL) = (status IN ('Pending', 'InProgress', 'Cancelling'))),
                CHECK (granted_at IS NOT NULL OR status NOT IN ('InProgress', 'Cancelling'))
            ) {clustered}
            """,
            "CREATE INDEX command_invocation_by_node ON command_invocation (node, command)",
            """
            CREATE INDEX command_invocation_running ON command_invocation (node, command)
                WHERE status IN ('InProgress', 'Cancelling')
            """,
            """
            CREATE INDEX command_invocation_held ON command_invocation (command, node)
                WHERE status = 'Pending' AND is_released = 0
            """,
            """
            CREATE TABLE command_plugin (
                command BIGINT NOT NULL,
                node TEXT NOT NULL,
                step BIGINT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('Success', 'Failed', 'TimedOut', 'Cancelled')),
                detail TEXT NOT NULL,
                response_code BIGINT NOT NULL,
                started_at BIGINT,
                ended_at BIGINT,
                PRIMARY KEY (command, node, step)
            ) {clustered}
            """,
            """
            CREATE TABLE node_queue (
                node TEXT NOT NULL,
                command BIGINT NOT NULL,
                PRIMARY KEY (node, command)
            ) {clustered}
            """,
            """
            CREATE TABLE command_deadline (
                due BIGINT NOT NULL,
                command BIGINT NOT NULL,
                node TEXT NOT NULL,
                PRIMARY KEY (due, command, node)
            ) {clustered}
            """,
            """
            CREATE TABLE command_stream (
                command BIGINT NOT NULL,
                node TEXT NOT NULL,
                attempt BIGINT NOT NULL,
                step BIGINT NOT NULL,
                stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
                received BIGINT NOT NULL,
                logged BIGINT NOT NULL,
                unlogged {blob} NOT NULL,
                PRIMARY KEY (command, node, attempt, step, stream)
            ) {clustered}
            """,
            """
            CREATE TABLE command_output (
                command BIGINT NOT NULL,
                node TEXT NOT NULL,
                attempt BIGINT NOT NULL,
                step BIGINT NOT NULL,
                stream TEXT NOT NULL,
                start_offset BIGINT NOT NULL,
                bytes {blob} NOT NULL,
                PRIMARY KEY (command, node, attempt, step, stream, start_offset)
            ) {clustered}
            """,
        ])
}
