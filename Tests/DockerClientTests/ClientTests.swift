import AsyncIO
import DockerAPI
import DockerClient
import HTTP
import HTTPTransport
import Linux
import Synchronization
import Testing

@Suite struct ClientTests {
    func client(_ answer: @escaping HTTPServer.Responder) -> Client { Client(InProcessTransport(answer), address: "test://") }

    static func json(_ text: String, _ status: Int = 200) -> Response {
        Response(status, headers: ["Content-Type": "application/json"], body: .bytes(Array(text.utf8)))
    }

    @Test func parametersGoOutAndValuesComeBack() async throws {
        let client = client { request in
            let filters = try? Filters(json: request.query["filters"])  // A broken one shows as none.
            guard request.method == .get, request.path == "/containers/json", request.query.flag("all"), filters?["name"] == ["web"] else {
                return Self.json("{}", 500)
            }
            return Self.json("[{\"Id\":\"abc\",\"Names\":[\"/web\"]}]")
        }
        let list = try await client.containers(all: true, filters: Filters(["name": ["web"]]))
        #expect(list.map(\.id) == ["abc"])
    }

    @Test func refusalsCarryTheServersWords() async throws {
        let client = client { _ in Self.json("{\"message\":\"No such container: x\"}\n", 404) }
        await #expect(throws: APIError(status: 404, message: "No such container: x")) { try await client.killContainer("x") }
        await #expect(throws: APIError(status: 500, message: "plain")) {
            try await self.client { _ in Response(500, body: .bytes(Array("plain".utf8))) }.pauseContainer("x")
        }
    }

    @Test func notModifiedIsToldApart() async throws {
        #expect(try await client { _ in Response(304) }.startContainer("x") == false)
        #expect(try await client { _ in Response(204) }.startContainer("x") == true)
    }

    @Test func nobodyThereIsSaidInDockersWords() async throws {
        do {
            _ = try await Client(unix: "/nonexistent/docker.sock").ping()
            Issue.record("somebody answered")
        } catch let failure as ConnectionFailure {
            #expect(
                failure.description
                    == "Cannot connect to the Docker daemon at unix:///nonexistent/docker.sock. Is the docker daemon running?")
        }
    }

    @Test func progressIsReadLineByLineAndItsErrorIsThrown() async throws {
        let client = client { _ in
            Response(
                body: .stream { output in
                    for piece in [
                        "{\"stream\":\"o", "ne\"}\r\n{\"stream\":\"two\"}",
                        "\n\n{\"errorDetail\":{\"message\":\"bad\"},\"error\":\"bad\"}\n",
                    ] {
                        try await output.write(Array(piece.utf8))
                    }
                })
        }
        let seen = Seen()
        await #expect(throws: APIError(status: 0, message: "bad", isOfStream: true)) {
            try await client.loadImages(.empty) { message in seen.add(message.stream) }
        }
        #expect(seen.all == ["one", "two"])
    }

    final class Seen: Sendable {
        private let texts = Mutex<[String]>([])
        func add(_ text: String) { texts.withLock { $0.append(text) } }
        var all: [String] { texts.withLock { $0 } }
    }

    @Test func attachedOutputComesOutOfItsFrames() async throws {
        let client = client { _ in
            do {
                let (mine, theirs) = try AsyncConnection.pair()
                try await mine.writeAll(StreamFrame(.stdout, Array("out".utf8)).encoded + StreamFrame(.stderr, Array("err".utf8)).encoded)
                try mine.shutdownWrite()
                return Response(body: .upgrade(theirs))
            } catch { return Response(500) }
        }
        let stream = try await client.attach("x", AttachParameters(stdout: true, stderr: true), tty: false)
        var seen: [String] = []
        try await stream.forEachPiece { seen.append("\($0) \(String(decoding: $1, as: UTF8.self))") }
        #expect(seen == ["stdout out", "stderr err"])
    }

    @Test func logsComeOutOfTheirFramesAndErrorsAreThrown() async throws {
        let client = client { _ in
            let bytes = StreamFrame(.stdout, Array("line\n".utf8)).encoded + StreamFrame(.systemError, Array("lost".utf8)).encoded
            return Response(body: .stream { output in for byte in bytes { try await output.write([byte]) } })
        }
        let seen = Seen()
        await #expect(throws: APIError(status: 500, message: "lost")) {
            try await client.logs("x", LogParameters(), tty: false) { seen.add(String(decoding: $1, as: UTF8.self)) }
        }
        #expect(seen.all.joined() == "line\n")
    }
}
