import APIServer
import Foundation
import FunctionCode
import Services

/// The functions as remembered, with their code: what there is before anything runs.
struct FunctionParts {
    /// Where code, scratch folders and the records of processes lie: `DATA/functions`.
    let folder: String
    let code: CodeStore
    let directory: FunctionDirectory

    /// Reads all functions.
    init(core: ServerCore) async throws {
        folder = try FunctionParts.makeFolder(core)
        code = try CodeStore(directory: folder + "/code")
        directory = FunctionDirectory(
            database: core.database, vault: core.vault, code: code, region: core.settings.api.region)
        try await directory.load()
    }

    /// Functions with a user of their own must pass through the folders above their code, and see nothing there.
    private static func makeFolder(_ core: ServerCore) throws -> String {
        let folder = core.directory.path("functions")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard core.settings.functionUser != nil else { return folder }
        for path in [core.directory.url.path, folder] {
            try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: path)
        }
        return folder
    }
}
