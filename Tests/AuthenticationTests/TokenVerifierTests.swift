import Authentication
import Linux
import Testing

/// Bearer tokens. What their claims must be is tested with a token server beside a registry.
@Suite struct TokenVerifierTests {
    private func verifier(issuer: String = "issuer", service: String = "service", roots: String = root) throws -> TokenVerifier {
        let path = "/tmp/davit-token-\(Process.id)-\(UInt32.random(in: 0 ... .max)).pem"
        try FileSystem.replace(path, with: Array(roots.utf8))
        defer { _ = try? FileSystem.removeFile(path) }  // Left behind it harms nobody.
        return try TokenVerifier(issuer: issuer, service: service, rootCertificates: path)
    }

    @Test("a token of the root's own key, and one of a key that the root vouches for") func trusted() throws {
        for token in [Self.byRoot, Self.byLeaf] {
            let claims = try #require(try verifier().claims(of: token))
            #expect(claims.subject == "alice")
            #expect(claims.access.map(\.type) == ["repository"] && claims.access.map(\.name) == ["a/b"])
            #expect(claims.access.first?.actions == ["pull", "push"])
        }
    }

    @Test("a stranger's certificate of the root's name, another issuer, another service") func refused() throws {
        #expect(try verifier().claims(of: Self.byStranger) == nil)
        #expect(try verifier(issuer: "other").claims(of: Self.byRoot) == nil)
        #expect(try verifier(service: "other").claims(of: Self.byRoot) == nil)
    }

    @Test("any byte changed, and what is no token at all") func broken() throws {
        let verifier = try verifier(), bytes = Array(Self.byRoot.utf8)
        for place in stride(from: 0, to: bytes.count - 1, by: 7) {
            var changed = bytes
            changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(verifier.claims(of: String(decoding: changed, as: UTF8.self)) == nil, "at \(place)")
        }
        let parts = Self.byRoot.split(separator: ".")
        for token in ["", ".", "..", "a.b.c", "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", Self.byRoot + ".", String(repeating: "A", count: 1 << 20)] {
            #expect(verifier.claims(of: token) == nil)
        }
    }

    @Test("roots that are none") func noRoots() {
        #expect(throws: (any Error).self) { try verifier(roots: "") }
        #expect(throws: (any Error).self) { try verifier(roots: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") }
    }

    private static let root = """
        -----BEGIN CERTIFICATE-----
        MIIBdTCCARugAwIBAgIUUCWZhpctYEDBWZnHLESxM2GcN6cwCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjEwODU3NDlaGA8yMTI2MTAyODA4NTc0
        OVowDzENMAsGA1UEAwwEcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEmA
        SUcHbbwdO/Oq2+FpdYwAtansvtaCRSWr7fl3ZMeNJ9lwT83Wp64c7woGV4McC9al
        HX4Jpoqh0OxOVEYux5WjUzBRMB0GA1UdDgQWBBS8SEoyK5FS4Nx7OxolkY/fZ/5U
        kzAfBgNVHSMEGDAWgBS8SEoyK5FS4Nx7OxolkY/fZ/5UkzAPBgNVHRMBAf8EBTAD
        AQH/MAoGCCqGSM49BAMCA0gAMEUCIGAvDpZN5Y5uty6pIKD6C/keKo/BRlSgCW/Y
        bxCp5FToAiEAwlMG2ePtIgY+nSKeo80iyefFkAxREjwfT3hZLvGUGlQ=
        -----END CERTIFICATE-----
        """
    private static let byRoot =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpc3N1ZXIiLCJhdWQiOiJzZXJ2aWNlIiwic3ViIjoiYWxpY2UiLCJleHAiOjQwMDAwMDAwMDAsImFjY2VzcyI6W3sidHlwZSI6I"
        + "nJlcG9zaXRvcnkiLCJuYW1lIjoiYS9iIiwiYWN0aW9ucyI6WyJwdWxsIiwicHVzaCJdfV19.i3_5Jb1QbOSMA6M4k0O6EM--9n7tbgx42IC14n9HMziu5DsxhYT7RQ_-kh"
        + "S4mVJSlcfqLmCSD3ducYaTLMvPlw"
    private static let byLeaf =
        "eyJhbGciOiJFUzI1NiIsIng1YyI6WyJNSUlCR2pDQndRSVVJZy9KNE9MdlZDL28yWEhSYWQ3WjlqTElEYTh3Q2dZSUtvWkl6ajBFQXdJd0R6RU5NQXNHQTFVRUF3d0VjbT"
        + "l2ZERBZ0Z3MHlOakV4TWpFd09EVTNORGxhR0E4eU1USTJNRGN5TURBNE5UYzBPVm93RHpFTk1Bc0dBMVVFQXd3RWJHVmhaakJaTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5"
        + "QXdFSEEwSUFCTGc5aFgvSUk4RzU5em9qankvUG1XYXNWeUhTVlArc1Q5M2pXaFdGUmxSWG0vYy9YbWpNWDQ0MlVIenRpNDJja1lZbDA3NFUyUmg2UkRZWDlWTGRtMmN3Q2"
        + "dZSUtvWkl6ajBFQXdJRFNBQXdSUUlnVVNUTUpKZlFhR292RFBSS01JRnJMcXpUSkNrV0tFUXBPNEhuQjV1ekFnWUNJUURXbFlNelh1N1htWklrMXFwRk41Y2Qva0hFRGNl"
        + "ZUl1OVNnM0FiNGhRWnlRPT0iXX0.eyJpc3MiOiJpc3N1ZXIiLCJhdWQiOiJzZXJ2aWNlIiwic3ViIjoiYWxpY2UiLCJleHAiOjQwMDAwMDAwMDAsImFjY2VzcyI6W3sidH"
        + "lwZSI6InJlcG9zaXRvcnkiLCJuYW1lIjoiYS9iIiwiYWN0aW9ucyI6WyJwdWxsIiwicHVzaCJdfV19.OVVUT-ROKQqvSmo_21KSNsWBIqxZdLh6GMfd-kPVpOjfjXsyTMT"
        + "SOQvsETBxWRUh_5wXKM9hK5WeXD1GkAVxIw"
    private static let byStranger =
        "eyJhbGciOiJFUzI1NiIsIng1YyI6WyJNSUlCZFRDQ0FSdWdBd0lCQWdJVVVsREdUKzM3dXpYWEExT3lSQks1RlNUSHo3d3dDZ1lJS29aSXpqMEVBd0l3RHpFTk1Bc0dBMV"
        + "VFQXd3RWNtOXZkREFnRncweU5qRXhNakV3T0RVM05UQmFHQTh5TVRJMk1UQXlPREE0TlRjMU1Gb3dEekVOTUFzR0ExVUVBd3dFY205dmREQlpNQk1HQnlxR1NNNDlBZ0VH"
        + "Q0NxR1NNNDlBd0VIQTBJQUJMOXg0REpudldlUWkvdEJLQ3N2VTduV0pPb3NRcGxGQnRSRHVhalBzclBhclFCL0dTMlFpTDEybHBONStBd2VYRHJCc2N6N3VFc1R4MS9Fbm"
        + "ZFTE05YWpVekJSTUIwR0ExVWREZ1FXQkJUV3F2d2dNaDd3dnlNQWEzUzVIeWZueVFIK1N6QWZCZ05WSFNNRUdEQVdnQlRXcXZ3Z01oN3d2eU1BYTNTNUh5Zm55UUgrU3pB"
        + "UEJnTlZIUk1CQWY4RUJUQURBUUgvTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDSVFEdExNWVJWTlQxN0M2cVp6N2krcWpFMDYyVm13M3k2T1NNZmpzNHhFSUtZQUlnVnpMWW"
        + "hUWUg0cW1MejF3MDZHbzhQd3ZFZHNnZUFLQU1DeFFsOUZteS9vdz0iXX0.eyJpc3MiOiJpc3N1ZXIiLCJhdWQiOiJzZXJ2aWNlIiwic3ViIjoiYWxpY2UiLCJleHAiOjQw"
        + "MDAwMDAwMDAsImFjY2VzcyI6W3sidHlwZSI6InJlcG9zaXRvcnkiLCJuYW1lIjoiYS9iIiwiYWN0aW9ucyI6WyJwdWxsIiwicHVzaCJdfV19.anK3Dw9mYAAPvQXv-XPPB"
        + "mqsk9mwCO3nClMsnWj2zKK7LTvgysaev1GNyApWXoPF4uSOyMji1kKy-whfRY1zaw"
}
