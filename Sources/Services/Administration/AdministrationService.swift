import APIModels
import AWSProtocols
package import Engine
import Logging
import StatesInterpreter
package import Store
import TimeSource

/// Nightshift's own operations, for administrators: backups, and the release of restored data.
package struct AdministrationService: Sendable {
    private let database: any Database
    private let backups: BackupService
    private let hold: HoldGate
    private let clock: EngineClock
    private let programVersion: String

    /// A service over these parts.
    package init(
        database: any Database, backups: BackupService, hold: HoldGate, clock: EngineClock, programVersion: String
    ) {
        self.database = database
        self.backups = backups
        self.hold = hold
        self.clock = clock
        self.programVersion = programVersion
    }

    /// Adds the operations.
    package func register(in registry: inout OperationRegistry) {
        add("StartBackup", to: &registry) { _, input in
            AdministrationService.structure(of: try await backups.start(destination: try input.requiredString("Destination")))
        }
        add("DescribeBackup", to: &registry) { _, input in
            let wanted = input.string("BackupId")
            guard let backup = backups.lastBackup, wanted == nil || wanted == backup.id else {
                throw APIError("ResourceNotFoundException", "This server has not written such a backup since it was started.")
            }
            return AdministrationService.structure(of: backup)
        }
        add("DescribeServer", to: &registry) { _, _ in try await description() }
        add("ReleaseServer", to: &registry) { context, _ in try await release(context) }
    }

    /// Functions and state machines act under roles, which may do none of this.
    private func add(_ operation: String, to registry: inout OperationRegistry, _ handler: @escaping OperationHandler) {
        registry.register(service: ModelCatalogue.ownService, operation: operation) { context, input in
            guard context.principal.arn.utf8.starts(with: "arn:aws:iam::\(context.account):user/".utf8) else {
                throw APIError.accessDenied("\(context.principal.arn) is not an administrator; \(operation) needs the access key of one.")
            }
            return try await handler(context, input)
        }
    }

    private func release(_ context: RequestContext) async throws -> APIStructure {
        if hold.isHeld {
            let release = RestoreRecord.Release(at: clock.now.wall, by: context.principal.arn)
            do {
                try await database.apply([RestoreStore.release(hold.generation, release)])
            } catch {
                // Somebody else released it at the same moment.
                guard error.code == .conflict else { throw error }
            }
            hold.release(at: clock.now.engine)
            context.logger.notice("released: what was held goes on", metadata: ["by": "\(context.principal.arn)"])
        }
        return try await description()
    }

    private func description() async throws -> APIStructure {
        let restore = try await database.read { try RestoreStore.last(in: $0) }
        return [
            "Version": .string(programVersion), "SchemaVersion": .integer(Int64(Migrator.head)),
            "State": .string(hold.isHeld ? "HELD" : "RUNNING"), "Generation": .integer(hold.generation),
            "BackupTakenAt": .optionalTimestamp(restore?.backupTakenAt.milliseconds),
            "RestoredAt": .optionalTimestamp(restore?.restoredAt.milliseconds),
            "ReleasedAt": .optionalTimestamp(restore?.released?.at.milliseconds),
            "ReleasedBy": .optional(restore?.released?.by),
            "LastBackup": backups.lastBackup.map { .structure(AdministrationService.structure(of: $0)) } ?? .null,
        ]
    }

    private static func structure(of backup: BackupRecord) -> APIStructure {
        var structure: APIStructure = [
            "BackupId": .string(backup.id), "Destination": .string(backup.destination), "State": .string(backup.state.name),
            "StartedAt": .timestamp(backup.startedAt.milliseconds), "EndedAt": .optionalTimestamp(backup.endedAt?.milliseconds),
        ]
        switch backup.state {
        case .running: break
        case .succeeded(let bytes, let files):
            structure.append("Bytes", .integer(bytes))
            structure.append("Files", .integer(Int64(files)))
        case .failed(let reason): structure.append("Reason", .string(reason))
        }
        return structure
    }
}
