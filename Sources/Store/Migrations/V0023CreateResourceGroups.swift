extension Migration {
    /// Resource groups, and the way from a tag to the resources that carry it: for groups, and for the targets of commands.
    static let v0023CreateResourceGroups = Migration(
        version: 23, name: "create-resource-groups",
        statements: [
            // `facts` is a JSON object under AWS's names: Description, Criticality, Owner, DisplayName. `query` is the caller's own text.
            """
            CREATE TABLE resource_group (
                account TEXT NOT NULL,
                name TEXT NOT NULL,
                facts {blob} NOT NULL,
                query {blob} NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (account, name)
            )
            """,
            "CREATE INDEX resource_tag_by_key ON resource_tag (account, tag_key, tag_value, resource)",
        ])
}
