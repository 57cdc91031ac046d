package import JSONCore
package import StatesLanguage

/// What was found in one file.
package struct DefinitionReport {
    private let file: String
    private let findings: [DefinitionFinding]

    /// The findings of a file, put in the order of their places.
    package init(file: String, findings: [DefinitionFinding]) {
        self.file = file
        self.findings = findings.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// Whether the definition cannot run.
    package var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// The findings as lines that editors can jump to, each with its advice below; one line when there is nothing to say.
    package func lines(_ style: OutputStyle) -> [String] {
        guard !findings.isEmpty else { return ["\(file): \(style.paint("valid", .good))"] }
        return findings.flatMap { finding in
            let severity = finding.severity.rawValue.lowercased()
            let place = DisplayText.line(finding.location)
            let head =
                "\(file):\(finding.line):\(finding.column): "
                + style.paint("\(severity):", finding.severity == .error ? .bad : .doubtful)
                + " \(DisplayText.line(finding.message)) [\(finding.code)]" + (place == "/" ? "" : " at \(place)")
            return [head] + (FindingAdvice.text(for: finding).map { ["    " + $0] } ?? [])
        }
    }

    /// The findings as JSON.
    package var json: JSONValue {
        let findings = findings.map { finding -> JSONValue in
            [
                "severity": .text(finding.severity.rawValue), "code": .text(finding.code), "message": .text(finding.message),
                "location": .text(finding.location), "pointer": .text(finding.pointer.description),
                "line": .integer(finding.line), "column": .integer(finding.column),
                "advice": FindingAdvice.text(for: finding).map(JSONValue.text) ?? .null,
            ]
        }
        return ["file": .text(file), "valid": .bool(!hasErrors), "findings": .array(findings)]
    }
}
