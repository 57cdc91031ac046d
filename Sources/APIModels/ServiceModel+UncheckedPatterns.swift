package import AWSProtocols

extension ServiceModel {
    /// The patterns of this service that use what the matcher does not support, so that every text passes them.
    package var uncheckedPatterns: [String] {
        shapes.compactMap(\.constraints.pattern).filter { !$0.isChecked }.map(\.text)
    }
}
