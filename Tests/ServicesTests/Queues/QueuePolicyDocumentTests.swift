import Testing

@testable import Services

@Suite struct QueuePolicyDocumentTests {
    private let arn = "arn:aws:sqs:us-east-1:000000000000:q"

    @Test func aPermissionIsAStatement() {
        var policy = QueuePolicyDocument(text: nil, arn: arn)
        #expect(policy.text == nil)
        policy.add(label: "one", accounts: ["111111111111"], actions: ["SendMessage"], arn: arn)
        #expect(
            policy.text
                == #"{"Version":"2008-10-17","Id":"\#(arn)/SQSDefaultPolicy","Statement":[{"Sid":"one","Effect":"Allow","#
                + #""Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:SendMessage","Resource":"\#(arn)"}]}"#)
        #expect(policy.contains("one"))
        policy.remove("one")
        #expect(policy.text == nil)
    }

    @Test func severalStandInLists() {
        var policy = QueuePolicyDocument(text: nil, arn: arn)
        policy.add(label: "l", accounts: ["111111111111", "222222222222"], actions: ["SendMessage", "*"], arn: arn)
        let text = policy.text ?? ""
        #expect(text.contains(#""AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]"#))
        #expect(text.contains(#""Action":["SQS:SendMessage","SQS:*"]"#))
    }

    @Test func theRestOfAPolicyStays() {
        var policy = QueuePolicyDocument(text: #"{"Version":"2012-10-17","Statement":{"Sid":"mine","Effect":"Deny"}}"#, arn: arn)
        #expect(policy.contains("mine"))
        policy.add(label: "l", accounts: ["111111111111"], actions: ["*"], arn: arn)
        policy.remove("l")
        #expect(policy.text == #"{"Version":"2012-10-17","Statement":[{"Sid":"mine","Effect":"Deny"}]}"#)
    }
}
