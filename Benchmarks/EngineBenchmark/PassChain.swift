/// The state machine that most figures are of: a chain of ten Pass states, each putting its result into the state's input.
enum PassChain {
    /// How many states it has.
    static let length = 10

    /// The definition's text, as `Benchmarks/suite/definitions.py` has it.
    static var definition: String {
        let states = (0..<length).map { index in
            let after = index + 1 < length ? #""Next":"S\#(index + 1)""# : #""End":true"#
            return #""S\#(index)":{"Type":"Pass","Result":{"step":\#(index)},"ResultPath":"$.last",\#(after)}"#
        }
        return #"{"StartAt":"S0","States":{\#(states.joined(separator: ","))}}"#
    }

    /// The input of the execution with this number.
    static func input(_ number: Int) -> String {
        #"{"order":\#(number),"items":[1,2,3],"who":"bench"}"#
    }
}
