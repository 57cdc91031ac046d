package import JSONCore
import TimeSource

/// The API's answers as the commands print them with `--json`: as they come, instants as ISO 8601 instead of seconds.
package enum APIText {
    private static let instants: Set<String> = [
        "timestamp", "startDate", "stopDate", "creationDate", "updateDate", "redriveDate", "LastPingDateTime", "RegistrationDate",
        "StartedAt", "EndedAt", "BackupTakenAt", "RestoredAt", "ReleasedAt", "LastAssociationExecutionDate", "LastSuccessfulAssociationExecutionDate",
    ]

    /// The answer with readable instants.
    package static func readable(_ object: JSONObject) -> JSONObject {
        JSONObject(object.members.map { ($0.key, readable($0.value, key: $0.key.text)) })
    }

    /// The answer with readable instants.
    package static func readable(_ value: JSONValue) -> JSONValue { readable(value, key: "") }

    private static func readable(_ value: JSONValue, key: String) -> JSONValue {
        switch value {
        case .object(let object): .object(readable(object))
        case .array(let elements): .array(elements.map { readable($0, key: "") })
        case .number(let number) where instants.contains(key):
            .text(Timestamp(apiSeconds: number.double).iso8601Milliseconds)
        default: value
        }
    }
}
