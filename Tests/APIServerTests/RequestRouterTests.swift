import APIModels
import AWSProtocols
import Testing

@testable import APIServer

@Suite struct RequestRouterTests {
    private let router = RequestRouter(catalogue: ModelCatalogue())

    private func described(_ route: RequestRoute) -> String {
        let operation =
            switch route.operation {
            case .named(let name, _): name
            case .inForm: "form"
            case .unknown(let error): error.code
            }
        return "\(route.model?.name ?? "nobody") \(route.wireProtocol) \(operation)"
    }

    @Test(arguments: [
        ("AWSStepFunctions.StartExecution", "application/x-amz-json-1.0", "states json10 StartExecution"),
        ("AmazonSSM.SendCommand", "application/x-amz-json-1.1", "ssm json11 SendCommand"),
        ("AWSEvents.PutRule", "application/x-amz-json-1.1", "events json11 PutRule"),
        ("Logs_20140328.PutLogEvents", "application/x-amz-json-1.1; charset=utf-8", "logs json11 PutLogEvents"),
        ("AmazonSQS.SendMessage", "application/x-amz-json-1.0", "sqs json10 SendMessage"),
        ("AmazonSSM.Fly", "application/x-amz-json-1.1", "ssm json11 UnknownOperationException"),
        ("AmazonSSM", "application/x-amz-json-1.1", "ssm json11 UnknownOperationException"),
        ("Nobody.Fly", "application/x-amz-json-1.1", "nobody json11 UnknownOperationException"),
    ])
    func aTargetNamesServiceAndOperation(target: String, type: String, route: String) {
        let head = WireRequest(method: "POST", path: "/", headers: [("x-amz-target", target), ("content-type", type)])
        #expect(described(router.route(head, signedService: nil)) == route)
    }

    @Test(arguments: [
        ("POST", "/2015-03-31/functions/f/invocations", "", "lambda", "lambda restJSON Invoke"),
        ("GET", "/tags/arn%3Aaws%3Ascheduler%3Aus-east-1%3A000000000000%3Aschedule-group%2Fg", "", "scheduler",
            "scheduler restJSON ListTagsForResource"),
        ("PATCH", "/2015-03-31/functions", "", "lambda", "lambda restJSON UnknownOperationException"),
        ("POST", "/", "application/x-www-form-urlencoded", "sns", "sns query form"),
        ("GET", "/", "", "sts", "sts query form"),
        ("POST", "/", "application/x-www-form-urlencoded", "sqs", "sqs query form"),
        ("POST", "/000000000000/orders", "application/x-www-form-urlencoded; charset=utf-8", "sqs", "sqs query form"),
        ("GET", "/000000000000/orders", "", "sqs", "sqs query form"),
        ("POST", "/", "application/x-amz-json-1.0", "states", "states json10 UnknownOperationException"),
        ("POST", "/", "", "ec2", "nobody query UnknownOperationException"),
        ("GET", "/2015-03-31/functions/f", "", nil, "lambda restJSON GetFunction"),
        ("GET", "/schedules", "", nil, "scheduler restJSON ListSchedules"),
        ("POST", "/", "", nil, "nobody query form"),
        ("GET", "/favicon.ico", "", nil, "nobody restJSON UnknownOperationException"),
    ] as [(String, String, String, String?, String)])
    func otherwiseTheSignedServiceOrThePathTells(method: String, path: String, type: String, service: String?, route: String) {
        let head = WireRequest(method: method, path: path, headers: type.isEmpty ? [] : [("content-type", type)])
        #expect(described(router.route(head, signedService: service)) == route)
    }

    @Test func anUnsignedFormTellsItsServiceByActionAndVersion() {
        #expect(router.service(ofForm: [("Action", "ConfirmSubscription")])?.name == "sns")
        #expect(router.service(ofForm: [("Action", "TagResource"), ("Version", "2010-08-01")])?.name == "monitoring")
        #expect(router.service(ofForm: [("Action", "Fly")]) == nil)
        #expect(router.service(ofForm: []) == nil)
    }
}
