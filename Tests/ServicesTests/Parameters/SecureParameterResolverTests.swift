import JSONCore
import Testing

@testable import Services

struct SecureParameterResolverTests {
    @Test(arguments: [
        ("a {{ssm-secure:/p}} b", "a S b"), ("{{ ssm-secure:/p }}", "S"), ("{{ssm-secure:/p}}{{ssm-secure:/p}}", "SS"),
        ("{{ssm-secure:/none}}", "{{ssm-secure:/none}}"), ("{{{ssm-secure:/p}}}", "{S}"), ("{{ssm:/p}} {{commands}}", "{{ssm:/p}} {{commands}}"),
        ("{{ssm-secure:/p", "{{ssm-secure:/p"), ("{{x}} {{ssm-secure:/p}}", "{{x}} S"),
        // What a value brings in stays as it is.
        ("{{ssm-secure:/nested}}", "{{ssm-secure:/p}}"),
    ])
    func `references are replaced`(_ text: String, _ expected: String) {
        let values = ["/p": "S", "/nested": "{{ssm-secure:/p}}"]
        let filled = SecureParameterResolver.fill(["commands": [.text(text)], "n": 1]) { values[$0] }
        #expect(filled == ["commands": [.text(expected)], "n": 1])
    }
}
