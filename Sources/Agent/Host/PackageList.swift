import AgentProtocol
import Glibc
import TimeSource

/// The packages that are installed: rows of `AWS:Application`.
struct PackageList: Sendable {
    /// What changes with the package database.
    struct Stamp: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var size: Int64
    }

    /// The longest value that Systems Manager takes.
    private static let longestValue = 4_096
    /// The most rows that it takes.
    private static let mostRows = 10_000

    /// dpkg's directory.
    var directory = "/var/lib/dpkg"

    /// nil where there is no dpkg: then every look is a new one.
    func stamp() -> Stamp? {
        var status = stat()
        guard stat("\(directory)/status", &status) == 0 else { return nil }
        return Stamp(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: Int64(status.st_size))
    }

    /// The packages by name.
    func read() -> [[NamedValue]] {
        guard let bytes = (try? PosixFile.read("\(directory)/status")) ?? nil else { return Self.parse(rpm: Self.rpmOutput()) }
        return Self.parse(status: bytes) { name, architecture in
            installedAt("\(directory)/info/\(name).list") ?? installedAt("\(directory)/info/\(name):\(architecture).list")
        }
    }

    private func installedAt(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Timestamp(seconds: Int64(status.st_mtim.tv_sec)).iso8601Seconds
    }

    // MARK: dpkg

    /// Stanzas of `NAME: value` lines, continued by lines that begin with a blank: deb-control(5). Only what is installed counts.
    static func parse(
        status: [UInt8], installedAt: (_ name: String, _ architecture: String) -> String?
    ) -> [[NamedValue]] {
        var rows: [[NamedValue]] = []
        var fields: [Substring: String] = [:]
        func endStanza() {
            defer { fields.removeAll(keepingCapacity: true) }
            guard let name = fields["Package"], fields["Status"]?.hasSuffix(" installed") == true else { return }
            let architecture = fields["Architecture"] ?? ""
            rows.append(
                row(
                    ("Name", name), ("ApplicationType", fields["Section"]), ("Publisher", fields["Maintainer"]),
                    ("Version", fields["Version"]), ("InstalledTime", installedAt(name, architecture)),
                    ("Architecture", architecture), ("URL", fields["Homepage"]), ("Summary", fields["Description"])))
        }
        let wanted: Set<Substring> = [
            "Package", "Status", "Section", "Maintainer", "Version", "Architecture", "Homepage", "Description",
        ]
        for line in status.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard let first = line.first else {
                endStanza()
                continue
            }
            guard first != 0x20, first != 0x09, let colon = line.firstIndex(of: 0x3A) else { continue }
            let name = Substring(decoding: line[..<colon], as: UTF8.self)
            guard wanted.contains(name) else { continue }
            fields[name] = String(decoding: line[(colon + 1)...].drop { $0 == 0x20 }, as: UTF8.self)
        }
        endStanza()
        return sorted(rows)
    }

    // MARK: rpm

    private static let rpmFormat =
        "%{NAME}\\t%{VENDOR}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{INSTALLTIME}\\t%{ARCH}\\t%{GROUP}\\t%{URL}\\t%{SOURCERPM}\\t%{SUMMARY}\\n"

    private static func rpmOutput() -> [UInt8] {
        guard let pipe = popen("command -v rpm >/dev/null && exec rpm -qa --queryformat '\(rpmFormat)' 2>/dev/null", "r") else { return [] }
        defer { pclose(pipe) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { return output }
            output += buffer[..<count]
        }
    }

    /// Lines of fields in the order of `rpmFormat`, separated by tabs; `(none)` where a package does not say.
    static func parse(rpm output: [UInt8]) -> [[NamedValue]] {
        sorted(
            output.split(separator: 0x0A).compactMap { line in
                let fields = line.split(separator: 0x09, maxSplits: 10, omittingEmptySubsequences: false).map { field -> String? in
                    let text = String(decoding: field, as: UTF8.self)
                    return text == "(none)" ? nil : text
                }
                guard fields.count == 11, let name = fields[0] else { return nil }
                let installedAt = fields[5].flatMap { Int64($0) }.map { Timestamp(seconds: $0).iso8601Seconds }
                return row(
                    ("Name", name), ("ApplicationType", fields[7]), ("Publisher", fields[1]), ("Version", fields[2]),
                    ("Release", fields[3]), ("Epoch", fields[4]), ("InstalledTime", installedAt), ("Architecture", fields[6]),
                    ("URL", fields[8]), ("Summary", fields[10]), ("PackageId", fields[9]))
            })
    }

    // MARK: Rows

    private static func row(_ attributes: (name: String, value: String?)...) -> [NamedValue] {
        attributes.compactMap { attribute in
            guard let value = attribute.value, !value.isEmpty else { return nil }
            return NamedValue(name: attribute.name, value: value.utf8.count <= longestValue ? value : String(value.prefix(longestValue / 4)))
        }
    }

    private static func sorted(_ rows: [[NamedValue]]) -> [[NamedValue]] {
        Array(rows.sorted { ($0.first?.value ?? "") < ($1.first?.value ?? "") }.prefix(mostRows))
    }
}
