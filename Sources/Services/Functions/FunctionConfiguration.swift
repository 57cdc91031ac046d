import AWSProtocols
import JSONCore
import Store
import TimeSource

/// The members of CreateFunction and UpdateFunctionConfiguration, checked and put into a version's record.
enum FunctionConfiguration {
    private static let longestTimeout: Int64 = 900
    private static let mostMemory: Int64 = 10_240
    /// Kept as given and returned; of these `LoggingConfig.LogGroup` alone is acted on.
    private static let kept = [
        "Architectures", "DeadLetterConfig", "EphemeralStorage", "KMSKeyArn", "LoggingConfig", "SnapStart", "TracingConfig", "VpcConfig",
    ]

    /// What the options of operations with a configuration say is missing.
    static let remark =
        "code as ZipFile only; python3.x and provided runtimes; no layers, file systems, images; VPC, tracing and SnapStart settings are stored and returned, not acted on; dead letters go to queues, not to topics"

    /// A version with AWS's defaults for what the request leaves out.
    static func make(_ input: APIStructure) throws(APIError) -> FunctionVersionRecord {
        guard input.string("PackageType") ?? "Zip" == "Zip" else { throw LambdaError.unsupported("Functions from container images are") }
        guard input.contains("Runtime"), input.contains("Handler") else {
            throw LambdaError.invalidParameter(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
        }
        var version = FunctionVersionRecord(
            revisionID: "", runtime: "", roleARN: "", handler: "", description: "", timeout: 3, memorySize: 128, environment: nil,
            codeSHA256: [], codeSize: 0, settings: Array("{}".utf8), updatedAt: .init(milliseconds: 0))
        try apply(input, to: &version)
        return version
    }

    /// Changes what the request names; the environment is the caller's to change.
    static func apply(_ input: APIStructure, to version: inout FunctionVersionRecord) throws(APIError) {
        try refuseUnsupported(input)
        if let runtime = input.string("Runtime") {
            try FunctionRuntimeName.check(runtime)
            version.runtime = runtime
        }
        if let timeout = input.integer("Timeout") {
            guard timeout <= longestTimeout else { throw LambdaError.tooGreat(timeout, at: "timeout", limit: longestTimeout) }
            version.timeout = timeout
        }
        if let memory = input.integer("MemorySize") {
            guard memory <= mostMemory else { throw LambdaError.tooGreat(memory, at: "memorySize", limit: mostMemory) }
            version.memorySize = memory
        }
        version.roleARN = input.string("Role") ?? version.roleARN
        version.handler = input.string("Handler") ?? version.handler
        version.description = input.string("Description") ?? version.description
        var settings = stored(version.settings)
        for name in kept {
            guard let value = input[name], !value.isNull else { continue }
            settings.set(JSONString(name), value.plainJSON)
        }
        version.settings = JSONWriter.bytes(of: .object(settings))
    }

    /// The variables that a request names, checked; nil when it names none.
    static func variables(_ input: APIStructure) throws(APIError) -> FunctionEnvironment.Variables? {
        guard let environment = input.structure("Environment") else { return nil }
        let variables = environment.stringMap("Variables")
        try FunctionEnvironment.check(variables)
        return variables
    }

    /// The settings that are kept as given.
    static func stored(_ settings: [UInt8]) -> JSONObject {
        // Written by us; a text of another version that cannot be read reads as no settings.
        (try? JSONParser.parse(settings))?.object ?? JSONObject()
    }

    /// The log group that a version writes to.
    static func logGroup(_ version: FunctionVersionRecord, name: String) -> String {
        stored(version.settings)["LoggingConfig"]?["LogGroup"]?.text ?? "/aws/lambda/" + name
    }

    private static func refuseUnsupported(_ input: APIStructure) throws(APIError) {
        if let layers = input.list("Layers"), !layers.isEmpty { throw LambdaError.unsupported("Layers are") }
        if let systems = input.list("FileSystemConfigs"), !systems.isEmpty { throw LambdaError.unsupported("File systems are") }
        for (name, words) in [
            ("ImageConfig", "Functions from container images are"), ("CodeSigningConfigArn", "Code signing is"),
            ("CapacityProviderConfig", "Capacity providers are"), ("DurableConfig", "Durable functions are"),
            ("TenancyConfig", "Tenant isolation is"),
        ] where input.contains(name) {
            throw LambdaError.unsupported(words)
        }
    }
}
