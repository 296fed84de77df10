import Linux
import Testing
import Values

@testable import NetworkPlumbing

/// Keys that follow from what hosts have in common.
@Suite struct OverlaySecretTests {
    private let one = IPAddress(.v4, 0x0a00_0001), two = IPAddress(.v4, 0x0a00_0002)
    private let bytes = Array("0123456789abcdef".utf8)

    @Test func everyDirectionOfEveryNetworkHasItsOwnKey() throws {
        let secret = try #require(OverlaySecret(bytes)), other = try #require(OverlaySecret(bytes + [0x30]))
        let all = [
            secret.association(7, from: one, to: two), secret.association(7, from: two, to: one), secret.association(8, from: one, to: two),
            other.association(7, from: one, to: two), secret.association(7, from: .init(.v6, one.value), to: .init(.v6, two.value)),
        ]
        #expect(Set(all.map(\.key)).count == all.count && Set(all.map(\.index)).count == all.count)
        #expect(all.allSatisfy { $0.key.count == 20 && $0.index > 255 })
        // Hosts with different versions must agree: these do not change.
        #expect(Hex.encode(all[0].key) == "7961e97b9b21cf168e7122d657fb3cef94c2767e")
        #expect(all[0].index == 936_762_151)
    }

    @Test func eachLifeOfEitherHostHasNewKeys() throws {
        var secret = try #require(OverlaySecret(bytes))
        let keys = [[:], [one: [1], two: [2]], [one: [2], two: [1]], [one: [3], two: [2]], [one: [1], two: [3]], [one: [1, 2], two: []]].map { (lives: [IPAddress: [UInt8]]) in
            secret.lives = lives
            return secret.association(7, from: one, to: two)
        }
        #expect(Set(keys.map(\.key)).count == keys.count && Set(keys.map(\.index)).count == keys.count)
    }

    @Test func linesEndAnyWay() {
        #expect(OverlaySecret(bytes) == OverlaySecret(bytes + Array(" \r\n\n".utf8)))
        #expect(OverlaySecret(Array(bytes.dropLast())) == nil && OverlaySecret(Array(bytes.dropLast()) + [0x0a]) == nil)
        #expect(OverlaySecret(Array(repeating: 1, count: 4096)) != nil && OverlaySecret(Array(repeating: 1, count: 4097)) == nil)
        #expect(OverlaySecret([]) == nil)
    }

    @Test func filesThatOthersMayReadAreRefused() throws {
        let path = "/tmp/davit-key-\(Identifier.random().short)"
        // Nothing that a test could do about it.
        defer { _ = try? FileSystem.removeFile(path) }
        #expect(throws: PlumbingError.kernel("read the key of an overlay network", SyscallError("open", path, errno: .noEntry))) { try OverlaySecret(file: path) }
        let file = try FileDescriptor.open(path, [.writeOnly, .create], mode: 0o600)
        try file.writeAll(bytes)
        #expect(try OverlaySecret(file: path) == OverlaySecret(bytes))
        try file.changeMode(to: 0o640)
        #expect(throws: PlumbingError.invalid("key file \(path) is open to others: it must have mode 0600")) { try OverlaySecret(file: path) }
    }
}
