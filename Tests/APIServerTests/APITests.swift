import APIServer
import DockerAPI
import DockerClient
import Engine
import Glibc
import HTTP
import HTTPTransport
import Linux
import Synchronization
import Testing
import Values

/// The API over an engine with roots of its own; nothing here needs to be root.
@Suite struct APITests {
    /// An engine in a directory that goes with it, or with the process: requests may hold it longer than the test that made them.
    final class Fixture: Sendable {
        let root: String
        let api: API

        private static let roots = Mutex<[String]>([])
        private static let removal: Void = {
            atexit { for root in Fixture.roots.withLock({ $0 }) { try? FileSystem.removeTree(root) } }  // Nothing depends on it.
        }()

        init() throws {
            root = "/tmp/davit-api-\(Identifier.random().short)"
            Self.removal
            Self.roots.withLock { [root] in $0.append(root) }
            api = API(try Engine(paths: StatePaths(dataRoot: "\(root)/data", runRoot: "\(root)/run")))
        }

        deinit { try? FileSystem.removeTree(root) }  // Nothing depends on the clean-up.

        var client: Client {
            let api = api
            return Client(InProcessTransport { await api.respond(to: $0) }, address: "this process")
        }

        func answer(
            _ method: Method, _ path: String, _ query: Query = [:], headers: HeaderFields = [:], body: String? = nil
        ) async throws -> (status: Int, headers: HeaderFields, text: String) {
            let response = await api.respond(
                to: Request(method, path, query: query, headers: headers, body: body.map { .bytes(Array($0.utf8)) } ?? .empty))
            return (response.status, response.headers, String(decoding: try await response.collect(), as: UTF8.self))
        }
    }

    static let json: HeaderFields = ["Content-Type": "application/json"]

    @Test func pingTellsTheVersion() async throws {
        let fixture = try Fixture()
        let answer = try await fixture.answer(.get, "/_ping")
        #expect(answer.text == "OK")
        #expect(answer.headers["Api-Version"] == Engine.apiVersion)
        #expect(answer.headers["Ostype"] == "linux")
        #expect(try await fixture.answer(.head, "/_ping").text.isEmpty)
        let ping = try await fixture.client.ping()
        #expect(ping.apiVersion == "1.51" && ping.osType == "linux" && ping.builderVersion == "2" && !ping.isExperimental)
    }

    @Test func anEmptyEngine() async throws {
        let fixture = try Fixture(), client = fixture.client
        #expect(try await client.containers(all: true).isEmpty)
        #expect(try await client.images().isEmpty)
        #expect(try await client.volumes().volumes.isEmpty)
        #expect(try await client.networks().map(\.name).sorted() == ["bridge", "host", "none"])
        #expect(try await client.version().apiVersion == "1.51")
        #expect(try await client.info().containers == 0)
        #expect(try await fixture.answer(.get, "/v1.43/containers/json").text == "[]\n")
    }

    @Test(arguments: [
        (Method.get, "/nothing", 404, "page not found"), (.post, "/containers/json", 404, "page not found"),
        (.get, "/v1.52/_ping", 400, "client version 1.52 is too new. Maximum supported API version is 1.51"),
        (.get, "/containers/web/json", 404, "No such container: web"), (.post, "/containers/web/start", 404, "No such container: web"),
        (.post, "/containers/web/wait", 404, "No such container: web"), (.get, "/containers/web/export", 404, "No such container: web"),
        (.post, "/containers/web/attach", 404, "No such container: web"), (.delete, "/containers/web", 404, "No such container: web"),
        (.get, "/images/a/b:c/json", 404, "No such image: a/b:c"), (.get, "/images/x/get", 404, "No such image: x:latest"),
        (.get, "/networks/bridge9", 404, "network bridge9 not found"),
        (.post, "/containers/create", 400, "invalid JSON: got EOF while reading request body"),
        (.post, "/build", 400, "Cannot locate specified Dockerfile: Dockerfile"),
    ])
    func refusals(_ method: Method, _ path: String, _ status: Int, _ message: String) async throws {
        let answer = try await Fixture().answer(method, path)
        #expect(answer.status == status)
        #expect(answer.text == "{\"message\":\"\(message)\"}\n")
    }

    @Test(
        arguments: [
            (Method.get, "/containers/json", ["filters": "nonsense"]), (.get, "/containers/json", ["limit": "x"]),
            (.get, "/containers/x/logs", [:]), (.post, "/containers/x/stop", ["t": "soon"]), (.post, "/containers/x/resize", ["h": "1"]),
            (.post, "/containers/x/wait", ["condition": "never"]), (.get, "/events", ["until": "tomorrow"]), (.post, "/commit", [:]),
            (.get, "/events", ["since": "-9223372036854775808"]), (.get, "/events", ["until": "9223372036854775807"]),
            (.post, "/containers/prune", ["filters": #"{"until":["-9223372036854775808"]}"#]),
            (.post, "/images/prune", ["filters": #"{"until":["9223372036854775807.999999999"]}"#]),
            (.post, "/networks/prune", ["filters": #"{"until":["-9223372036854775808h"]}"#]), (.post, "/images/create", [:]), (.get, "/images/get", [:]),
        ] as [(Method, String, Query)])
    func badParameters(_ method: Method, _ path: String, _ query: Query) async throws {
        #expect(try await Fixture().answer(method, path, query).status == 400)
    }

    @Test func pullingFromNobody() async throws {
        let answer = try await Fixture().answer(.post, "/images/create", ["fromImage": "127.0.0.1:1/x", "tag": "latest"])
        #expect(answer.status == 503)
        #expect(answer.text.contains("dial tcp 127.0.0.1:1: connect: connection refused"))
    }

    @Test func creatingWithoutTheImage() async throws {
        let answer = try await Fixture().answer(.post, "/containers/create", headers: Self.json, body: "{\"Image\":\"nginx\"}")
        #expect(answer.status == 404)
        #expect(answer.text == "{\"message\":\"No such image: nginx:latest\"}\n")
    }

    @Test func volumesComeAndGo() async throws {
        let client = try Fixture().client
        #expect(try await client.createVolume(VolumeCreateRequest(name: "data")).name == "data")
        #expect(try await client.volumes().volumes.map(\.name) == ["data"])
        #expect(try await client.inspectVolume("data").driver == "local")
        try await client.removeVolume("data")
        await #expect(throws: APIError.self) { try await client.inspectVolume("data") }
    }

    @Test func eventsEndWhenTheyShould() async throws {
        let client = try Fixture().client
        try await client.events(until: "1") { _ in Issue.record("nothing has happened") }
    }

    @Test func aBrokenArchiveIsRefusedInTheStream() async throws {
        let client = try Fixture().client
        await #expect(throws: APIError.self) { try await client.loadImages(.bytes([UInt8](repeating: 1, count: 2000))) { _ in } }
    }
}
