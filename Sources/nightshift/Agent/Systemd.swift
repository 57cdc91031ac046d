import Foundation

/// The service manager of this host, asked through `systemctl`.
struct Systemd {
    /// A call that failed, with what `systemctl` said.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// True when systemd is process 1, as sd_booted(3) finds out.
    static var isRunning: Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: "/run/systemd/system", isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// Runs `systemctl` with these arguments.
    /// - Throws: `Failure` when it ends with another code than 0.
    static func run(_ arguments: String...) throws {
        guard let (code, output) = try? call(arguments) else {
            throw Failure(description: "systemctl cannot be started")
        }
        guard code == 0 else {
            throw Failure(description: "systemctl \(arguments.joined(separator: " ")): \(output)")
        }
    }

    /// True when `systemctl` with these arguments ends with 0, as its questions (`is-active`, `is-enabled`) do for yes.
    static func says(_ arguments: String...) -> Bool {
        (try? call(arguments))?.code == 0
    }

    private static func call(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["systemctl"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
