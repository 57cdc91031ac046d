import Services

extension ServerParts {
    /// Parameter Store.
    mutating func addParameters() {
        let parameters = ParameterService(database: core.database, vault: core.vault)
        parameters.register(in: &registry)
        taggableResources.append(parameters.taggableResource)
    }
}
