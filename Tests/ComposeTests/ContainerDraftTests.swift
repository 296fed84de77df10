import DockerAPI
import Testing

@testable import Compose
@testable import ComposeFile

@Suite struct ContainerDraftTests {
    private func request(_ text: String, predecessor: ContainerSummary? = nil) throws -> ContainerCreateRequest {
        var source = ComposeSource(files: [(path: "/p/compose.yaml", text: text)], directory: "/p", environment: [:]) { _ throws(ComposeFileError) in nil }
        source.name = "p"
        let project = try ComposeProject(source)
        let service = try #require(project.services["web"])
        var draft = ContainerDraft(
            project: project, name: "web", service: service, containerName: "p-web-1", number: 1, labels: ["a": "b"], image: service.image)
        draft.predecessor = predecessor
        draft.imageVolumes = ["/image"]
        return try draft.request()
    }

    @Test func servicesBecomeRequests() throws {
        let request = try request(
            """
            services:
              web:
                image: i
                ports: ["8080:80/udp"]
                expose: ["90-91"]
                restart: on-failure:3
                cpus: 0.5
                deploy: {resources: {limits: {memory: 64m, cpus: 0.5}}}
                networks: {back: {aliases: [w], priority: 1, ipv4_address: 10.0.0.2}, front: }
                tmpfs: /t:size=1m
                extra_hosts: [h=1.2.3.4]
                stop_grace_period: 1500ms
                healthcheck: {disable: true}
                volumes:
                  - data:/data:ro
                  - ./x:/x
                  - {type: bind, source: ./y, target: /y, bind: {create_host_path: false}}
                  - {type: tmpfs, target: /m, tmpfs: {size: 1m}}
                configs: [c]
            networks: {back: , front: }
            volumes: {data: }
            configs: {c: {file: ./c}}
            """)
        let host = try #require(request.hostConfig)
        #expect(request.config.exposedPorts?.sorted == ["80/udp", "90/tcp", "91/tcp"] && request.config.stopTimeout == 2 && request.config.healthcheck?.test == ["NONE"])
        #expect(host.portBindings == ["80/udp": [PortBinding(hostPort: "8080")]] && host.restartPolicy == RestartPolicy(name: "on-failure", maximumRetryCount: 3))
        #expect(host.resources.memory == 64 << 20 && host.resources.nanoCpus == 500_000_000 && host.tmpfs == ["/t": "size=1m"] && host.extraHosts == ["h:1.2.3.4"])
        #expect(host.binds == ["p_data:/data:ro", "/p/x:/x:rw"])
        #expect(host.mounts?.map(\.target) == ["/y", "/m", "/c"] && host.mounts?.first?.bindOptions?.createMountpoint == false && host.mounts?.last?.readOnly == true)
        #expect(host.networkMode == "p_back" && request.networkingConfig?.endpointsConfig?.keys.sorted() == ["p_back", "p_front"])
        let back = request.networkingConfig?.endpointsConfig?["p_back"]
        #expect(back?.aliases == ["p-web-1", "web", "w"] && back?.ipamConfig?.ipv4Address == "10.0.0.2")
    }

    @Test func anonymousVolumesAreTakenOver() throws {
        var before = ContainerSummary()
        before.mounts = [("a", "/anon"), ("b", "/image"), ("c", "/gone")].map { name, target in
            var point = MountPoint()
            (point.type, point.name, point.destination, point.rw) = ("volume", name, target, true)
            return point
        }
        let mounts = try request("services: {web: {image: i, volumes: [/anon]}}", predecessor: before).hostConfig?.mounts
        #expect(mounts?.map { "\($0.source):\($0.target)" } == ["a:/anon", "b:/image"])
    }

    @Test func filesWithOwnersAreCopied() throws {
        let text = "secrets: [s, {source: s, target: /own, uid: '1'}]\n    read_only: "
        func targets(_ readOnly: String) throws -> [String]? {
            try request("services:\n  web:\n    image: i\n    \(text)\(readOnly)\nsecrets: {s: {file: ./s}}").hostConfig?.mounts?.map(\.target)
        }
        #expect(try targets("false") == ["/run/secrets/s"])
        #expect(try targets("true") == ["/run/secrets/s", "/own"])
    }

    @Test func refusesWhatHasNoMeaningHere() {
        #expect(throws: ComposeFileError("unsupported external secret s")) {
            try request("services: {web: {image: i, secrets: [s]}}\nsecrets: {s: {external: true}}")
        }
        #expect(throws: ComposeFileError(#"invalid security-opt: "what""#)) { try request("services: {web: {image: i, security_opt: [what]}}") }
    }
}
