extension OutputPiece {
    /// The parts of pieces from an offset on. A gap before a piece stays: the server lost bytes that the node has deleted.
    package static func fresh(_ pieces: [OutputPiece], from received: Int64) -> [OutputPiece] {
        var fresh: [OutputPiece] = []
        var end = received
        for var piece in pieces where piece.end > end {
            if piece.offset < end {
                piece.bytes.removeFirst(Int(end - piece.offset))
                piece.offset = end
            }
            end = piece.end
            fresh.append(piece)
        }
        return fresh
    }
}
