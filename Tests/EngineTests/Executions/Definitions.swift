/// The state machines of the stories.
enum Definitions {
    /// One Pass state.
    static let pass = #"{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}"#
    /// Waits for a minute.
    static let wait = wait(seconds: 60)
    /// One task without retries.
    static let task = task()
    /// Counts from 0 to 5,000 by one Pass and one Choice a round.
    static let loop = #"""
        {
          "StartAt": "Zero",
          "States": {
            "Zero": {"Type": "Pass", "Result": 0, "ResultPath": "$.n", "Next": "Add"},
            "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
            "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 5000, "Next": "Done"}], "Default": "Add"},
            "Done": {"Type": "Succeed"}
          }
        }
        """#

    /// Waits for so many seconds.
    static func wait(seconds: Int) -> String {
        #"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": \#(seconds), "End": true}}}"#
    }

    /// One task with these further fields, such as `"Retry": […]`.
    static func task(_ fields: String = "", resource: String = "arn:aws:lambda:us-east-1:000000000000:function:f") -> String {
        #"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "\#(resource)", \#(fields.isEmpty ? "" : fields + ",") "End": true}}}"#
    }
}
