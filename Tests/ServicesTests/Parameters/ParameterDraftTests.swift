import AWSProtocols
import Store
import Testing
import TimeSource

@testable import Services

@Suite("What PutParameter makes of a request") struct ParameterDraftTests {
    private func version(_ input: APIStructure, after previous: ParameterVersion? = nil) throws -> ParameterVersion {
        var whole: APIStructure = ["Name": "p", "Value": "v"]
        for member in input.members { whole[member.name] = member.value }
        return try ParameterDraft(whole, ParameterStory.context())
            .version(after: previous, account: ParameterStory.account, at: .epoch, by: "arn:aws:iam::000000000000:user/admin")
    }

    private func code(_ input: APIStructure, after previous: ParameterVersion? = nil) -> String? {
        #expect(throws: APIError.self) { try version(input, after: previous) }?.code
    }

    @Test func aFirstVersionHasDefaults() throws {
        let made = try version(["Type": "String"])
        #expect(made.number == 1)
        #expect(made.tier == "Standard")
        #expect(made.dataType == "text")
        #expect(made.keyID == nil)
    }

    @Test func aSecureStringHasAKey() throws {
        #expect(try version(["Type": "SecureString"]).keyID == "alias/aws/ssm")
        #expect(try version(["Type": "SecureString", "KeyId": "alias/mine"]).keyID == "alias/mine")
        #expect(try version(["Type": "String", "KeyId": "alias/mine"]).keyID == nil)
    }

    @Test func whatIsLeftOutIsTakenOver() throws {
        let first = try version(["Type": "SecureString", "Description": "d", "AllowedPattern": "[a-z]+", "KeyId": "alias/k"])
        let second = try version(["Value": "w"], after: first)
        #expect(second.number == 2)
        #expect(second.type == "SecureString")
        #expect(second.description == "d")
        #expect(second.allowedPattern == "[a-z]+")
        #expect(second.keyID == "alias/k")
        #expect(code(["Value": "9"], after: first) == "ParameterPatternMismatchException")
    }

    @Test func aTypeIsNeededAndStays() throws {
        #expect(code([:]) == "ValidationException")
        #expect(code(["Type": "SecureString"], after: try version(["Type": "String"])) == "HierarchyTypeMismatchException")
    }

    @Test(arguments: [
        ("Standard", 4_096, "Standard"), ("Standard", 4_097, nil), ("Advanced", 10, "Advanced"), ("Advanced", 8_192, "Advanced"),
        ("Advanced", 8_193, nil), ("Intelligent-Tiering", 4_096, "Standard"), ("Intelligent-Tiering", 4_097, "Advanced"),
        ("Intelligent-Tiering", 8_193, nil),
    ])
    func theTierFollowsFromRequestAndSize(_ tier: String, size: Int, expected: String?) {
        let value = String(repeating: "x", count: size)
        let made = try? version(["Type": "String", "Tier": .string(tier), "Value": .string(value)])
        #expect(made?.tier == expected)
    }

    @Test func anAdvancedParameterIsNeverDowngraded() throws {
        let advanced = try version(["Type": "String", "Tier": "Advanced"])
        #expect(try version([:], after: advanced).tier == "Advanced")
        #expect(try version(["Tier": "Intelligent-Tiering"], after: advanced).tier == "Advanced")
        #expect(code(["Tier": "Standard"], after: advanced) == "ValidationException")
    }

    private static let refused: [(APIStructure, String)] = [
        (["Value": ""], "ValidationException"), (["Value": "{{ssm:other}}"], "ValidationException"),
        (["DataType": "Text"], "ValidationException"), (["AllowedPattern": "^\\d+$"], "ParameterPatternMismatchException"),
        (["AllowedPattern": "("], "InvalidAllowedPatternException"),
        (["Policies": "[{\"Type\":\"Expiration\"}]"], "InvalidPolicyTypeException"),
    ]

    @Test(arguments: refused)
    func isRefused(_ input: APIStructure, code: String) {
        var input = input
        input["Type"] = "String"
        #expect(self.code(input) == code)
    }

    @Test func bracesThatNestNothingAreAValue() throws {
        #expect(try version(["Type": "String", "Value": "{\"a\":{\"b\":1}}", "Policies": "[]"]).value.count == 13)
    }
}
