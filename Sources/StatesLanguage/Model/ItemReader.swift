/// `ItemReader` of a Map state: the object or the listing that holds the items.
/// Source: Step Functions Developer Guide, "ItemReader (Map)".
package struct ItemReader: Sendable {
    /// `arn:aws:states:::s3:getObject` or `arn:aws:states:::s3:listObjectsV2`.
    package let resource: ServiceIntegration
    /// `Parameters`, or `Arguments` of JSONata states.
    package let parameters: PayloadTemplate?
    /// How the object is read.
    package let configuration: ReaderConfiguration
}
