package import APIModels
import AWSProtocols

/// Renders `docs/compatibility.md` out of AWS's models and the registry, so that it cannot say what is not so.
package struct CompatibilityDocument {
    private let catalogue: ModelCatalogue
    private let registry: OperationRegistry

    /// A document about what this registry serves of these models.
    package init(catalogue: ModelCatalogue, registry: OperationRegistry) {
        self.catalogue = catalogue
        self.registry = registry
    }

    /// The document as Markdown.
    package var markdown: String {
        var lines = [
            "# Compatibility with AWS",
            "",
            "Every operation of the services that Nightshift speaks, and whether it is served. Written by",
            "`nightshift compatibility` from AWS's service models and the registered operations; do not edit it.",
            "",
            "*Supported*: as AWS answers it. *Partial*: the remark says what is missing. *Absent*: answered with",
            "`UnsupportedOperation`, status 501.",
            "",
            "| Service | Supported | Partial | Absent | Operations |",
            "|---|---|---|---|---|",
        ]
        let models = catalogue.services.compactMap { catalogue.model($0) }.sorted { $0.fullName < $1.fullName }
        for model in models {
            let entries = model.operations.keys.map { registry.entry(service: model.name, operation: $0) }
            let partial = entries.count { $0?.options.partial != nil }
            let absent = entries.count { $0 == nil }
            lines.append(
                "| \(model.fullName) | \(entries.count - partial - absent) | \(partial) | \(absent) | \(entries.count) |")
        }
        for model in models {
            lines += ["", "## \(model.fullName)", "", "API version \(model.apiVersion), `\(model.name)` in signatures.", ""]
            lines += ["| Operation | State | Remark |", "|---|---|---|"]
            for operation in model.operations.keys.sorted() {
                lines.append(row(operation, registry.entry(service: model.name, operation: operation)))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Registered operations that AWS's models do not have: misspelt ones.
    package var unknownRegistrations: [String] {
        registry.services.sorted().flatMap { service in
            let known = catalogue.model(service)?.operations
            return registry.operations(of: service).sorted().filter { known?[$0] == nil }.map { "\(service) \($0)" }
        }
    }

    /// Registered operations whose shapes were trimmed away from the models: `Scripts/update-models` lists which to keep.
    package var shapelessRegistrations: [String] {
        registry.services.sorted().flatMap { service in
            let known = catalogue.model(service)?.operations
            return registry.operations(of: service).sorted().filter { known?[$0]?.isShapeless == true }.map { "\(service) \($0)" }
        }
    }

    private func row(_ operation: String, _ entry: OperationRegistry.Entry?) -> String {
        guard let entry else { return "| \(operation) | absent | |" }
        guard let remark = entry.options.partial else { return "| \(operation) | supported | |" }
        return "| \(operation) | partial | \(remark.replacing("|", with: "\\|")) |"
    }
}
