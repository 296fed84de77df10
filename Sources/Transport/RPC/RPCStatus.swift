package import Protobuf

/// How a call ended, when not well: gRPC's status codes, words, and what else is known.
package struct RPCStatus: Error, Sendable, CustomStringConvertible {
    /// The numbers are gRPC's.
    package enum Code: Int, Sendable {
        case ok, canceled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied, resourceExhausted
        case failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable, dataLoss, unauthenticated
    }

    package var code: Code
    package var message: String
    package var details: [RPCDetail]

    package init(_ code: Code, _ message: String, details: [RPCDetail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    package var description: String { message }

    /// `google.rpc.Status`, which a trailer carries when there are details.
    package var encoded: [UInt8] { Encoded(code: code.rawValue, message: message, details: details).protobuf() }

    /// Throws for bytes that are none.
    package init(encoded bytes: [UInt8]) throws(ProtobufError) {
        let encoded = try Encoded(protobuf: bytes)
        self.init(Code(rawValue: encoded.code) ?? .unknown, encoded.message, details: encoded.details)
    }

    private struct Encoded: ProtobufMessage {
        var code = 0
        var message = ""
        var details: [RPCDetail] = []

        init() {}

        init(code: Int, message: String, details: [RPCDetail]) {
            self.code = code
            self.message = message
            self.details = details
        }

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &code)
            try f(2, &message)
            try f(3, &details)
        }
    }
}

/// Something of a type that its address names: `google.protobuf.Any`.
package struct RPCDetail: ProtobufMessage {
    package var type = ""
    package var value: [UInt8] = []

    package init() {}

    package init(type: String, value: [UInt8]) {
        self.type = type
        self.value = value
    }

    /// See google/protobuf/any.proto.
    package mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &type)
        try f(2, &value)
    }
}
