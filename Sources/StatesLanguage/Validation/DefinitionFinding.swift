package import JSONCore

/// One thing that is wrong, or doubtful, in a definition; fields as Step Functions' ValidateStateMachineDefinition has them.
package struct DefinitionFinding: Hashable, Sendable {
    /// How bad it is.
    package enum Severity: String, Hashable, Sendable {
        /// The definition cannot run.
        case error = "ERROR"
        /// The definition runs, probably not as meant.
        case warning = "WARNING"
    }

    /// The codes that this validator gives, spelled as AWS's.
    enum Code: String {
        /// A field is missing, unknown, or not what it must be.
        case schema = "SCHEMA_VALIDATION_FAILED"
        /// The text is not JSON.
        case invalidJSON = "INVALID_JSON_DESCRIPTION"
        /// A transition leads nowhere, or no transition leads to a state.
        case missingTarget = "MISSING_TRANSITION_TARGET"
    }

    /// How bad it is.
    package var severity: Severity
    /// AWS's code: `SCHEMA_VALIDATION_FAILED`, `INVALID_JSON_DESCRIPTION`, `MISSING_TRANSITION_TARGET` …
    package var code: String
    /// What is wrong, in AWS's words where AWS has some.
    package var message: String
    /// The place as AWS writes it: `/States/A/Choices[0]/Next`; `/` for the whole definition.
    package var location: String
    /// The place as a JSON pointer (RFC 6901).
    package var pointer: JSONPointer
    /// One-based line of the place in the text.
    package var line: Int
    /// One-based column, counted in characters.
    package var column: Int

    /// A finding with all its parts.
    package init(
        severity: Severity, code: String, message: String, location: String, pointer: JSONPointer, line: Int, column: Int
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.pointer = pointer
        self.line = line
        self.column = column
    }
}

/// A definition that cannot be run.
package struct InvalidDefinition: Error, Hashable, Sendable {
    /// Everything that was found, warnings included.
    package var findings: [DefinitionFinding]

    /// A refusal for these findings.
    package init(findings: [DefinitionFinding]) { self.findings = findings }

    /// The message of the API's `InvalidDefinition` error.
    package var message: String {
        let errors = findings.filter { $0.severity == .error }
        let texts = errors.map { finding in
            finding.code == "INVALID_JSON_DESCRIPTION"
                ? "\(finding.code): \(finding.message)" : "\(finding.code): \(finding.message) at \(finding.location)"
        }
        return "Invalid State Machine Definition: '" + texts.joined(separator: ", ") + "'"
    }
}

/// Whether a machine is Standard or Express; a few rules differ.
package enum StateMachineType: String, Hashable, Sendable, CaseIterable {
    case standard = "STANDARD"
    case express = "EXPRESS"
}
