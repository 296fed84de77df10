internal import Protobuf

// What is asked of the client, on the connection of its session: moby.filesync.v1, moby.buildkit.secrets.v1, moby.sshforward.v1.

/// One message of the transfer of a directory, as github.com/tonistiigi/fsutil has it.
struct Packet: ProtobufMessage {
    /// The numbers are the protocol's.
    enum Kind: Int { case status, request, data, finish, error }

    var kind = 0
    var status: FileEntry?
    /// A file by its place among all entries.
    var id = 0
    var data: [UInt8] = []

    init() {}

    init(_ kind: Kind, id: Int = 0, status: FileEntry? = nil, data: [UInt8] = []) {
        self.kind = kind.rawValue
        self.id = id
        self.status = status
        self.data = data
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &kind)
        try f(2, &status)
        try f(3, &id)
        try f(4, &data)
    }
}

/// A file, directory or link of such a transfer.
struct FileEntry: ProtobufMessage {
    var path = ""
    /// Go's `FileMode`.
    var mode = 0
    var user = 0
    var group = 0
    var size = 0
    /// Nanoseconds since 1970.
    var modified = 0
    /// What a symbolic link says, or of which file this is another name.
    var link = ""
    var deviceMajor = 0
    var deviceMinor = 0

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &path)
        try f(2, &mode)
        try f(3, &user)
        try f(4, &group)
        try f(5, &size)
        try f(6, &modified)
        try f(7, &link)
        try f(8, &deviceMajor)
        try f(9, &deviceMinor)
    }
}

/// Asks for a secret, or for an ssh agent.
struct SecretRequest: ProtobufMessage {
    var id = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &id) }
}

/// Asks what to say to a registry.
struct CredentialsRequest: ProtobufMessage {
    var host = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &host) }
}

/// That; without a name the secret is a token.
struct CredentialsResponse: ProtobufMessage {
    var username = ""
    var secret = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &username)
        try f(2, &secret)
    }
}
