import Diagnostics
import DockerAPI
import HTTP
import HTTPTransport
import Testing
import Values

@testable import APIServer

@Suite struct APIVersionTests {
    @Test(arguments: [
        ("/v1.51/info", "1.51", "/info"), ("/v1.24/containers/json", "1.24", "/containers/json"), ("/info", "1.51", "/info"),
        ("/volumes/v1.2", "1.51", "/volumes/v1.2"), ("/version", "1.51", "/version"), ("/vx/info", "1.51", "/vx/info"),
        ("/v1/info", "1.51", "/v1/info"),
    ])
    func accepted(_ path: String, _ version: String, _ rest: String) throws {
        let found = try APIVersion.split(path)
        #expect(found.version.description == version)
        #expect(found.rest == rest)
    }

    @Test func refusedInDockersWords() {
        #expect(throws: HTTPError(400, "client version 1.99 is too new. Maximum supported API version is 1.51")) {
            try APIVersion.split("/v1.99/info")
        }
        #expect(
            throws: HTTPError(
                400,
                "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version")
        ) { try APIVersion.split("/v1.23/info") }
        #expect(throws: HTTPError.self) { try APIVersion.split("/v99999999999999999999.1/info") }
    }
}

@Suite struct FaultStatusTests {
    @Test func eachKindHasItsStatus() async throws {
        let kinds: [(Fault.Kind, Int)] = [
            (.invalid, 400), (.unauthorized, 401), (.forbidden, 403), (.notFound, 404), (.conflict, 409), (.notModified, 304),
            (.notImplemented, 501), (.unavailable, 503), (.internal, 500),
        ]
        for (kind, status) in kinds { #expect(FaultStatus.response(Fault(kind, "x")).status == status) }
        let body = try await FaultStatus.response(Fault(.notFound, "No such container: \"x\"")).collect()
        #expect(String(decoding: body, as: UTF8.self) == "{\"message\":\"No such container: \\\"x\\\"\"}\n")
    }

    @Test func causesAreToldOnlyWhereNothingElseHelps() async throws {
        struct Cause: Error, CustomStringConvertible { var description: String { "disk" } }
        func text(_ kind: Fault.Kind) async throws -> String {
            String(decoding: try await FaultStatus.response(Fault(kind, "x", cause: Cause())).collect(), as: UTF8.self)
        }
        #expect(try await text(.internal) == "{\"message\":\"x: disk\"}\n")
        #expect(try await text(.conflict) == "{\"message\":\"x\"}\n")
    }
}

@Suite struct ParameterTests {
    func time(_ text: String) throws -> Timestamp? { try Request(.get, "/", query: ["t": text]).time("t") }

    @Test func times() throws {
        #expect(try time("0") == nil)
        #expect(try time("") == nil)
        #expect(try time("12") == Timestamp(seconds: 12))
        #expect(try time("12.5") == Timestamp(seconds: 12, nanoseconds: 500_000_000))
        #expect(try time("1.000000001") == Timestamp(seconds: 1, nanoseconds: 1))
        #expect(try time("1970-01-01T00:00:05Z") == Timestamp(seconds: 5))
        for bad in ["x", "1.", "1.x", "1.-1", "1.1234567890", "99999999999999999999", "99999999999", "1h"] {
            #expect(throws: Fault.self) { try time(bad) }
        }
    }

    @Test func numbersAndSizes() throws {
        #expect(throws: Fault.self) { try Request(.get, "/", query: ["n": "ten"]).number("n") }
        #expect(try Request(.get, "/", query: ["n": "-1"]).number("n") == -1)
        #expect(throws: HTTPError.self) { try Request(.post, "/", query: ["h": "1", "w": "4294967296"]).terminalSize() }
    }

    @Test func bodies() async {
        struct Empty: Decodable {}
        for (type, text) in [("application/json", ""), ("text/plain", "{}"), ("application/json", "{"), ("application/json", "[]")] {
            let request = Request(.post, "/", headers: ["Content-Type": type], body: .bytes(Array(text.utf8)))
            await #expect(throws: Fault.self) { try await request.decode([String: Int].self) }
        }
    }

    @Test func groups() throws {
        #expect(try GroupFile.number(of: "root") == 0)
        #expect(try GroupFile.number(of: "no such group") == nil)
        #expect(try GroupFile.number(of: "") == nil)
    }
}
