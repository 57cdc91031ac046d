import AWSProtocols
import JSONCore
import Store
import TimeSource

/// What PutParameter asks for, before it is known whether the parameter exists.
struct ParameterDraft: Sendable {
    /// Bytes of a value in the standard tier, and of one in the advanced tier (Systems Manager User Guide, "Managing parameter tiers").
    static let standardLimit = 4_096
    static let advancedLimit = 8_192

    /// The key that AWS takes for a SecureString when none is named.
    private static let defaultKey = "alias/aws/ssm"

    let name: String
    let value: String
    let type: String?
    let tier: String?
    let dataType: String?
    let keyID: String?
    let description: String?
    let allowedPattern: String?

    /// Reads the request and checks what does not depend on the version before.
    init(_ input: APIStructure, _ context: RequestContext) throws(APIError) {
        name = try input.requiredString("Name")
        value = try input.requiredString("Value")
        type = input.string("Type")
        tier = input.string("Tier")
        dataType = input.string("DataType")
        keyID = input.string("KeyId")
        description = input.string("Description")
        allowedPattern = input.string("AllowedPattern")
        try ParameterName.check(name, context)
        guard !value.isEmpty else {
            throw .validation(
                "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
        }
        // AWS keeps values from referring to other parameters: `{{name}}`.
        let text = Array(value.utf8)
        if let opening = text.firstRange(of: Array("{{".utf8)),
            text[opening.upperBound...].firstRange(of: Array("}}".utf8)) != nil
        {
            throw .validation("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
        }
        try ParameterDraft.checkPolicies(input.string("Policies"))
    }

    /// The version that comes after `previous`, its value in the clear.
    ///
    /// What the request leaves out is taken over from the version before, as AWS does.
    func version(
        after previous: ParameterVersion?, account: String, at time: Timestamp, by principal: String
    ) throws(APIError) -> ParameterVersion {
        guard let type = type ?? previous?.type else {
            throw .validation("A parameter type is required when you create a parameter.")
        }
        if let previous, previous.type != type { throw ParameterError.typeMismatch() }
        let dataType = dataType ?? previous?.dataType ?? "text"
        try checkDataType(dataType)
        let tier = try tier(after: previous)
        let pattern = allowedPattern ?? previous?.allowedPattern
        if let pattern, !pattern.isEmpty { try checkPattern(pattern) }
        return ParameterVersion(
            account: account, name: name, number: (previous?.number ?? 0) + 1, type: type, tier: tier, dataType: dataType,
            value: Array(value.utf8), keyID: type == "SecureString" ? keyID ?? previous?.keyID ?? ParameterDraft.defaultKey : nil,
            description: description ?? previous?.description, allowedPattern: pattern, modifiedAt: time, modifiedBy: principal)
    }

    private func tier(after previous: ParameterVersion?) throws(APIError) -> String {
        let size = value.utf8.count
        let isAdvanced: Bool
        switch (tier, previous?.tier) {
        case ("Advanced", _), (nil, "Advanced"), ("Intelligent-Tiering", "Advanced"): isAdvanced = true
        case ("Intelligent-Tiering", _): isAdvanced = size > ParameterDraft.standardLimit
        case (_, "Advanced"):
            throw .validation(
                """
                This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to \
                the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.
                """)
        default: isAdvanced = false
        }
        if isAdvanced {
            guard size <= ParameterDraft.advancedLimit else {
                throw .validation(
                    "Advanced tier parameters support a maximum parameter value of \(ParameterDraft.advancedLimit) characters.")
            }
        } else {
            guard size <= ParameterDraft.standardLimit else {
                throw .validation(
                    """
                    Standard tier parameters support a maximum parameter value of \(ParameterDraft.standardLimit) characters. To create a \
                    larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
                    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
                    """)
            }
        }
        return isAdvanced ? "Advanced" : "Standard"
    }

    private func checkPattern(_ pattern: String) throws(APIError) {
        let compiled = TextPattern(pattern)
        guard compiled.isChecked else { throw ParameterError.invalidPattern() }
        guard compiled.matches(value) else { throw ParameterError.patternMismatch(pattern) }
    }

    private func checkDataType(_ dataType: String) throws(APIError) {
        guard dataType == "text" || dataType == "aws:ec2:image" || dataType == "aws:ssm:integration" else {
            throw .validation(
                "The following data type is not supported: \(dataType) (Data type names are all lowercase.)")
        }
    }

    /// Policies would have to be acted on (an expired parameter is deleted), so only their absence is accepted.
    private static func checkPolicies(_ policies: String?) throws(APIError) {
        guard let policies else { return }
        if let list = (try? JSONParser.parse(Array(policies.utf8)))?.array, list.isEmpty { return }
        throw APIError("InvalidPolicyTypeException", "Parameter policies are not supported by Nightshift yet.")
    }
}
