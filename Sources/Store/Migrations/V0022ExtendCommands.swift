extension Migration {
    /// How many invocations of a command have their turn, counted beside the others: with thousands of nodes they are too many to look
    /// through at the end of each.
    static let v0022ExtendCommands = Migration(
        version: 22, name: "extend-commands",
        statements: [
            "ALTER TABLE command_progress ADD COLUMN active BIGINT NOT NULL DEFAULT 0",
            """
            UPDATE command_progress SET active = (
                SELECT COUNT(*) FROM command_invocation i
                WHERE i.command = command_progress.command AND i.is_released = 1 AND i.ended_at IS NULL)
            WHERE EXISTS (
                SELECT 1 FROM command c WHERE c.number = command_progress.command AND command_progress.completed < c.target_count)
            """,
        ])
}
