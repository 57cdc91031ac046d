import APIModels
import AWSProtocols
import JSONCore
import Testing
import TimeSource

/// Properties of all the models: seeded, so that a failure can be repeated.
@Suite struct ModelRoundTripTests {
    private static let seed: UInt64 = 20_261_120
    private let random = SeededRandomSource(seed: ModelRoundTripTests.seed)

    @Test(arguments: ["states", "ssm", "events", "logs", "sqs", "monitoring"])
    func whatIsWrittenAsJSONReadsBackTheSame(service: String) throws {
        let model = try #require(ModelCatalogue().model(service))
        let codec = WireCodec(model: model, wireProtocol: .json11)
        for operation in model.operations.values.sorted(by: { $0.name < $1.name }) {
            for position in [operation.input, operation.output].compactMap(\.self) {
                let shape = model.shapes[position]
                guard let layout = shape.layout else { continue }
                let value = structure(layout, model, depth: 0)
                let echo = OperationModel(name: operation.name, input: position, output: position)
                let written = codec.encode(value, of: echo, requestID: "r")
                let read = try codec.decode(
                    WireRequest(method: "POST", path: "/", body: written.body), echo,
                    skippingConstraintsOf: Set(layout.members.map(\.name)))
                #expect(read == value, "\(service) \(shape.name), seed \(ModelRoundTripTests.seed)")
                #expect(codec.unknownMembers(of: value, operation: echo).isEmpty)
            }
        }
    }

    @Test(arguments: ["states", "ssm", "events", "logs", "sqs", "lambda", "scheduler", "sns", "monitoring", "sts", "s3", "resource-groups"])
    func anyBodyIsAnswered(service: String) throws {
        let model = try #require(ModelCatalogue().model(service))
        let codec = WireCodec(model: model, wireProtocol: model.wireProtocol)
        let pieces = ["<a>", "</a>", "<", "&#", "{", "}", "[", "]", ":", ",", "\"a\"", "1", "-1e99", "null", "true", "\"\\ud800\"", "&", "=", ".1.", "%41", "é"]
        for operation in model.operations.values {
            let names = operation.input.flatMap { model.shapes[$0].layout?.members.map(\.wireName) } ?? []
            for _ in 0..<5 {
                var text = ""
                for _ in 0..<random.number(below: 12) {
                    let pick = Int(random.number(below: UInt64(pieces.count + names.count)))
                    text += pick < pieces.count ? pieces[pick] : "\"\(names[pick - pieces.count])\""
                }
                // Whether it is an input or an error does not matter, as long as it is one of them.
                _ = try? codec.decode(WireRequest(method: "POST", path: "/", query: text, body: Array(text.utf8)), operation)
            }
        }
    }

    private func structure(_ layout: StructureLayout, _ model: ServiceModel, depth: Int) -> APIStructure {
        var structure = APIStructure()
        for member in layout.members where depth == 0 || random.number(below: 3) == 0 {
            // Types that contain themselves have to end somewhere.
            guard depth < 5 else { break }
            structure.append(member.name, value(model.shape(of: member), model, depth: depth + 1))
        }
        return structure
    }

    private func value(_ shape: Shape, _ model: ServiceModel, depth: Int) -> APIValue {
        switch shape.kind {
        case .structure(let layout): .structure(structure(layout, model, depth: depth))
        case .list(let element):
            .list((0..<random.number(below: depth < 5 ? 3 : 1)).map { _ in value(model.shape(of: element), model, depth: depth + 1) })
        case .map(_, let element):
            .structure(
                APIStructure(
                    (0..<random.number(below: depth < 5 ? 3 : 1)).map { ("k\($0)", value(model.shape(of: element), model, depth: depth + 1)) }))
        case .string: .string(["", "a", "é\"\\\n", "\u{1F600}"][Int(random.number(below: 4))])
        case .integer: .integer(Int64(Int32(truncatingIfNeeded: Int64(bitPattern: random.nextWord()))))
        case .long: .integer(Int64(bitPattern: random.nextWord()))
        case .double: .double(Double(random.number(below: 1_000)) / 8)
        case .boolean: .bool(random.number(below: 2) == 0)
        case .blob: .blob(random.bytes(Int(random.number(below: 5))))
        case .timestamp: .timestamp(Int64(random.number(below: 4_000_000_000_000)))
        case .document: .json(["a": [1, nil]])
        }
    }
}
