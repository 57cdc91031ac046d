/// `ItemBatcher` of a Map state: how items are put together for one child execution.
/// Source: Step Functions Developer Guide, "ItemBatcher (Map)".
package struct ItemBatcher: Sendable {
    /// `BatchInput`, which each batch has besides its items.
    package let input: PayloadTemplate?
    /// Items of a batch at most; nil for no bound.
    package let maxItems: WholeNumberField?
    /// Bytes of a batch's input at most; nil for the limit of payloads.
    package let maxInputBytes: WholeNumberField?
}
