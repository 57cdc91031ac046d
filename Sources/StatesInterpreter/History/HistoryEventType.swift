/// The kinds of history events, spelled as Step Functions' `HistoryEventType` (botocore's `stepfunctions` model, 2016-11-23).
///
/// The raw number is what chunks store: entries are only ever appended.
package enum HistoryEventType: UInt8, Hashable, Sendable, CaseIterable {
    case activityFailed = 1
    case activityScheduled = 2
    case activityScheduleFailed = 3
    case activityStarted = 4
    case activitySucceeded = 5
    case activityTimedOut = 6
    case choiceStateEntered = 7
    case choiceStateExited = 8
    case executionAborted = 9
    case executionFailed = 10
    case executionStarted = 11
    case executionSucceeded = 12
    case executionTimedOut = 13
    case failStateEntered = 14
    case lambdaFunctionFailed = 15
    case lambdaFunctionScheduled = 16
    case lambdaFunctionScheduleFailed = 17
    case lambdaFunctionStarted = 18
    case lambdaFunctionStartFailed = 19
    case lambdaFunctionSucceeded = 20
    case lambdaFunctionTimedOut = 21
    case mapIterationAborted = 22
    case mapIterationFailed = 23
    case mapIterationStarted = 24
    case mapIterationSucceeded = 25
    case mapStateAborted = 26
    case mapStateEntered = 27
    case mapStateExited = 28
    case mapStateFailed = 29
    case mapStateStarted = 30
    case mapStateSucceeded = 31
    case parallelStateAborted = 32
    case parallelStateEntered = 33
    case parallelStateExited = 34
    case parallelStateFailed = 35
    case parallelStateStarted = 36
    case parallelStateSucceeded = 37
    case passStateEntered = 38
    case passStateExited = 39
    case succeedStateEntered = 40
    case succeedStateExited = 41
    case taskFailed = 42
    case taskScheduled = 43
    case taskStarted = 44
    case taskStartFailed = 45
    case taskStateAborted = 46
    case taskStateEntered = 47
    case taskStateExited = 48
    case taskSubmitFailed = 49
    case taskSubmitted = 50
    case taskSucceeded = 51
    case taskTimedOut = 52
    case waitStateAborted = 53
    case waitStateEntered = 54
    case waitStateExited = 55
    case mapRunAborted = 56
    case mapRunFailed = 57
    case mapRunStarted = 58
    case mapRunSucceeded = 59
    case executionRedriven = 60
    case mapRunRedriven = 61
    case evaluationFailed = 62

    /// The name as AWS spells it.
    package var name: String {
        switch self {
        case .activityFailed: "ActivityFailed"
        case .activityScheduled: "ActivityScheduled"
        case .activityScheduleFailed: "ActivityScheduleFailed"
        case .activityStarted: "ActivityStarted"
        case .activitySucceeded: "ActivitySucceeded"
        case .activityTimedOut: "ActivityTimedOut"
        case .choiceStateEntered: "ChoiceStateEntered"
        case .choiceStateExited: "ChoiceStateExited"
        case .executionAborted: "ExecutionAborted"
        case .executionFailed: "ExecutionFailed"
        case .executionStarted: "ExecutionStarted"
        case .executionSucceeded: "ExecutionSucceeded"
        case .executionTimedOut: "ExecutionTimedOut"
        case .failStateEntered: "FailStateEntered"
        case .lambdaFunctionFailed: "LambdaFunctionFailed"
        case .lambdaFunctionScheduled: "LambdaFunctionScheduled"
        case .lambdaFunctionScheduleFailed: "LambdaFunctionScheduleFailed"
        case .lambdaFunctionStarted: "LambdaFunctionStarted"
        case .lambdaFunctionStartFailed: "LambdaFunctionStartFailed"
        case .lambdaFunctionSucceeded: "LambdaFunctionSucceeded"
        case .lambdaFunctionTimedOut: "LambdaFunctionTimedOut"
        case .mapIterationAborted: "MapIterationAborted"
        case .mapIterationFailed: "MapIterationFailed"
        case .mapIterationStarted: "MapIterationStarted"
        case .mapIterationSucceeded: "MapIterationSucceeded"
        case .mapStateAborted: "MapStateAborted"
        case .mapStateEntered: "MapStateEntered"
        case .mapStateExited: "MapStateExited"
        case .mapStateFailed: "MapStateFailed"
        case .mapStateStarted: "MapStateStarted"
        case .mapStateSucceeded: "MapStateSucceeded"
        case .parallelStateAborted: "ParallelStateAborted"
        case .parallelStateEntered: "ParallelStateEntered"
        case .parallelStateExited: "ParallelStateExited"
        case .parallelStateFailed: "ParallelStateFailed"
        case .parallelStateStarted: "ParallelStateStarted"
        case .parallelStateSucceeded: "ParallelStateSucceeded"
        case .passStateEntered: "PassStateEntered"
        case .passStateExited: "PassStateExited"
        case .succeedStateEntered: "SucceedStateEntered"
        case .succeedStateExited: "SucceedStateExited"
        case .taskFailed: "TaskFailed"
        case .taskScheduled: "TaskScheduled"
        case .taskStarted: "TaskStarted"
        case .taskStartFailed: "TaskStartFailed"
        case .taskStateAborted: "TaskStateAborted"
        case .taskStateEntered: "TaskStateEntered"
        case .taskStateExited: "TaskStateExited"
        case .taskSubmitFailed: "TaskSubmitFailed"
        case .taskSubmitted: "TaskSubmitted"
        case .taskSucceeded: "TaskSucceeded"
        case .taskTimedOut: "TaskTimedOut"
        case .waitStateAborted: "WaitStateAborted"
        case .waitStateEntered: "WaitStateEntered"
        case .waitStateExited: "WaitStateExited"
        case .mapRunAborted: "MapRunAborted"
        case .mapRunFailed: "MapRunFailed"
        case .mapRunStarted: "MapRunStarted"
        case .mapRunSucceeded: "MapRunSucceeded"
        case .executionRedriven: "ExecutionRedriven"
        case .mapRunRedriven: "MapRunRedriven"
        case .evaluationFailed: "EvaluationFailed"
        }
    }
}
