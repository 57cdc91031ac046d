import AWSProtocols
import ByteCoding
import JSONCore
import Store
import TimeSource

/// A version of a function as the API shows it.
struct FunctionDescription {
    /// The version.
    let record: FunctionRecord
    /// Its environment.
    let variables: FunctionEnvironment.Variables?
    /// The region in its ARN.
    let region: String
    /// Whether the ARN carries the qualifier although it is `$LATEST`: it does when the caller named it.
    var isQualified = false

    /// The members of `FunctionConfiguration`.
    var members: APIStructure {
        let version = record.version
        let settings = FunctionConfiguration.stored(version.settings)
        let isLatest = version.number == FunctionVersionRecord.latest
        let name = isLatest ? "$LATEST" : "\(version.number)"
        let arn = FunctionReference.arn(
            record.name, account: record.account, region: region, qualifier: isQualified || !isLatest ? name : nil)
        var members: APIStructure = [
            "FunctionName": .string(record.name), "FunctionArn": .string(arn), "Runtime": .string(version.runtime),
            "Role": .string(version.roleARN), "Handler": .string(version.handler), "CodeSize": .integer(version.codeSize),
            "Description": .string(version.description), "Timeout": .integer(version.timeout),
            "MemorySize": .integer(version.memorySize), "LastModified": .string(FunctionDescription.time(version.updatedAt)),
            "CodeSha256": .string(Base64.text(version.codeSHA256)), "Version": .string(name),
            "RevisionId": .string(version.revisionID), "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip",
            "TracingConfig": setting(settings, "TracingConfig", else: ["Mode": "PassThrough"]),
            "Architectures": setting(settings, "Architectures", else: ["x86_64"]),
            "EphemeralStorage": setting(settings, "EphemeralStorage", else: ["Size": 512]),
            "SnapStart": [
                "ApplyOn": .string(settings["SnapStart"]?["ApplyOn"]?.text ?? "None"), "OptimizationStatus": "Off",
            ],
            "LoggingConfig": logging(settings),
        ]
        for name in ["DeadLetterConfig", "KMSKeyArn", "VpcConfig"] {
            if let value = settings[name] { members[name] = APIValue(value) }
        }
        if let variables, !variables.isEmpty { members["Environment"] = ["Variables": .stringMap(variables)] }
        return members
    }

    private func setting(_ settings: JSONObject, _ name: String, else fallback: APIValue) -> APIValue {
        settings[name].map { APIValue($0) } ?? fallback
    }

    private func logging(_ settings: JSONObject) -> APIValue {
        var logging = settings["LoggingConfig"]?.object ?? JSONObject()
        if logging["LogFormat"] == nil { logging.set("LogFormat", "Text") }
        if logging["LogGroup"] == nil {
            logging.set("LogGroup", .text(FunctionConfiguration.logGroup(record.version, name: record.name)))
        }
        return APIValue(.object(logging))
    }

    /// As `LastModified` has it: `2026-11-20T23:35:56.123+0000`.
    private static func time(_ instant: Timestamp) -> String {
        instant.iso8601Milliseconds.dropLast() + "+0000"
    }
}
