import StatesLanguage
import Testing

@Suite struct TaskResourceTests {
    @Test(arguments: [
        ("arn:aws:states:::lambda:invoke", "lambda", "invoke", ServiceIntegration.Pattern.requestResponse),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "sqs", "sendMessage", .waitForTaskToken),
        ("arn:aws:states:::states:startExecution.sync", "states", "startExecution", .sync),
        ("arn:aws:states:::states:startExecution.sync:2", "states", "startExecution", .syncTwo),
        ("arn:aws:states:::aws-sdk:ssm:sendCommand", "aws-sdk:ssm", "sendCommand", .requestResponse),
        ("arn:aws-cn:states:::aws-sdk:sns:publish.waitForTaskToken", "aws-sdk:sns", "publish", .waitForTaskToken),
    ])
    func integrationsAreReadFromTheirARN(
        arn: String, service: String, action: String, pattern: ServiceIntegration.Pattern
    ) {
        let expected = ServiceIntegration(arn: arn, service: service, action: action, pattern: pattern)
        #expect(TaskResource(parsing: arn) == .service(expected))
    }

    @Test func functionsAndActivitiesKeepTheirWholeARN() {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:report:live"
        let activity = "arn:aws:states:us-east-1:000000000000:activity:approve"
        #expect(TaskResource(parsing: function) == .function(arn: function))
        #expect(TaskResource(parsing: activity) == .activity(arn: activity))
    }

    @Test(arguments: [
        "", "report", "arn:aws:lambda:us-east-1:000000000000:function:", "arn:aws:states:::", "arn:aws:states:::lambda",
        "arn:aws:states:::aws-sdk:ssm", "arn:aws:s3:::bucket", "arn:aws:states:::lambda:invoke.later",
        "arn:aws:states:::aws-sdk:ssm:sendCommand.sync",
    ])
    func everythingElseIsNoResource(text: String) {
        #expect(TaskResource(parsing: text) == nil)
    }
}
