import StatesLanguage

/// What to do about a finding. The validator's messages are AWS's where AWS has some, and those say what is wrong only.
enum FindingAdvice {
    /// Words of a message, and what they call for. The first that fit count.
    private static let advice: [(words: String, text: String)] = [
        ("is not reachable", "Let a transition (Next, Default, a Choice rule or a Catch) lead to it, or remove it."),
        ("Missing '", "Name a state that stands in the same States object; names are case-sensitive."),
        ("No state ends the machine", "Give the last state \"End\": true, or end in a Succeed or Fail state."),
        ("'Next' and 'End' is required", "Add \"Next\" with the name of the following state, or \"End\": true."),
        ("'Next' and 'End' may be there", "Remove \"Next\" if the state is the last one, else remove \"End\"."),
        ("is not supported by this server yet", "It is valid on AWS; this version of Nightshift does not run it."),
        ("is not supported", "Correct its spelling, or remove it: the state's type has no such field."),
        ("fields are required", "Add the missing fields."),
        ("is required but was missing", "Add the field."),
        ("Exactly one of these fields", "Keep one of them."),
        ("may be there", "Remove one of the two."),
        ("cannot both be there", "Remove one of the two."),
        ("'Type' should have one of these", "Use one of the listed types; they are case-sensitive."),
        ("should have one of these values", "Use one of the listed values."),
        ("valid resource ARN", "Give a function's ARN or arn:aws:states:::SERVICE:ACTION; use --placeholders for a template with ${…}."),
        ("valid JSONPath", "Correct the path; it begins with $, or with $$ for the context object."),
        ("Reference Path", "Give a path to one place: $ and names or indices, without filters, wildcards and functions."),
        ("RFC3339", "Write it as 2026-11-20T22:00:00Z."),
        ("Duplicate state name", "Rename one of the two; branches and iterations count too."),
        ("'States.ALL' must be in the last", "Move this entry behind the others."),
        ("'States.ALL' must appear alone", "Put States.ALL in an entry of its own, the last one."),
        ("smaller than 'TimeoutSeconds'", "Lower HeartbeatSeconds or raise TimeoutSeconds."),
        ("Express state machine", "Use a Standard state machine, or a service integration that answers at once."),
        ("larger than", "Split it into state machines that start each other."),
    ]

    /// The advice; nil when the message says it all.
    static func text(for finding: DefinitionFinding) -> String? {
        if finding.code == "INVALID_JSON_DESCRIPTION" {
            return "Correct the JSON here or just before; a missing or extra comma, quote or bracket is the usual reason."
        }
        return advice.first { finding.message.contains($0.words) }?.text
    }
}
