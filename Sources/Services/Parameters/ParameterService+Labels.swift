import AWSProtocols
import Store

extension ParameterService {
    @Sendable func label(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let number = input.integer("ParameterVersion")
        let (version, labels) = try await labelled(name, version: number, context)
        let wanted = input.strings("Labels")
        let valid = Set(wanted.filter(ParameterLabelName.isValid))
        let present = Set(labels.filter { $0.version == version.number }.map(\.label))
        guard present.union(valid).count <= ParameterLabelName.limit else { throw ParameterError.tooManyLabels() }
        do throws(StoreError) {
            try await database.apply(
                valid.sorted().map {
                    ParameterStore.attach($0, to: version.number, of: version.name, account: context.account)
                })
        } catch where error.code == .conflict {
            throw ParameterError.versionNotFound(version.number, of: version.name)
        } catch {
            throw error.apiError
        }
        return [
            "InvalidLabels": .strings(wanted.filter { !valid.contains($0) }), "ParameterVersion": .integer(version.number),
        ]
    }

    @Sendable func unlabel(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let (version, labels) = try await labelled(name, version: input.integer("ParameterVersion"), context)
        let present = Set(labels.filter { $0.version == version.number }.map(\.label))
        let wanted = input.strings("Labels")
        let removed = wanted.filter(present.contains)
        do {
            try await database.apply(
                removed.map { ParameterStore.detach($0, from: version.number, of: version.name, account: context.account) })
        } catch {
            throw error.apiError
        }
        return [
            "RemovedLabels": .strings(removed), "InvalidLabels": .strings(wanted.filter { !present.contains($0) }),
        ]
    }

    /// The version that a request names, the current one without a number, and all labels of the parameter.
    private func labelled(
        _ name: String, version number: Int64?, _ context: RequestContext
    ) async throws -> (ParameterVersion, [ParameterLabel]) {
        guard let reference = ParameterReference(name, context), reference.selectorText == nil else {
            throw ParameterError.notFound(name)
        }
        return try await database.read { transaction in
            var version = try reference.find(account: context.account, in: transaction)
            if let number {
                guard
                    let other = try ParameterStore.find(version.name, version: number, account: context.account, in: transaction)
                else { throw ParameterError.versionNotFound(number, of: version.name) }
                version = other
            }
            return (version, try ParameterStore.labels(of: version.name, account: context.account, in: transaction))
        }
    }
}
