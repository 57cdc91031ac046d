/// `ResultWriter` of a Map state: where and how the outcomes of the children are written.
/// Source: Step Functions Developer Guide, "ResultWriter (Map)".
package struct ResultWriter: Sendable {
    /// What is written of each child.
    package enum Transformation: String, Hashable, Sendable, CaseIterable {
        /// Its metadata, input and output.
        case none = "NONE"
        /// Its output.
        case compact = "COMPACT"
        /// Its output, arrays spread out.
        case flatten = "FLATTEN"
    }

    /// How a file is written.
    package enum OutputType: String, Hashable, Sendable, CaseIterable {
        case json = "JSON"
        case jsonLines = "JSONL"
    }

    /// `arn:aws:states:::s3:putObject`; nil when the outcomes become the state's result in the written form.
    package let resource: ServiceIntegration?
    /// `Parameters`, or `Arguments` of JSONata states.
    package let parameters: PayloadTemplate?
    /// `WriterConfig.Transformation`.
    package let transformation: Transformation
    /// `WriterConfig.OutputType`.
    package let outputType: OutputType
}
