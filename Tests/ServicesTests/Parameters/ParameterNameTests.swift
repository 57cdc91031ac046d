import AWSProtocols
import Store
import Testing
import TimeSource

@testable import Services

@Suite("Names of parameters") struct ParameterNameTests {
    @Test(arguments: ["password", "/prod/db/password", "a.b-c_D9", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o", "/x"])
    func isTaken(_ name: String) throws {
        try ParameterName.check(name, ParameterStory.context())
    }

    @Test(arguments: [
        ("aws-key", "ValidationException"), ("/SSM", "ValidationException"), ("/aws/service/x", "AccessDeniedException"),
        ("/ssm/a/b", "ValidationException"), ("prod/db", "ValidationException"), ("/prod//db", "ValidationException"),
        ("/prod/", "ValidationException"), ("a b", "ValidationException"), ("a:1", "ValidationException"), ("ä", "ValidationException"),
        ("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "HierarchyLevelLimitExceededException"),
        (String(repeating: "n", count: 1_000), "ValidationException"),
    ])
    func isRefused(_ name: String, code: String) {
        let error = #expect(throws: APIError.self) { try ParameterName.check(name, ParameterStory.context()) }
        #expect(error?.code == code)
    }

    @Test(arguments: [
        ("p", ["p"], ParameterReference.Selector.current), ("/a/b:3", ["/a/b"], .version(3)), ("p:live", ["p"], .label("live")),
        ("arn:aws:ssm:us-east-1:000000000000:parameter/a/b:live", ["/a/b"], .label("live")),
        ("arn:aws:ssm:us-east-1:000000000000:parameter/p", ["p", "/p"], .current),
    ])
    func isReadAsAReference(_ text: String, names: [String], selector: ParameterReference.Selector) throws {
        let reference = try #require(ParameterReference(text, ParameterStory.context()))
        #expect(reference.names == names)
        #expect(reference.selector == selector)
    }

    @Test(arguments: [
        "a:b:c", "arn:aws:ssm:eu-west-1:000000000000:parameter/p", "arn:aws:ssm:us-east-1:111111111111:parameter/p",
        "arn:aws:s3:::bucket",
    ])
    func isNoReferenceOfTheCallers(_ text: String) {
        #expect(ParameterReference(text, ParameterStory.context()) == nil)
    }

    @Test(arguments: [("live", true), ("v1.2-b_c", true), ("1st", false), ("aws-x", false), ("SSM", false), ("a b", false), ("", false)])
    func labels(_ label: String, isValid: Bool) {
        #expect(ParameterLabelName.isValid(label) == isValid)
    }
}
