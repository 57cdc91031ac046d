import AWSProtocols
import Testing
import TimeSource

@testable import Services

/// Documents that somebody wrote wrongly: whatever they are, they are taken or refused as content that is not valid.
struct DocumentMutationTests {
    private static let json = """
        {"schemaVersion":"2.2","description":"d","parameters":{"p":{"type":"String","default":"x","allowedPattern":"[a-z]+","maxChars":9},
        "l":{"type":"StringList","default":["a"],"minItems":1},"m":{"type":"StringMap","default":{"A":"1"}},"n":{"type":"Integer","default":3}},
        "mainSteps":[{"action":"aws:runShellScript","name":"s","precondition":{"StringEquals":["platformType","Linux"]},"inputs":{
        "runCommand":["{{ l }}","echo {{ p }}"],"environment":"{{ m }}","timeoutSeconds":"{{ n }}","umask":"027","nice":5,
        "limits":{"nofile":"1:2"},"memoryMax":"5M","cpuQuota":"50%","onFailure":"exit"}},
        {"action":"aws:downloadContent","name":"t","inputs":{"sourceType":"S3","sourceInfo":"{\\"path\\":\\"https://s3/b/k\\"}"}}]}
        """

    private static let yaml = """
        schemaVersion: '2.2'
        parameters: &all
          p: {type: String, default: "x", allowedValues: [x, 'y']}
        mainSteps:
        - action: aws:runShellScript
          name: s
          inputs:
            timeoutSeconds: 60
            runCommand:
            - |
              echo {{ p }}
              exit 1
            - >-
              folded
        """

    private static let insertions = Array(#"{}[]":,'&*!|>%@`#-?0129eE.+\n\t {{}}"#.utf8) + [0, 0x7F, 0xC3, 0xA9, 0xFF]

    @Test(arguments: [(json, DocumentText.Format.json), (yaml, .yaml)])
    func areTakenOrRefused(original: String, format: DocumentText.Format) throws {
        let random = SeededRandomSource(seed: 11)
        func below(_ limit: Int) -> Int { Int(random.nextWord() % UInt64(limit)) }
        var taken = 0
        for _ in 0..<1_000 {
            var bytes = Array(original.utf8)
            for _ in 0...below(3) {
                let place = below(bytes.count)
                switch below(3) {
                case 0: bytes[place] = Self.insertions[below(Self.insertions.count)]
                case 1: bytes.insert(Self.insertions[below(Self.insertions.count)], at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(12)))
                }
            }
            do throws(APIError) {
                let document = try CommandDocument(
                    name: "d", text: DocumentText(text: String(decoding: bytes, as: UTF8.self), format: format))
                taken += 1
                _ = try document.references(with: [])
                _ = try document.steps(with: [], references: ["x": ["y"]])
            } catch {
                let codes = ["InvalidDocumentContent", "InvalidDocumentSchemaVersion", "InvalidParameters"]
                #expect(codes.contains(error.code), "\(error)")
            }
        }
        #expect(taken > 10)
    }
}
