import JSONCore

/// What a function's answer says about the messages of its batch (AWS Lambda Developer Guide, "Implementing partial batch responses").
package enum BatchReport: Sendable, Hashable {
    /// All were processed, but for these: their ids.
    case processed(except: Set<String>)
    /// None counts as processed, as the answer is none.
    case failed(reason: String)

    /// Reads an answer.
    ///
    /// No answer, an empty object and a list that is empty or null say that all went well. An answer that is no JSON, an identifier that is
    /// null, empty, misspelt or of no message of the batch fails the whole batch.
    package init(answer: [UInt8], of messages: some Collection<String>) {
        guard !answer.isEmpty else {
            self = .processed(except: [])
            return
        }
        guard let value = try? JSONParser.parse(answer) else {
            self = .failed(reason: "The function's answer is no JSON.")
            return
        }
        guard let object = value.object, let list = object["batchItemFailures"], !list.isNull else {
            // A function that answers something else, such as a text, says nothing about failures.
            self = .processed(except: [])
            return
        }
        guard let entries = list.array else {
            self = .failed(reason: "batchItemFailures is no list.")
            return
        }
        let known = Set(messages)
        var failed: Set<String> = []
        for entry in entries {
            guard let id = entry["itemIdentifier"]?.text, known.contains(id) else {
                self = .failed(reason: "batchItemFailures names a message that is not of the batch.")
                return
            }
            failed.insert(id)
        }
        self = .processed(except: failed)
    }
}
